// FlexAttention: attention whose scores and probabilities a graph may change on the way.
// https://onnx.ai/onnx/operators/onnx_aionnxpreview_FlexAttention.html; J. Dong et al., "Flex Attention" (2024).
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/heads.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// What scores and probabilities are held in: the attribute, else float unless all is double.
Result<DType> SoftmaxType(const NodeContext& ctx, DType inputs) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype,
                           ops::DTypeAttribute(ctx, "softmax_precision", inputs == DType::kDouble ? inputs : DType::kFloat));
  if (dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16) return dtype;
  return BadInput("FlexAttention: softmax_precision ", NameOf(dtype), " is no float type that it can have");
}

// The tensor as the graph of attribute `name` changes it; the same without one.
Result<Tensor> Modify(KernelContext& ctx, std::string_view name, Tensor tensor) {
  const BodyRef* body = ctx.attributes().Body(name);
  if (body == nullptr) return tensor;
  const Value argument(tensor);
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> results, ctx.RunBody(*body, std::span(&argument, 1)));
  if (results.size() != 1 || !results[0].is_tensor() || results[0].tensor().dtype() != tensor.dtype() ||
      !(results[0].tensor().shape() == tensor.shape())) {
    return BadInput("FlexAttention: ", name, " must have one output, ", NameOf(tensor.dtype()), tensor.shape().ToString(),
                    " like its input");
  }
  return results[0].tensor();
}

Result<ops::Heads> ReadOperand(const KernelContext& ctx, int i, std::string_view what) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* tensor, RequireInput(ctx, i));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *tensor, *ctx.input(0)));
  return ops::ReadHeads(ctx, *tensor, what);
}

struct Problem {
  DType dtype = DType::kUndefined, softmax_dtype = DType::kUndefined;
  ops::Heads q, k, v;
  Shape scores;
  int64_t SharedHead(int64_t h) const { return h / (q.heads / k.heads); }
};

Result<Problem> ReadProblem(const KernelContext& ctx) {
  Problem p;
  SAMOYED_ASSIGN_OR_RETURN(p.q, ReadOperand(ctx, 0, "Q"));
  SAMOYED_ASSIGN_OR_RETURN(p.k, ReadOperand(ctx, 1, "K"));
  SAMOYED_ASSIGN_OR_RETURN(p.v, ReadOperand(ctx, 2, "V"));
  p.dtype = ctx.input(0)->dtype();
  SAMOYED_ASSIGN_OR_RETURN(p.softmax_dtype, SoftmaxType(ctx, p.dtype));
  if (p.k.batch != p.q.batch || p.v.batch != p.q.batch || p.k.size != p.q.size || p.k.length != p.v.length || p.k.heads != p.v.heads ||
      p.k.heads < 1 || p.q.heads % p.k.heads != 0) {
    return BadInput("FlexAttention: Q ", ctx.input(0)->shape().ToString(), ", K ", ctx.input(1)->shape().ToString(), " and V ",
                    ctx.input(2)->shape().ToString(), " do not fit each other");
  }
  p.scores = {p.q.batch, p.q.heads, p.q.length, p.k.length};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, p.scores));
  const Attributes& a = ctx.attributes();
  const double scale = a.Has("scale") ? static_cast<double>(a.Float("scale")) : 1 / std::sqrt(static_cast<double>(p.q.size));
  const double root = ops::RoundNarrow(p.dtype, std::sqrt(scale));
  for (double& x : p.q.data) x = ops::RoundNarrow(p.dtype, x * root);
  for (double& x : p.k.data) x = ops::RoundNarrow(p.dtype, x * root);
  return p;
}

Status Score(KernelContext& ctx, const Problem& p, Tensor& scores) {
  std::vector<double> row(static_cast<size_t>(p.k.length));
  for (int64_t i = 0; i < scores.size() / std::max<int64_t>(p.k.length, 1); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    const int64_t s = i % p.q.length, h = i / p.q.length % p.q.heads, b = i / p.q.length / p.q.heads;
    const double *query = p.q.At(b, h, s), *key = p.k.At(b, p.SharedHead(h), 0);
    for (double& x : row) {
      x = 0;
      for (int64_t j = 0; j < p.q.size; ++j) x += query[j] * key[j];
      x = ops::RoundNarrow(p.dtype, x);
      key += p.k.size;
    }
    Store(scores, i * p.k.length, p.k.length, row.data());
  }
  return OkStatus();
}

// A row of nothing but -inf becomes NaN, as the standard's Softmax has it.
Result<Tensor> Softmax(KernelContext& ctx, const Tensor& scores) {
  const DType dtype = scores.dtype();
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(dtype, scores.shape()));
  const int64_t n = scores.dim(3);
  std::vector<double> row(static_cast<size_t>(n));
  for (int64_t at = 0; at < scores.size(); at += n) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    Load(scores, at, n, row.data());
    const double largest = *std::ranges::max_element(row);
    double sum = 0;
    for (double& x : row) sum += x = ops::RoundNarrow(dtype, std::exp(ops::RoundNarrow(dtype, x - largest)));
    sum = ops::RoundNarrow(dtype, sum);
    for (double& x : row) x /= sum;
    Store(out, at, n, row.data());
  }
  return out;
}

Status RunFlexAttention(KernelContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(RequireInput(ctx, 0).status());
  SAMOYED_ASSIGN_OR_RETURN(const Problem p, ReadProblem(ctx));
  const Shape shape = {p.q.batch, p.q.heads, p.q.length, p.v.size};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, shape));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, p.dtype, shape);
  SAMOYED_ASSIGN_OR_RETURN(Tensor scores, Tensor::Allocate(p.softmax_dtype, p.scores));
  SAMOYED_RETURN_IF_ERROR(Score(ctx, p, scores));
  SAMOYED_ASSIGN_OR_RETURN(scores, Modify(ctx, "score_mod", std::move(scores)));
  SAMOYED_ASSIGN_OR_RETURN(Tensor weights, Softmax(ctx, scores));
  SAMOYED_ASSIGN_OR_RETURN(weights, Modify(ctx, "prob_mod", std::move(weights)));
  // The last product is of numbers of the softmax's type, too.
  SAMOYED_ASSIGN_OR_RETURN(Tensor rounded, Tensor::Allocate(p.softmax_dtype, ctx.input(2)->shape()));
  StoreAll(rounded, p.v.data);
  const std::vector<double> values = LoadAll<double>(rounded);
  std::vector<double> row(static_cast<size_t>(p.k.length)), sum(static_cast<size_t>(p.v.size));
  for (int64_t i = 0; i < y->size() / std::max<int64_t>(p.v.size, 1); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    const int64_t h = i / p.q.length % p.q.heads, b = i / p.q.length / p.q.heads;
    const double* value = values.data() + (b * p.k.heads + p.SharedHead(h)) * p.k.length * p.v.size;
    Load(weights, i * p.k.length, p.k.length, row.data());
    std::ranges::fill(sum, 0);
    for (double weight : row) {
      for (double& x : sum) x += weight * *value++;
    }
    for (double& x : sum) x = ops::RoundNarrow(p.softmax_dtype, x);
    Store(*y, i * p.v.size, p.v.size, sum.data());
  }
  return OkStatus();
}

Status InferFlexAttention(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  if (dtype == DType::kUndefined) return OkStatus();
  Dims d[3] = {ops::UnknownDims(4), ops::UnknownDims(4), ops::UnknownDims(4)};
  for (int i = 0; i < 3; ++i) {
    const Dims* shape = ctx.input_shape(i);
    if (shape == nullptr) continue;
    if (shape->size() != 4) return BadInput("FlexAttention: input ", i, " has rank 4, got ", shape->size());
    d[i] = *shape;
  }
  const auto& [q, k, v] = d;
  SAMOYED_ASSIGN_OR_RETURN(Dim batch, ops::MergeDim(q[0], k[0]));
  SAMOYED_ASSIGN_OR_RETURN(batch, ops::MergeDim(batch, v[0]));
  SAMOYED_ASSIGN_OR_RETURN(const Dim length, ops::MergeDim(k[2], v[2]));
  SAMOYED_RETURN_IF_ERROR(ops::MergeDim(q[3], k[3]).status());
  SAMOYED_ASSIGN_OR_RETURN(const DType inner, SoftmaxType(ctx, dtype));
  const Type scores = Type::TensorOf(inner, {batch, q[1], q[2], length});
  for (std::string_view name : {"score_mod", "prob_mod"}) {
    if (const BodyRef* body = ctx.attributes().Body(name)) SAMOYED_RETURN_IF_ERROR(ctx.InferBody(*body, std::span(&scores, 1)).status());
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, {batch, q[1], q[2], v[3]}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_preview_FlexAttention = {.infer = InferFlexAttention, .run = RunFlexAttention};

}  // namespace samoyed
