#include "api/operators.h"

#include "base/str.h"
#include "ops/op.h"
#include "ops/schema.h"
#include "providers/cpu/cpu.h"

namespace samoyed::api {
namespace {

// "tensor(float)" is "float"; other kinds of values keep theirs.
std::string_view Short(std::string_view type) {
  constexpr std::string_view kTensor = "tensor(";
  return type.starts_with(kTensor) ? type.substr(kTensor.size(), type.size() - kTensor.size() - 1) : type;
}

std::string TypesJson(const OpSchema& schema) {
  std::string all;
  for (const SchemaTypeConstraint& constraint : schema.constraints) {
    std::string types;
    for (std::string_view type : constraint.types) types += StrCat(types.empty() ? "" : ", ", "\"", Short(type), "\"");
    all += StrCat(all.empty() ? "" : ", ", "\"", constraint.name, "\": [", types, "]");
  }
  return StrCat("{", all, "}");
}

}  // namespace

std::string OperatorsJson() {
  std::string out;
  const std::span<const OpSchema> schemas = AllSchemas();
  for (size_t first = 0, next = 0; first < schemas.size(); first = next) {
    const OpSchema& schema = schemas[first];
    std::string versions;
    for (; next < schemas.size() && schemas[next].domain == schema.domain && schemas[next].name == schema.name; ++next) {
      versions += StrCat(versions.empty() ? "" : ", ", schemas[next].since_version);
    }
    const OpDef* op = FindOp(schema.domain, schema.name);
    const bool expanded = schema.name == "Gradient";  // when a session is made: graph/gradient.h
    out += StrCat(out.empty() ? "\n" : ",\n", "{\"domain\": \"", schema.domain.empty() ? "ai.onnx" : schema.domain, "\", \"name\": \"",
                  schema.name, "\", \"kernel\": ", expanded || (op != nullptr && op->run != nullptr) ? "true" : "false",
                  ", \"fast\": ", op != nullptr && HasFastKernel(*op, schema.domain, schema.name) ? "true" : "false", ", \"versions\": [",
                  versions, "], \"types\": ", TypesJson(schemas[next - 1]), "}");
  }
  return StrCat("[", out, "]");
}

}  // namespace samoyed::api
