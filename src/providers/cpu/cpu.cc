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

// All the entries of one operator; more than one file may take it, each on types of its own.
template <typename Visit>
void ForEachEntry(std::string_view domain, std::string_view op_type, Visit&& visit) {
  for (const auto& family :
       {ConvKernels(), ConvTransposeKernels(), MatMulKernels(), PoolKernels(), ElementwiseKernels(), NormaliseKernels(), MoveKernels(),
        ReduceKernels(), ResizeKernels(), TypedKernels(), TreeKernels(), NBitsMatMulKernels(), RecurrentKernels(), QuantizeKernels(),
        ByteConvKernels(), ByteMatMulKernels(), ByteTableKernels(), ByteElementwiseKernels()}) {
    for (const KernelEntry& entry : family) {
      if (entry.op_type == op_type && entry.domain == domain && visit(entry)) return;
    }
  }
}

// The entry that takes the node, and what it says; without one, why the first refused.
struct Choice {
  const KernelEntry* entry = nullptr;
  Support support = Support::No("no fast kernel for this operator");
};
Choice Choose(const KernelSpec& spec) {
  Choice choice;
  bool first = true;
  ForEachEntry(spec.node.domain, spec.node.op_type, [&](const KernelEntry& entry) {
    Support support = entry.query(spec);
    if (first || support.supported) choice.support = std::move(support);
    first = false;
    if (choice.support.supported) choice.entry = &entry;
    return choice.support.supported;
  });
  return choice;
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
    return Choose(spec).support;
  }

  Result<std::unique_ptr<Kernel>> CreateKernel(const KernelSpec& spec) const override {
    if (MovesNothing(spec.node)) return reference_->CreateKernel(spec);
    const KernelEntry* entry = Choose(spec).entry;
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
  bool found = cpu::MovesNothing(op);
  if (!found) cpu::ForEachEntry(domain, op_type, [&](const cpu::KernelEntry&) { return found = true; });
  return found;
}

std::unique_ptr<Provider> MakeCpuProvider() { return std::make_unique<cpu::CpuProvider>(); }

}  // namespace samoyed
