// Short ways to write the schema of an operator outside the standard, as constant data.
#ifndef SAMOYED_OPS_COMMON_SCHEMA_PARTS_H_
#define SAMOYED_OPS_COMMON_SCHEMA_PARTS_H_

#include <climits>

#include "ops/schema.h"

namespace samoyed::ops {

constexpr SchemaParam Param(std::string_view name, std::string_view type) { return {name, type, ParamOption::kSingle, true, 1}; }
constexpr SchemaParam OptionalParam(std::string_view name, std::string_view type) { return {name, type, ParamOption::kOptional, true, 1}; }
constexpr SchemaParam VariadicParam(std::string_view name, std::string_view type, bool homogeneous = true) {
  return {name, type, ParamOption::kVariadic, homogeneous, 1};
}

constexpr SchemaAttr IntAttr(std::string_view name, int64_t value) {
  return {name, SchemaAttrType::kInt, false, true, value, 0, {}, {}, {}, {}};
}
constexpr SchemaAttr FloatAttr(std::string_view name, float value) {
  return {name, SchemaAttrType::kFloat, false, true, 0, value, {}, {}, {}, {}};
}
constexpr SchemaAttr StringAttr(std::string_view name, std::string_view value) {
  return {name, SchemaAttrType::kString, false, true, 0, 0, value, {}, {}, {}};
}
// Without a default: required, or absent by default.
constexpr SchemaAttr BareAttr(std::string_view name, SchemaAttrType type, bool required = false) {
  return {name, type, required, false, 0, 0, {}, {}, {}, {}};
}

inline constexpr std::string_view kFloatTypes[] = {"tensor(float)"};
inline constexpr std::string_view kAnyFloatTypes[] = {"tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)"};
inline constexpr std::string_view kInt64Types[] = {"tensor(int64)"};
inline constexpr std::string_view kAnyTypes[] = {"tensor(uint8)",   "tensor(uint16)",   "tensor(uint32)",    "tensor(uint64)",
                                                 "tensor(int8)",    "tensor(int16)",    "tensor(int32)",     "tensor(int64)",
                                                 "tensor(float16)", "tensor(bfloat16)", "tensor(float)",     "tensor(double)",
                                                 "tensor(string)",  "tensor(bool)",     "tensor(complex64)", "tensor(complex128)"};
inline constexpr SchemaTypeConstraint kFloatT[] = {{"T", kAnyFloatTypes}};
inline constexpr SchemaTypeConstraint kAnyT[] = {{"T", kAnyTypes}};
inline constexpr std::string_view kByteTypes[] = {"tensor(uint8)", "tensor(int8)"};
inline constexpr std::string_view kInt32Types[] = {"tensor(int32)"};

// Version 1 of an operator; a missing trailing part is empty. min_inputs counts the leading inputs that are not optional.
// An operator in the standard's own domain ("") is an extension of it.
constexpr OpSchema ForeignSchema(std::string_view domain, std::string_view name, std::span<const SchemaParam> inputs,
                                 std::span<const SchemaParam> outputs, std::span<const SchemaAttr> attributes,
                                 std::span<const SchemaTypeConstraint> constraints) {
  OpSchema schema = {};
  schema.domain = domain;
  schema.name = name;
  schema.since_version = 1;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].option != ParamOption::kOptional) schema.min_inputs = static_cast<int>(i) + 1;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].option != ParamOption::kOptional) schema.min_outputs = static_cast<int>(i) + 1;
  }
  const bool variadic = !inputs.empty() && inputs.back().option == ParamOption::kVariadic;
  schema.max_inputs = variadic ? INT_MAX : static_cast<int>(inputs.size());
  schema.max_outputs = static_cast<int>(outputs.size());
  schema.inputs = inputs;
  schema.outputs = outputs;
  schema.attributes = attributes;
  schema.constraints = constraints;
  schema.has_inference = schema.deterministic = true;
  schema.extension = domain.empty();
  return schema;
}

constexpr OpSchema MicrosoftSchema(std::string_view name, std::span<const SchemaParam> inputs, std::span<const SchemaParam> outputs,
                                   std::span<const SchemaAttr> attributes, std::span<const SchemaTypeConstraint> constraints) {
  return ForeignSchema("com.microsoft", name, inputs, outputs, attributes, constraints);
}

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SCHEMA_PARTS_H_
