// CausalConvWithState: each channel convolved along its length with a kernel of its own, looking back only; what came before the input is
// carried from call to call. https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/heads.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

struct Problem {
  int64_t batch = 0, channels = 0, length = 0, kernel = 0;
  bool silu = false;
  std::vector<double> weight, bias;
};

Result<Problem> ReadProblem(const KernelContext& ctx, const Tensor& x, const Tensor& w) {
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    if (const Tensor* t = ctx.input(i)) SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, x, *t));
  }
  if (!IsFloat(x.dtype()) || x.rank() != 3) {
    return BadInput("CausalConvWithState: the input must be floats [batch, channels, length], got ", NameOf(x.dtype()),
                    x.shape().ToString());
  }
  if (w.rank() != 3 || w.dim(0) != x.dim(1) || w.dim(1) != 1 || w.dim(2) < 1)
    return BadInput("CausalConvWithState: the weight must be [", x.dim(1), ",1,k], got ", w.shape().ToString());
  Problem p{x.dim(0), x.dim(1), x.dim(2), w.dim(2), false, LoadAll<double>(w), {}};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, {p.batch, p.channels, p.length, p.kernel}));
  if (const Tensor* bias = ctx.input(2)) {
    if (!(bias->shape() == Shape{p.channels}))
      return BadInput("CausalConvWithState: the bias must be [", p.channels, "], got ", bias->shape().ToString());
    p.bias = LoadAll<double>(*bias);
  }
  if (const Tensor* past = ctx.input(3); past != nullptr && !(past->shape() == Shape{p.batch, p.channels, p.kernel - 1})) {
    return BadInput("CausalConvWithState: the past state must be [", p.batch, ",", p.channels, ",", p.kernel - 1, "], got ",
                    past->shape().ToString());
  }
  const std::string_view activation = ctx.attributes().String("activation", "none");
  p.silu = activation == "silu" || activation == "swish";
  if (!p.silu && activation != "none")
    return BadInput("CausalConvWithState: activation '", activation, "' is none of 'none', 'silu' and 'swish'");
  return p;
}

Status RunCausalConvWithState(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Problem p, ReadProblem(ctx, *x, *w));
  const Tensor* past = ctx.input(3);
  const int64_t carried = p.kernel - 1;
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  SAMOYED_ALLOCATE_OUTPUT(present, ctx, 1, x->dtype(), (Shape{p.batch, p.channels, carried}));
  if (y->size() == 0 && present->size() == 0) return OkStatus();
  ctx.ParallelFor(p.batch * p.channels, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> seen(static_cast<size_t>(carried + p.length)), out(static_cast<size_t>(p.length));
    for (int64_t row = begin; row < end && ctx.Poll().ok(); ++row) {
      const int64_t channel = row % p.channels;
      const double* weight = p.weight.data() + channel * p.kernel;
      if (past != nullptr) Load(*past, row * carried, carried, seen.data());
      Load(*x, row * p.length, p.length, seen.data() + carried);
      for (int64_t t = 0; t < p.length; ++t) {
        double sum = p.bias.empty() ? 0 : p.bias[static_cast<size_t>(channel)];
        for (int64_t j = 0; j < p.kernel; ++j) sum += seen[static_cast<size_t>(t + j)] * weight[j];
        sum = ops::RoundNarrow(x->dtype(), sum);
        out[static_cast<size_t>(t)] = p.silu ? sum / (1 + std::exp(-sum)) : sum;
      }
      Store(*y, row * p.length, p.length, out.data());
      Store(*present, row * carried, carried, seen.data() + p.length);
    }
  });
  return ctx.Poll();
}

Status InferCausalConvWithState(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const DType dtype = ctx.input_dtype(0);
  if (dtype == DType::kUndefined) return OkStatus();
  const Dims *x = ctx.input_shape(0), *w = ctx.input_shape(1), *past = ctx.input_shape(3);
  for (const Dims* d : {x, w, past}) {
    if (d != nullptr && d->size() != 3) return BadInput("CausalConvWithState: input, weight and state have rank 3, got ", d->size());
  }
  Dims state = past != nullptr ? *past : ops::UnknownDims(3);
  Dims out = x != nullptr ? *x : ops::UnknownDims(3);
  for (size_t i = 0; i < 2; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(out[i], ops::MergeDim(out[i], state[i]));
  }
  if (w != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(out[1], ops::MergeDim(out[1], (*w)[0]));
    if ((*w)[2].known() && (*w)[2].value < 1) return BadInput("CausalConvWithState: a kernel of no elements");
    if ((*w)[2].known()) {
      SAMOYED_ASSIGN_OR_RETURN(state[2], ops::MergeDim(Dim((*w)[2].value - 1), state[2]));
    }
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, out));
  if (ctx.wants_output(1)) ctx.set_output_type(1, Type::TensorOf(dtype, {out[0], out[1], state[2]}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_CausalConvWithState = {.infer = InferCausalConvWithState, .run = RunCausalConvWithState};

}  // namespace samoyed
