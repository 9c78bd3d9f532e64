// FusedMatMul: alpha A' B', the last two axes of each transposed on request, or (transBatch) the first one moved in front of the
// last before that. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

// The order of axes that an operand is read in.
std::vector<int64_t> Permutation(const Attributes& a, int rank, bool first) {
  std::vector<int64_t> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  if (rank < 2) return axes;
  if (a.Int(first ? "transBatchA" : "transBatchB") != 0) {
    axes.erase(axes.begin());
    axes.insert(axes.end() - 1, 0);
  }
  if (a.Int(first ? "transA" : "transB") != 0) std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
  return axes;
}

Status InferFusedMatMul(InferContext& ctx) {
  std::vector<Type> types = {ops::TypeOfInput(ctx, 0), ops::TypeOfInput(ctx, 1)};
  for (size_t i = 0; i < 2; ++i) {
    if (!types[i].has_shape()) continue;
    const Dims own = *types[i].shape;
    const std::vector<int64_t> axes = Permutation(ctx.attributes(), types[i].rank(), i == 0);
    for (size_t k = 0; k < axes.size(); ++k) (*types[i].shape)[k] = own[static_cast<size_t>(axes[k])];
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> out, ops::CallInfer(ctx, {"MatMul", 13}, std::move(types), {}));
  ctx.set_output_type(0, out[0]);
  return OkStatus();
}

Status RunFusedMatMul(KernelContext& ctx) {
  std::vector<Value> values;
  for (int i = 0; i < 2; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
    if (!IsFloat(t->dtype())) return BadInput("FusedMatMul needs floats, got ", NameOf(t->dtype()));
    SAMOYED_ASSIGN_OR_RETURN(Tensor wide, ops::ToDouble(*t));
    if (t->rank() >= 2) {
      SAMOYED_ASSIGN_OR_RETURN(
          wide, ops::CallForTensor(ctx, {"Transpose", 13, {{"perm", Permutation(ctx.attributes(), t->rank(), i == 0)}}}, {wide}));
    }
    values.emplace_back(std::move(wide));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::CallForTensor(ctx, {"MatMul", 13}, std::move(values)));
  const double alpha = static_cast<double>(ctx.attributes().Float("alpha", 1));
  for (int64_t i = 0; i < y.size(); ++i) y.mutable_data<double>()[i] *= alpha;
  return ops::StoreOutput(ctx, 0, ctx.input(0)->dtype(), y);
}

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("B", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("alpha", 1), ops::IntAttr("transA", 0), ops::IntAttr("transB", 0),
                                      ops::IntAttr("transBatchA", 0), ops::IntAttr("transBatchB", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("FusedMatMul", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_FusedMatMul = {.infer = InferFusedMatMul, .run = RunFusedMatMul, .schemas = kSchemas};

}  // namespace samoyed
