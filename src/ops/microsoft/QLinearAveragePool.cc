// QLinearAveragePool: AveragePool of a quantised [N, C, spatial...] tensor. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/pooling.h"
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// AveragePool's own rules run on the dequantised values: this context shows them as its input, and keeps its output apart.
class DequantizedContext final : public KernelContext {
 public:
  DequantizedContext(KernelContext& outer, Value x) : outer_(outer), x_(std::move(x)) {}
  std::string_view op_type() const override { return outer_.op_type(); }
  int since_version() const override { return 10; }  // the version of AveragePool that this operator follows
  const Attributes& attributes() const override { return outer_.attributes(); }
  int num_inputs() const override { return 1; }
  int num_outputs() const override { return 1; }
  bool wants_output(int i) const override { return i == 0; }
  const Value* input_value(int i) const override { return i == 0 ? &x_ : nullptr; }
  Result<Tensor*> AllocateOutput(int, DType dtype, const Shape& shape) override {
    SAMOYED_ASSIGN_OR_RETURN(y, Tensor::Allocate(dtype, shape));
    return &y;
  }
  void set_output(int, Value value) override { y = value.tensor(); }
  Result<std::vector<Value>> RunBody(const BodyRef&, std::span<const Value>) override { return InternalError("AveragePool has no body"); }
  Status Poll() override { return outer_.Poll(); }
  void ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) override { outer_.ParallelFor(n, grain, body); }
  std::span<std::byte> scratch() override { return {}; }
  uint64_t NextSeed() override { return 0; }

  Tensor y;

 private:
  KernelContext& outer_;
  Value x_;
};

Status RunQLinearAveragePool(KernelContext& ctx) {
  if (ctx.attributes().Int("channels_last") != 0) return Unsupported("QLinearAveragePool with channels_last = 1 has no kernel");
  SAMOYED_ASSIGN_OR_RETURN(const ops::QLinearUnary q, ops::QLinearUnaryOperands(ctx));
  const OpDef* pool = FindOp("", "AveragePool");
  if (pool == nullptr) return Unsupported("QLinearAveragePool needs AveragePool, which was left out of this build (SAMOYED_OPS)");
  SAMOYED_ASSIGN_OR_RETURN(Tensor x, Tensor::Allocate(DType::kDouble, q.x->shape()));
  StoreAll(x, ops::DequantizeAll(*q.x, q.in));
  DequantizedContext inner(ctx, std::move(x));
  SAMOYED_RETURN_IF_ERROR(pool->run(inner));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, q.x->dtype(), inner.y.shape());
  ops::QuantizeAll(LoadAll<double>(inner.y), q.out, *y);
  return OkStatus();
}

constexpr SchemaAttr kAttributes[] = {
    ops::StringAttr("auto_pad", "NOTSET"), ops::IntAttr("ceil_mode", 0), ops::IntAttr("channels_last", 0), ops::IntAttr("count_include_pad", 0),
    ops::BareAttr("kernel_shape", SchemaAttrType::kInts, true), ops::BareAttr("pads", SchemaAttrType::kInts), ops::BareAttr("strides", SchemaAttrType::kInts)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearAveragePool", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearAveragePool = {
    .infer = ops::InferPool,
    .run = RunQLinearAveragePool,
    .schemas = kSchemas,
};

}  // namespace samoyed
