// SimplifiedLayerNormalization: y = scale x / sqrt(mean(x^2) + epsilon) over the axes from `axis` on; output 1 is 1 / that root. The
// standard has no operator of that name: ONNX Runtime's optimiser puts it into the default domain of models that it saves (facts: its
// contrib_ops).
#include <algorithm>

#include "ops/common/expand.h"
#include "ops/common/infer.h"
#include "ops/microsoft/layer_norm.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferSimplifiedLayerNormalization(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), static_cast<int>(x->size())));
  Dims statistics = *x;
  for (size_t i = static_cast<size_t>(axis); i < statistics.size(); ++i) statistics[i] = 1;
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, Type::TensorOf(DType::kFloat, std::move(statistics)));
  return OkStatus();
}

// Rows of no elements have no statistics.
Status FillZeros(Tensor& out) {
  std::fill_n(out.mutable_data<float>(), out.size(), 0.0f);
  return OkStatus();
}

Status RunSimplifiedLayerNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, 1));
  if (!IsFloat(x->dtype()) || !IsFloat(scale->dtype()))
    return BadInput("SimplifiedLayerNormalization needs floats, got ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), x->rank()));
  const Shape group(x->shape().dims().subspan(static_cast<size_t>(axis)));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor spread, ops::ExpandTo(ctx, *scale, group, "scale"));
  const ops::RowNorm norm{true, static_cast<double>(ctx.attributes().Float("epsilon", 1e-5f)), LoadAll<double>(spread), {}};
  const int64_t n = group.NumElements(), rows = n == 0 ? 0 : x->size() / n;
  std::vector<double> values = LoadAll<double>(*x), inverses(static_cast<size_t>(rows));
  for (int64_t r = 0; r < rows; ++r) inverses[static_cast<size_t>(r)] = norm.Apply(values.data() + r * n, n).inverse;
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  StoreAll(*y, values);
  if (!ctx.wants_output(1)) return OkStatus();
  Shape statistics = x->shape();
  for (int i = axis; i < statistics.rank(); ++i) statistics[i] = 1;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kFloat, statistics);
  if (n == 0) return FillZeros(*out);
  StoreAll(*out, inverses);
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAnyFloatTypes}, {"U", ops::kAnyFloatTypes}, {"V", ops::kAnyFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::Param("scale", "V")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "V"), ops::OptionalParam("inv_std_var", "U")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("axis", -1), ops::FloatAttr("epsilon", 1e-5f), ops::IntAttr("stash_type", 1)};
constexpr OpSchema kSchemas[] = {ops::ForeignSchema("", "SimplifiedLayerNormalization", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_onnx_SimplifiedLayerNormalization = {
    .infer = InferSimplifiedLayerNormalization, .run = RunSimplifiedLayerNormalization, .facts = {.in_place = true}, .schemas = kSchemas};

}  // namespace samoyed
