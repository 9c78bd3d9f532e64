#include "plan/placement.h"

#include <utility>

namespace samoyed {
namespace {

bool LayoutIsPossible(const Graph& graph, const Node& node, const Support& support) {
  if (support.layout != LayoutSupport::kPrefersChannelsLast) return true;
  if (node.inputs.empty() || node.outputs.empty() || node.inputs[0] == kNoValue || node.outputs[0] == kNoValue) return false;
  const int rank = graph.value(node.outputs[0]).type.rank();
  return rank >= 3 && graph.value(node.inputs[0]).type.rank() == rank;
}

}  // namespace

std::string Describe(const Graph& graph, const Node& node) {
  const std::string domain = node.domain.empty() ? "" : StrCat(node.domain, ".");
  const auto import = graph.opset_imports.find(node.domain);
  std::string out = StrCat(domain, node.op_type, " (opset ", import == graph.opset_imports.end() ? int64_t{0} : import->second, ")");
  std::string_view separator = " of ";
  for (ValueId id : node.inputs) {
    out += StrCat(separator, id == kNoValue ? std::string("nothing") : graph.value(id).type.ToString());
    separator = ", ";
  }
  return out;
}

Result<Placed> Place(const Graph& graph, const Node& node, const CompileOptions& options) {
  if (node.op == nullptr) {
    if (IsLeftOut(node.domain, node.op_type)) {
      return Unsupported("node \"", node.name, "\": operator ", Describe(graph, node), " was left out of this build; build with ",
                         OptionThatBringsBack(node.domain, node.op_type));
    }
    return Unsupported("node \"", node.name, "\": operator ", Describe(graph, node),
                       " is not known to this build; replace it in the model, or load a provider that has it");
  }
  std::string reasons;
  for (const auto& provider : options.providers) {
    Support support = provider->Query({.graph = graph, .node = node, .strict_precision = options.strict_precision});
    if (support.supported && !LayoutIsPossible(graph, node, support)) support = Support::No("the rank of its input is not known");
    if (support.supported) return Placed{provider.get(), std::move(support), std::move(reasons)};
    if (!reasons.empty()) reasons += "; ";
    reasons += StrCat(provider->name(), ": ", support.reason);
    const bool control_flow = !node.bodies.empty();
    if (options.strict && !control_flow) {
      return Unsupported("node \"", node.name, "\": ", Describe(graph, node), " does not run on ", provider->name(), " (", support.reason,
                         "), and strict placement forbids another provider");
    }
  }
  return Unsupported("node \"", node.name, "\": ", Describe(graph, node), " is supported by no provider (", reasons, ")");
}

}  // namespace samoyed
