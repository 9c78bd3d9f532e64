// UTF-8, letter case, categories and scripts, without locales.
#ifndef SAMOYED_OPS_COMMON_UNICODE_H_
#define SAMOYED_OPS_COMMON_UNICODE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samoyed::ops {

// The code point at `*at`, which moves behind it. A byte that begins no valid sequence is U+FFFD and one byte long.
uint32_t NextCodePoint(std::string_view text, size_t* at);
void AppendCodePoint(std::string& out, uint32_t code);

// Unicode's simple case mappings: of one code point to one. What has no other case stays.
uint32_t ToLower(uint32_t code);
uint32_t ToUpper(uint32_t code);
// Letters that are the same but for case, of which there may be three and more (k, K and the kelvin sign): each with the next one of its
// circle, sorted.
const std::vector<std::pair<uint32_t, uint32_t>>& CaseOrbits();
// The code points, as inclusive ranges in order, of a general category (L, Lu), of a script (Greek), or Any; none for other names.
using CodeRanges = std::vector<std::pair<uint32_t, uint32_t>>;
CodeRanges UnicodeClass(std::string_view name);
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_UNICODE_H_
