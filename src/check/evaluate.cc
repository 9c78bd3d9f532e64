#include "check/evaluate.h"

#include <utility>

#include "base/checked.h"
#include "base/interrupt.h"

namespace samoyed {
namespace {

class EvaluateContext final : public KernelContext {
 public:
  EvaluateContext(const Node& node, std::span<const Value* const> inputs, int64_t max_bytes)
      : node_(node), inputs_(inputs), max_bytes_(max_bytes), outputs_(node.outputs.size()) {
    while (!inputs_.empty() && inputs_.back() == nullptr) inputs_ = inputs_.first(inputs_.size() - 1);
  }
  std::vector<Value>& outputs() { return outputs_; }

  std::string_view op_type() const override { return node_.op_type; }
  int since_version() const override { return node_.since_version; }
  const Attributes& attributes() const override { return node_.attributes; }
  int num_inputs() const override { return static_cast<int>(inputs_.size()); }
  int num_outputs() const override { return static_cast<int>(node_.outputs.size()); }
  bool wants_output(int i) const override { return i >= 0 && i < num_outputs() && node_.outputs[static_cast<size_t>(i)] != kNoValue; }
  const Value* input_value(int i) const override { return i >= 0 && i < num_inputs() ? inputs_[static_cast<size_t>(i)] : nullptr; }
  Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) override {
    SAMOYED_ASSIGN_OR_RETURN(const int64_t count, shape.CheckedNumElements());
    const auto bits = CheckedMul<int64_t>(count, dtype == DType::kString ? 8 * static_cast<int64_t>(sizeof(std::string)) : BitWidth(dtype));
    if (!bits || *bits / 8 > max_bytes_) return LimitExceeded("a constant of shape ", shape.ToString(), " is too large to be worth it");
    if (i < 0 || i > 1 << 16) return InternalError(op_type(), " makes output ", i);
    if (static_cast<size_t>(i) >= outputs_.size()) outputs_.resize(static_cast<size_t>(i) + 1);
    SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(dtype, shape));
    outputs_[static_cast<size_t>(i)] = std::move(tensor);
    return &outputs_[static_cast<size_t>(i)].tensor();
  }
  void set_output(int i, Value value) override {
    if (i >= 0 && static_cast<size_t>(i) < outputs_.size()) outputs_[static_cast<size_t>(i)] = std::move(value);
  }
  Result<std::vector<Value>> RunBody(const BodyRef&, std::span<const Value>) override {
    return Unsupported("bodies are not evaluated at load");
  }
  Status Poll() override { return PollInterrupt(); }
  void ParallelFor(int64_t n, int64_t, FunctionRef<void(int64_t, int64_t)> body) override {
    if (n > 0) body(0, n);
  }
  std::span<std::byte> scratch() override { return {}; }
  uint64_t NextSeed() override { return 0; }

 private:
  const Node& node_;
  std::span<const Value* const> inputs_;
  int64_t max_bytes_;
  std::vector<Value> outputs_;
};

}  // namespace

Result<std::vector<Value>> Evaluate(const Node& node, std::span<const Value* const> inputs, int64_t max_bytes) {
  if (node.op == nullptr || node.op->run == nullptr) return Unsupported(node.op_type, " has no reference kernel");
  if (!node.bodies.empty() || !node.epilogue.empty()) return Unsupported("only plain nodes are evaluated at load");
  EvaluateContext context(node, inputs, max_bytes);
  SAMOYED_RETURN_IF_ERROR(node.op->run(context));
  return std::move(context.outputs());
}

}  // namespace samoyed
