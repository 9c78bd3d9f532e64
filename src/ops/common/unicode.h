// UTF-8 and letter case, without locales.
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

// Simple case mapping of ASCII, Latin, Greek, Cyrillic, Armenian and fullwidth letters; others stay.
uint32_t ToLower(uint32_t code);
uint32_t ToUpper(uint32_t code);
// All pairs of an upper-case letter and its lower-case one.
const std::vector<std::pair<uint32_t, uint32_t>>& CasePairs();
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_UNICODE_H_
