// Range: the standard's operator, with a step of 1 where none is given, and lists of one for its scalars. com.microsoft, ONNX Runtime's
// ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferRange(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), Dims{ctx.NewSymbol()}));
  return OkStatus();
}

Status RunRange(KernelContext& ctx) {
  std::vector<Value> inputs;
  for (int i = 0; i < 3; ++i) {
    if (i == 2 && ctx.input(i) == nullptr) {
      SAMOYED_ASSIGN_OR_RETURN(Tensor one, Tensor::Allocate(inputs[0].tensor().dtype(), {}));
      StoreAll(one, std::vector<double>{1});
      inputs.emplace_back(std::move(one));
      break;
    }
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
    if (t->size() != 1 || t->dtype() == DType::kString)
      return BadInput("Range needs single numbers, got ", NameOf(t->dtype()), t->shape().ToString());
    inputs.emplace_back(t->Reshaped({}));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, ops::CallForTensor(ctx, {"Range", 11}, std::move(inputs)));
  ctx.set_output(0, std::move(out));
  return OkStatus();
}

constexpr std::string_view kTypes[] = {"tensor(float)", "tensor(double)", "tensor(int16)", "tensor(int32)", "tensor(int64)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T", kTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("start", "T"), ops::Param("limit", "T"), ops::OptionalParam("delta", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Range", kInputs, kOutputs, {}, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_Range = {.infer = InferRange, .run = RunRange, .schemas = kSchemas};

}  // namespace samoyed
