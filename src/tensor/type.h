// Static types: what is known of a value before anything runs.
#ifndef SAMOYED_TENSOR_TYPE_H_
#define SAMOYED_TENSOR_TYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace samoyed {

// One dimension: a number, a symbol ("batch"; equal symbols are equal numbers), or unknown.
struct Dim {
  int64_t value = -1;  // >= 0 when known
  std::string symbol;  // only where value < 0

  Dim() = default;
  Dim(int64_t v) : value(v) {}  // NOLINT: implicit on purpose
  static Dim Symbol(std::string name) {
    Dim d;
    d.symbol = std::move(name);
    return d;
  }
  bool known() const { return value >= 0; }
  bool symbolic() const { return value < 0 && !symbol.empty(); }
  // Certainly the same size: both the same number or the same symbol.
  bool SameAs(const Dim& other) const { return known() ? value == other.value : symbolic() && symbol == other.symbol; }
  bool operator==(const Dim&) const = default;
};

using Dims = std::vector<Dim>;

enum class TypeKind : uint8_t { kUnknown, kTensor, kSparseTensor, kSequence, kOptional, kMap, kOpaque };

struct Type {
  TypeKind kind = TypeKind::kUnknown;
  DType dtype = DType::kUndefined;    // tensors: the element type; maps: the key type
  std::optional<Dims> shape;          // tensors: nothing when even the rank is unknown
  std::shared_ptr<const Type> element;  // sequence, optional: of what; map: the value type
  std::string opaque_domain, opaque_name;

  static Type TensorOf(DType dtype) { return {TypeKind::kTensor, dtype, std::nullopt, nullptr, {}, {}}; }
  static Type TensorOf(DType dtype, Dims dims) { return {TypeKind::kTensor, dtype, std::move(dims), nullptr, {}, {}}; }
  static Type TensorOf(DType dtype, const Shape& shape) { return TensorOf(dtype, Dims(shape.begin(), shape.end())); }
  static Type SparseOf(DType dtype, std::optional<Dims> dims) { return {TypeKind::kSparseTensor, dtype, std::move(dims), nullptr, {}, {}}; }
  static Type SequenceOf(Type element) { return Wrap(TypeKind::kSequence, std::move(element)); }
  static Type OptionalOf(Type element) { return Wrap(TypeKind::kOptional, std::move(element)); }
  static Type MapOf(DType key, Type value) {
    Type t = Wrap(TypeKind::kMap, std::move(value));
    t.dtype = key;
    return t;
  }

  bool known() const { return kind != TypeKind::kUnknown; }
  bool is_tensor() const { return kind == TypeKind::kTensor; }
  bool has_shape() const { return shape.has_value(); }
  int rank() const { return shape ? static_cast<int>(shape->size()) : -1; }  // -1: unknown
  // The concrete shape when every dimension is a number.
  std::optional<Shape> concrete_shape() const;
  bool operator==(const Type& other) const;
  // "tensor(float)[1,"batch",?]", as ../shared/conformance writes types; "?" when unknown.
  std::string ToString() const;

 private:
  static Type Wrap(TypeKind kind, Type element) {
    Type t;
    t.kind = kind;
    t.element = std::make_shared<const Type>(std::move(element));
    return t;
  }
};

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_TYPE_H_
