#include "ops/attributes.h"

#include <algorithm>

#include "ops/schema.h"

namespace samoyed {
namespace {

const SchemaAttr* DefaultOf(const OpSchema* schema, std::string_view name) {
  const SchemaAttr* attribute = schema == nullptr ? nullptr : schema->FindAttribute(name);
  return attribute != nullptr && attribute->has_default ? attribute : nullptr;
}

template <typename T>
const T* FindAs(const Attributes& attributes, std::string_view name) {
  const AttributeValue* value = attributes.Find(name);
  return value == nullptr ? nullptr : std::get_if<T>(value);
}

}  // namespace

const AttributeValue* Attributes::Find(std::string_view name) const {
  const auto it = std::ranges::find(list_, name, &Attribute::name);
  return it == list_.end() ? nullptr : &it->value;
}

int64_t Attributes::Int(std::string_view name, int64_t fallback) const {
  if (const auto* v = FindAs<int64_t>(*this, name)) return *v;
  const SchemaAttr* a = DefaultOf(schema_, name);
  return a != nullptr && a->type == SchemaAttrType::kInt ? a->default_int : fallback;
}

float Attributes::Float(std::string_view name, float fallback) const {
  if (const auto* v = FindAs<float>(*this, name)) return *v;
  const SchemaAttr* a = DefaultOf(schema_, name);
  return a != nullptr && a->type == SchemaAttrType::kFloat ? a->default_float : fallback;
}

std::string_view Attributes::String(std::string_view name, std::string_view fallback) const {
  if (const auto* v = FindAs<std::string>(*this, name)) return *v;
  const SchemaAttr* a = DefaultOf(schema_, name);
  return a != nullptr && a->type == SchemaAttrType::kString ? a->default_string : fallback;
}

std::span<const int64_t> Attributes::Ints(std::string_view name) const {
  if (const auto* v = FindAs<std::vector<int64_t>>(*this, name)) return *v;
  const SchemaAttr* a = DefaultOf(schema_, name);
  return a != nullptr && a->type == SchemaAttrType::kInts ? a->default_ints : std::span<const int64_t>();
}

std::span<const float> Attributes::Floats(std::string_view name) const {
  if (const auto* v = FindAs<std::vector<float>>(*this, name)) return *v;
  const SchemaAttr* a = DefaultOf(schema_, name);
  return a != nullptr && a->type == SchemaAttrType::kFloats ? a->default_floats : std::span<const float>();
}

std::span<const std::string> Attributes::Strings(std::string_view name) const {
  const auto* v = FindAs<std::vector<std::string>>(*this, name);
  return v == nullptr ? std::span<const std::string>() : *v;
}

const Tensor* Attributes::TensorOf(std::string_view name) const { return FindAs<Tensor>(*this, name); }
const SparseTensor* Attributes::SparseTensorOf(std::string_view name) const { return FindAs<SparseTensor>(*this, name); }
const Type* Attributes::TypeOf(std::string_view name) const { return FindAs<Type>(*this, name); }
const BodyRef* Attributes::Body(std::string_view name) const { return FindAs<BodyRef>(*this, name); }

void Attributes::Set(std::string name, AttributeValue value) {
  const auto it = std::ranges::find(list_, name, &Attribute::name);
  if (it != list_.end()) {
    it->value = std::move(value);
  } else {
    list_.push_back({std::move(name), std::move(value)});
  }
}

void Attributes::Erase(std::string_view name) {
  std::erase_if(list_, [&](const Attribute& a) { return a.name == name; });
}

}  // namespace samoyed
