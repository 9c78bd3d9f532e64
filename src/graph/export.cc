#include "graph/export.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "wire/tensor_data.h"
#include "wire/types.h"

namespace samoyed {
namespace {

// A body's constant that takes more becomes the main graph's, where all bodies share it.
constexpr int64_t kTinyBytes = 1024;
constexpr int64_t kFirstIrWithoutListedInitializers = 4;

// The constants that two values share are one buffer under one type.
using BufferKey = std::tuple<const void*, DType, std::string>;

bool HasBuffer(const Tensor& t) { return t.dtype() != DType::kString && t.byte_size() > 0; }
BufferKey KeyOf(const Tensor& t) { return {t.raw(), t.dtype(), t.shape().ToString()}; }

model::TensorProto Named(const Tensor& tensor, const std::string& name) {
  model::TensorProto proto = wire::FromTensor(tensor);
  proto.name = name;
  return proto;
}

model::ValueInfoProto InfoOf(const std::string& name, const Type& type) {
  model::ValueInfoProto info;
  info.name = name;
  if (type.known()) info.type = wire::FromType(type);
  return info;
}

class Exporter {
 public:
  explicit Exporter(const Graph& root) : root_(root) {}

  Result<model::ModelProto> Export() {
    model::ModelProto model;
    model.ir_version = std::max(root_.ir_version, kFirstIrWithoutListedInitializers);
    imports_ = root_.opset_imports;
    model::GraphProto& graph = model.graph.emplace();
    SAMOYED_RETURN_IF_ERROR(Fill(root_, nullptr, {}, graph));
    for (model::TensorProto& t : hoisted_) graph.initializer.push_back(std::move(t));
    for (const auto& [domain, version] : imports_) {
      if (!domain.empty() && !used_domains_.contains(domain)) continue;  // of functions, which are inlined
      model::OperatorSetIdProto& import = model.opset_import.emplace_back();
      if (!domain.empty()) import.domain = domain;
      import.version = version;
    }
    for (const auto& [key, value] : root_.metadata) {
      model::StringStringEntryProto& entry = model.metadata_props.emplace_back();
      entry.key = key;
      entry.value = value;
    }
    return model;
  }

 private:
  using Names = std::vector<std::string>;  // by ValueId

  // Names are unique within a graph; those of a body must differ from all others, too, or they would hide them.
  std::string Fresh(const std::string& base) {
    if (used_names_.insert(base).second) return base;
    for (int64_t& i = next_number_[base];;) {
      std::string name = StrCat(base, "_", ++i);
      if (used_names_.insert(name).second) return name;
    }
  }

  static bool IsRead(const Graph& graph, ValueId id) { return !graph.value(id).consumers.empty() || graph.IsOutput(id); }

  Result<Names> NameValues(const Graph& graph, const Names* outer, model::GraphProto& proto) {
    Names names(static_cast<size_t>(graph.num_values()));
    const bool is_root = outer == nullptr;
    if (is_root) {  // all at once, so that no made-up name takes one of them
      for (ValueId id = 0; id < graph.num_values(); ++id) used_names_.insert(graph.value(id).name);
    }
    for (const Graph::Capture& capture : graph.captures)
      names[static_cast<size_t>(capture.inner)] = (*outer)[static_cast<size_t>(capture.outer)];
    for (ValueId id = 0; id < graph.num_values(); ++id) {
      const GraphValue& value = graph.value(id);
      std::string& name = names[static_cast<size_t>(id)];
      if (!name.empty()) continue;
      if (value.constant) {
        if (!IsRead(graph, id)) continue;
        SAMOYED_ASSIGN_OR_RETURN(name, AddConstant(graph, value, is_root, proto));
      } else {
        name = is_root ? value.name : Fresh(value.name);
      }
    }
    return names;
  }

  Result<std::string> AddConstant(const Graph& graph, const GraphValue& value, bool is_root, model::GraphProto& proto) {
    if (!value.constant->is_tensor())
      return Unsupported("the constant '", value.name, "' is no tensor, so it cannot be written as an initializer");
    const Tensor& tensor = value.constant->tensor();
    const bool sharable = HasBuffer(tensor);
    if (is_root) {
      if (sharable) shared_.emplace(KeyOf(tensor), value.name);
      proto.initializer.push_back(Named(tensor, value.name));
      return value.name;
    }
    if (sharable && !graph.IsOutput(value.id)) {
      if (const auto it = shared_.find(KeyOf(tensor)); it != shared_.end()) return it->second;
      if (tensor.byte_size() > kTinyBytes) {
        std::string name = Fresh(value.name);
        shared_.emplace(KeyOf(tensor), name);
        hoisted_.push_back(Named(tensor, name));
        return name;
      }
    }
    std::string name = Fresh(value.name);
    proto.initializer.push_back(Named(tensor, name));
    return name;
  }

  Status Fill(const Graph& graph, const Names* outer, const std::string& name, model::GraphProto& proto) {
    proto.name = !graph.name.empty() ? graph.name : !name.empty() ? name : std::string("graph");
    SAMOYED_ASSIGN_OR_RETURN(const Names names, NameValues(graph, outer, proto));
    const auto name_of = [&](ValueId id) { return id == kNoValue ? std::string() : names[static_cast<size_t>(id)]; };
    for (ValueId id : graph.inputs) proto.input.push_back(InfoOf(name_of(id), graph.value(id).type));
    for (NodeId id : graph.TopologicalOrder()) {
      const Node& node = graph.node(id);
      SAMOYED_RETURN_IF_ERROR(CheckNode(node).At(StrCat("node '", node.name, "' (", node.op_type, ")")));
      model::NodeProto& out = proto.node.emplace_back();
      for (ValueId in : node.inputs) out.input.push_back(name_of(in));
      for (ValueId made : node.outputs) out.output.push_back(name_of(made));
      out.name = node.name;
      out.op_type = node.op_type;
      if (!node.domain.empty()) out.domain = node.domain;
      for (const Attribute& a : node.attributes.list()) {
        SAMOYED_ASSIGN_OR_RETURN(model::AttributeProto attribute, Convert(a, node, names));
        out.attribute.push_back(std::move(attribute));
      }
    }
    // A body makes each of its outputs itself, and each once.
    std::set<std::string> given;
    for (ValueId id : graph.outputs) {
      std::string out = name_of(id);
      const GraphValue& value = graph.value(id);
      const bool passed_on = value.producer == kNoNode && !value.constant;
      if (outer != nullptr && (passed_on || !given.insert(out).second)) {
        model::NodeProto& copy = proto.node.emplace_back();
        copy.input = {out};
        out = Fresh(StrCat(out, "_out"));
        copy.output = {out};
        copy.name = StrCat("copy_", out);
        copy.op_type = std::string("Identity");
      }
      proto.output.push_back(InfoOf(out, value.type));
    }
    return OkStatus();
  }

  // The node means the same under the imports that the model will have.
  Status CheckNode(const Node& node) {
    if (!node.epilogue.empty()) return InternalError("has an epilogue, which ONNX cannot express");
    if (node.domain == "ai.samoyed") return Unsupported("is an operator that no other runtime knows");
    if (node.op_type == "Gradient" && node.domain == "ai.onnx.preview.training")
      return Unsupported("refers to values by their names, which rewrites do not keep");
    used_domains_.insert(node.domain);
    if (node.schema == nullptr) return OkStatus();
    const auto [it, is_new] = imports_.emplace(node.domain, node.since_version);
    const OpSchema* imported = FindSchema(node.domain, node.op_type, it->second);
    // None where the operator is newer than the import: so it was in the model, and it is read in the same way again.
    if (imported == nullptr || imported == node.schema) return OkStatus();
    return Unsupported("comes from a function that imports version ", node.since_version, " of it, the model imports version ",
                       imported->since_version, "; convert the model to one version first");
  }

  Result<model::GraphProto> ConvertBody(const BodyRef& ref, const Node& node, const std::string& attribute, const Names& names) {
    if (ref.index < 0 || static_cast<size_t>(ref.index) >= node.bodies.size())
      return InternalError("node '", node.name, "' has no body ", ref.index);
    model::GraphProto body;
    SAMOYED_RETURN_IF_ERROR(Fill(*node.bodies[static_cast<size_t>(ref.index)], &names, StrCat(node.name, "_", attribute), body));
    return body;
  }

  Result<model::AttributeProto> Convert(const Attribute& a, const Node& node, const Names& names) {
    using model::AttributeType;
    model::AttributeProto out;
    out.name = a.name;
    const auto set_type = [&](AttributeType type) { out.type = static_cast<int32_t>(type); };
    const auto all = [](const auto& items, auto& to, const auto& convert) {
      for (const auto& item : items) to.push_back(convert(item));
    };
    Status status;
    std::visit(
        [&](const auto& v) {
          using T = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<T, float>) {
            set_type(AttributeType::kFloat), out.f = v;
          } else if constexpr (std::is_same_v<T, int64_t>) {
            set_type(AttributeType::kInt), out.i = v;
          } else if constexpr (std::is_same_v<T, std::string>) {
            set_type(AttributeType::kString), out.s = v;
          } else if constexpr (std::is_same_v<T, Tensor>) {
            set_type(AttributeType::kTensor), out.t = wire::FromTensor(v);
          } else if constexpr (std::is_same_v<T, SparseTensor>) {
            set_type(AttributeType::kSparseTensor), out.sparse_tensor = wire::FromSparse(v);
          } else if constexpr (std::is_same_v<T, Type>) {
            set_type(AttributeType::kTypeProto), out.tp = wire::FromType(v);
          } else if constexpr (std::is_same_v<T, std::vector<float>>) {
            set_type(AttributeType::kFloats), out.floats = v;
          } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
            set_type(AttributeType::kInts), out.ints = v;
          } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            set_type(AttributeType::kStrings), out.strings = v;
          } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
            set_type(AttributeType::kTensors), all(v, out.tensors, wire::FromTensor);
          } else if constexpr (std::is_same_v<T, std::vector<SparseTensor>>) {
            set_type(AttributeType::kSparseTensors), all(v, out.sparse_tensors, wire::FromSparse);
          } else if constexpr (std::is_same_v<T, std::vector<Type>>) {
            set_type(AttributeType::kTypeProtos), all(v, out.type_protos, wire::FromType);
          } else if constexpr (std::is_same_v<T, BodyRef>) {
            set_type(AttributeType::kGraph);
            auto body = ConvertBody(v, node, a.name, names);
            if (body.ok()) out.g = std::move(body).value();
            status = body.status();
          } else {
            static_assert(std::is_same_v<T, std::vector<BodyRef>>);
            set_type(AttributeType::kGraphs);
            for (const BodyRef& ref : v) {
              auto body = ConvertBody(ref, node, a.name, names);
              if (!body.ok()) status = body.status();
              if (body.ok()) out.graphs.push_back(std::move(body).value());
            }
          }
        },
        a.value);
    if (!status.ok()) return status;
    return out;
  }

  const Graph& root_;
  std::map<std::string, int64_t, std::less<>> imports_;
  std::set<std::string, std::less<>> used_domains_;
  std::set<std::string> used_names_;
  std::map<std::string, int64_t> next_number_;
  std::map<BufferKey, std::string> shared_;
  std::vector<model::TensorProto> hoisted_;
};

}  // namespace

Result<model::ModelProto> ExportModel(const Graph& graph) { return Exporter(graph).Export(); }

}  // namespace samoyed
