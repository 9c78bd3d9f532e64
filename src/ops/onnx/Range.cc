// Range: start, start + delta, ... before limit. https://onnx.ai/onnx/operators/onnx__Range.html
// Values are computed in double (exact for the integer types up to 64 bits: those in integers) and rounded once.
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Result<int64_t> CountOfInts(int64_t start, int64_t limit, int64_t delta) {
  if (delta == 0) return BadInput("Range: delta is 0");
  if (delta > 0 ? start >= limit : start <= limit) return int64_t{0};
  const uint64_t span =
      delta > 0 ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(start) : static_cast<uint64_t>(start) - static_cast<uint64_t>(limit);
  const uint64_t step = delta > 0 ? static_cast<uint64_t>(delta) : -static_cast<uint64_t>(delta);
  const uint64_t count = (span - 1) / step + 1;
  if (count > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return LimitExceeded("Range: more than 2^63 elements");
  return static_cast<int64_t>(count);
}

Result<int64_t> CountOfFloats(double start, double limit, double delta) {
  const double count = std::ceil((limit - start) / delta);
  if (delta == 0 || std::isnan(count)) return BadInput("Range: no sequence from ", start, " to ", limit, " by ", delta);
  if (count > 0x1p62) return LimitExceeded("Range: ", count, " elements");
  return count > 0 ? static_cast<int64_t>(count) : 0;
}

// The number of elements, from three tensors of one element each.
Result<int64_t> CountOf(const Tensor& start, const Tensor& limit, const Tensor& delta) {
  for (const Tensor* t : {&start, &limit, &delta}) {
    if (t->size() != 1) return BadInput("Range: an argument has shape ", t->shape().ToString(), ", not one element");
    if (t->dtype() != start.dtype()) return BadInput("Range: arguments of type ", NameOf(start.dtype()), " and ", NameOf(t->dtype()));
  }
  if (IsInteger(start.dtype())) return CountOfInts(At<int64_t>(start), At<int64_t>(limit), At<int64_t>(delta));
  if (!IsFloat(start.dtype())) return BadInput("Range of ", NameOf(start.dtype()));
  return CountOfFloats(At<double>(start), At<double>(limit), At<double>(delta));
}

template <typename Wide>
void Fill(const Tensor& start, const Tensor& delta, Tensor& out) {
  const Wide first = At<Wide>(start), step = At<Wide>(delta);
  for (int64_t i = 0; i < out.size(); ++i) {
    Wide value;
    if constexpr (std::is_integral_v<Wide>) {
      value = WrapAdd(first, WrapMul(static_cast<Wide>(i), step));
    } else {
      value = first + static_cast<Wide>(i) * step;
    }
    Store(out, i, 1, &value);
  }
}

Status RunRange(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* start, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* limit, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* delta, RequireInput(ctx, 2));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t count, CountOf(*start, *limit, *delta));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, start->dtype(), Shape({count}));
  if (IsInteger(start->dtype())) {
    Fill<int64_t>(*start, *delta, *out);
  } else {
    Fill<double>(*start, *delta, *out);
  }
  return OkStatus();
}

Status InferRange(InferContext& ctx) {
  if (ctx.tensor_type(0) == nullptr) return OkStatus();
  Dim size;
  const Tensor *start = ctx.input_constant(0), *limit = ctx.input_constant(1), *delta = ctx.input_constant(2);
  if (start != nullptr && limit != nullptr && delta != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const int64_t count, CountOf(*start, *limit, *delta));
    size = Dim(count);
  } else if (IsInteger(ctx.input_dtype(0))) {
    const auto first = ops::InferInt(ctx, 0), step = ops::InferInt(ctx, 2);
    Dims end;
    const bool has_end = ctx.input_dims(1, &end) && end.size() == 1;
    if (first && step && *step == 1 && has_end && *first == 0) {
      size = end[0];  // counting up to a dimension gives as many
    } else if (first && step && has_end && end[0].known()) {
      SAMOYED_ASSIGN_OR_RETURN(const int64_t count, CountOfInts(*first, end[0].value, *step));
      size = Dim(count);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), Dims{size}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Range = {.infer = InferRange, .run = RunRange};

}  // namespace samoyed
