#include "ops/common/regex.h"

#include <algorithm>
#include <memory>

#include "ops/common/unicode.h"

namespace samoyed::ops {
namespace {

using Op = Regex::Op;
using Ranges = Regex::Ranges;
constexpr int kMaxRepeat = 1000;
constexpr size_t kMaxProgram = 100000;
constexpr int kMaxDepth = 200;
constexpr size_t kMaxRanges = 1 << 22;  // of all classes together: 32 MiB
constexpr uint32_t kLastCode = 0x10FFFF;

void Normalize(Ranges& r) {
  std::sort(r.begin(), r.end());
  Ranges out;
  for (const auto& [low, high] : r) {
    if (!out.empty() && low <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, high);
    } else {
      out.emplace_back(low, high);
    }
  }
  r = std::move(out);
}

Ranges Negated(Ranges r) {
  Normalize(r);
  Ranges out;
  uint32_t next = 0;
  for (const auto& [low, high] : r) {
    if (low > next) out.emplace_back(next, low - 1);
    next = high + 1;
  }
  if (next <= kLastCode) out.emplace_back(next, kLastCode);
  return out;
}

// Of ranges in order.
bool Contains(const Ranges& r, uint32_t code) {
  const auto after = std::upper_bound(r.begin(), r.end(), code, [](uint32_t c, const auto& range) { return c < range.first; });
  return after != r.begin() && code <= (after - 1)->second;
}

// Adds the other cases of every letter.
void FoldCase(Ranges& r) {
  Normalize(r);
  const auto& orbits = CaseOrbits();
  const auto find = [&](uint32_t code) { return std::lower_bound(orbits.begin(), orbits.end(), std::pair(code, 0u)); };
  Ranges more;
  for (const auto& [low, high] : r) {
    for (auto it = find(low); it != orbits.end() && it->first <= high; ++it) {
      for (uint32_t other = it->second; other != it->first; other = find(other)->second) more.emplace_back(other, other);
    }
  }
  r.insert(r.end(), more.begin(), more.end());
  Normalize(r);
}

const Ranges kDigit = {{'0', '9'}};
const Ranges kSpace = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
const Ranges kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};

struct PosixClass {
  std::string_view name;
  Ranges ranges;
};
const PosixClass kPosix[] = {{"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
                             {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
                             {"ascii", {{0, 127}}},
                             {"blank", {{'\t', '\t'}, {' ', ' '}}},
                             {"cntrl", {{0, 31}, {127, 127}}},
                             {"digit", kDigit},
                             {"graph", {{'!', '~'}}},
                             {"lower", {{'a', 'z'}}},
                             {"print", {{' ', '~'}}},
                             {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
                             {"space", {{'\t', '\r'}, {' ', ' '}}},
                             {"upper", {{'A', 'Z'}}},
                             {"word", kWord},
                             {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}}};

struct Node {
  enum Kind : uint8_t { kEmpty, kSet, kAssert, kConcat, kAlternate, kRepeat } kind = kEmpty;
  int32_t set = 0;  // its number
  Op assertion = Op::kMatch;
  int low = 0, high = 0;  // kRepeat; high < 0: no end
  std::vector<std::unique_ptr<Node>> children;
};
using NodePtr = std::unique_ptr<Node>;

NodePtr MakeNode(Node::Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

struct Flags {
  bool ignore_case = false, multi_line = false, dot_all = false;
};

class Parser {
 public:
  // The classes of the pattern go to `sets`.
  Parser(std::string_view pattern, std::vector<Ranges>* sets) : text_(pattern), sets_(*sets) {}

  Result<NodePtr> Run() {
    SAMOYED_ASSIGN_OR_RETURN(NodePtr node, Alternation(0));
    if (at_ < text_.size()) return Bad("a ')' that closes nothing");
    return node;
  }

 private:
  Status Bad(std::string_view what) const { return BadInput("regular expression '", text_.substr(0, 100), "', place ", at_, ": ", what); }
  bool More() const { return at_ < text_.size(); }
  bool Take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  Result<NodePtr> Alternation(int depth) {
    if (depth > kMaxDepth) return LimitExceeded("regular expression: groups nested deeper than ", kMaxDepth);
    const Flags outside = flags_;
    NodePtr all = MakeNode(Node::kAlternate);
    do {
      NodePtr branch = MakeNode(Node::kConcat);
      bool repeated = false;  // by the token before
      while (More() && text_[at_] != '|' && text_[at_] != ')') {
        SAMOYED_ASSIGN_OR_RETURN(const bool repeats, Repetition(*branch, repeated));
        if (!repeats) SAMOYED_RETURN_IF_ERROR(Piece(depth, *branch));
        repeated = repeats;
      }
      all->children.push_back(std::move(branch));
    } while (Take("|"));
    flags_ = outside;
    return all;
  }

  // Adds an atom or several to the branch, or none: (?i).
  Status Piece(int depth, Node& branch) {
    if (Take("\\Q")) return Quoted(branch);
    SAMOYED_ASSIGN_OR_RETURN(NodePtr atom, Atom(depth));
    if (atom != nullptr) branch.children.push_back(std::move(atom));
    return OkStatus();
  }

  // True where one comes, which is for the last atom of the branch, also across \E and (?i).
  Result<bool> Repetition(Node& branch, bool repeated) {
    int low = 0, high = 0;
    SAMOYED_ASSIGN_OR_RETURN(const bool repeats, Counts(&low, &high));
    if (!repeats) return false;
    if (branch.children.empty()) return Bad("nothing to repeat");
    if (repeated) return Bad("two repetitions in a row");
    Take("?");  // lazy or greedy makes no difference to whether all matches
    NodePtr node = MakeNode(Node::kRepeat);
    node->low = low;
    node->high = high;
    node->children.push_back(std::move(branch.children.back()));
    branch.children.back() = std::move(node);
    return true;
  }

  // "{" that begins no valid count stands for itself.
  Result<bool> Counts(int* low, int* high) {
    if (Take("*")) return (*low = 0, *high = -1, true);
    if (Take("+")) return (*low = 1, *high = -1, true);
    if (Take("?")) return (*low = 0, *high = 1, true);
    const size_t begin = at_;
    if (!Take("{")) return false;
    bool valid = Number(low);
    *high = *low;
    if (valid && Take(",")) *high = Number(high) ? *high : -1;
    if (!valid || !Take("}")) {
      at_ = begin;
      return false;
    }
    if (*low > kMaxRepeat || *high > kMaxRepeat || (*high >= 0 && *high < *low)) return Bad("a repetition beyond 1000, or backwards");
    return true;
  }

  bool Number(int* value) {
    const size_t begin = at_;
    int n = 0;
    while (More() && text_[at_] >= '0' && text_[at_] <= '9') n = std::min(n * 10 + (text_[at_++] - '0'), 1 << 20);
    if (at_ == begin) return false;
    *value = n;
    return true;
  }

  Status Quoted(Node& branch) {
    while (More() && !Take("\\E")) {
      SAMOYED_ASSIGN_OR_RETURN(NodePtr code, Literal(NextCodePoint(text_, &at_)));
      branch.children.push_back(std::move(code));
    }
    return OkStatus();
  }

  Result<NodePtr> Literal(uint32_t code) {
    Ranges ranges = {{code, code}};
    if (flags_.ignore_case) FoldCase(ranges);
    return Set(std::move(ranges));
  }
  Result<NodePtr> Set(Ranges ranges) {
    SAMOYED_RETURN_IF_ERROR(Count(ranges.size()));
    NodePtr node = MakeNode(Node::kSet);
    Normalize(ranges);
    node->set = static_cast<int32_t>(sets_.size());
    sets_.push_back(std::move(ranges));
    return node;
  }
  // Classes like \pL are short to write and long to keep.
  Status Count(size_t ranges) {
    ranges_ += ranges;
    return ranges_ <= kMaxRanges ? OkStatus() : LimitExceeded("regular expression: classes of more than ", kMaxRanges, " ranges together");
  }
  // Adds a class, or all that it has not, in the cases that the flags ask for.
  Status AddClass(Ranges chosen, bool negated, Ranges* out) {
    SAMOYED_RETURN_IF_ERROR(Count(chosen.size()));
    if (flags_.ignore_case) FoldCase(chosen);
    if (negated) chosen = Negated(std::move(chosen));
    out->insert(out->end(), chosen.begin(), chosen.end());
    return OkStatus();
  }
  static NodePtr Assertion(Op op) {
    NodePtr node = MakeNode(Node::kAssert);
    node->assertion = op;
    return node;
  }

  // Null for what stands for nothing by itself: (?i).
  Result<NodePtr> Atom(int depth) {
    if (Take("(")) return Group(depth);
    if (Take("[")) return Class();
    if (Take(".")) return Set(flags_.dot_all ? Ranges{{0, kLastCode}} : Negated({{'\n', '\n'}}));
    if (Take("^")) return Assertion(flags_.multi_line ? Op::kLineBegin : Op::kTextBegin);
    if (Take("$")) return Assertion(flags_.multi_line ? Op::kLineEnd : Op::kTextEnd);
    if (Take("\\")) return Escape();
    return Literal(NextCodePoint(text_, &at_));
  }

  Result<NodePtr> Group(int depth) {
    const Flags outside = flags_;
    if (Take("?")) {
      if (Take("P<") || Take("<")) {
        const size_t begin = at_;
        while (More() && (Contains(kWord, static_cast<uint8_t>(text_[at_])))) ++at_;
        if (at_ == begin || !Take(">")) return Bad("a group's name that is no name");
      } else {
        SAMOYED_ASSIGN_OR_RETURN(const bool ends, SetFlags());
        if (ends) return NodePtr();  // (?i): holds to the end of the enclosing group
      }
    }
    SAMOYED_ASSIGN_OR_RETURN(NodePtr node, Alternation(depth + 1));
    if (!Take(")")) return Bad("a group that is not closed");
    flags_ = outside;
    return node;
  }

  // "i-s:" or "i-s)"; true for the latter.
  Result<bool> SetFlags() {
    bool value = true;
    while (More()) {
      const char c = text_[at_++];
      if (c == ':' || c == ')') return c == ')';
      if (c == '-' && value) {
        value = false;
      } else if (c == 'i') {
        flags_.ignore_case = value;
      } else if (c == 'm') {
        flags_.multi_line = value;
      } else if (c == 's') {
        flags_.dot_all = value;
      } else if (c != 'U') {  // U swaps greedy and lazy
        break;
      }
    }
    return Bad("a flag or group that RE2's syntax does not have");
  }

  // \d, \W, \pL and the like; false for other escapes.
  Result<bool> ClassEscape(Ranges* out) {
    if (!More()) return false;
    const char c = text_[at_];
    if (c == 'p' || c == 'P') return UnicodeEscape(out);
    const Ranges* base = c == 'd' || c == 'D' ? &kDigit : c == 's' || c == 'S' ? &kSpace : c == 'w' || c == 'W' ? &kWord : nullptr;
    if (base == nullptr) return false;
    ++at_;
    SAMOYED_RETURN_IF_ERROR(AddClass(*base, c < 'a', out));
    return true;
  }

  // pL, p{Lu}, p{^Greek}, PN.
  Result<bool> UnicodeEscape(Ranges* out) {
    bool negated = text_[at_++] == 'P';
    if (!More()) return Bad("a \\p without a name");
    size_t begin = at_, end = at_;
    if (Take("{")) {
      if (Take("^")) negated = !negated;
      begin = at_;
      end = text_.find('}', at_);
      if (end == std::string_view::npos) return Bad("a \\p{ that is not closed");
      at_ = end + 1;
    } else {
      NextCodePoint(text_, &at_);
      end = at_;
    }
    Ranges ranges = UnicodeClass(text_.substr(begin, end - begin));
    if (ranges.empty()) return Bad("an unknown Unicode category or script");
    SAMOYED_RETURN_IF_ERROR(AddClass(std::move(ranges), negated, out));
    return true;
  }

  Result<NodePtr> Escape() {
    Ranges set;
    SAMOYED_ASSIGN_OR_RETURN(const bool is_class, ClassEscape(&set));
    if (is_class) return Set(std::move(set));
    if (Take("A")) return Assertion(Op::kTextBegin);
    if (Take("z")) return Assertion(Op::kTextEnd);
    if (Take("b")) return Assertion(Op::kWordBoundary);
    if (Take("B")) return Assertion(Op::kNoWordBoundary);
    SAMOYED_ASSIGN_OR_RETURN(const uint32_t code, EscapedCode());
    return Literal(code);
  }

  // A single character after a backslash.
  Result<uint32_t> EscapedCode() {
    if (!More()) return Bad("a backslash at the end");
    const char c = text_[at_];
    constexpr std::string_view kNames = "aftnrv", kCodes = "\a\f\t\n\r\v";
    if (const size_t i = kNames.find(c); i != std::string_view::npos) return (++at_, static_cast<uint32_t>(kCodes[i]));
    if (c == 'x') return (++at_, Hex());
    if (c >= '0' && c <= '7') return Octal();
    if (static_cast<uint8_t>(c) >= 0x80 || Contains(kWord, static_cast<uint8_t>(c))) return Bad("an unknown escape");
    return (++at_, static_cast<uint32_t>(c));
  }

  Result<uint32_t> Hex() {
    const bool braces = Take("{");
    uint32_t code = 0;
    int digits = 0;
    for (; More() && digits < (braces ? 8 : 2); ++at_, ++digits) {
      const char c = text_[at_];
      const int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (d < 0) break;
      code = code << 4 | static_cast<uint32_t>(d);
    }
    if (code > kLastCode || (braces ? digits == 0 || !Take("}") : digits != 2)) return Bad("a bad \\x escape");
    return code;
  }

  // \0, \012, \123; a lone \1 would be a backreference, which RE2 does not have.
  Result<uint32_t> Octal() {
    uint32_t code = 0;
    const bool starts_with_zero = text_[at_] == '0';
    int digits = 0;
    for (; More() && digits < 3 && text_[at_] >= '0' && text_[at_] <= '7'; ++at_, ++digits)
      code = code * 8 + static_cast<uint32_t>(text_[at_] - '0');
    if (!starts_with_zero && digits < 2) return Bad("a backreference");
    return code;
  }

  Result<uint32_t> ClassCode() {
    if (!More()) return Bad("a class that is not closed");
    if (Take("\\")) return EscapedCode();
    return NextCodePoint(text_, &at_);
  }

  Result<bool> Posix(Ranges* set) {
    const size_t end = text_.find(":]", at_);
    if (!text_.substr(at_).starts_with("[:") || end == std::string_view::npos) return false;
    std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    for (const PosixClass& c : kPosix) {
      if (c.name != name) continue;
      SAMOYED_RETURN_IF_ERROR(AddClass(c.ranges, negated, set));
      at_ = end + 2;
      return true;
    }
    return Bad("an unknown [:class:]");
  }

  Result<NodePtr> Class() {
    const bool negated = Take("^");
    Ranges set, single;
    for (bool first = true; first || !Take("]"); first = false) {
      if (!More()) return Bad("a class that is not closed");
      SAMOYED_ASSIGN_OR_RETURN(const bool posix, Posix(&set));
      if (posix) continue;
      if (text_[at_] == '\\') {
        ++at_;
        SAMOYED_ASSIGN_OR_RETURN(const bool is_class, ClassEscape(&set));
        if (is_class) continue;
        --at_;
      }
      SAMOYED_ASSIGN_OR_RETURN(const uint32_t low, ClassCode());
      uint32_t high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        SAMOYED_ASSIGN_OR_RETURN(high, ClassCode());
      }
      if (high < low) return Bad("a range that runs backwards");
      single.emplace_back(low, high);
    }
    SAMOYED_RETURN_IF_ERROR(AddClass(std::move(single), false, &set));
    return Set(negated ? Negated(std::move(set)) : std::move(set));
  }

  std::string_view text_;
  std::vector<Ranges>& sets_;
  size_t at_ = 0, ranges_ = 0;
  Flags flags_;
};

// Turns the tree into the automaton's program.
class Compiler {
 public:
  explicit Compiler(std::vector<Regex::Instruction>* program) : program_(*program) {}

  Status Emit(const Node& node) {
    // Repetitions of nothing make no states, but take time: they count as well.
    if (program_.size() > kMaxProgram || ++steps_ > 4 * kMaxProgram)
      return LimitExceeded("regular expression: more than ", kMaxProgram, " states");
    switch (node.kind) {
      case Node::kEmpty:
        return OkStatus();
      case Node::kSet:
        Add(Op::kRange, node.set);
        return OkStatus();
      case Node::kAssert:
        Add(node.assertion);
        return OkStatus();
      case Node::kConcat:
        for (const NodePtr& child : node.children) SAMOYED_RETURN_IF_ERROR(Emit(*child));
        return OkStatus();
      case Node::kAlternate:
        return EmitAlternate(node);
      case Node::kRepeat:
        return EmitRepeat(node);
    }
    return OkStatus();
  }
  int32_t Add(Op op, int32_t x = 0) {
    program_.push_back({op, x, 0});
    return static_cast<int32_t>(program_.size()) - 1;
  }

 private:
  int32_t Here() const { return static_cast<int32_t>(program_.size()); }
  // A fork: on to the next instruction, or to where Land says later.
  int32_t Fork() {
    const int32_t fork = Add(Op::kSplit, Here() + 1);
    return fork;
  }

  Status EmitAlternate(const Node& node) {
    std::vector<int32_t> jumps;
    for (size_t i = 0; i < node.children.size(); ++i) {
      const bool last = i + 1 == node.children.size();
      const int32_t fork = last ? -1 : Fork();
      SAMOYED_RETURN_IF_ERROR(Emit(*node.children[i]));
      if (last) break;
      jumps.push_back(Add(Op::kJump));
      program_[static_cast<size_t>(fork)].y = Here();
    }
    for (int32_t jump : jumps) program_[static_cast<size_t>(jump)].x = Here();
    return OkStatus();
  }

  Status EmitRepeat(const Node& node) {
    const Node& child = *node.children[0];
    for (int i = 0; i < node.low; ++i) SAMOYED_RETURN_IF_ERROR(Emit(child));
    if (node.high < 0) {
      const int32_t fork = Fork();
      SAMOYED_RETURN_IF_ERROR(Emit(child));
      Add(Op::kJump, fork);
      program_[static_cast<size_t>(fork)].y = Here();
      return OkStatus();
    }
    std::vector<int32_t> forks;
    for (int i = node.low; i < node.high; ++i) {
      forks.push_back(Fork());
      SAMOYED_RETURN_IF_ERROR(Emit(child));
    }
    for (int32_t fork : forks) program_[static_cast<size_t>(fork)].y = Here();
    return OkStatus();
  }

  std::vector<Regex::Instruction>& program_;
  size_t steps_ = 0;
};

bool IsWord(int64_t code) { return code >= 0 && code < 128 && Contains(kWord, static_cast<uint32_t>(code)); }

}  // namespace

Result<Regex> Regex::Parse(std::string_view pattern) {
  Regex regex;
  SAMOYED_ASSIGN_OR_RETURN(const NodePtr tree, Parser(pattern, &regex.sets_).Run());
  Compiler compiler(&regex.program_);
  SAMOYED_RETURN_IF_ERROR(compiler.Emit(*tree));
  compiler.Add(Op::kMatch);
  return regex;
}

// Adds what `start` leads to without taking a character; before and after are the neighbouring code points, -1 at the ends.
void Regex::Follow(int32_t start, int64_t before, int64_t after, std::vector<int32_t>* states, std::vector<bool>* seen) const {
  std::vector<int32_t> open = {start};
  while (!open.empty()) {
    const int32_t at = open.back();
    open.pop_back();
    if ((*seen)[static_cast<size_t>(at)]) continue;
    (*seen)[static_cast<size_t>(at)] = true;
    const Instruction& instruction = program_[static_cast<size_t>(at)];
    bool passes = false;
    switch (instruction.op) {
      case Op::kRange:
      case Op::kMatch:
        states->push_back(at);
        break;
      case Op::kSplit:
        open.push_back(instruction.y);
        open.push_back(instruction.x);
        break;
      case Op::kJump:
        open.push_back(instruction.x);
        break;
      case Op::kTextBegin:
        passes = before < 0;
        break;
      case Op::kTextEnd:
        passes = after < 0;
        break;
      case Op::kLineBegin:
        passes = before < 0 || before == '\n';
        break;
      case Op::kLineEnd:
        passes = after < 0 || after == '\n';
        break;
      case Op::kWordBoundary:
        passes = IsWord(before) != IsWord(after);
        break;
      case Op::kNoWordBoundary:
        passes = IsWord(before) == IsWord(after);
        break;
    }
    if (passes) open.push_back(at + 1);
  }
}

bool Regex::FullMatch(std::string_view text) const {
  std::vector<int32_t> states, next;
  std::vector<bool> seen(program_.size(), false);
  const auto peek = [&](size_t at) { return at < text.size() ? static_cast<int64_t>(NextCodePoint(text, &at)) : -1; };
  Follow(0, -1, peek(0), &states, &seen);
  for (size_t at = 0; at < text.size() && !states.empty();) {
    const uint32_t code = NextCodePoint(text, &at);
    const int64_t after = peek(at);
    next.clear();
    std::fill(seen.begin(), seen.end(), false);
    for (int32_t state : states) {
      const Instruction& instruction = program_[static_cast<size_t>(state)];
      if (instruction.op == Op::kRange && Contains(sets_[static_cast<size_t>(instruction.x)], code))
        Follow(state + 1, code, after, &next, &seen);
    }
    states.swap(next);
  }
  return std::any_of(states.begin(), states.end(), [&](int32_t s) { return program_[static_cast<size_t>(s)].op == Op::kMatch; });
}

std::optional<std::pair<size_t, size_t>> Regex::FindLongest(std::string_view text, size_t from) const {
  struct Thread {
    int32_t state;
    size_t begin;
  };
  std::vector<Thread> threads, next;  // in the order of their beginnings, so that `seen` keeps the leftmost
  std::vector<int32_t> reached;
  std::vector<bool> seen(program_.size(), false);
  std::optional<std::pair<size_t, size_t>> best;
  const auto peek = [&](size_t at) { return at < text.size() ? static_cast<int64_t>(NextCodePoint(text, &at)) : -1; };
  const auto start = [&](int32_t state, size_t begin, int64_t before, int64_t after, std::vector<Thread>* to) {
    reached.clear();
    Follow(state, before, after, &reached, &seen);
    for (int32_t s : reached) to->push_back({s, begin});
  };
  // The character before `from`: back over continuation bytes.
  int64_t before = -1;
  if (from > 0) {
    size_t at = from - 1;
    while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) --at;
    before = NextCodePoint(text, &at);
  }
  for (size_t at = from;;) {
    if (!best) start(0, at, before, peek(at), &threads);
    for (const Thread& thread : threads) {
      if (program_[static_cast<size_t>(thread.state)].op != Op::kMatch || (best && thread.begin > best->first)) continue;
      best = {thread.begin, at - thread.begin};  // at only grows: the longest so far
    }
    if (at >= text.size() || (best && threads.empty())) return best;
    const uint32_t code = NextCodePoint(text, &at);
    const int64_t after = peek(at);
    next.clear();
    std::fill(seen.begin(), seen.end(), false);
    for (const Thread& thread : threads) {
      if (best && thread.begin > best->first) continue;
      const Instruction& instruction = program_[static_cast<size_t>(thread.state)];
      if (instruction.op == Op::kRange && Contains(sets_[static_cast<size_t>(instruction.x)], code))
        start(thread.state + 1, thread.begin, code, after, &next);
    }
    threads.swap(next);
    before = code;
  }
}

}  // namespace samoyed::ops
