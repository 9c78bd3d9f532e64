#include "wire/text.h"

#include <cmath>
#include <cstring>
#include <string_view>

#include "base/str.h"
#include "tensor/dtype.h"
#include "wire/varint.h"

namespace samoyed::wire {
namespace {

constexpr int kStep = 3;  // columns a nested graph is moved in

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsIdentifier(std::string_view text) {
  if (text.empty() || !IsLetter(text.front())) return false;
  for (const char c : text) {
    if (!IsLetter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

std::string_view TypeName(int32_t number) { return IsValidDType(number) && number != 0 ? NameOf(static_cast<DType>(number)) : "undefined"; }

std::string_view AttributeTypeName(int32_t number) {
  static constexpr std::string_view kNames[] = {"undefined",      "float",      "int",        "string",  "tensor", "graph",
                                                "floats",         "ints",       "strings",    "tensors", "graphs", "sparse_tensor",
                                                "sparse_tensors", "type_proto", "type_protos"};
  return number >= 0 && number < static_cast<int32_t>(std::size(kNames)) ? kNames[number] : kNames[0];
}

class Printer {
 public:
  explicit Printer(const TextOptions& options) : options_(options) {}

  std::string Take() { return std::move(out_); }

  void Model(const model::ModelProto& model);
  void Graph(const model::GraphProto& graph);
  void Function(const model::FunctionProto& function);
  void Node(const model::NodeProto& node);
  void Type(const model::TypeProto& type);

 private:
  template <typename... Parts>
  void Put(const Parts&... parts) {
    (AppendTo(out_, parts), ...);
  }
  void Indent() { out_.append(static_cast<size_t>(indent_), ' '); }

  void Quoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (c == '\\' || c == '"') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }
  void Id(std::string_view text) { IsIdentifier(text) ? Put(text) : Quoted(text); }

  // open, items between separators, close; `print` prints one item.
  template <typename Items, typename Print>
  void List(std::string_view open, std::string_view separator, std::string_view close, const Items& items, Print print) {
    Put(open);
    bool first = true;
    for (const auto& item : items) {
      if (!first) Put(separator);
      first = false;
      print(item);
    }
    Put(close);
  }
  void Ids(std::string_view open, std::string_view close, const std::vector<std::string>& ids) {
    List(open, ", ", close, ids, [this](const std::string& id) { Id(id); });
  }

  void Float(double value) {
    std::isnan(value) ? Put(std::signbit(value) ? std::string_view("-nan") : std::string_view("nan")) : Put(value);
  }
  void Float(float value) { std::isnan(value) ? Float(static_cast<double>(value)) : Put(value); }
  void Number(float value) { Float(value); }
  void Number(double value) { Float(value); }
  template <typename T>
  void Number(T value) {
    if constexpr (std::is_signed_v<T>) {
      Put(int64_t{value});
    } else {
      Put(uint64_t{value});
    }
  }

  // Little-endian numbers of type T.
  template <typename T>
  void Fixed(std::string_view bytes) {
    const size_t count = bytes.size() / sizeof(T);
    if (Elide(count)) return;
    Put(" {");
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) Put(',');
      T value;
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
      Number(value);
    }
    Put('}');
  }
  // The varints of a packed field, as type T.
  template <typename T>
  void Varints(std::string_view bytes) {
    if (Elide(static_cast<size_t>(CountVarints(bytes)))) return;
    const char* p = bytes.data();
    const char* end = p + bytes.size();
    uint64_t value = 0;
    Put(" {");
    while (p < end && ReadVarint(&p, end, &value)) {
      if (out_.back() != '{') Put(',');
      Number(static_cast<T>(value));
    }
    Put('}');
  }
  bool Elide(size_t count) {
    if (options_.max_elements < 0 || count <= static_cast<size_t>(options_.max_elements)) return false;
    Put("...");
    return true;
  }

  void Opsets(std::string_view separator, const std::vector<model::OperatorSetIdProto>& opsets) {
    List("[", separator, "]", opsets, [this](const auto& opset) {
      Quoted(opset.domain.get());
      Put(" : ", opset.version.get());
    });
  }
  void Metadata(const model::Metadata& entries) {
    List("[", ", ", "]", entries, [this](const auto& entry) {
      Quoted(entry.key.get());
      Put(": ");
      Quoted(entry.value.get());
    });
  }
  void ModelField(std::string_view key, const model::Field<std::string>& value) {
    if (!value.has()) return;
    Put(",\n   ", key, ": ");
    Quoted(value.get());
  }

  void TensorType(const model::TypeProto::Tensor& type);
  void ValueInfo(const model::ValueInfoProto& info) {
    if (info.type) Type(*info.type);
    Put(' ');
    Id(info.name.get());
  }
  void ValueInfos(const std::vector<model::ValueInfoProto>& infos) {
    List("(", ", ", ")", infos, [this](const auto& info) { ValueInfo(info); });
  }
  void Tensor(const model::TensorProto& tensor, bool is_initializer);
  void RawElements(const model::TensorProto& tensor);
  void TypedElements(const model::TensorProto& tensor);
  void Attribute(const model::AttributeProto& attribute);
  void AttributeValue(const model::AttributeProto& attribute);
  void Attributes(const std::vector<model::AttributeProto>& attributes) {
    List(" <", ", ", ">", attributes, [this](const auto& attribute) { Attribute(attribute); });
  }
  void SubGraph(const model::GraphProto& graph) {
    indent_ += kStep;
    Graph(graph);
    indent_ -= kStep;
  }
  void Nodes(const std::vector<model::NodeProto>& nodes) {
    Put("{\n");
    for (const auto& node : nodes) Node(node);
    if (indent_ > kStep) out_.append(static_cast<size_t>(indent_ - kStep), ' ');
    Put('}');
  }

  const TextOptions options_;
  std::string out_;
  int indent_ = kStep;
};

void Printer::TensorType(const model::TypeProto::Tensor& type) {
  Put(TypeName(type.elem_type.get()));
  if (!type.shape) return Put("[]");  // of unknown rank; a scalar has no brackets
  if (type.shape->dim.empty()) return;
  List("[", ",", "]", type.shape->dim, [this](const auto& dim) {
    if (dim.dim_value.has()) {
      Put(dim.dim_value.get());
    } else if (dim.dim_param.has()) {
      Id(dim.dim_param.get());
    } else {
      Put('?');
    }
  });
}

void Printer::Type(const model::TypeProto& type) {
  const auto element = [this](const model::Box<model::TypeProto>& box) {
    if (box) Type(*box);
    Put(')');
  };
  if (type.tensor_type) {
    TensorType(*type.tensor_type);
  } else if (type.sequence_type) {
    Put("seq(");
    element(type.sequence_type->elem_type);
  } else if (type.map_type) {
    Put("map(", TypeName(type.map_type->key_type.get()), ", ");
    element(type.map_type->value_type);
  } else if (type.optional_type) {
    Put("optional(");
    element(type.optional_type->elem_type);
  } else if (type.sparse_tensor_type) {
    Put("sparse_tensor(");
    TensorType(*type.sparse_tensor_type);
    Put(')');
  } else if (type.opaque_type) {
    Put("opaque(", type.opaque_type->domain.get(), type.opaque_type->domain.get().empty() ? "" : ",", type.opaque_type->name.get(), ')');
  }
}

void Printer::RawElements(const model::TensorProto& tensor) {
  const std::string_view bytes = tensor.raw_data.view;
  switch (static_cast<DType>(tensor.data_type.get())) {
    case DType::kInt8:
      return Fixed<int8_t>(bytes);
    case DType::kUint8:
    case DType::kBool:
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
      return Fixed<uint8_t>(bytes);
    case DType::kInt16:
      return Fixed<int16_t>(bytes);
    case DType::kUint16:
    case DType::kFloat16:
    case DType::kBfloat16:
      return Fixed<uint16_t>(bytes);
    case DType::kInt32:
      return Fixed<int32_t>(bytes);
    case DType::kUint32:
      return Fixed<uint32_t>(bytes);
    case DType::kInt64:
      return Fixed<int64_t>(bytes);
    case DType::kUint64:
      return Fixed<uint64_t>(bytes);
    case DType::kFloat:
      return Fixed<float>(bytes);
    case DType::kDouble:
      return Fixed<double>(bytes);
    default:
      return Put("...");
  }
}

void Printer::TypedElements(const model::TensorProto& tensor) {
  switch (static_cast<DType>(tensor.data_type.get())) {
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kUint8:
    case DType::kUint16:
    case DType::kBool:
    case DType::kFloat16:
    case DType::kBfloat16:
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
      return Varints<int32_t>(tensor.int32_data.view);
    case DType::kInt64:
      return Varints<int64_t>(tensor.int64_data.view);
    case DType::kUint32:
    case DType::kUint64:
      return Varints<uint64_t>(tensor.uint64_data.view);
    case DType::kFloat:
      return Fixed<float>(tensor.float_data.view);
    case DType::kDouble:
      return Fixed<double>(tensor.double_data.view);
    case DType::kString:
      if (Elide(tensor.string_data.size())) return;
      return List(tensor.string_data.empty() ? "" : "{", ", ", "}", tensor.string_data, [this](const std::string& text) { Quoted(text); });
    default:
      return Put("...");
  }
}

void Printer::Tensor(const model::TensorProto& tensor, bool is_initializer) {
  Put(TypeName(tensor.data_type.get()));
  if (!tensor.dims.empty()) List("[", ",", "]", tensor.dims, [this](int64_t dim) { Put(dim); });
  if (!tensor.name.get().empty()) {
    Put(' ');
    Id(tensor.name.get());
  }
  if (is_initializer) Put(" = ");
  if (tensor.data_location.get() == 1) {
    Metadata(tensor.external_data);
  } else if (tensor.has_raw_data) {
    RawElements(tensor);
  } else {
    TypedElements(tensor);
  }
}

void Printer::Attribute(const model::AttributeProto& attribute) {
  Put(attribute.name.get(), ": ", AttributeTypeName(attribute.type.get()), " = ");
  if (attribute.ref_attr_name.has()) return Put('@', attribute.ref_attr_name.get());
  AttributeValue(attribute);
}

void Printer::AttributeValue(const model::AttributeProto& attribute) {
  static const model::TensorProto no_tensor;
  static const model::GraphProto no_graph;
  switch (static_cast<model::AttributeType>(attribute.type.get())) {
    case model::AttributeType::kInt:
      return Put(attribute.i.get());
    case model::AttributeType::kInts:
      return List("[", ", ", "]", attribute.ints, [this](int64_t i) { Put(i); });
    case model::AttributeType::kFloat:
      return Float(attribute.f.get());
    case model::AttributeType::kFloats:
      return List("[", ", ", "]", attribute.floats, [this](float f) { Float(f); });
    case model::AttributeType::kString:
      return Quoted(attribute.s.get());
    case model::AttributeType::kStrings:
      return List(attribute.strings.empty() ? "" : "[", ", ", "]", attribute.strings, [this](const std::string& s) { Quoted(s); });
    case model::AttributeType::kGraph:
      return SubGraph(attribute.g ? *attribute.g : no_graph);
    case model::AttributeType::kGraphs:
      return List("[", ", ", "]", attribute.graphs, [this](const auto& g) { SubGraph(g); });
    case model::AttributeType::kTensor:
      return Tensor(attribute.t ? *attribute.t : no_tensor, false);
    case model::AttributeType::kTensors:
      return List("[", ", ", "]", attribute.tensors, [this](const auto& t) { Tensor(t, false); });
    case model::AttributeType::kTypeProto:
      if (attribute.tp) Type(*attribute.tp);
      return;
    case model::AttributeType::kTypeProtos:
      return List("[", ", ", "]", attribute.type_protos, [this](const auto& t) { Type(t); });
    case model::AttributeType::kSparseTensor:
    case model::AttributeType::kSparseTensors:
    case model::AttributeType::kUndefined:
      return;  // the syntax has no form for these
  }
}

void Printer::Node(const model::NodeProto& node) {
  Indent();
  if (node.name.has()) {
    Put('[');
    Id(node.name.get());
    Put("] ");
  }
  Ids("", " = ", node.output);
  if (!node.domain.get().empty()) Put(node.domain.get(), '.');
  Put(node.op_type.get());
  if (!node.overload.get().empty()) Put(':', node.overload.get());
  // Attributes come before the inputs, unless they are long because a graph is among them.
  bool has_graph = false;
  for (const auto& attribute : node.attribute) has_graph |= static_cast<bool>(attribute.g) || !attribute.graphs.empty();
  if (!has_graph && !node.attribute.empty()) Attributes(node.attribute);
  Ids(" (", ")", node.input);
  if (has_graph) Attributes(node.attribute);
  Put('\n');
}

void Printer::Graph(const model::GraphProto& graph) {
  Id(graph.name.get());
  Put(' ');
  ValueInfos(graph.input);
  Put(" => ");
  ValueInfos(graph.output);
  Put(' ');
  if (!graph.initializer.empty() || !graph.value_info.empty()) {
    Put('\n');
    Indent();
    List("<", ", ", "", graph.initializer, [this](const auto& tensor) { Tensor(tensor, true); });
    List(!graph.initializer.empty() && !graph.value_info.empty() ? ", " : "", ", ", ">\n", graph.value_info,
         [this](const auto& info) { ValueInfo(info); });
  }
  Nodes(graph.node);
}

void Printer::Model(const model::ModelProto& model) {
  Put("<\n   ir_version: ", model.ir_version.get(), ",\n   opset_import: ");
  Opsets(", ", model.opset_import);
  ModelField("producer_name", model.producer_name);
  ModelField("producer_version", model.producer_version);
  ModelField("domain", model.domain);
  if (model.model_version.has()) Put(",\n   model_version: ", model.model_version.get());
  ModelField("doc_string", model.doc_string);
  if (!model.metadata_props.empty()) {
    Put(",\n   metadata_props: ");
    Metadata(model.metadata_props);
  }
  Put("\n>\n");
  static const model::GraphProto no_graph;
  Graph(model.graph ? *model.graph : no_graph);
  for (const auto& function : model.functions) {
    Put('\n');
    Function(function);
  }
}

void Printer::Function(const model::FunctionProto& function) {
  Put("<\n  domain: ");
  Quoted(function.domain.get());
  if (!function.overload.get().empty()) {
    Put(",\n  overload: ");
    Quoted(function.overload.get());
  }
  Put(",\n  opset_import: ");
  Opsets(",", function.opset_import);
  Put("\n>\n");
  Id(function.name.get());
  Put(' ');
  if (!function.attribute.empty()) {
    List("<", ",", ">", function.attribute, [this](const std::string& name) { Put(name); });
  }
  Ids("(", ")", function.input);
  Put(" => ");
  Ids("(", ")", function.output);
  Put('\n');
  Nodes(function.node);
}

}  // namespace

std::string ToText(const model::ModelProto& model, const TextOptions& options) {
  Printer printer(options);
  printer.Model(model);
  return printer.Take();
}
std::string ToText(const model::GraphProto& graph, const TextOptions& options) {
  Printer printer(options);
  printer.Graph(graph);
  return printer.Take();
}
std::string ToText(const model::FunctionProto& function, const TextOptions& options) {
  Printer printer(options);
  printer.Function(function);
  return printer.Take();
}
std::string ToText(const model::NodeProto& node, const TextOptions& options) {
  Printer printer(options);
  printer.Node(node);
  return printer.Take();
}
std::string ToText(const model::TypeProto& type) {
  Printer printer({});
  printer.Type(type);
  return printer.Take();
}

}  // namespace samoyed::wire
