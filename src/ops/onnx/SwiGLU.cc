// SwiGLU: y = swish(a) * b, where swish(a) = a * sigmoid(alpha * a). https://onnx.ai/onnx/operators/onnx__SwiGLU.html
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunSwiGlu(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *a, *b));
  if (!IsFloat(a->dtype()) || !(a->shape() == b->shape())) {
    return BadInput("SwiGLU needs floats of one shape, got ", NameOf(a->dtype()), " ", a->shape().ToString(), " and ",
                    b->shape().ToString());
  }
  const double alpha = ctx.attributes().Float("alpha", 1);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, a->dtype(), a->shape());
  constexpr int64_t kChunk = 1024;
  ctx.ParallelFor(a->size(), kChunk, [&](int64_t begin, int64_t end) {
    std::array<double, kChunk> gate, linear;
    for (int64_t at = begin; at < end; at += kChunk) {
      const int64_t n = std::min(kChunk, end - at);
      Load(*a, at, n, gate.data());
      Load(*b, at, n, linear.data());
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) gate[i] = gate[i] / (1 + std::exp(-alpha * gate[i])) * linear[i];
      Store(*y, at, n, gate.data());
    }
  });
  return OkStatus();
}

// Both inputs have the output's shape.
Status InferSwiGlu(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const Dims *a = ctx.input_shape(0), *b = ctx.input_shape(1);
  if (b == nullptr) return OkStatus();
  Dims joint = *b;
  if (a != nullptr) {
    if (a->size() != b->size()) return BadInput("SwiGLU needs inputs of one shape, got ranks ", a->size(), " and ", b->size());
    for (size_t i = 0; i < joint.size(); ++i) {
      SAMOYED_ASSIGN_OR_RETURN(joint[i], ops::MergeDim((*a)[i], (*b)[i]));
    }
  }
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(ctx.input_type(0) != nullptr ? 0 : 1), std::move(joint)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SwiGLU = {.infer = InferSwiGlu, .run = RunSwiGlu, .facts = {.elementwise = true, .in_place = true}};

}  // namespace samoyed
