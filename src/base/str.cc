#include "base/str.h"

#include <charconv>

namespace samoyed {
namespace {

template <typename T>
void AppendNumber(std::string& out, T value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end);
}

}  // namespace

void AppendTo(std::string& out, std::string_view text) { out += text; }
void AppendTo(std::string& out, char c) { out += c; }
void AppendTo(std::string& out, int64_t value) { AppendNumber(out, value); }
void AppendTo(std::string& out, uint64_t value) { AppendNumber(out, value); }
void AppendTo(std::string& out, double value) { AppendNumber(out, value); }
void AppendTo(std::string& out, float value) { AppendNumber(out, value); }

std::string Quote(std::string_view text, size_t limit) {
  const bool is_cut = text.size() > limit;
  if (is_cut) {
    size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += is_cut ? "...\"" : "\"";
  return out;
}

}  // namespace samoyed
