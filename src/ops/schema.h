// The operator schemas of the standard as data: every operator, every version. The table behind it
// is generated from op_schemas.json by tools/make_schemas; operators outside the standard
// (com.microsoft, ai.samoyed) describe themselves in tables of the same form.
#ifndef SAMOYED_OPS_SCHEMA_H_
#define SAMOYED_OPS_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "tensor/dtype.h"

namespace samoyed {

enum class ParamOption : uint8_t { kSingle, kOptional, kVariadic };

// A formal input or output. `type` is a type variable ("T") or a concrete type string.
struct SchemaParam {
  std::string_view name;
  std::string_view type;
  ParamOption option;
  bool homogeneous;
  int min_arity;
};

enum class SchemaAttrType : uint8_t {
  kFloat = 1, kInt, kString, kTensor, kGraph, kFloats, kInts, kStrings, kTensors, kGraphs, kSparseTensor, kSparseTensors, kTypeProto, kTypeProtos,
};  // the numbers of AttributeProto.AttributeType

struct SchemaAttr {
  std::string_view name;
  SchemaAttrType type;
  bool required;
  bool has_default;
  // The default by type; tensors and types have none here (has_default with an empty value: the
  // operator's own code knows it).
  int64_t default_int;
  float default_float;
  std::string_view default_string;
  std::span<const int64_t> default_ints;
  std::span<const float> default_floats;
  std::span<const std::string_view> default_strings;
};

// The types that a type variable may stand for, as strings: "tensor(float)", "seq(tensor(int64))".
struct SchemaTypeConstraint {
  std::string_view name;
  std::span<const std::string_view> types;
};

struct OpSchema {
  std::string_view domain;  // "" is ai.onnx
  std::string_view name;
  int since_version;
  bool deprecated;
  int min_inputs, max_inputs;  // INT_MAX: unbounded
  int min_outputs, max_outputs;
  std::span<const SchemaParam> inputs, outputs;
  std::span<const SchemaAttr> attributes;
  std::span<const SchemaTypeConstraint> constraints;
  bool has_function;
  bool has_inference;  // the standard's own type inference exists
  bool deterministic;
  bool extension = false;  // in a domain of the standard, but none of its operators: it runs, the checker refuses it

  const SchemaAttr* FindAttribute(std::string_view attribute) const;
};

// The schema in force for an operator when a model imports `opset_version` of its domain ("ai.onnx"
// means ""); null when there is none.
const OpSchema* FindSchema(std::string_view domain, std::string_view name, int64_t opset_version);
// All schemas, sorted by domain, name, version.
std::span<const OpSchema> AllSchemas();
// The newest version of a domain that the tables know; 0 for unknown domains.
int LatestOpset(std::string_view domain);

}  // namespace samoyed

#endif  // SAMOYED_OPS_SCHEMA_H_
