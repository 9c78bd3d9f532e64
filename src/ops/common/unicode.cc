#include "ops/common/unicode.h"

namespace samoyed::ops {
namespace {

// Upper-case letters [first, last], `step` apart; the lower-case one is `distance` further on.
struct CaseRange {
  uint32_t first, last, step;
  int32_t distance;
};
constexpr CaseRange kCases[] = {
    {'A', 'Z', 1, 32},     {0xC0, 0xD6, 1, 32},    {0xD8, 0xDE, 1, 32},     {0x100, 0x12E, 2, 1},    {0x132, 0x136, 2, 1},
    {0x139, 0x147, 2, 1},  {0x14A, 0x176, 2, 1},   {0x178, 0x178, 1, -121}, {0x179, 0x17D, 2, 1},    {0x1CD, 0x1DB, 2, 1},
    {0x1DE, 0x1EE, 2, 1},  {0x1F8, 0x21E, 2, 1},   {0x222, 0x232, 2, 1},    {0x386, 0x386, 1, 38},   {0x388, 0x38A, 1, 37},
    {0x38C, 0x38C, 1, 64}, {0x38E, 0x38F, 1, 63},  {0x391, 0x3A1, 1, 32},   {0x3A3, 0x3AB, 1, 32},   {0x400, 0x40F, 1, 80},
    {0x410, 0x42F, 1, 32}, {0x460, 0x480, 2, 1},   {0x48A, 0x4BE, 2, 1},    {0x4C1, 0x4CD, 2, 1},    {0x4D0, 0x52E, 2, 1},
    {0x531, 0x556, 1, 48}, {0x1E00, 0x1E94, 2, 1}, {0x1EA0, 0x1EFE, 2, 1},  {0xFF21, 0xFF3A, 1, 32},
};

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

uint32_t ToLower(uint32_t code) {
  for (const CaseRange& r : kCases) {
    if (code >= r.first && code <= r.last && (code - r.first) % r.step == 0) return code + static_cast<uint32_t>(r.distance);
  }
  return code;
}

uint32_t ToUpper(uint32_t code) {
  if (code == 0x3C2) return 0x3A3;  // the sigma at the end of words
  for (const CaseRange& r : kCases) {
    const uint32_t upper = code - static_cast<uint32_t>(r.distance);
    if (upper >= r.first && upper <= r.last && (upper - r.first) % r.step == 0) return upper;
  }
  return code;
}

const std::vector<std::pair<uint32_t, uint32_t>>& CasePairs() {
  static const auto pairs = [] {
    std::vector<std::pair<uint32_t, uint32_t>> out;
    for (const CaseRange& r : kCases) {
      for (uint32_t code = r.first; code <= r.last; code += r.step) out.emplace_back(code, code + static_cast<uint32_t>(r.distance));
    }
    return out;
  }();
  return pairs;
}

std::string ToLower(std::string_view text) {
  return MapText(text, [](uint32_t code) { return ToLower(code); });
}
std::string ToUpper(std::string_view text) {
  return MapText(text, [](uint32_t code) { return ToUpper(code); });
}

}  // namespace samoyed::ops
