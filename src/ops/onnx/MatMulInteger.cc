// MatMulInteger: the product of bytes minus their zero points (one, or one a row of A and a column of B) in int32.
// https://onnx.ai/onnx/operators/onnx__MatMulInteger.html
#include "ops/common/matrix.h"
#include "ops/common/quantize.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferMatMulInteger(InferContext& ctx) { return ops::InferMatMul(ctx, 0, 1, DType::kInt32); }

Status RunMatMulInteger(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::MatMulPlan plan, ops::PlanMatMul(ctx, a->shape(), b->shape()));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> x, ops::LoadCentred(ctx, *a, ctx.input(2), a->rank() - 2));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> y, ops::LoadCentred(ctx, *b, ctx.input(3), b->rank() - 1));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt32, plan.shape);
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> c, ops::MultiplyBatches(ctx, plan, x, y));
  StoreAll(*out, std::vector<int64_t>(c.begin(), c.end()));  // sums of bytes' products: exact
  return OkStatus();
}

double Flops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) { return ops::MatMulFlops(inputs, outputs, 0); }

}  // namespace

extern const OpDef kOp_onnx_MatMulInteger = {.infer = InferMatMulInteger, .run = RunMatMulInteger, .flops = Flops};

}  // namespace samoyed
