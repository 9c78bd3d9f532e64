#include "ops/common/call.h"

#include <algorithm>

#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

// Shows the callee its own inputs, attributes and version; the rest is the caller's.
class CalleeKernel final : public KernelContext {
 public:
  CalleeKernel(KernelContext& outer, const Callee& callee, const OpSchema* schema, std::vector<Value> inputs)
      : outputs(static_cast<size_t>(callee.outputs)),
        outer_(outer),
        callee_(callee),
        version_(schema->since_version),
        attributes_(callee.attributes, schema),
        inputs_(std::move(inputs)) {
    while (!inputs_.empty() && inputs_.back().is_none()) inputs_.pop_back();
  }
  std::string_view op_type() const override { return callee_.op; }
  int since_version() const override { return version_; }
  const Attributes& attributes() const override { return attributes_; }
  int num_inputs() const override { return static_cast<int>(inputs_.size()); }
  int num_outputs() const override { return static_cast<int>(outputs.size()); }
  bool wants_output(int i) const override { return i < num_outputs(); }
  const Value* input_value(int i) const override {
    return i >= 0 && i < num_inputs() && !inputs_[static_cast<size_t>(i)].is_none() ? &inputs_[static_cast<size_t>(i)] : nullptr;
  }
  Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) override {
    if (i < 0 || i >= num_outputs()) return InternalError(callee_.op, " was called for fewer outputs than it makes");
    SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(dtype, shape));
    outputs[static_cast<size_t>(i)] = std::move(t);
    return &outputs[static_cast<size_t>(i)].tensor();
  }
  void set_output(int i, Value value) override { outputs[static_cast<size_t>(i)] = std::move(value); }
  Result<std::vector<Value>> RunBody(const BodyRef&, std::span<const Value>) override {
    return InternalError(callee_.op, " has no body here");
  }
  Status Poll() override { return outer_.Poll(); }
  void ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) override { outer_.ParallelFor(n, grain, body); }
  int threads() const override { return outer_.threads(); }
  std::span<std::byte> scratch() override { return {}; }
  uint64_t NextSeed() override { return outer_.NextSeed(); }

  std::vector<Value> outputs;

 private:
  KernelContext& outer_;
  const Callee& callee_;
  int version_;
  Attributes attributes_;
  std::vector<Value> inputs_;
};

class CalleeInfer final : public InferContext {
 public:
  CalleeInfer(InferContext& outer, const Callee& callee, const OpSchema* schema, std::vector<Type> inputs, std::vector<int> from)
      : outputs(static_cast<size_t>(callee.outputs)),
        outer_(outer),
        callee_(callee),
        version_(schema->since_version),
        attributes_(callee.attributes, schema),
        inputs_(std::move(inputs)),
        from_(std::move(from)) {
    from_.resize(inputs_.size(), -1);
  }
  std::string_view op_type() const override { return callee_.op; }
  int since_version() const override { return version_; }
  const Attributes& attributes() const override { return attributes_; }
  int num_inputs() const override { return static_cast<int>(inputs_.size()); }
  int num_outputs() const override { return static_cast<int>(outputs.size()); }
  bool wants_output(int i) const override { return i < num_outputs(); }
  const Type* input_type(int i) const override {
    return i >= 0 && i < num_inputs() && inputs_[static_cast<size_t>(i)].known() ? &inputs_[static_cast<size_t>(i)] : nullptr;
  }
  const Tensor* input_constant(int i) const override { return Source(i) < 0 ? nullptr : outer_.input_constant(Source(i)); }
  bool input_dims(int i, Dims* dims) const override { return Source(i) >= 0 && outer_.input_dims(Source(i), dims); }
  void set_output_type(int i, Type type) override {
    if (i >= 0 && i < num_outputs()) outputs[static_cast<size_t>(i)] = std::move(type);
  }
  void set_output_dims(int, Dims) override {}
  Result<std::vector<Type>> InferBody(const BodyRef&, std::span<const Type>) override {
    return InternalError(callee_.op, " has no body here");
  }
  Dim NewSymbol() override { return outer_.NewSymbol(); }
  bool strict() const override { return outer_.strict(); }

  std::vector<Type> outputs;

 private:
  int Source(int i) const { return i >= 0 && i < num_inputs() ? from_[static_cast<size_t>(i)] : -1; }

  InferContext& outer_;
  const Callee& callee_;
  int version_;
  Attributes attributes_;
  std::vector<Type> inputs_;
  std::vector<int> from_;
};

Result<const OpDef*> Find(std::string_view caller, const Callee& callee) {
  const OpDef* op = FindOp(callee.domain, callee.op);
  if (op == nullptr) {
    return Unsupported(caller, " needs ", callee.op, ", which was left out of this build; build with ",
                       OptionThatBringsBack(callee.domain, callee.op));
  }
  return op;
}

}  // namespace

Result<std::vector<Value>> Call(KernelContext& ctx, const Callee& callee, std::vector<Value> inputs) {
  SAMOYED_ASSIGN_OR_RETURN(const OpDef* op, Find(ctx.op_type(), callee));
  const OpSchema* schema = FindSchema(callee.domain, callee.op, callee.opset);
  if (schema == nullptr || op->run == nullptr)
    return InternalError(ctx.op_type(), " calls ", callee.op, " of opset ", callee.opset, ", which does not exist");
  CalleeKernel inner(ctx, callee, schema, std::move(inputs));
  SAMOYED_RETURN_IF_ERROR(op->run(inner));
  return std::move(inner.outputs);
}

Result<Tensor> CallForTensor(KernelContext& ctx, const Callee& callee, std::vector<Value> inputs) {
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> outputs, Call(ctx, callee, std::move(inputs)));
  if (!outputs[0].is_tensor()) return InternalError(callee.op, " made no tensor");
  return std::move(outputs[0].tensor());
}

Result<std::vector<Type>> CallInfer(InferContext& ctx, const Callee& callee, std::vector<Type> inputs, std::vector<int> from) {
  SAMOYED_ASSIGN_OR_RETURN(const OpDef* op, Find(ctx.op_type(), callee));
  const OpSchema* schema = FindSchema(callee.domain, callee.op, callee.opset);
  if (schema == nullptr || op->infer == nullptr) return std::vector<Type>(static_cast<size_t>(callee.outputs));
  CalleeInfer inner(ctx, callee, schema, std::move(inputs), std::move(from));
  SAMOYED_RETURN_IF_ERROR(op->infer(inner));
  return std::move(inner.outputs);
}

Status RunAs(KernelContext& ctx, const Callee& callee) {
  std::vector<Value> inputs;
  for (int i = 0; i < ctx.num_inputs(); ++i) inputs.push_back(ValueOfInput(ctx, i));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> outputs, Call(ctx, callee, std::move(inputs)));
  for (int i = 0; i < std::min(ctx.num_outputs(), callee.outputs); ++i) {
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(outputs[static_cast<size_t>(i)]));
  }
  return OkStatus();
}

Status InferAs(InferContext& ctx, const Callee& callee) {
  std::vector<Type> types;
  std::vector<int> from;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    types.push_back(TypeOfInput(ctx, i));
    from.push_back(i);
  }
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, CallInfer(ctx, callee, std::move(types), std::move(from)));
  for (int i = 0; i < std::min(ctx.num_outputs(), callee.outputs); ++i) {
    if (out[static_cast<size_t>(i)].known()) ctx.set_output_type(i, std::move(out[static_cast<size_t>(i)]));
  }
  return OkStatus();
}

std::vector<Attribute> Pick(const Attributes& attributes, std::initializer_list<std::string_view> names) {
  std::vector<Attribute> out;
  for (std::string_view name : names) {
    if (const AttributeValue* value = attributes.Find(name)) out.push_back({std::string(name), *value});
  }
  return out;
}

Result<Tensor> ToDouble(const Tensor& tensor) {
  if (tensor.dtype() == DType::kDouble) return tensor;
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kDouble, tensor.shape()));
  Load(tensor, 0, tensor.size(), out.mutable_data<double>());
  return out;
}

Status StoreOutput(KernelContext& ctx, int i, DType dtype, const Tensor& values) {
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, dtype, values.shape());
  Store(*out, 0, values.size(), values.data<double>());
  return OkStatus();
}

Type TypeOfInput(const InferContext& ctx, int i) {
  const Type* type = ctx.input_type(i);
  return type == nullptr ? Type() : *type;
}

Value ValueOfInput(const KernelContext& ctx, int i) {
  const Value* value = ctx.input_value(i);
  return value == nullptr ? Value() : *value;
}

}  // namespace samoyed::ops
