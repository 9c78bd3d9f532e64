// Concat: tensors one behind the other along an axis. https://onnx.ai/onnx/operators/onnx__Concat.html
#include <algorithm>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

constexpr int64_t kPiece = int64_t{1} << 22;  // elements copied between two looks at the deadline

int64_t AxisOf(const NodeContext& ctx) { return ctx.attributes().Int("axis", 1); }  // optional in version 1 only

Result<Shape> OutputShape(const std::vector<const Tensor*>& parts, int axis) {
  Shape shape = parts[0]->shape();
  for (size_t i = 1; i < parts.size(); ++i) {
    const Shape& other = parts[i]->shape();
    bool fits = other.rank() == shape.rank();
    for (int k = 0; fits && k < shape.rank(); ++k) fits = k == axis || other[k] == shape[k];
    if (!fits)
      return BadInput("Concat along axis ", axis, ": shapes ", parts[0]->shape().ToString(), " and ", other.ToString(), " do not fit");
    const auto sum = CheckedAdd(shape[axis], other[axis]);
    if (!sum) return LimitExceeded("Concat along axis ", axis, ": the sizes add up to more than 2^63");
    shape[axis] = *sum;
  }
  return shape;
}

Status RunConcat(KernelContext& ctx) {
  std::vector<const Tensor*> parts;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* part, RequireInput(ctx, i));
    parts.push_back(part);
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *parts[0], *part));
  }
  if (parts.empty()) return BadInput("Concat needs at least one input");
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(AxisOf(ctx), parts[0]->rank()));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, OutputShape(parts, axis));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, parts[0]->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  const int64_t outer = shape.Product(0, axis);
  int64_t at = 0;
  for (int64_t i = 0; i < outer; ++i) {
    for (const Tensor* part : parts) {
      const int64_t run = part->size() / outer;
      for (int64_t done = 0; done < run; done += kPiece) {
        if (run > kPiece) SAMOYED_RETURN_IF_ERROR(ctx.Poll());
        ops::CopyElements(*part, i * run + done, *out, at + done, std::min(kPiece, run - done));
      }
      at += run;
    }
  }
  return OkStatus();
}

// What is known of the content when lists of dimensions are put together.
void PropagateConcat(InferContext& ctx) {
  Dims all;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const Dims* shape = ctx.input_shape(i);
    Dims part;
    if (shape == nullptr || shape->size() != 1) return;
    if (!ctx.input_dims(i, &part)) {
      if (!(*shape)[0].known() || (*shape)[0].value > 64) return;
      part = ops::UnknownDims(static_cast<int>((*shape)[0].value));
    }
    all.insert(all.end(), part.begin(), part.end());
  }
  ctx.set_output_dims(0, std::move(all));
}

Status InferConcat(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  if (ctx.tensor_type(0) == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(dtype));
  const Dims* first = nullptr;
  for (int i = 0; i < ctx.num_inputs() && first == nullptr; ++i) first = ctx.input_shape(i);
  if (first == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(AxisOf(ctx), static_cast<int>(first->size())));
  const auto at = static_cast<size_t>(axis);
  Dims dims = *first;
  dims[at] = Dim(0);
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const Dims* shape = ctx.input_shape(i);
    if (shape == nullptr) {
      dims[at] = Dim();
      continue;
    }
    if (shape->size() != dims.size()) return BadInput("Concat: inputs of rank ", dims.size(), " and ", shape->size());
    for (size_t k = 0; k < dims.size(); ++k) {
      if (k != at) {
        SAMOYED_ASSIGN_OR_RETURN(dims[k], ops::MergeDim(dims[k], (*shape)[k]));
      } else if (ctx.num_inputs() == 1) {
        dims[k] = (*shape)[k];
      } else if (dims[k].known() && (*shape)[k].known()) {
        const auto sum = CheckedAdd(dims[k].value, (*shape)[k].value);
        if (!sum) return LimitExceeded("Concat along axis ", axis, ": the sizes add up to more than 2^63");
        dims[k] = Dim(*sum);
      } else {
        dims[k] = Dim();
      }
    }
  }
  PropagateConcat(ctx);
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Concat = {.infer = InferConcat, .run = RunConcat};

}  // namespace samoyed
