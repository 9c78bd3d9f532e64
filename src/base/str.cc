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

}  // namespace samoyed
