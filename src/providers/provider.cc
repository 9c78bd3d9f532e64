#include "providers/provider.h"

namespace samoyed {
namespace {

const Type kUnknownType;

const Type& TypeOf(const Graph& graph, const std::vector<ValueId>& ids, int i) {
  if (i < 0 || static_cast<size_t>(i) >= ids.size() || ids[static_cast<size_t>(i)] == kNoValue) return kUnknownType;
  return graph.value(ids[static_cast<size_t>(i)]).type;
}

}  // namespace

const Type& KernelSpec::input_type(int i) const { return TypeOf(graph, node.inputs, i); }
const Type& KernelSpec::output_type(int i) const { return TypeOf(graph, node.outputs, i); }

bool KernelSpec::has_input(int i) const {
  return i >= 0 && static_cast<size_t>(i) < node.inputs.size() && node.inputs[static_cast<size_t>(i)] != kNoValue;
}

const Tensor* KernelSpec::constant(int i) const {
  return has_input(i) ? graph.ConstantTensor(node.inputs[static_cast<size_t>(i)]) : nullptr;
}

}  // namespace samoyed
