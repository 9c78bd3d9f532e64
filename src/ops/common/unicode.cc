#include "ops/common/unicode.h"

#include <algorithm>
#include <map>
#include <span>

namespace samoyed::ops {
namespace {

constexpr uint32_t kLastCode = 0x10FFFF;

// The codes [first, last], `step` apart, each become the one `distance` further on.
struct Mapping {
  uint32_t first, last, step;
  int32_t distance;
};
#include "ops/common/unicode_tables.inc"

uint32_t Apply(std::span<const Mapping> table, uint32_t code) {
  const auto after = std::upper_bound(table.begin(), table.end(), code, [](uint32_t c, const Mapping& m) { return c < m.first; });
  if (after == table.begin()) return code;
  const Mapping& m = *(after - 1);
  return code <= m.last && (code - m.first) % m.step == 0 ? code + static_cast<uint32_t>(m.distance) : code;
}

// The codes whose runs have a name that is asked for.
template <typename Wanted>
CodeRanges RangesOf(std::span<const uint32_t> runs, std::span<const std::string_view> names, Wanted wanted) {
  CodeRanges out;
  for (size_t i = 0; i < runs.size(); ++i) {
    const uint32_t name = runs[i] & 255, begin = runs[i] >> 8, end = i + 1 < runs.size() ? runs[i + 1] >> 8 : kLastCode + 1;
    if (name >= names.size() || !wanted(names[name])) continue;
    if (!out.empty() && out.back().second + 1 == begin) {
      out.back().second = end - 1;
    } else {
      out.emplace_back(begin, end - 1);
    }
  }
  return out;
}

template <typename Map>
std::string MapText(std::string_view text, Map map) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const uint32_t code = NextCodePoint(text, &at);
    if (code == 0xFFFD) {
      out += text.substr(begin, at - begin);  // broken bytes pass as they are
    } else {
      AppendCodePoint(out, map(code));
    }
  }
  return out;
}

}  // namespace

uint32_t NextCodePoint(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte((*at)++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  constexpr uint32_t kLowest[] = {0, 0x80, 0x800, 0x10000};
  if (lead < 0xC2 || lead > 0xF4 || text.size() - *at < static_cast<size_t>(more)) return 0xFFFD;
  uint32_t code = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if ((byte(*at + static_cast<size_t>(i)) & 0xC0) != 0x80) return 0xFFFD;
    code = code << 6 | (byte(*at + static_cast<size_t>(i)) & 0x3F);
  }
  if (code < kLowest[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0xFFFD;
  *at += static_cast<size_t>(more);
  return code;
}

void AppendCodePoint(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

uint32_t ToLower(uint32_t code) { return Apply(kLower, code); }
uint32_t ToUpper(uint32_t code) { return Apply(kUpper, code); }

const std::vector<std::pair<uint32_t, uint32_t>>& CaseOrbits() {
  static const auto orbits = [] {
    std::map<uint32_t, std::vector<uint32_t>> folded;  // what becomes this code
    for (const Mapping& m : kFold) {
      for (uint32_t code = m.first; code <= m.last; code += m.step) folded[code + static_cast<uint32_t>(m.distance)].push_back(code);
    }
    std::vector<std::pair<uint32_t, uint32_t>> out;
    for (auto& [code, others] : folded) {
      others.push_back(code);
      for (size_t i = 0; i < others.size(); ++i) out.emplace_back(others[i], others[(i + 1) % others.size()]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }();
  return orbits;
}

CodeRanges UnicodeClass(std::string_view name) {
  if (name == "Any") return {{0, kLastCode}};
  // "L" is all of "Lu", "Ll", ...
  CodeRanges out;
  if (!name.empty() && name.size() <= 2)
    out = RangesOf(kCategoryRuns, kCategoryNames, [&](std::string_view category) { return category.starts_with(name); });
  return out.empty() ? RangesOf(kScriptRuns, kScriptNames, [&](std::string_view script) { return script == name; }) : out;
}

std::string ToLower(std::string_view text) {
  return MapText(text, [](uint32_t code) { return ToLower(code); });
}
std::string ToUpper(std::string_view text) {
  return MapText(text, [](uint32_t code) { return ToUpper(code); });
}

}  // namespace samoyed::ops
