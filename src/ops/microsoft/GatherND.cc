// GatherND: the standard's operator, from before it had one. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferGatherND(InferContext& ctx) { return ops::InferAs(ctx, {"GatherND", 13}); }

Status RunGatherND(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  if (!IsInteger(indices->dtype())) return BadInput("GatherND needs integers as indices, got ", NameOf(indices->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(Tensor wide, Tensor::Allocate(DType::kInt64, indices->shape()));
  StoreAll(wide, LoadAll<int64_t>(*indices));
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, ops::CallForTensor(ctx, {"GatherND", 13}, {*data, std::move(wide)}));
  ctx.set_output(0, std::move(out));
  return OkStatus();
}

constexpr std::string_view kIndexTypes[] = {"tensor(int32)", "tensor(int64)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAnyTypes}, {"Tind", kIndexTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("data", "T"), ops::Param("indices", "Tind")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("GatherND", kInputs, kOutputs, {}, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_GatherND = {.infer = InferGatherND, .run = RunGatherND, .schemas = kSchemas};

}  // namespace samoyed
