#include "check/checker.h"

#include <utility>

#include "base/str.h"
#include "check/findings.h"
#include "check/infer.h"
#include "graph/build.h"

namespace samoyed {
namespace {

constexpr int64_t kNewestIrVersion = 14;
constexpr int64_t kFirstWithOpsets = 3, kFirstWithFunctions = 8;

using Opsets = std::map<std::string, int64_t, std::less<>>;

}  // namespace

void CheckOpsetRange(const model::OperatorSetIdProto& import, const std::string& place, Findings& findings) {
  const int64_t version = import.version;
  if (std::in_range<int32_t>(version)) return;
  findings.Add(place, "opset versions fit into 32 bits", StrCat("version ", version, " of domain '", import.domain.get(), "'"));
}

namespace {

Opsets CheckImports(const model::ModelProto& model, Findings& findings) {
  Opsets opsets;
  for (const auto& import : model.opset_import) {
    const int64_t version = import.version;
    CheckOpsetRange(import, "model", findings);
    opsets[import.domain.get() == "ai.onnx" ? std::string() : import.domain.get()] = version;
  }
  if (model.ir_version >= kFirstWithOpsets) {
    if (opsets.empty()) findings.Add("model", "from IR version 3 on a model imports opsets", "opset_import is empty");
  } else if (opsets.empty()) {
    opsets[""] = 1;
  } else {
    findings.Add("model", "below IR version 3 a model imports no opsets", StrCat("ir_version is ", model.ir_version.get()),
                 "raise ir_version");
  }
  return opsets;
}

const model::TypeProto::Tensor* TensorOf(const model::ValueInfoProto& info) {
  return info.type && info.type->tensor_type ? &*info.type->tensor_type : nullptr;
}

// Graph building takes a negative size for an unknown one; here it contradicts a size that is known.
void CheckNegativeSizes(const model::GraphProto& graph, const Graph& built, const std::vector<Type>& types, Findings& findings) {
  for (size_t i = 0; i < graph.output.size() && i < built.outputs.size(); ++i) {
    const auto* tensor = TensorOf(graph.output[i]);
    const Type& inferred = types[static_cast<size_t>(built.outputs[i])];
    if (tensor == nullptr || !tensor->shape || !inferred.shape) continue;
    for (size_t k = 0; k < tensor->shape->dim.size() && k < inferred.shape->size(); ++k) {
      const auto& dim = tensor->shape->dim[k];
      if (dim.dim_value.has() && dim.dim_value < 0 && (*inferred.shape)[k].known()) {
        findings.Add(StrCat("output '", graph.output[i].name.get(), "'"), "a declared size is that which the node makes",
                     StrCat("dimension ", k, " is declared as ", dim.dim_value.get(), ", but is ", (*inferred.shape)[k].value));
      }
    }
  }
}

// An input that an initializer stands in for is of the initializer's type.
void CheckDefaults(const model::GraphProto& graph, Findings& findings) {
  std::map<std::string_view, const model::TensorProto*> initializers;
  for (const auto& t : graph.initializer) initializers.emplace(t.name.get(), &t);
  for (const auto& info : graph.input) {
    const auto* tensor = TensorOf(info);
    const auto it = initializers.find(info.name.get());
    if (tensor == nullptr || it == initializers.end()) continue;
    const std::string place = StrCat("input '", info.name.get(), "'");
    constexpr const char* kRule = "an initializer is of the type that its input declares";
    if (tensor->elem_type != it->second->data_type) findings.Add(place, kRule, "the element types differ");
    if (!tensor->shape) continue;
    bool fits = tensor->shape->dim.size() == it->second->dims.size();
    for (size_t i = 0; fits && i < it->second->dims.size(); ++i) {
      const auto& dim = tensor->shape->dim[i];
      fits = !dim.dim_value.has() || dim.dim_value.get() == it->second->dims[i];
    }
    if (!fits) findings.Add(place, kRule, StrCat("the initializer's shape is [", StrJoin(it->second->dims, ","), "]"));
  }
}

// A sparse initializer is of a sparse type, which no operator of the standard reads; building a graph makes it dense.
void CheckSparseReaders(const model::GraphProto& graph, const std::vector<model::OperatorSetIdProto>& imports, Findings& findings) {
  std::set<std::string_view> sparse;
  for (const auto& t : graph.sparse_initializer) {
    if (t.values) sparse.insert(t.values->name.get());
  }
  if (sparse.empty()) return;
  for (size_t n = 0; n < graph.node.size(); ++n) {
    const model::NodeProto& node = graph.node[n];
    const std::string_view domain = node.domain.get() == "ai.onnx" ? std::string_view() : std::string_view(node.domain.get());
    int64_t version = 0;
    for (const auto& import : imports) {
      if (import.domain.get() == node.domain.get() || (domain.empty() && (import.domain->empty() || import.domain.get() == "ai.onnx")))
        version = import.version;
    }
    const OpSchema* schema = FindSchema(domain, node.op_type.get(), version);
    for (const std::string& input : node.input) {
      if (schema == nullptr || !(domain.empty() || domain.starts_with("ai.onnx")) || !sparse.contains(input)) continue;
      findings.Add(StrCat("node ", n, " (", node.op_type.get(), ")"), "inputs are of types that the operator takes",
                   StrCat("'", input, "' is a sparse initializer"), "store it as a dense initializer");
    }
  }
}

// Types and shapes, strictly; for models in which everything else is right.
void CheckTypes(const model::ModelProto& model, Findings& findings) {
  const auto report = [&](const Status& status) {
    findings.Add(status.where().empty() ? std::string("model") : std::string(status.where()),
                 "types and shapes fit the operators' rules and the declarations", std::string(status.message()));
  };
  if (model.opset_import.empty()) findings.Add("model", "types can be inferred where opsets are imported", "opset_import is empty");
  CheckDefaults(*model.graph, findings);
  CheckSparseReaders(*model.graph, model.opset_import, findings);
  auto graph = BuildGraph(model);
  if (!graph.ok()) return report(graph.status());
  const auto types = InferTypes(**graph, {}, {.strict = true});
  if (!types.ok()) return report(types.status());
  CheckNegativeSizes(*model.graph, **graph, *types, findings);
}

}  // namespace

std::string Finding::ToString() const {
  return StrCat(place, ": ", rule, "; ", found, advice.empty() ? "" : " (", advice, advice.empty() ? "" : ")");
}

std::vector<Finding> CheckModel(const model::ModelProto& model, const CheckOptions& options) {
  Findings findings(options.max_findings);
  if (model.ir_version < 1) {
    findings.Add("model", "ir_version says which version of the format this is",
                 model.ir_version.has() ? StrCat("it is ", model.ir_version.get()) : "it is missing", "is this an ONNX file?");
    return findings.Take();
  }
  if (model.ir_version > kNewestIrVersion) {
    findings.Add("model", StrCat("ir_version is at most ", kNewestIrVersion), StrCat("it is ", model.ir_version.get()),
                 "export for an older version");
    return findings.Take();
  }
  std::set<std::string> keys;
  for (const auto& entry : model.metadata_props) {
    if (!keys.insert(entry.key).second)
      findings.Add("model", "keys of metadata_props differ", StrCat("'", entry.key.get(), "' is there twice"));
  }
  const Opsets opsets = CheckImports(model, findings);
  const wire::ExternalContext external(model.folder);
  CheckScope scope{&opsets, model.ir_version, true, &external, 0};
  if (model.graph) {
    CheckGraph(*model.graph, "graph", scope, nullptr, findings);
  } else {
    findings.Add("model", "a model has a graph", "it has none");
  }
  if (model.ir_version >= kFirstWithFunctions) {
    CheckFunctionCalls(model, findings);
    if (findings.empty()) CheckFunctionBodies(model, scope, findings);
  }
  if (options.full && findings.empty()) CheckTypes(model, findings);
  return findings.Take();
}

}  // namespace samoyed
