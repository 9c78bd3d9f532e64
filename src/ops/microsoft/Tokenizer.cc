// Tokenizer: every string split into tokens along a new last axis, by separators (regular expressions, one after another), by an expression
// for tokens, or into characters; rows are filled up with `pad_value`. com.microsoft, ONNX Runtime's ContribOperators.
#include <algorithm>
#include <string>

#include "base/checked.h"
#include "ops/common/regex.h"
#include "ops/common/schema_parts.h"
#include "ops/common/unicode.h"
#include "ops/op.h"

namespace samoyed {
namespace {

using Tokens = std::vector<std::string_view>;

// The first byte after the character at `at`.
size_t NextCharacter(std::string_view text, size_t at) {
  ops::NextCodePoint(text, &at);
  return at;
}

int64_t CountCharacters(std::string_view text) {
  int64_t count = 0;
  for (size_t at = 0; at < text.size(); at = NextCharacter(text, at)) ++count;
  return count;
}

class Splitter {
 public:
  static Result<Splitter> Make(const NodeContext& ctx) {
    Splitter splitter;
    const Attributes& a = ctx.attributes();
    const auto separators = a.Strings("separators");
    const std::string_view expression = a.String("tokenexp");
    splitter.least_ = a.Int("mincharnum");
    if (splitter.least_ < 1) return BadInput("Tokenizer: mincharnum is ", splitter.least_, ", it must be positive");
    if (separators.empty() == expression.empty()) return BadInput("Tokenizer needs either separators or tokenexp");
    splitter.characters_ = expression == "." || (separators.size() == 1 && separators[0].empty());
    if (splitter.characters_) return splitter;
    splitter.by_tokens_ = !expression.empty();
    for (const std::string& separator : separators) SAMOYED_RETURN_IF_ERROR(splitter.Add(separator));
    if (splitter.by_tokens_) SAMOYED_RETURN_IF_ERROR(splitter.Add(expression));
    return splitter;
  }

  Tokens Split(std::string_view text) const {
    if (characters_) {
      Tokens out;
      for (size_t at = 0, end = 0; at < text.size(); at = end) {
        end = NextCharacter(text, at);
        out.push_back(text.substr(at, end - at));
      }
      return out;
    }
    Tokens pieces = {text};
    for (const ops::Regex& regex : regexes_) {
      Tokens next;
      for (std::string_view piece : pieces) by_tokens_ ? TakeTokens(regex, piece, next) : TakeBetween(regex, piece, next);
      pieces.swap(next);
    }
    return pieces;
  }

 private:
  Status Add(std::string_view pattern) {
    SAMOYED_ASSIGN_OR_RETURN(ops::Regex regex, ops::Regex::Parse(pattern));
    regexes_.push_back(std::move(regex));
    return OkStatus();
  }
  void Keep(std::string_view token, Tokens& out) const {
    if (!token.empty() && CountCharacters(token) >= least_) out.push_back(token);
  }
  // What matches; empty matches are stepped over.
  void TakeTokens(const ops::Regex& regex, std::string_view text, Tokens& out) const {
    for (size_t at = 0; at < text.size();) {
      const auto match = regex.FindLongest(text, at);
      if (!match) return;
      Keep(text.substr(match->first, match->second), out);
      at = match->second > 0 ? match->first + match->second : match->first < text.size() ? NextCharacter(text, match->first) : text.size();
    }
  }
  // What is left between matches; empty matches separate nothing.
  void TakeBetween(const ops::Regex& regex, std::string_view text, Tokens& out) const {
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
      const auto match = regex.FindLongest(text, at);
      if (!match) break;
      if (match->second == 0) {
        at = match->first < text.size() ? NextCharacter(text, match->first) : text.size();
        continue;
      }
      Keep(text.substr(begin, match->first - begin), out);
      begin = at = match->first + match->second;
    }
    Keep(text.substr(begin), out);
  }

  bool characters_ = false, by_tokens_ = false;
  int64_t least_ = 1;
  std::vector<ops::Regex> regexes_;
};

Status InferTokenizer(InferContext& ctx) {
  Type out = Type::TensorOf(DType::kString);
  if (const Dims* x = ctx.input_shape(0)) {
    if (x->size() != 1 && x->size() != 2) return BadInput("Tokenizer needs strings [C] or [N,C], got rank ", x->size());
    const bool empty = std::ranges::any_of(*x, [](const Dim& d) { return d.value == 0; });
    const bool known = std::ranges::all_of(*x, [](const Dim& d) { return d.known(); });
    // Without strings there is no new axis; where that may be, the rank is not known.
    if (known) {
      out.shape = *x;
      if (!empty) out.shape->push_back(Dim());
    }
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunTokenizer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() != DType::kString || (x->rank() != 1 && x->rank() != 2))
    return BadInput("Tokenizer needs strings [C] or [N,C], got ", NameOf(x->dtype()), x->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(const Splitter splitter, Splitter::Make(ctx));
  if (x->size() == 0) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kString, x->shape());
    (void)out;
    return OkStatus();
  }
  std::vector<Tokens> rows;
  size_t longest = 0;
  for (const std::string& text : x->strings()) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    rows.push_back(splitter.Split(text));
    longest = std::max(longest, rows.back().size());
  }
  const bool mark = ctx.attributes().Int("mark") != 0;
  // Where no text has any token there are no marks either.
  const int64_t width = longest == 0 ? 0 : static_cast<int64_t>(longest) + (mark ? 2 : 0);
  Shape shape = x->shape();
  shape.push_back(width);
  // Every row is as long as the longest: one long text among many must not ask for more than the texts justify.
  constexpr int64_t kMostTokens = int64_t{1} << 26;
  const std::optional<int64_t> count = CheckedMul(x->size(), width);
  if (!count || *count > kMostTokens)
    return LimitExceeded("Tokenizer: ", x->size(), " rows of ", width, " tokens are more than ", kMostTokens);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kString, shape);
  const std::string pad(ctx.attributes().String("pad_value"));
  std::string* to = out->mutable_strings();
  for (const Tokens& row : rows) {
    if (width == 0) break;
    std::string* end = to + width;
    if (mark) *to++ = "\x02";
    for (std::string_view token : row) *to++ = token;
    if (mark) *to++ = "\x03";
    while (to < end) *to++ = pad;
  }
  return OkStatus();
}

constexpr std::string_view kStringTypes[] = {"tensor(string)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T", kStringTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("X", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {
    ops::BareAttr("mark", SchemaAttrType::kInt, true), ops::BareAttr("pad_value", SchemaAttrType::kString, true),
    ops::BareAttr("mincharnum", SchemaAttrType::kInt, true), ops::BareAttr("separators", SchemaAttrType::kStrings),
    ops::BareAttr("tokenexp", SchemaAttrType::kString)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Tokenizer", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_Tokenizer = {.infer = InferTokenizer, .run = RunTokenizer, .schemas = kSchemas};

}  // namespace samoyed
