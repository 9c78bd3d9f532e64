#include "check/type_constraints.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/str.h"

namespace samoyed {
namespace {

// "seq(tensor(float))": a type without shapes, as schemas write it; empty where a part of it is not known.
std::string NameOfType(const Type& type) {
  const auto element = [&] { return type.element ? NameOfType(*type.element) : std::string(); };
  std::string inner;
  switch (type.kind) {
    case TypeKind::kTensor:
      return type.dtype == DType::kUndefined ? std::string() : StrCat("tensor(", NameOf(type.dtype), ")");
    case TypeKind::kSparseTensor:
      return type.dtype == DType::kUndefined ? std::string() : StrCat("sparse_tensor(", NameOf(type.dtype), ")");
    case TypeKind::kSequence:
      inner = element();
      return inner.empty() ? inner : StrCat("seq(", inner, ")");
    case TypeKind::kOptional:
      inner = element();
      return inner.empty() ? inner : StrCat("optional(", inner, ")");
    case TypeKind::kMap:  // to numbers and strings: "map(int64, float)"
      inner = type.element && type.element->kind == TypeKind::kTensor ? std::string(NameOf(type.element->dtype)) : element();
      return inner.empty() ? inner : StrCat("map(", NameOf(type.dtype), ", ", inner, ")");
    default:
      return {};
  }
}

std::string WithoutSpaces(std::string_view text) {
  std::string out(text);
  std::erase(out, ' ');
  return out;
}

class Checker {
 public:
  explicit Checker(const OpSchema& schema) : schema_(schema) {}

  Status Check(std::string_view what, std::span<const SchemaParam> formals, std::span<const Type* const> actual) {
    for (size_t i = 0; i < actual.size() && !formals.empty(); ++i) {
      if (actual[i] == nullptr) continue;
      const SchemaParam& formal = formals[std::min(i, formals.size() - 1)];
      const std::string name = NameOfType(*actual[i]);
      if (name.empty()) continue;
      const std::string place = StrCat(what, " ", i, " ('", formal.name, "') of ", schema_.name);
      const SchemaTypeConstraint* variable = Find(formal.type);
      if (!Allows(formal, variable, name)) {
        return BadInput(place, " is ", name, "; version ", schema_.since_version, " allows ",
                        variable == nullptr ? std::string(formal.type) : StrJoin(variable->types, ", "));
      }
      if (variable == nullptr || !formal.homogeneous) continue;
      const auto [bound, is_new] = bound_.emplace(formal.type, name);
      if (!is_new && bound->second != name)
        return BadInput(place, " is ", name, ", but another of the same type ", formal.type, " is ", bound->second);
    }
    return OkStatus();
  }

 private:
  const SchemaTypeConstraint* Find(std::string_view type) const {
    const auto it = std::ranges::find(schema_.constraints, type, &SchemaTypeConstraint::name);
    return it == schema_.constraints.end() ? nullptr : &*it;
  }
  static bool Allows(const SchemaParam& formal, const SchemaTypeConstraint* variable, const std::string& name) {
    const std::string plain = WithoutSpaces(name);
    if (variable == nullptr) return WithoutSpaces(formal.type) == plain;
    return std::ranges::any_of(variable->types, [&](std::string_view type) { return WithoutSpaces(type) == plain; });
  }

  const OpSchema& schema_;
  std::map<std::string_view, std::string> bound_;
};

}  // namespace

Status CheckTypeConstraints(const OpSchema& schema, std::span<const Type* const> inputs, std::span<const Type* const> outputs) {
  Checker checker(schema);
  SAMOYED_RETURN_IF_ERROR(checker.Check("input", schema.inputs, inputs));
  return checker.Check("output", schema.outputs, outputs);
}

}  // namespace samoyed
