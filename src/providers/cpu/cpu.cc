#include "providers/cpu/cpu.h"

#include "providers/cpu/kernels.h"
#include "providers/reference/reference.h"

namespace samoyed {
namespace cpu {

bool IsFloatInput(const KernelSpec& spec, int i) {
  const Type& type = spec.input_type(i);
  return type.is_tensor() && type.dtype == DType::kFloat;
}

bool IsFloatOutput(const KernelSpec& spec) {
  const Type& type = spec.output_type(0);
  return type.is_tensor() && type.dtype == DType::kFloat;
}

namespace {

const KernelEntry* FindEntry(std::string_view domain, std::string_view op_type) {
  for (const auto& family : {ConvKernels(), MatMulKernels(), PoolKernels(), ElementwiseKernels(), NormaliseKernels(), MoveKernels(),
                             QuantizeKernels(), ByteConvKernels()}) {
    for (const KernelEntry& entry : family) {
      if (entry.op_type == op_type && entry.domain == domain) return &entry;
    }
  }
  return nullptr;
}

// What moves no element, or reads only a shape, runs as fast as anything by its reference kernel.
bool MovesNothing(const OpDef& op) { return op.run != nullptr && (op.facts.view || op.facts.shape_only); }
bool MovesNothing(const Node& node) { return node.epilogue.empty() && MovesNothing(*node.op); }

class CpuProvider final : public Provider {
 public:
  CpuProvider() : reference_(MakeReferenceProvider()) {}
  std::string_view name() const override { return "CPUExecutionProvider"; }

  Support Query(const KernelSpec& spec) const override {
    if (spec.node.op == nullptr) return Support::No("this build has no such operator");
    if (MovesNothing(spec.node)) return Support::Yes();
    const KernelEntry* entry = FindEntry(spec.node.domain, spec.node.op_type);
    return entry == nullptr ? Support::No("no fast kernel for this operator") : entry->query(spec);
  }

  Result<std::unique_ptr<Kernel>> CreateKernel(const KernelSpec& spec) const override {
    if (MovesNothing(spec.node)) return reference_->CreateKernel(spec);
    const KernelEntry* entry = FindEntry(spec.node.domain, spec.node.op_type);
    if (entry == nullptr)
      return InternalError("the cpu provider was asked for a kernel of ", spec.node.op_type, ", which it did not offer");
    return entry->make(spec, CurrentCpuLevel());
  }

 private:
  std::unique_ptr<Provider> reference_;
};

}  // namespace
}  // namespace cpu

bool HasFastKernel(const OpDef& op, std::string_view domain, std::string_view op_type) {
  return cpu::MovesNothing(op) || cpu::FindEntry(domain, op_type) != nullptr;
}

std::unique_ptr<Provider> MakeCpuProvider() { return std::make_unique<cpu::CpuProvider>(); }

}  // namespace samoyed
