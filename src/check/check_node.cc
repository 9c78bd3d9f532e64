// The checker's rules for nodes and their attributes.
#include <algorithm>
#include <array>

#include "base/str.h"
#include "check/findings.h"
#include "ops/schema.h"

namespace samoyed {
namespace {

using model::AttributeProto;
using model::AttributeType;
using model::NodeProto;

// Operators of ONNX's first days that have no schema and are let through.
constexpr std::array<std::string_view, 11> kExperimental = {
    "ATen",  "Affine",    "ConstantFill", "Crop", "DynamicSlice", "GRUUnit", "GivenTensorFill", "ImageScaler", "ParametricSoftplus",
    "Scale", "ScaledTanh"};

std::string_view NameOfType(int32_t type) {
  constexpr std::array<std::string_view, 15> kNames = {"UNDEFINED",      "FLOAT",      "INT",        "STRING",  "TENSOR", "GRAPH",
                                                       "FLOATS",         "INTS",       "STRINGS",    "TENSORS", "GRAPHS", "SPARSE_TENSOR",
                                                       "SPARSE_TENSORS", "TYPE_PROTO", "TYPE_PROTOS"};
  return type >= 0 && static_cast<size_t>(type) < kNames.size() ? kNames[static_cast<size_t>(type)] : "unknown";
}

std::string PlaceOf(const NodeProto& node, size_t index) {
  return node.name->empty() ? StrCat("node ", index, " (", node.op_type.get(), ")")
                            : StrCat("node '", node.name.get(), "' (", node.op_type.get(), ")");
}

// The types of the value fields that are filled.
std::vector<AttributeType> FilledFields(const AttributeProto& a) {
  std::vector<AttributeType> out;
  const std::pair<bool, AttributeType> fields[] = {
      {a.f.has(), AttributeType::kFloat},
      {a.i.has(), AttributeType::kInt},
      {a.s.has(), AttributeType::kString},
      {static_cast<bool>(a.t), AttributeType::kTensor},
      {static_cast<bool>(a.g), AttributeType::kGraph},
      {static_cast<bool>(a.sparse_tensor), AttributeType::kSparseTensor},
      {static_cast<bool>(a.tp), AttributeType::kTypeProto},
      {!a.floats.empty(), AttributeType::kFloats},
      {!a.ints.empty(), AttributeType::kInts},
      {!a.strings.empty(), AttributeType::kStrings},
      {!a.tensors.empty(), AttributeType::kTensors},
      {!a.graphs.empty(), AttributeType::kGraphs},
      {!a.sparse_tensors.empty(), AttributeType::kSparseTensors},
      {!a.type_protos.empty(), AttributeType::kTypeProtos},
  };
  for (const auto& [filled, type] : fields) {
    if (filled) out.push_back(type);
  }
  return out;
}

void CheckAttribute(const AttributeProto& a, const std::string& node, const CheckScope& scope, const Names& names, Findings& findings) {
  if (a.name->empty()) return findings.Add(node, "an attribute has a name", "one has none");
  const std::string place = StrCat(node, ", attribute '", a.name.get(), "'");
  if (scope.ir_version >= 2 && !a.type.has())
    return findings.Add(place, "an attribute says its type", "it does not", "set AttributeProto.type");
  const auto filled = FilledFields(a);
  for (AttributeType field : filled) {
    if (static_cast<int32_t>(field) != a.type.get() && (scope.ir_version >= 2 || a.type.has())) {
      return findings.Add(place, "the field that is filled is the one that the type names",
                          StrCat("type ", NameOfType(a.type), ", but a value of type ", NameOfType(static_cast<int32_t>(field))));
    }
  }
  if (filled.size() > 1) return findings.Add(place, "an attribute has one value", StrCat(filled.size(), " value fields are filled"));
  if (!scope.main_graph && !a.ref_attr_name->empty() && !filled.empty()) {
    return findings.Add(place, "a reference to a function's attribute has no value of its own", "it has one");
  }
  if (a.t) CheckTensor(*a.t, place, *scope.external, findings);
  if (a.sparse_tensor) CheckSparseTensor(*a.sparse_tensor, place, *scope.external, findings);
  for (const auto& t : a.tensors) CheckTensor(t, place, *scope.external, findings);
  for (const auto& t : a.sparse_tensors) CheckSparseTensor(t, place, *scope.external, findings);
  CheckScope body = scope;
  body.main_graph = false;
  ++body.depth;
  if (a.g) CheckGraph(*a.g, place, body, &names, findings);
  for (const auto& g : a.graphs) CheckGraph(g, place, body, &names, findings);
}

std::string Range(int low, int high) {
  return high == INT32_MAX ? StrCat(low, " or more") : low == high ? StrCat(low) : StrCat(low, " to ", high);
}

void CheckCounts(const NodeProto& node, const std::string& place, const OpSchema& schema, Findings& findings) {
  const auto check = [&](std::string_view what, const std::vector<std::string>& values, int low, int high,
                         std::span<const SchemaParam> formals) {
    const auto count = static_cast<int64_t>(values.size());
    if (count < low || count > high) {
      return findings.Add(place, StrCat("version ", schema.since_version, " of ", schema.name, " has ", Range(low, high), " ", what, "s"),
                          StrCat(count, " are there"), "export for another opset, or convert the model's version");
    }
    for (size_t i = 0; i < values.size() && i < formals.size(); ++i) {
      if (values[i].empty() && formals[i].option == ParamOption::kSingle) {
        findings.Add(place, StrCat(what, " ", i, " ('", formals[i].name, "') is not optional"), "its name is empty");
      }
    }
  };
  check("input", node.input, schema.min_inputs, schema.max_inputs, schema.inputs);
  check("output", node.output, schema.min_outputs, schema.max_outputs, schema.outputs);
}

bool IsInternal(std::string_view name) { return name.size() >= 4 && name.starts_with("__") && name.ends_with("__"); }

// Types of attributes whose value is a message of its own.
bool IsMessage(SchemaAttrType type) {
  return type == SchemaAttrType::kTensor || type == SchemaAttrType::kGraph || type == SchemaAttrType::kSparseTensor ||
         type == SchemaAttrType::kTypeProto;
}

void CheckAgainstSchema(const NodeProto& node, const std::string& place, const OpSchema& schema, Findings& findings) {
  CheckCounts(node, place, schema, findings);
  for (const AttributeProto& a : node.attribute) {
    const SchemaAttr* known = schema.FindAttribute(a.name.get());
    if (known == nullptr) {
      if (!IsInternal(a.name.get())) {
        findings.Add(place, StrCat("version ", schema.since_version, " of ", schema.name, " knows its attributes"),
                     StrCat("it has no attribute '", a.name.get(), "'"), "it may belong to another version of the operator");
      }
    } else if (static_cast<int32_t>(known->type) != a.type.get()) {
      findings.Add(place, StrCat("attribute '", a.name.get(), "' is of type ", NameOfType(static_cast<int32_t>(known->type))),
                   StrCat("type ", NameOfType(a.type)));
    } else if (a.ref_attr_name->empty() && IsMessage(known->type) && FilledFields(a).empty()) {
      // Numbers and texts may be left out where they are zero or empty; these cannot.
      findings.Add(place, StrCat("attribute '", a.name.get(), "' holds a ", NameOfType(a.type)), "it is empty");
    }
  }
  for (const SchemaAttr& wanted : schema.attributes) {
    const bool there = std::ranges::any_of(node.attribute, [&](const AttributeProto& a) { return a.name.get() == wanted.name; });
    if (wanted.required && !there) findings.Add(place, StrCat("attribute '", wanted.name, "' is required"), "it is missing");
  }
}

void CheckNode(const NodeProto& node, const std::string& place, const CheckScope& scope, const Names& names, Findings& findings) {
  if (node.op_type->empty()) return findings.Add(place, "a node names its operator", "op_type is empty");
  if (node.input.empty() && node.output.empty()) return findings.Add(place, "a node reads or makes something", "no input and no output");
  const std::string_view domain = node.domain.get() == "ai.onnx" ? std::string_view() : std::string_view(node.domain.get());
  if (!scope.opsets->contains(domain)) {
    return findings.Add(place, "the domain of every operator is imported", StrCat("no opset_import for domain '", node.domain.get(), "'"),
                        "add it to opset_import");
  }
  std::set<std::string_view> seen;
  for (const AttributeProto& a : node.attribute) {
    if (findings.full()) return;
    CheckAttribute(a, place, scope, names, findings);
    if (!seen.insert(a.name.get()).second) findings.Add(place, "attributes differ in name", StrCat("'", a.name.get(), "' is there twice"));
  }
  const bool standard = domain.empty() || domain == "ai.onnx.ml" || domain == "ai.onnx.preview.training" || domain == "ai.onnx.preview" ||
                        domain == "ai.onnx.training";
  if (!standard) return;
  if (domain.empty() && std::ranges::find(kExperimental, node.op_type.get()) != kExperimental.end()) return;
  const int64_t version = OpsetOf(scope, domain);
  const OpSchema* schema = FindSchema(domain, node.op_type.get(), version);
  if (schema == nullptr || schema->extension) {
    findings.Add(place, "an operator is known to its opset",
                 StrCat("opset ", version, " of domain '", domain.empty() ? "ai.onnx" : domain, "' has no '", node.op_type.get(), "'"),
                 "correct the name, or import the domain and version that it belongs to");
  } else if (schema->deprecated) {
    findings.Add(place, "operators in use are not deprecated", StrCat(node.op_type.get(), " is, from opset ", schema->since_version, " on"),
                 "replace it");
  } else {
    CheckAgainstSchema(node, place, *schema, findings);
  }
}

}  // namespace

int64_t OpsetOf(const CheckScope& scope, std::string_view domain) {
  const auto it = scope.opsets->find(domain);
  return it == scope.opsets->end() ? 0 : it->second;
}

void CheckNodes(const std::vector<NodeProto>& nodes, std::string_view kind, const CheckScope& scope, Names& names, Findings& findings) {
  for (size_t i = 0; i < nodes.size() && !findings.full(); ++i) {
    const NodeProto& node = nodes[i];
    const std::string place = PlaceOf(node, i);
    for (const std::string& input : node.input) {
      if (!input.empty() && !names.Has(input)) {
        findings.Add(place, StrCat("what a node of a ", kind, " reads has been made before it"),
                     StrCat("nothing before it makes '", input, "'"), "sort the nodes topologically, or mend the name");
      }
    }
    CheckNode(node, place, scope, names, findings);
    for (const std::string& output : node.output) {
      if (output.empty()) continue;
      if (names.Has(output)) {
        findings.Add(place, StrCat("a ", kind, " gives every value one producer (static single assignment)"),
                     StrCat("'", output, "' is there already"), "rename one of them");
      }
      names.Add(output);
    }
  }
}

}  // namespace samoyed
