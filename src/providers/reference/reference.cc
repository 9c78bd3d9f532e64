#include "providers/reference/reference.h"

#include <utility>

#include "ops/common/epilogue.h"

namespace samoyed {
namespace {

// Hides the residual from the operator's own kernel, and remembers the result that the epilogue works on.
class FusedContext final : public KernelContext {
 public:
  FusedContext(KernelContext& inner, int num_inputs) : inner_(inner), num_inputs_(num_inputs) {}
  Tensor* result() const { return result_; }

  std::string_view op_type() const override { return inner_.op_type(); }
  int since_version() const override { return inner_.since_version(); }
  const Attributes& attributes() const override { return inner_.attributes(); }
  int num_inputs() const override { return num_inputs_; }
  int num_outputs() const override { return inner_.num_outputs(); }
  bool wants_output(int i) const override { return inner_.wants_output(i); }
  const Value* input_value(int i) const override { return i < num_inputs_ ? inner_.input_value(i) : nullptr; }
  Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) override {
    auto out = inner_.AllocateOutput(i, dtype, shape);
    if (i == 0 && out.ok()) result_ = *out;
    return out;
  }
  void set_output(int i, Value value) override { inner_.set_output(i, std::move(value)); }
  Result<std::vector<Value>> RunBody(const BodyRef& body, std::span<const Value> inputs) override { return inner_.RunBody(body, inputs); }
  Status Poll() override { return inner_.Poll(); }
  void ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) override { inner_.ParallelFor(n, grain, body); }
  int threads() const override { return inner_.threads(); }
  std::span<std::byte> scratch() override { return inner_.scratch(); }
  uint64_t NextSeed() override { return inner_.NextSeed(); }

 private:
  KernelContext& inner_;
  int num_inputs_;
  Tensor* result_ = nullptr;
};

class ReferenceKernel final : public Kernel {
 public:
  explicit ReferenceKernel(const Node& node) : run_(node.op->run), name_(StrCat("reference ", node.op_type)), epilogue_(node.epilogue) {
    // What the operator itself reads: without the residual and the absent inputs before it.
    size_t own = node.inputs.size() - (epilogue_.has_residual ? 1 : 0);
    residual_ = static_cast<int>(own);
    while (own > 0 && node.inputs[own - 1] == kNoValue) --own;
    own_inputs_ = static_cast<int>(own);
  }

  Status Run(KernelContext& ctx) const override {
    if (epilogue_.empty()) return run_(ctx);
    const Tensor* residual = epilogue_.has_residual ? ctx.input(residual_) : nullptr;
    if (epilogue_.has_residual && residual == nullptr) return BadInput(ctx.op_type(), " lacks its residual input");
    FusedContext fused(ctx, own_inputs_);
    SAMOYED_RETURN_IF_ERROR(run_(fused));
    if (fused.result() == nullptr) return InternalError(ctx.op_type(), " does not allocate its result, so nothing can be fused into it");
    return ops::ApplyEpilogue(*fused.result(), epilogue_.activation, epilogue_.alpha, epilogue_.beta, residual);
  }
  std::string_view name() const override { return name_; }

 private:
  Status (*run_)(KernelContext&);
  std::string name_;
  Epilogue epilogue_;
  int residual_ = 0, own_inputs_ = 0;
};

class ReferenceProvider final : public Provider {
 public:
  std::string_view name() const override { return "ReferenceExecutionProvider"; }

  Support Query(const KernelSpec& spec) const override {
    if (spec.node.op == nullptr) return Support::No("this build has no such operator");
    if (spec.node.op->run == nullptr) return Support::No("the operator has no reference kernel");
    return Support::Yes();
  }

  Result<std::unique_ptr<Kernel>> CreateKernel(const KernelSpec& spec) const override {
    return std::unique_ptr<Kernel>(std::make_unique<ReferenceKernel>(spec.node));
  }
};

}  // namespace

std::unique_ptr<Provider> MakeReferenceProvider() { return std::make_unique<ReferenceProvider>(); }

}  // namespace samoyed
