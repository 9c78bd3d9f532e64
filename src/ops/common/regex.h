// Regular expressions in RE2's syntax, matched in time proportional to pattern times text, whatever the pattern: the states
// of a nondeterministic automaton are followed together (K. Thompson, "Regular expression search algorithm", CACM 1968).
//
// Known: alternation, groups of all kinds, flags i m s U, greedy and lazy repetition up to 1000, classes (also [[:alpha:]],
// \d \w \s, Unicode's categories and scripts by \p), escapes, \Q...\E, anchors and word boundaries. Not known: \C.
#ifndef SAMOYED_OPS_COMMON_REGEX_H_
#define SAMOYED_OPS_COMMON_REGEX_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace samoyed::ops {

class Regex {
 public:
  // Fails on bad syntax and on patterns whose automaton would be larger than 100 000 states, or its classes than 2^22 ranges.
  static Result<Regex> Parse(std::string_view pattern);
  // True when the whole text (UTF-8) matches.
  bool FullMatch(std::string_view text) const;
  // The leftmost match in text[from, ...), and of those that begin there the longest: its place and length in bytes; nothing where none
  // is. Anchors and word boundaries see the whole text. Time: pattern times text.
  std::optional<std::pair<size_t, size_t>> FindLongest(std::string_view text, size_t from) const;

  using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;  // inclusive, of code points
  enum class Op : uint8_t { kRange, kSplit, kJump, kTextBegin, kTextEnd, kLineBegin, kLineEnd, kWordBoundary, kNoWordBoundary, kMatch };
  struct Instruction {
    Op op;
    int32_t x = 0, y = 0;  // kSplit: both ways; kJump: x; kRange: x is the number of the set
  };

 private:
  void Follow(int32_t start, int64_t before, int64_t after, std::vector<int32_t>* states, std::vector<bool>* seen) const;

  std::vector<Instruction> program_;
  std::vector<Ranges> sets_;
};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_REGEX_H_
