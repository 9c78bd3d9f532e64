// QLinearConcat: (Y_scale, Y_zero_point, then X, X_scale, X_zero_point of each part) -> Y, requantised and joined
// along `axis`. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/infer.h"
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

Status InferQLinearConcat(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(2);
  ctx.set_output_type(0, Type::TensorOf(dtype));
  Dims out;
  for (int i = 2; i < ctx.num_inputs(); i += 3) {
    const Dims* part = ctx.input_shape(i);
    if (part == nullptr) return OkStatus();
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), static_cast<int>(part->size())));
    if (i == 2) {
      out = *part;
      continue;
    }
    if (part->size() != out.size()) return BadInput("QLinearConcat: part ", i / 3, " has ", part->size(), " axes, the first has ", out.size());
    for (size_t k = 0; k < out.size(); ++k) {
      if (static_cast<int>(k) != axis) {
        SAMOYED_ASSIGN_OR_RETURN(out[k], ops::MergeDim(out[k], (*part)[k]));
      } else {
        out[k] = out[k].known() && (*part)[k].known() ? Dim(out[k].value + (*part)[k].value) : Dim();
      }
    }
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

struct Part {
  const Tensor* x;
  ops::LinearQuantizer quantizer;
};

// The parts, whose shapes agree but along `axis`; `shape` becomes the joined one.
Result<std::vector<Part>> Parts(const KernelContext& ctx, Shape& shape, int& axis) {
  std::vector<Part> parts;
  for (int i = 2; i < ctx.num_inputs(); i += 3) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, i));
    SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer quantizer, ops::QuantizerAt(ctx, i + 1, i + 2));
    parts.push_back({x, quantizer});
    if (i == 2) {
      shape = x->shape();
      SAMOYED_ASSIGN_OR_RETURN(axis, NormalizeAxis(ctx.attributes().Int("axis"), x->rank()));
      continue;
    }
    bool fits = x->rank() == shape.rank() && x->dtype() == parts[0].x->dtype();
    for (int k = 0; fits && k < shape.rank(); ++k) fits = k == axis || x->dim(k) == shape[k];
    if (!fits) return BadInput("QLinearConcat: part ", i / 3, " of shape ", x->shape().ToString(), " does not join ", shape.ToString(), " along axis ", axis);
    shape[axis] += x->dim(axis);
  }
  if (parts.empty()) return BadInput("QLinearConcat needs at least one part");
  return parts;
}

Status RunQLinearConcat(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer quantizer, ops::QuantizerAt(ctx, 0, 1));
  Shape shape;
  int axis = 0;
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Part> parts, Parts(ctx, shape, axis));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, parts[0].x->dtype(), shape);
  const int64_t outer = shape.Product(0, axis);
  const int64_t row = shape.Product(axis, shape.rank());
  std::vector<double> joined(static_cast<size_t>(out->size()));
  int64_t at = 0;
  for (const Part& part : parts) {
    const std::vector<double> values = ops::DequantizeAll(*part.x, part.quantizer);
    const int64_t length = part.x->shape().Product(axis, shape.rank());
    for (int64_t i = 0; i < outer; ++i) {
      for (int64_t k = 0; k < length; ++k) joined[static_cast<size_t>(i * row + at + k)] = values[static_cast<size_t>(i * length + k)];
    }
    at += length;
  }
  ops::QuantizeAll(joined, quantizer, *out);
  return OkStatus();
}

constexpr std::string_view kPartTypes[] = {"tensor(uint8)", "tensor(int8)", "tensor(float)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T8", ops::kByteTypes}, {"TV", kPartTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("Y_scale", "tensor(float)"), ops::Param("Y_zero_point", "T8"), ops::VariadicParam("inputs", "TV", false)};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T8")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("axis", SchemaAttrType::kInt, true)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QLinearConcat", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearConcat = {
    .infer = InferQLinearConcat,
    .run = RunQLinearConcat,
    .schemas = kSchemas,
};

}  // namespace samoyed
