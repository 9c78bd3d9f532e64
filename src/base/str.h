// Text from parts, without locale and without iostreams.
#ifndef SAMOYED_BASE_STR_H_
#define SAMOYED_BASE_STR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace samoyed {

void AppendTo(std::string& out, std::string_view text);
void AppendTo(std::string& out, char c);
void AppendTo(std::string& out, int64_t value);
void AppendTo(std::string& out, uint64_t value);
void AppendTo(std::string& out, double value);  // shortest text that reads back as the same number
void AppendTo(std::string& out, float value);

// Concatenates strings, characters and numbers; a bool prints as true or false.
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  std::string out;
  auto append = [&out](const auto& part) {
    using T = std::decay_t<decltype(part)>;
    if constexpr (std::is_same_v<T, bool>) {
      AppendTo(out, part ? std::string_view("true") : std::string_view("false"));
    } else if constexpr (std::is_same_v<T, char>) {
      AppendTo(out, part);
    } else if constexpr (std::is_enum_v<T>) {
      AppendTo(out, static_cast<int64_t>(part));
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      AppendTo(out, static_cast<int64_t>(part));
    } else if constexpr (std::is_integral_v<T>) {
      AppendTo(out, static_cast<uint64_t>(part));
    } else if constexpr (std::is_floating_point_v<T>) {
      AppendTo(out, part);
    } else {
      AppendTo(out, std::string_view(part));
    }
  };
  (append(parts), ...);
  return out;
}

// "a, b, c" from any range of things that StrCat takes.
template <typename Range>
std::string StrJoin(const Range& range, std::string_view separator = ", ") {
  std::string out;
  for (const auto& item : range) {
    if (!out.empty()) out += separator;
    out += StrCat(item);
  }
  return out;
}

// A name from outside, fit for one line of a message: in quotes, control characters escaped, and cut
// after `limit` bytes (at a character's border).
std::string Quote(std::string_view text, size_t limit = 120);

}  // namespace samoyed

#endif  // SAMOYED_BASE_STR_H_
