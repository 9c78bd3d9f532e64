// A node's attributes in checked form: what graph/ made of the AttributeProtos after it had verified
// names and types against the operator's schema, and the schema's defaults.
#ifndef SAMOYED_OPS_ATTRIBUTES_H_
#define SAMOYED_OPS_ATTRIBUTES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tensor/tensor.h"
#include "tensor/type.h"

namespace samoyed {

// A graph-valued attribute, by its number among the node's bodies; the contexts run and infer bodies.
struct BodyRef {
  int index = 0;
};

using AttributeValue =
    std::variant<float, int64_t, std::string, Tensor, SparseTensor, Type, BodyRef, std::vector<float>, std::vector<int64_t>,
                 std::vector<std::string>, std::vector<Tensor>, std::vector<SparseTensor>, std::vector<Type>, std::vector<BodyRef>>;

struct Attribute {
  std::string name;
  AttributeValue value;
};

struct OpSchema;

// Looks attributes up by name: the node's own, else the schema's default, else `fallback`. An attribute
// of another type than asked for counts as absent; graph building has refused such nodes already.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(std::vector<Attribute> list, const OpSchema* schema = nullptr) : list_(std::move(list)), schema_(schema) {}

  bool Has(std::string_view name) const { return Find(name) != nullptr; }  // set on the node itself
  const AttributeValue* Find(std::string_view name) const;
  int64_t Int(std::string_view name, int64_t fallback = 0) const;
  float Float(std::string_view name, float fallback = 0) const;
  std::string_view String(std::string_view name, std::string_view fallback = {}) const;
  std::span<const int64_t> Ints(std::string_view name) const;  // empty when absent; see Has
  std::span<const float> Floats(std::string_view name) const;
  std::span<const std::string> Strings(std::string_view name) const;
  const Tensor* TensorOf(std::string_view name) const;  // null when absent
  const SparseTensor* SparseTensorOf(std::string_view name) const;
  const Type* TypeOf(std::string_view name) const;
  const BodyRef* Body(std::string_view name) const;

  void Set(std::string name, AttributeValue value);
  void Erase(std::string_view name);
  const std::vector<Attribute>& list() const { return list_; }
  const OpSchema* schema() const { return schema_; }
  void set_schema(const OpSchema* schema) { schema_ = schema; }

 private:
  std::vector<Attribute> list_;
  const OpSchema* schema_ = nullptr;
};

}  // namespace samoyed

#endif  // SAMOYED_OPS_ATTRIBUTES_H_
