#include "api/optimize.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "api/json.h"
#include "base/interrupt.h"
#include "base/memory_budget.h"
#include "base/str.h"
#include "graph/build.h"
#include "graph/export.h"
#include "passes/pass.h"
#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/writer.h"

namespace samoyed::api {
namespace {

constexpr int64_t kFirstIrWithDefaults = 4;

int64_t CountNodes(const model::GraphProto& graph) {
  auto count = static_cast<int64_t>(graph.node.size());
  for (const auto& node : graph.node) {
    for (const auto& a : node.attribute) {
      if (a.g) count += CountNodes(*a.g);
      for (const auto& g : a.graphs) count += CountNodes(g);
    }
  }
  return count;
}

int64_t CountConstants(const model::GraphProto& graph) {
  return std::ranges::count_if(graph.node, [](const auto& node) { return node.op_type.get() == "Constant"; });
}

// The numbers for symbolic dimensions; true where there were any.
Result<bool> SetDims(Graph& graph, const SessionOptions& options) {
  std::set<std::string> used, known;
  for (ValueId id : graph.inputs) {
    Type& type = graph.mutable_value(id).type;
    if (!type.shape) continue;
    for (Dim& d : *type.shape) {
      if (!d.symbolic()) continue;
      known.insert(d.symbol);
      const auto it = options.dims.find(d.symbol);
      if (it == options.dims.end()) continue;
      used.insert(d.symbol);
      d = Dim(it->second);
    }
  }
  for (const auto& [name, size] : options.dims) {
    if (used.contains(name)) continue;
    std::string names;
    for (const std::string& symbol : known) names += StrCat(names.empty() ? " (there are " : ", ", symbol);
    return UsageError("no input has a dimension \"", name, "\"", names, names.empty() ? "" : ")");
  }
  return !used.empty();
}

// The interface in the model's own words (descriptions, symbols, denotations), unless sizes were set.
void KeepDeclarations(const std::vector<model::ValueInfoProto>& from, std::vector<model::ValueInfoProto>& to) {
  for (model::ValueInfoProto& info : to) {
    const auto it = std::ranges::find(from, info.name.get(), [](const auto& declared) { return declared.name.get(); });
    if (it != from.end() && it->type) info = *it;
  }
}

void KeepAboutModel(const model::ModelProto& from, bool keep_declarations, model::ModelProto& to) {
  to.producer_name = from.producer_name;
  to.producer_version = from.producer_version;
  to.domain = from.domain;
  to.model_version = from.model_version;
  to.doc_string = from.doc_string;
  to.metadata_props = from.metadata_props;
  to.graph->doc_string = from.graph->doc_string;
  to.graph->metadata_props = from.graph->metadata_props;
  if (!keep_declarations) return;
  KeepDeclarations(from.graph->input, to.graph->input);
  KeepDeclarations(from.graph->output, to.graph->output);
}

// The initializers that callers may replace: since IR version 4 those that are inputs, too. Nothing may be built on their values.
struct Defaults {
  std::vector<model::TensorProto> dense;
  std::vector<model::SparseTensorProto> sparse;

  // Takes them out of the model, so that they are inputs like others to all rewrites. External data is read.
  Status TakeFrom(model::ModelProto& model) {
    if (!model.graph || model.ir_version.get() < kFirstIrWithDefaults) return OkStatus();
    model::GraphProto& graph = *model.graph;
    std::set<std::string_view> inputs;
    for (const model::ValueInfoProto& info : graph.input) inputs.insert(info.name.get());
    const wire::ExternalContext external(model.folder);
    for (model::TensorProto& t : graph.initializer) {
      if (!inputs.contains(t.name.get())) continue;
      SAMOYED_ASSIGN_OR_RETURN(const Tensor tensor, wire::ToTensor(t, external));
      dense.push_back(wire::FromTensor(tensor));
      dense.back().name = t.name.get();
    }
    for (model::SparseTensorProto& t : graph.sparse_initializer) {
      if (!t.values || !inputs.contains(t.values->name.get())) continue;
      SAMOYED_ASSIGN_OR_RETURN(const SparseTensor tensor, wire::ToSparse(t, external));
      sparse.push_back(wire::FromSparse(tensor));
      sparse.back().values->name = t.values->name.get();
    }
    std::erase_if(graph.initializer, [&](const auto& t) { return inputs.contains(t.name.get()); });
    std::erase_if(graph.sparse_initializer, [&](const auto& t) { return t.values && inputs.contains(t.values->name.get()); });
    return OkStatus();
  }

  void PutInto(model::GraphProto& graph) {
    for (auto& t : dense) graph.initializer.push_back(std::move(t));
    for (auto& t : sparse) graph.sparse_initializer.push_back(std::move(t));
  }
};

std::string NotesJson(const model::ModelProto& model) {
  std::string notes;
  const auto add = [&](const std::string& note) { notes += StrCat(notes.empty() ? "" : ", ", Quoted(note)); };
  if (const int64_t count = CountConstants(*model.graph); count > 0)
    add(count == 1 ? std::string("1 Constant node is an initializer now") : StrCat(count, " Constant nodes are initializers now"));
  if (!model.functions.empty()) add("functions of the model are inlined");
  if (!model.graph->quantization_annotation.empty()) add("quantisation annotations are left out");
  if (!model.graph->sparse_initializer.empty()) add("sparse initializers are written densely");
  if (!model.configuration.empty()) add("device configurations are left out");
  return notes;
}

}  // namespace

Result<std::string> OptimizeFile(const std::string& path, const SessionOptions& options, const std::string& to) {
  Interrupt interrupt;
  interrupt.work = "optimising";
  interrupt.EndIn(options.timeout_ms);
  const InterruptScope interrupt_scope(interrupt);
  const MemoryScope memory_scope(std::make_shared<MemoryBudget>(options.max_memory > 0 ? options.max_memory : AvailableMemory()));
  SAMOYED_ASSIGN_OR_RETURN(model::ModelProto model, wire::ReadModelFile(path));
  if (!model.training_info.empty())
    return Unsupported(path, " brings graphs for training along, which rewrites of its main graph would contradict");
  Defaults defaults;
  SAMOYED_RETURN_IF_ERROR(defaults.TakeFrom(model));
  SAMOYED_ASSIGN_OR_RETURN(const std::unique_ptr<Graph> graph, BuildGraph(model));
  const std::string notes = NotesJson(model);
  SAMOYED_ASSIGN_OR_RETURN(const bool sized, SetDims(*graph, options));
  PassReport report;
  SAMOYED_RETURN_IF_ERROR(
      RunPasses(*graph, {.enabled = options.optimise, .only_standard = true, .disabled = options.disabled_passes}, &report));
  SAMOYED_ASSIGN_OR_RETURN(model::ModelProto made, ExportModel(*graph));
  KeepAboutModel(model, !sized, made);
  defaults.PutInto(*made.graph);
  SAMOYED_RETURN_IF_ERROR(wire::WriteModelFile(made, to));
  std::string passes;
  for (const PassReport::Row& row : report.rows) {
    passes += StrCat(passes.empty() ? "" : ", ", "{\"name\": ", Quoted(row.pass), ", \"changes\": ", row.changes, "}");
  }
  return StrCat("{\"nodes_before\": ", CountNodes(*model.graph), ", \"nodes_after\": ", CountNodes(*made.graph), ", \"passes\": [", passes,
                "], \"notes\": [", notes, "]}");
}

std::string PassesJson() {
  std::string out;
  for (const Pass& pass : AllPasses()) {
    out += StrCat(out.empty() ? "\n" : ",\n", "{\"name\": ", Quoted(pass.name), ", \"description\": ", Quoted(pass.description),
                  ", \"standard\": ", pass.standard, "}");
  }
  return StrCat("[", out, "]");
}

}  // namespace samoyed::api
