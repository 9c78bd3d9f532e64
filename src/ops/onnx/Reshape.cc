// Reshape: the same elements under another shape. https://onnx.ai/onnx/operators/onnx__Reshape.html
// Version 1 has the target as an attribute, later ones as input 1; 0 copies a dimension (unless allowzero), -1 is what is left.
#include <algorithm>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status CheckTarget(const ops::Ints& target, bool allow_zero) {
  bool has_rest = false, has_zero = false;
  for (int64_t d : target) {
    if (d < -1) return BadInput("Reshape to [", StrJoin(target, ","), "]: ", d, " is no size");
    if (d == -1 && has_rest) return BadInput("Reshape to [", StrJoin(target, ","), "]: -1 may come once only");
    has_rest |= d == -1;
    has_zero |= d == 0;
  }
  if (allow_zero && has_rest && has_zero)
    return BadInput("Reshape with allowzero to [", StrJoin(target, ","), "]: -1 next to 0 has no meaning");
  return OkStatus();
}

Result<Shape> TargetShape(const Shape& in, const ops::Ints& target, bool allow_zero) {
  SAMOYED_RETURN_IF_ERROR(CheckTarget(target, allow_zero));
  Shape out{std::span<const int64_t>(target)};
  int rest = -1;
  int64_t product = 1;
  for (int i = 0; i < out.rank(); ++i) {
    if (out[i] == 0 && !allow_zero) {
      if (i >= in.rank()) return BadInput("Reshape of ", in.ToString(), " to ", out.ToString(), ": no dimension ", i, " to copy for 0");
      out[i] = in[i];
    }
    if (out[i] == -1) {
      rest = i;
      continue;
    }
    const auto next = CheckedMul(product, out[i]);
    if (!next) return LimitExceeded("Reshape to ", out.ToString(), ": more than 2^63 elements");
    product = *next;
  }
  const int64_t count = in.NumElements();
  if (rest >= 0 && product > 0 && count % product == 0) {
    out[rest] = count / product;
    return out;
  }
  if (rest >= 0 || product != count) {
    return BadInput("Reshape of ", in.ToString(), " to [", StrJoin(target, ","), "]: ", count, " elements do not fit");
  }
  return out;
}

Status RunReshape(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints target, ops::RequireInts(ctx, "shape", 1));
  SAMOYED_ASSIGN_OR_RETURN(Shape shape, TargetShape(in->shape(), target, ctx.attributes().Int("allowzero") != 0));
  ctx.set_output(0, in->Reshaped(std::move(shape)));
  return OkStatus();
}

// The target as dimensions: a number below zero in a constant is -1 here, an unknown value an empty Dim.
bool KnownTarget(const InferContext& ctx, Dims* target, int* rest) {
  const ops::KnownInts known = ops::InferInts(ctx, "shape", 1);
  if (!known.values) return ctx.num_inputs() > 1 && ctx.input_dims(1, target);
  for (int64_t d : *known.values) {
    if (d == -1) *rest = static_cast<int>(target->size());
    target->push_back(d < 0 ? Dim() : Dim(d));
  }
  return true;
}

// Fills in the one dimension that is not known when all else is: the number of elements stays.
void SolveForRest(const Dims& in, Dims* out, int rest) {
  int64_t count = 1, product = 1;
  std::vector<Dim> symbols;  // symbols of the input that the output does not have yet
  for (const Dim& d : in) {
    if (d.known()) {
      const auto next = CheckedMul(count, d.value);
      if (!next) return;
      count = *next;
    } else if (d.symbolic()) {
      symbols.push_back(d);
    } else {
      return;
    }
  }
  for (size_t i = 0; i < out->size(); ++i) {
    if (static_cast<int>(i) == rest) continue;
    const Dim& d = (*out)[i];
    if (d.known()) {
      const auto next = CheckedMul(product, d.value);
      if (!next) return;
      product = *next;
    } else {
      const auto same = std::find_if(symbols.begin(), symbols.end(), [&](const Dim& s) { return s.SameAs(d); });
      if (same == symbols.end()) return;
      symbols.erase(same);
    }
  }
  if (product == 0 || count % product != 0) return;
  Dim& unknown = (*out)[static_cast<size_t>(rest)];
  if (symbols.empty()) unknown = Dim(count / product);
  if (symbols.size() == 1 && count == product) unknown = symbols[0];
}

Status InferReshape(InferContext& ctx) {
  // All numbers: the kernel's own arithmetic, errors included.
  if (const ops::KnownInts known = ops::InferInts(ctx, "shape", 1); known.values) {
    const bool allow_zero = ctx.attributes().Int("allowzero") != 0;
    SAMOYED_RETURN_IF_ERROR(CheckTarget(*known.values, allow_zero));
    const Type* in = ctx.tensor_type(0);
    if (const auto shape = in == nullptr ? std::nullopt : in->concrete_shape()) {
      SAMOYED_ASSIGN_OR_RETURN(const Shape out, TargetShape(*shape, *known.values, allow_zero));
      ctx.set_output_type(0, Type::TensorOf(in->dtype, out));
      ops::PropagateContent(ctx);
      return OkStatus();
    }
  }
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  const bool allow_zero = ctx.attributes().Int("allowzero") != 0;
  Dims out;
  int rest = -1;
  if (!KnownTarget(ctx, &out, &rest)) {
    const Dims* shape = ctx.input_shape(1);  // its length is the rank
    const bool has_rank = shape != nullptr && shape->size() == 1 && (*shape)[0].known() && (*shape)[0].value <= 1024;
    ctx.set_output_type(
        0, has_rank ? Type::TensorOf(in->dtype, ops::UnknownDims(static_cast<int>((*shape)[0].value))) : Type::TensorOf(in->dtype));
    return OkStatus();
  }
  int unknowns = 0, unknown_at = -1;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i].known() && out[i].value == 0 && !allow_zero) {
      if (in->shape && i >= in->shape->size()) return BadInput("Reshape of rank ", in->rank(), ": no dimension ", i, " to copy for 0");
      out[i] = in->shape ? (*in->shape)[i] : Dim();
      if (!out[i].known() && !out[i].symbolic() && static_cast<int>(i) != rest) ++unknowns, unknown_at = static_cast<int>(i);
    } else if (!out[i].known() && !out[i].symbolic()) {
      ++unknowns, unknown_at = static_cast<int>(i);
    }
  }
  if (in->shape && unknowns == 1) SolveForRest(*in->shape, &out, unknown_at);
  const Type type = Type::TensorOf(in->dtype, out);
  const auto from = in->concrete_shape(), to = type.concrete_shape();
  if (from && to) {
    const auto a = from->CheckedNumElements(), b = to->CheckedNumElements();
    if (a.ok() && b.ok() && *a != *b)
      return BadInput("Reshape of ", from->ToString(), " to ", to->ToString(), " changes the number of elements");
  }
  if (out.size() <= 1) ops::PropagateContent(ctx);
  ctx.set_output_type(0, type);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Reshape = {.infer = InferReshape, .run = RunReshape, .facts = {.view = true}};

}  // namespace samoyed
