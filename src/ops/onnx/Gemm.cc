// Gemm: Y = alpha * A' * B' + beta * C, A' and B' optionally transposed, C broadcast to Y (optional from version 11 on; below 7 its
// broadcasting had to be asked for). https://onnx.ai/onnx/operators/onnx__Gemm.html
#include "ops/common/args.h"
#include "ops/common/expand.h"
#include "ops/common/infer.h"
#include "ops/common/matrix.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

bool Transposed(const NodeContext& ctx, std::string_view name) { return ctx.attributes().Int(name, 0) != 0; }

Status InferGemm(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  const Dims* a = ctx.input_shape(0);
  const Dims* b = ctx.input_shape(1);
  ctx.set_output_type(0, Type::TensorOf(dtype));
  if (a == nullptr || b == nullptr) return OkStatus();
  if (a->size() != 2 || b->size() != 2) return BadInput("Gemm needs matrices, got ranks ", a->size(), " and ", b->size());
  const bool trans_a = Transposed(ctx, "transA"), trans_b = Transposed(ctx, "transB");
  SAMOYED_RETURN_IF_ERROR(ops::MergeDim((*a)[trans_a ? 0 : 1], (*b)[trans_b ? 1 : 0]).status());
  ctx.set_output_type(0, Type::TensorOf(dtype, Dims{(*a)[trans_a ? 1 : 0], (*b)[trans_b ? 0 : 1]}));
  return OkStatus();
}

// A matrix's elements, transposed if asked.
template <typename T>
std::vector<T> LoadMatrix(const Tensor& t, bool transposed) {
  std::vector<T> in = LoadAll<T>(t);
  if (!transposed) return in;
  const auto rows = static_cast<size_t>(t.dim(0)), columns = static_cast<size_t>(t.dim(1));
  std::vector<T> out(in.size());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) out[c * rows + r] = in[r * columns + c];
  }
  return out;
}

Status RunGemm(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  const Tensor* c = ctx.input(2);
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *a, *b));
  if (a->rank() != 2 || b->rank() != 2) return BadInput("Gemm needs matrices, got shapes ", a->shape().ToString(), " and ", b->shape().ToString());
  const bool trans_a = Transposed(ctx, "transA"), trans_b = Transposed(ctx, "transB");
  const Shape left = {a->dim(trans_a ? 1 : 0), a->dim(trans_a ? 0 : 1)}, right = {b->dim(trans_b ? 1 : 0), b->dim(trans_b ? 0 : 1)};
  SAMOYED_ASSIGN_OR_RETURN(const ops::MatMulPlan plan, ops::PlanMatMul(ctx, left, right));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a->dtype(), plan.shape);
  const double alpha = ctx.attributes().Float("alpha", 1), beta = ctx.attributes().Float("beta", 1);
  const bool plain = alpha == 1 && (c == nullptr || beta == 1);
  if (IsInteger(a->dtype()) && plain) {  // exact also where double is not
    SAMOYED_ASSIGN_OR_RETURN(std::vector<uint64_t> y,
                             ops::MultiplyBatches(ctx, plan, LoadMatrix<uint64_t>(*a, trans_a), LoadMatrix<uint64_t>(*b, trans_b)));
    if (c != nullptr) {
      SAMOYED_ASSIGN_OR_RETURN(const Tensor add, ops::ExpandTo(ctx, *c, plan.shape, "C"));
      const std::vector<uint64_t> bias = LoadAll<uint64_t>(add);
      for (size_t i = 0; i < y.size(); ++i) y[i] += bias[i];
    }
    StoreAll(*out, y);
    return OkStatus();
  }
  if (!IsFloat(a->dtype()) && !IsInteger(a->dtype())) return BadInput("Gemm does not take elements of type ", NameOf(a->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> y, ops::MultiplyBatches(ctx, plan, LoadMatrix<double>(*a, trans_a), LoadMatrix<double>(*b, trans_b)));
  for (double& v : y) v *= alpha;
  if (c != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor add, ops::ExpandTo(ctx, *c, plan.shape, "C"));
    const std::vector<double> bias = LoadAll<double>(add);
    for (size_t i = 0; i < y.size(); ++i) y[i] += beta * bias[i];
  }
  StoreAll(*out, y);
  return OkStatus();
}

double GemmFlops(const Attributes& attributes, std::span<const Shape> inputs, std::span<const Shape> outputs) {
  if (inputs.empty() || inputs[0].rank() != 2 || outputs.empty()) return 0;
  return 2.0 * static_cast<double>(outputs[0].NumElements()) * static_cast<double>(inputs[0][attributes.Int("transA", 0) != 0 ? 0 : 1]);
}

}  // namespace

extern const OpDef kOp_onnx_Gemm = {
    .infer = InferGemm,
    .run = RunGemm,
    .facts = {.takes_epilogue = true},
    .tolerance = {.rtol = 1e-4, .atol = 1e-5},
    .flops = GemmFlops,
};

}  // namespace samoyed
