#include "graph/build.h"

#include <algorithm>
#include <climits>
#include <set>

#include "base/interrupt.h"
#include "graph/functions.h"
#include "tensor/convert.h"
#include "wire/tensor_data.h"
#include "wire/types.h"

namespace samoyed {
namespace {

using Imports = std::map<std::string, int64_t, std::less<>>;
using AttributeEnv = std::map<std::string, const model::AttributeProto*, std::less<>>;  // what a call binds

constexpr int64_t kNewestIrVersion = 14;  // of the format that the reader knows
// A version comes about once a year and has only ever added things, so the next few can be tried; what is beyond is no version.
constexpr int64_t kLastIrVersionTried = kNewestIrVersion + 6;

std::string Canonical(const std::string& domain) { return domain == "ai.onnx" ? std::string() : domain; }

Imports ImportsOf(const std::vector<model::OperatorSetIdProto>& list) {
  Imports imports;
  for (const model::OperatorSetIdProto& item : list) {
    const auto [it, is_new] = imports.emplace(Canonical(item.domain), item.version.get());
    if (!is_new) it->second = std::max(it->second, item.version.get());
  }
  return imports;
}

// The names that are visible somewhere. A body's scope has the scope around it as parent; a function's has none.
struct Scope {
  Graph* graph;
  Scope* parent = nullptr;
  std::map<std::string, ValueId, std::less<>> names = {};

  // The value of a name, captured from outside where it is not of this graph; kNoValue when nobody knows it, and
  // for a function's parameter that the call leaves out (names has it then).
  ValueId Lookup(std::string_view name) {
    if (const auto it = names.find(name); it != names.end()) return it->second;
    if (parent == nullptr) return kNoValue;
    const ValueId outer = parent->Lookup(name);
    if (outer == kNoValue || parent->graph == graph) return outer;
    const GraphValue& value = parent->graph->value(outer);
    const ValueId inner = graph->AddValue(std::string(name), value.type);
    graph->captures.push_back({outer, inner});
    names.emplace(name, inner);
    return inner;
  }
};

class Builder {
 public:
  Builder(const model::ModelProto& model, const BuildOptions& options)
      : model_(model), options_(options), functions_(model), external_(model.folder), imports_(ImportsOf(model.opset_import)) {}

  Result<std::unique_ptr<Graph>> Build() {
    if (!model_.graph) return BadInput("the model has no graph");
    SAMOYED_RETURN_IF_ERROR(CheckVersions());
    SAMOYED_RETURN_IF_ERROR(CheckInputTypes(*model_.graph));
    SAMOYED_RETURN_IF_ERROR(functions_.CountExpanded(*model_.graph, options_.max_nodes, options_.max_depth).status());
    auto graph = std::make_unique<Graph>();
    root_ = graph.get();
    Scope scope{graph.get()};
    SAMOYED_RETURN_IF_ERROR(FillGraph(*model_.graph, scope, imports_, {}));
    graph->ir_version = model_.ir_version;
    graph->notes.insert(graph->notes.begin(), version_notes_.begin(), version_notes_.end());
    for (const auto& entry : model_.metadata_props) graph->metadata[entry.key.get()] = entry.value.get();
    return graph;
  }

 private:
  // The versions decide what operators mean, so no guess is made where they are missing or none.
  Status CheckVersions() {
    const int64_t ir = model_.ir_version;
    if (ir < 1) return BadInput("the model's ir_version is ", ir, ", it must be 1 or more; is this an ONNX file?");
    if (ir > kLastIrVersionTried)
      return BadInput("the model's ir_version is ", ir, ", this build reads up to ", kNewestIrVersion, "; export for an older version");
    if (ir > kNewestIrVersion) {
      version_notes_.push_back(StrCat("ir_version ", ir, " is newer than this build knows; read as version ", kNewestIrVersion));
    }
    if (imports_.empty()) {
      if (ir >= 3) return BadInput("the model imports no operator set; from IR version 3 on opset_import must name one");
      imports_[""] = 1;  // as IR versions 1 and 2 define it
    }
    for (const auto& [domain, version] : imports_) {
      const int latest = LatestOpset(domain);
      if (latest == 0) continue;  // a domain of somebody's own
      const std::string name = domain.empty() ? "ai.onnx" : domain;
      if (version < 1) return BadInput("the model imports version ", version, " of operator set '", name, "'; versions are 1 to ", latest);
      if (version > latest) {
        version_notes_.push_back(StrCat("version ", version, " of operator set '", name, "' is newer than this build knows; run as version ", latest));
      }
    }
    return OkStatus();
  }

  // Only the main graph's inputs must have types: those of bodies follow from the node around them.
  static Status CheckInputTypes(const model::GraphProto& graph) {
    for (const model::ValueInfoProto& info : graph.input) {
      Type type;
      if (info.type) {
        SAMOYED_ASSIGN_OR_RETURN(type, wire::ToType(*info.type));
      }
      if (!type.known()) return BadInput("input '", info.name.get(), "' of the model declares no type");
    }
    return OkStatus();
  }

  // Inputs, constants, nodes and outputs of a GraphProto into scope.graph.
  Status FillGraph(const model::GraphProto& proto, Scope& scope, const Imports& imports, const AttributeEnv& env) {
    Graph& graph = *scope.graph;
    graph.name = proto.name.get();
    graph.opset_imports = imports;
    SAMOYED_RETURN_IF_ERROR(AddInitializers(proto, scope));
    SAMOYED_RETURN_IF_ERROR(AddInputs(proto, scope));
    std::map<std::string_view, const model::ValueInfoProto*> declared;
    for (const auto* list : {&proto.value_info, &proto.output}) {
      for (const model::ValueInfoProto& info : *list) declared[info.name.get()] = &info;
    }
    SAMOYED_RETURN_IF_ERROR(AddNodes(proto.node, scope, imports, env, declared, {}));
    for (const model::ValueInfoProto& info : proto.output) {
      const ValueId id = scope.Lookup(info.name.get());
      if (id == kNoValue) return BadInput("no node makes the output '", info.name.get(), "' of graph '", proto.name.get(), "'");
      graph.outputs.push_back(id);
      if (!graph.value(id).type.known() && info.type) {
        SAMOYED_ASSIGN_OR_RETURN(graph.mutable_value(id).type, wire::ToType(*info.type));
      }
    }
    if (graph.TopologicalOrder().size() != CountNodes(graph)) return BadInput("the nodes of graph '", proto.name.get(), "' feed each other in a circle");
    return OkStatus();
  }

  static size_t CountNodes(const Graph& graph) {
    size_t count = 0;
    for (NodeId id = 0; id < graph.num_node_slots(); ++id) count += graph.has_node(id);
    return count;
  }

  Status AddInitializers(const model::GraphProto& proto, Scope& scope) {
    for (const model::TensorProto& t : proto.initializer) {
      SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, wire::ToTensor(t, external_));
      SAMOYED_RETURN_IF_ERROR(Define(scope, t.name, scope.graph->AddConstant(t.name, std::move(tensor))));
    }
    for (const model::SparseTensorProto& t : proto.sparse_initializer) {
      const std::string name = t.values ? t.values->name.get() : std::string();
      SAMOYED_ASSIGN_OR_RETURN(const SparseTensor sparse, wire::ToSparse(t, external_));
      SAMOYED_ASSIGN_OR_RETURN(Tensor dense, Densify(sparse));
      SAMOYED_RETURN_IF_ERROR(Define(scope, name, scope.graph->AddConstant(name, std::move(dense))));
    }
    return OkStatus();
  }

  Status AddInputs(const model::GraphProto& proto, Scope& scope) {
    Graph& graph = *scope.graph;
    for (const model::ValueInfoProto& info : proto.input) {
      const auto known = scope.names.find(info.name.get());
      if (known != scope.names.end() && graph.value(known->second).constant) {
        // Below IR 4 every initializer had to be listed as an input; since then listing one makes it replaceable.
        if (model_.ir_version.get() >= 4) graph.overridable.push_back(known->second);
        continue;
      }
      Type type;
      if (info.type) {
        SAMOYED_ASSIGN_OR_RETURN(type, wire::ToType(*info.type));
      }
      const ValueId id = graph.AddValue(info.name, std::move(type));
      SAMOYED_RETURN_IF_ERROR(Define(scope, info.name, id));
      graph.inputs.push_back(id);
    }
    return OkStatus();
  }

  static Status Define(Scope& scope, const std::string& name, ValueId id) {
    if (name.empty()) return BadInput("a value of graph '", scope.graph->name, "' has no name");
    if (!scope.names.emplace(name, id).second) return BadInput("the name '", name, "' is given to two values of graph '", scope.graph->name, "'");
    return OkStatus();
  }

  using Declared = std::map<std::string_view, const model::ValueInfoProto*>;

  // Declares what all nodes make, then adds them: so their order does not matter. `prefix` goes before the names of what an
  // inlined function makes.
  Status AddNodes(const std::vector<model::NodeProto>& nodes, Scope& scope, const Imports& imports, const AttributeEnv& env,
                  const Declared& declared, const std::string& prefix) {
    for (const model::NodeProto& node : nodes) {
      for (const std::string& name : node.output) {
        if (name.empty()) continue;
        if (scope.names.contains(name) && scope.graph->value(scope.names[name]).producer == kNoNode && Reserved(scope, name)) continue;
        Type type;
        if (const auto it = declared.find(name); it != declared.end() && it->second->type) {
          SAMOYED_ASSIGN_OR_RETURN(type, wire::ToType(*it->second->type));
        }
        SAMOYED_RETURN_IF_ERROR(Define(scope, name, scope.graph->AddValue(prefix + name, std::move(type))).At(Describe(node)));
      }
    }
    for (const model::NodeProto& node : nodes) {
      SAMOYED_RETURN_IF_ERROR(PollInterrupt());
      SAMOYED_RETURN_IF_ERROR(AddNode(node, scope, imports, env, prefix).At(Describe(node)));
    }
    return OkStatus();
  }

  // True for the outputs of a function that is being inlined: the caller declared them already. Each may be taken once.
  bool Reserved(const Scope& scope, const std::string& name) {
    const auto it = reserved_.find({&scope, name});
    if (it == reserved_.end()) return false;
    reserved_.erase(it);
    return true;
  }

  static std::string Describe(const model::NodeProto& node) {
    const bool named = !node.name->empty() || node.output.empty();
    return StrCat(named ? "node '" : "the node that makes '", named ? node.name.get() : node.output[0], "' (", node.domain->empty() ? "" : StrCat(node.domain.get(), "."), node.op_type.get(), ")");
  }

  Status AddNode(const model::NodeProto& proto, Scope& scope, const Imports& imports, const AttributeEnv& env, const std::string& prefix) {
    std::vector<ValueId> inputs, outputs;
    for (const std::string& name : proto.input) {
      const ValueId id = name.empty() ? kNoValue : scope.Lookup(name);
      if (id == kNoValue && !name.empty() && !scope.names.contains(name)) return BadInput("its input '", name, "' is made by no node, input or initializer");
      inputs.push_back(id);
    }
    while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
    for (const std::string& name : proto.output) outputs.push_back(name.empty() ? kNoValue : scope.Lookup(name));
    while (!outputs.empty() && outputs.back() == kNoValue) outputs.pop_back();
    if (const model::FunctionProto* function = functions_.Find(proto)) return Inline(*function, proto, inputs, outputs, scope, env, prefix);

    Node node;
    node.name = UniqueNodeName(prefix, proto);
    node.domain = Canonical(proto.domain);
    node.op_type = proto.op_type;
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    SAMOYED_RETURN_IF_ERROR(Resolve(node, imports));
    SAMOYED_RETURN_IF_ERROR(AddAttributes(proto, node, scope, imports, env));
    SAMOYED_RETURN_IF_ERROR(CheckAgainstSchema(node));
    if (node.op_type == "Constant" && node.domain.empty() && node.outputs.size() == 1) {
      SAMOYED_ASSIGN_OR_RETURN(std::optional<Value> constant, ConstantOf(node.attributes));
      if (constant) {
        scope.graph->MakeConstant(node.outputs[0], *std::move(constant));
        return OkStatus();
      }
    }
    scope.graph->AddNode(std::move(node));
    return OkStatus();
  }

  std::string UniqueNodeName(const std::string& prefix, const model::NodeProto& proto) {
    std::string base = prefix + (proto.name->empty() ? proto.op_type.get() : proto.name.get());
    if (!proto.name->empty() && node_names_.insert(base).second) return base;
    for (int64_t& i = next_number_[base];;) {
      std::string name = StrCat(base, "_", i++);
      if (node_names_.insert(name).second) return name;
    }
  }

  Status Resolve(Node& node, const Imports& imports) {
    node.op = FindOp(node.domain, node.op_type);
    const auto import = imports.find(node.domain);
    const bool versioned = node.domain.empty() || LatestOpset(node.domain) > 1;
    if (import == imports.end() && versioned) {
      return BadInput("operator set '", node.domain.empty() ? "ai.onnx" : node.domain, "' is not imported, so its version is unknown; add it to opset_import");
    }
    const int64_t opset = import != imports.end() ? import->second : LatestOpset(node.domain);
    node.schema = FindSchema(node.domain, node.op_type, opset);
    if (node.schema == nullptr) {
      // Newer than the import. ONNX Runtime writes such graphs (LayerNormalization below opset 17); there is one sensible meaning.
      const int64_t latest = LatestOpset(node.domain);
      for (int64_t version = std::min(std::max<int64_t>(opset, 0), latest) + 1; version <= latest && node.schema == nullptr; ++version) {
        node.schema = FindSchema(node.domain, node.op_type, version);
      }
      if (node.schema != nullptr) {
        root_->notes.push_back(StrCat("node '", node.name, "': ", node.op_type, " came in with version ", node.schema->since_version,
                                      " of its operator set, the model imports ", opset, "; run as that version"));
      }
    }
    if (node.schema != nullptr && node.schema->extension) {
      root_->notes.push_back(StrCat("node '", node.name, "': ", node.op_type, " is not an operator of the standard; run as ONNX Runtime defines it"));
    }
    node.since_version = node.schema == nullptr ? 0 : node.schema->since_version;
    return OkStatus();
  }

  Status AddAttributes(const model::NodeProto& proto, Node& node, Scope& scope, const Imports& imports, const AttributeEnv& env) {
    std::vector<Attribute> list;
    for (const model::AttributeProto& own : proto.attribute) {
      const model::AttributeProto* a = &own;
      if (!own.ref_attr_name->empty()) {
        const auto bound = env.find(own.ref_attr_name.get());
        if (bound == env.end()) continue;  // the call did not give it: absent
        a = bound->second;
      }
      AttributeValue value;
      if (a->g) {
        SAMOYED_ASSIGN_OR_RETURN(value, AddBody(*a->g, node, scope, imports, env));
      } else if (!a->graphs.empty()) {
        std::vector<BodyRef> bodies;
        for (const model::GraphProto& g : a->graphs) {
          SAMOYED_ASSIGN_OR_RETURN(const BodyRef ref, AddBody(g, node, scope, imports, env));
          bodies.push_back(ref);
        }
        value = std::move(bodies);
      } else {
        SAMOYED_ASSIGN_OR_RETURN(value, ToAttributeValue(*a));
      }
      const bool twice = std::ranges::find(list, own.name.get(), &Attribute::name) != list.end();
      if (twice) return BadInput("attribute '", own.name.get(), "' is given twice");
      list.push_back({own.name, std::move(value)});
    }
    node.attributes = Attributes(std::move(list), node.schema);
    return OkStatus();
  }

  Result<BodyRef> AddBody(const model::GraphProto& proto, Node& node, Scope& scope, const Imports& imports, const AttributeEnv& env) {
    auto body = std::make_unique<Graph>();
    Scope inner{body.get(), &scope};
    SAMOYED_RETURN_IF_ERROR(FillGraph(proto, inner, imports, env));
    for (const Graph::Capture& capture : body->captures) {
      if (std::ranges::find(node.captures, capture.outer) == node.captures.end()) node.captures.push_back(capture.outer);
    }
    body->ir_version = model_.ir_version;
    node.bodies.push_back(std::move(body));
    return BodyRef{static_cast<int>(node.bodies.size()) - 1};
  }

  // Attributes and arities; types are the inference's business.
  Status CheckAgainstSchema(const Node& node) {
    const OpSchema* schema = node.schema;
    if (schema == nullptr) return OkStatus();
    const int inputs = static_cast<int>(node.inputs.size()), outputs = static_cast<int>(node.outputs.size());
    if (inputs > schema->max_inputs || inputs < schema->min_inputs) {
      return BadInput("has ", inputs, " inputs, version ", schema->since_version, " takes ", schema->min_inputs, " to ", schema->max_inputs);
    }
    if (outputs > schema->max_outputs) return BadInput("has ", outputs, " outputs, version ", schema->since_version, " makes at most ", schema->max_outputs);
    for (size_t i = 0; i < schema->inputs.size() && i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoValue && schema->inputs[i].option == ParamOption::kSingle) return BadInput("lacks input '", schema->inputs[i].name, "'");
    }
    for (const Attribute& a : node.attributes.list()) {
      const SchemaAttr* formal = schema->FindAttribute(a.name);
      if (formal == nullptr) {
        // Quantisers write later versions' attributes into models that import an earlier one. Names like __this__ are for tools.
        const bool internal = a.name.size() > 4 && a.name.starts_with("__") && a.name.ends_with("__");
        if (!internal && IsStandard(*schema) && !KnownToSomeVersion(*schema, a.name)) {
          return BadInput("has an attribute '", a.name, "', which no version of ", node.op_type, " knows; correct or remove it");
        }
        root_->notes.push_back(StrCat("node '", node.name, "' has an attribute '", a.name, "', which version ", schema->since_version, " of ", node.op_type, " does not know"));
        continue;
      }
      if (!Matches(formal->type, a.value)) return BadInput("attribute '", a.name, "' has the wrong type");
    }
    for (const SchemaAttr& formal : schema->attributes) {
      if (formal.required && !node.attributes.Has(formal.name)) return BadInput("lacks its attribute '", formal.name, "'");
    }
    return OkStatus();
  }

  // Tables of other domains may lag behind what is in use.
  static bool IsStandard(const OpSchema& schema) { return !schema.extension && (schema.domain.empty() || schema.domain.starts_with("ai.onnx")); }

  static bool KnownToSomeVersion(const OpSchema& schema, std::string_view attribute) {
    return std::ranges::any_of(AllSchemas(), [&](const OpSchema& other) {
      return other.name == schema.name && other.domain == schema.domain && other.FindAttribute(attribute) != nullptr;
    });
  }

  static bool Matches(SchemaAttrType type, const AttributeValue& value) {
    switch (type) {
      case SchemaAttrType::kFloat: return std::holds_alternative<float>(value);
      case SchemaAttrType::kInt: return std::holds_alternative<int64_t>(value);
      case SchemaAttrType::kString: return std::holds_alternative<std::string>(value);
      case SchemaAttrType::kTensor: return std::holds_alternative<Tensor>(value);
      case SchemaAttrType::kGraph: return std::holds_alternative<BodyRef>(value);
      case SchemaAttrType::kFloats: return std::holds_alternative<std::vector<float>>(value);
      case SchemaAttrType::kInts: return std::holds_alternative<std::vector<int64_t>>(value);
      case SchemaAttrType::kStrings: return std::holds_alternative<std::vector<std::string>>(value);
      case SchemaAttrType::kTensors: return std::holds_alternative<std::vector<Tensor>>(value);
      case SchemaAttrType::kGraphs: return std::holds_alternative<std::vector<BodyRef>>(value);
      case SchemaAttrType::kSparseTensor: return std::holds_alternative<SparseTensor>(value);
      case SchemaAttrType::kSparseTensors: return std::holds_alternative<std::vector<SparseTensor>>(value);
      case SchemaAttrType::kTypeProto: return std::holds_alternative<Type>(value);
      case SchemaAttrType::kTypeProtos: return std::holds_alternative<std::vector<Type>>(value);
    }
    return false;
  }

  // The body of a function in place of the node that calls it. The body's outputs are the call's outputs; where it passes an input
  // through, or names a value twice, an Identity stands in between.
  Status Inline(const model::FunctionProto& function, const model::NodeProto& call, const std::vector<ValueId>& inputs,
                const std::vector<ValueId>& outputs, Scope& scope, const AttributeEnv& caller_env, const std::string& prefix) {
    if (inputs.size() > function.input.size()) return BadInput("gives ", inputs.size(), " inputs to function '", function.name.get(), "', which takes ", function.input.size());
    if (outputs.size() > function.output.size()) return BadInput("takes ", outputs.size(), " outputs of function '", function.name.get(), "', which makes ", function.output.size());
    Scope inner{scope.graph};
    for (size_t i = 0; i < function.input.size(); ++i) {
      SAMOYED_RETURN_IF_ERROR(Define(inner, function.input[i], i < inputs.size() ? inputs[i] : kNoValue));
    }
    std::vector<std::pair<std::string, ValueId>> copies;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] == kNoValue) continue;
      const std::string& name = function.output[i];
      if (inner.names.emplace(name, outputs[i]).second) {
        reserved_.insert({&inner, name});
      } else {
        copies.emplace_back(name, outputs[i]);
      }
    }
    Imports imports = ImportsOf(function.opset_import);
    imports.insert(imports_.begin(), imports_.end());  // where the function forgot one, the model's is what was meant
    const AttributeEnv env = Bind(function, call, caller_env);
    const std::string inner_prefix = UniqueNodeName(prefix, call) + "/";
    SAMOYED_RETURN_IF_ERROR(AddNodes(function.node, inner, imports, env, {}, inner_prefix));
    for (const auto& [name, output] : copies) {
      Node identity;
      identity.op_type = "Identity";
      identity.name = UniqueNodeName(inner_prefix, model::NodeProto());
      identity.inputs = {inner.Lookup(name)};
      identity.outputs = {output};
      SAMOYED_RETURN_IF_ERROR(Resolve(identity, {{"", LatestOpset("")}}));  // the same in all versions
      scope.graph->AddNode(std::move(identity));
    }
    for (const std::string& name : function.output) {
      if (reserved_.erase({&inner, name}) > 0) return BadInput("function '", function.name.get(), "' does not make its output '", name, "'");
    }
    return OkStatus();
  }

  // What a call binds to the function's attributes: its own, resolved through the caller's, and the function's defaults.
  static AttributeEnv Bind(const model::FunctionProto& function, const model::NodeProto& call, const AttributeEnv& caller_env) {
    AttributeEnv env;
    for (const model::AttributeProto& a : function.attribute_proto) env[a.name.get()] = &a;
    for (const model::AttributeProto& a : call.attribute) {
      if (a.ref_attr_name->empty()) {
        env[a.name.get()] = &a;
      } else if (const auto it = caller_env.find(a.ref_attr_name.get()); it != caller_env.end()) {
        env[a.name.get()] = it->second;
      }
    }
    return env;
  }

  static Result<Tensor> Densify(const SparseTensor& sparse) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor dense, Tensor::Allocate(sparse.values.dtype(), sparse.dense_shape));
    const std::vector<Complex> zeros(static_cast<size_t>(dense.size()));
    if (sparse.values.dtype() != DType::kString) StoreAll(dense, zeros);
    const Shape strides = RowMajorStrides(sparse.dense_shape);
    const std::vector<int64_t> indices = LoadAll<int64_t>(sparse.indices);
    const int rank = sparse.indices.rank() == 2 ? sparse.dense_shape.rank() : 0;
    for (int64_t i = 0; i < sparse.values.size(); ++i) {
      int64_t at = rank == 0 ? indices[static_cast<size_t>(i)] : 0;
      for (int k = 0; k < rank; ++k) at += indices[static_cast<size_t>(i * rank + k)] * strides[k];
      if (at < 0 || at >= dense.size()) return BadInput("a sparse tensor has an index outside its shape ", sparse.dense_shape.ToString());
      if (dense.dtype() == DType::kString) {
        dense.mutable_strings()[at] = sparse.values.strings()[static_cast<size_t>(i)];
      } else {
        CopyElement(sparse.values, i, dense, at);
      }
    }
    return dense;
  }

  using Complex = std::complex<double>;
  static void CopyElement(const Tensor& from, int64_t i, Tensor& to, int64_t at) {
    if (ClassOf(from.dtype()) == DTypeClass::kUnsigned || ClassOf(from.dtype()) == DTypeClass::kSigned) {
      const int64_t value = At<int64_t>(from, i);  // 64-bit integers do not fit into a double
      Store(to, at, 1, &value);
    } else {
      const Complex value = At<Complex>(from, i);
      Store(to, at, 1, &value);
    }
  }

  // The value of a Constant node, by whichever of its attributes is set.
  static Result<std::optional<Value>> ConstantOf(const Attributes& attributes) {
    if (attributes.list().size() > 1) return BadInput("a Constant has one value, this one ", attributes.list().size());
    const auto ints = attributes.Ints("value_ints");
    const auto floats = attributes.Floats("value_floats");
    const auto strings = attributes.Strings("value_strings");
    const auto length = [](const auto& list) { return Shape{static_cast<int64_t>(list.size())}; };
    if (const Tensor* t = attributes.TensorOf("value")) return std::optional<Value>(*t);
    if (const SparseTensor* s = attributes.SparseTensorOf("sparse_value")) {
      SAMOYED_ASSIGN_OR_RETURN(Tensor dense, Densify(*s));
      return std::optional<Value>(std::move(dense));
    }
    if (attributes.Has("value_int")) return std::optional<Value>(Tensor::Scalar<int64_t>(attributes.Int("value_int")));
    if (attributes.Has("value_float")) return std::optional<Value>(Tensor::Scalar<float>(attributes.Float("value_float")));
    if (attributes.Has("value_string")) return std::optional<Value>(Tensor::OfStrings({}, {std::string(attributes.String("value_string"))}));
    if (attributes.Has("value_ints")) return std::optional<Value>(Tensor::Of<int64_t>(length(ints), ints));
    if (attributes.Has("value_floats")) return std::optional<Value>(Tensor::Of<float>(length(floats), floats));
    if (attributes.Has("value_strings")) return std::optional<Value>(Tensor::OfStrings(length(strings), {strings.begin(), strings.end()}));
    return std::optional<Value>();
  }

  const model::ModelProto& model_;
  const BuildOptions options_;
  const FunctionTable functions_;
  const wire::ExternalContext external_;
  Imports imports_;
  std::vector<std::string> version_notes_;
  Graph* root_ = nullptr;
  std::set<std::pair<const Scope*, std::string>> reserved_;
  std::set<std::string, std::less<>> node_names_;
  std::map<std::string, int64_t, std::less<>> next_number_;
};

}  // namespace

Result<std::unique_ptr<Graph>> BuildGraph(const model::ModelProto& model, const BuildOptions& options) { return Builder(model, options).Build(); }

}  // namespace samoyed
