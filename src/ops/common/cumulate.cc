#include "ops/common/cumulate.h"

#include "ops/common/args.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

template <typename T>
void Cumulate(std::vector<T>& values, const Shape& shape, int axis, bool exclusive, bool reverse, T start, T (*combine)(T, T)) {
  const int64_t length = shape[axis], inner = shape.Product(axis + 1, shape.rank()), outer = shape.Product(0, axis);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      T state = start;
      for (int64_t k = 0; k < length; ++k) {
        T& element = values[static_cast<size_t>((o * length + (reverse ? length - 1 - k : k)) * inner + i)];
        const T before = state;
        state = combine(state, element);
        element = exclusive ? before : state;
      }
    }
  }
}

}  // namespace

Status RunCumulate(KernelContext& ctx, int start, double (*floats)(double, double), uint64_t (*integers)(uint64_t, uint64_t)) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* axis_tensor, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t given, ReadInt(*axis_tensor, StrCat(ctx.op_type(), ": axis")));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(given, x->rank()));
  const bool exclusive = ctx.attributes().Int("exclusive") != 0, reverse = ctx.attributes().Int("reverse") != 0;
  if (!IsFloat(x->dtype()) && !IsInteger(x->dtype()))
    return BadInput(ctx.op_type(), " does not take elements of type ", NameOf(x->dtype()));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  if (IsFloat(x->dtype())) {
    std::vector<double> values = LoadAll<double>(*x);
    Cumulate<double>(values, x->shape(), axis, exclusive, reverse, start, floats);
    StoreAll(*y, values);
  } else {  // two's complement: the low bits are right, signed or not
    std::vector<uint64_t> values = LoadAll<uint64_t>(*x);
    Cumulate<uint64_t>(values, x->shape(), axis, exclusive, reverse, static_cast<uint64_t>(start), integers);
    StoreAll(*y, values);
  }
  return OkStatus();
}

}  // namespace samoyed::ops
