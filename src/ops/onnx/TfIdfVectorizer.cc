// TfIdfVectorizer: how often each n-gram of a pool occurs in a row, also with items skipped in between, weighted.
// https://onnx.ai/onnx/operators/onnx__TfIdfVectorizer.html  Weight i is that of the pool's n-gram i, wherever in the
// output ngram_indexes puts it: so the text and ONNX Runtime (onnx's ReferenceEvaluator goes by the output's place).
#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

using Gram = std::vector<int64_t>;

// The pool: items as numbers (strings by their number in `words`), n-grams with their number, and the places of these in the output.
struct Pool {
  std::map<std::string_view, int64_t> words;
  std::map<Gram, size_t> grams;
  std::span<const int64_t> places;
  size_t longest = 0;
  int64_t width = 0;  // of an output row
};

Result<Gram> PoolItems(const NodeContext& ctx, Pool* pool) {
  const auto ints = ctx.attributes().Ints("pool_int64s");
  const auto strings = ctx.attributes().Strings("pool_strings");
  if (ints.empty() == strings.empty()) return BadInput("TfIdfVectorizer needs either pool_int64s or pool_strings");
  Gram items(ints.begin(), ints.end());
  for (const std::string& s : strings) items.push_back(pool->words.emplace(s, static_cast<int64_t>(pool->words.size())).first->second);
  return items;
}

Result<int64_t> WidthOf(const NodeContext& ctx) {
  int64_t highest = -1;
  for (int64_t place : ctx.attributes().Ints("ngram_indexes")) {
    if (place < 0 || place == std::numeric_limits<int64_t>::max()) return BadInput("TfIdfVectorizer: ngram_indexes holds ", place);
    highest = std::max(highest, place);
  }
  if (highest < 0) return BadInput("TfIdfVectorizer: ngram_indexes is empty");
  return highest + 1;
}

Result<Pool> PoolOf(const NodeContext& ctx) {
  Pool pool;
  SAMOYED_ASSIGN_OR_RETURN(const Gram items, PoolItems(ctx, &pool));
  SAMOYED_ASSIGN_OR_RETURN(pool.width, WidthOf(ctx));
  pool.places = ctx.attributes().Ints("ngram_indexes");
  const auto begins = ctx.attributes().Ints("ngram_counts");
  size_t gram = 0;
  for (size_t n = 1; n <= begins.size(); ++n) {
    const int64_t begin = begins[n - 1], end = n < begins.size() ? begins[n] : static_cast<int64_t>(items.size());
    if (begin < 0 || end < begin || end > static_cast<int64_t>(items.size()) || (end - begin) % static_cast<int64_t>(n) != 0) {
      return BadInput("TfIdfVectorizer: ", n, "-grams from ", begin, " to ", end, " in a pool of ", items.size());
    }
    for (int64_t at = begin; at < end; at += static_cast<int64_t>(n), ++gram) {
      if (gram >= pool.places.size()) return BadInput("TfIdfVectorizer: more n-grams than the ", pool.places.size(), " ngram_indexes");
      pool.grams[Gram(items.begin() + at, items.begin() + at + static_cast<int64_t>(n))] = gram;
      pool.longest = n;
    }
  }
  return pool;
}

Status CheckLengths(const NodeContext& ctx) {
  const int64_t shortest = ctx.attributes().Int("min_gram_length"), longest = ctx.attributes().Int("max_gram_length");
  const int64_t skips = ctx.attributes().Int("max_skip_count");
  if (shortest < 1 || longest < shortest) return BadInput("TfIdfVectorizer: n-grams of ", shortest, " to ", longest, " items");
  if (skips < 0) return BadInput("TfIdfVectorizer: max_skip_count is ", skips);
  return OkStatus();
}

// How often each n-gram of the pool is in one row, by its number.
void CountRow(const NodeContext& ctx, const Pool& pool, std::span<const int64_t> row, std::span<float> counts) {
  const auto size = static_cast<int64_t>(row.size());
  const int64_t shortest = ctx.attributes().Int("min_gram_length");
  const int64_t longest = std::min<int64_t>({ctx.attributes().Int("max_gram_length"), static_cast<int64_t>(pool.longest), size});
  const int64_t skips = std::min<int64_t>(ctx.attributes().Int("max_skip_count"), std::max<int64_t>(0, size - 1));
  for (int64_t n = shortest; n <= longest; ++n) {
    for (int64_t step = 1; step <= (n == 1 ? 1 : skips + 1) && step * (n - 1) < size; ++step) {  // skipping does not change single items
      for (int64_t begin = 0; begin + step * (n - 1) < size; ++begin) {
        Gram gram;
        for (int64_t k = 0; k < n; ++k) gram.push_back(row[static_cast<size_t>(begin + k * step)]);
        const auto found = pool.grams.find(gram);
        if (found != pool.grams.end()) counts[found->second] += 1;
      }
    }
  }
}

Status Weigh(const NodeContext& ctx, const Pool& pool, std::span<const float> counts, float* out) {
  const std::string_view mode = ctx.attributes().String("mode");
  const auto weights = ctx.attributes().Floats("weights");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF") return BadInput("TfIdfVectorizer: mode '", mode, "' is none of TF, IDF, TFIDF");
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const bool weighted = mode != "TF" && !weights.empty();
    if (weighted && i >= weights.size()) return BadInput("TfIdfVectorizer: ", weights.size(), " weights for ", counts.size(), " n-grams");
    out[pool.places[i]] += (mode == "IDF" ? 1 : counts[i]) * (weighted ? weights[i] : 1);
  }
  return OkStatus();
}

Result<Gram> ItemsOf(const Tensor& in, const Pool& pool) {
  if ((in.dtype() == DType::kString) != !pool.words.empty())
    return BadInput("TfIdfVectorizer: input of ", NameOf(in.dtype()), " does not fit the pool");
  if (in.dtype() != DType::kString) {
    if (!IsInteger(in.dtype())) return BadInput("TfIdfVectorizer: input of ", NameOf(in.dtype()));
    return LoadAll<int64_t>(in);
  }
  Gram items;
  for (const std::string& s : in.strings()) {
    const auto found = pool.words.find(s);
    items.push_back(found == pool.words.end() ? -1 : found->second);
  }
  return items;
}

Status RunTfIdfVectorizer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (in->rank() > 2) return BadInput("TfIdfVectorizer: input of shape ", in->shape().ToString());
  SAMOYED_RETURN_IF_ERROR(CheckLengths(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const Pool pool, PoolOf(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const Gram items, ItemsOf(*in, pool));
  const int64_t rows = in->rank() == 2 ? in->dim(0) : 1;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, in->rank() == 2 ? Shape({rows, pool.width}) : Shape({pool.width}));
  std::fill_n(out->mutable_data<float>(), out->size(), 0.0f);
  const size_t length = rows == 0 ? 0 : items.size() / static_cast<size_t>(rows);
  for (int64_t r = 0; r < rows; ++r) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<float> counts(pool.places.size(), 0.0f);
    CountRow(ctx, pool, std::span(items).subspan(static_cast<size_t>(r) * length, length), counts);
    SAMOYED_RETURN_IF_ERROR(Weigh(ctx, pool, counts, out->mutable_data<float>() + r * pool.width));
  }
  return OkStatus();
}

Status InferTfIdfVectorizer(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t width, WidthOf(ctx));
  Type out = Type::TensorOf(DType::kFloat);
  if (const Dims* shape = ctx.input_shape(0)) {
    if (shape->size() > 2) return BadInput("TfIdfVectorizer of a tensor of rank ", shape->size());
    out.shape = shape->size() == 2 ? Dims{(*shape)[0], Dim(width)} : Dims{Dim(width)};
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_TfIdfVectorizer = {.infer = InferTfIdfVectorizer, .run = RunTfIdfVectorizer};

}  // namespace samoyed
