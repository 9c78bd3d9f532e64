// MatMul: numpy.matmul. https://onnx.ai/onnx/operators/onnx__MatMul.html
#include "ops/common/args.h"
#include "ops/common/matrix.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferMatMulOp(InferContext& ctx) { return ops::InferMatMul(ctx, 0, 1, ctx.input_dtype(0)); }

template <typename T>
Status MatMulAs(KernelContext& ctx, const ops::MatMulPlan& plan, const Tensor& a, const Tensor& b) {
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a.dtype(), plan.shape);
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<T> c, ops::MultiplyBatches(ctx, plan, LoadAll<T>(a), LoadAll<T>(b)));
  StoreAll(*out, c);
  return OkStatus();
}

Status RunMatMul(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *a, *b));
  SAMOYED_ASSIGN_OR_RETURN(const ops::MatMulPlan plan, ops::PlanMatMul(ctx, a->shape(), b->shape()));
  if (IsFloat(a->dtype())) return MatMulAs<double>(ctx, plan, *a, *b);
  if (IsInteger(a->dtype())) return MatMulAs<uint64_t>(ctx, plan, *a, *b);  // two's complement: the low bits are right
  return BadInput("MatMul does not take elements of type ", NameOf(a->dtype()));
}

double Flops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) { return ops::MatMulFlops(inputs, outputs, 0); }

}  // namespace

extern const OpDef kOp_onnx_MatMul = {
    .infer = InferMatMulOp,
    .run = RunMatMul,
    .facts = {.takes_epilogue = true},
    .tolerance = {.rtol = 1e-4, .atol = 1e-5},
    .flops = Flops,
};

}  // namespace samoyed
