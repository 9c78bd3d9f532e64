// Runtime values: tensors, and what ONNX builds from them.
#ifndef SAMOYED_TENSOR_TENSOR_H_
#define SAMOYED_TENSOR_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace samoyed {

// An element type, a shape, and a contiguous row-major buffer that it owns, shares or only views.
// Copies are cheap and share the buffer. Buffers are aligned at least to the element's size, and
// allocated ones to 64 bytes. Elements of string tensors are std::string objects.
class Tensor {
 public:
  static constexpr size_t kAlignment = 64;

  Tensor() = default;

  // A new buffer; numbers are uninitialised, strings empty. Fails on unsound shapes, on sizes over
  // 2^47 bytes, and (as a status) when memory is short.
  static Result<Tensor> Allocate(DType dtype, Shape shape);
  // Views foreign memory of at least ByteSize(dtype, shape) bytes. `owner` (may be null) is kept
  // alive with the tensor; null means that the caller sees to it.
  static Tensor View(DType dtype, Shape shape, void* data, std::shared_ptr<const void> owner);
  static Tensor ConstView(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner);
  // Small tensors from values, for attributes, constants and tests. Throw std::bad_alloc where Allocate fails.
  template <typename T>
  static Tensor Of(Shape shape, std::span<const T> values);
  template <typename T>
  static Tensor Of(Shape shape, std::initializer_list<T> values) {
    return Of<T>(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }
  template <typename T>
  static Tensor Scalar(T value) { return Of<T>({}, std::span<const T>(&value, 1)); }
  static Tensor OfStrings(Shape shape, std::vector<std::string> values);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int axis) const { return shape_[axis]; }
  int64_t size() const { return size_; }      // number of elements
  int64_t byte_size() const;                  // 0 for strings
  bool defined() const { return dtype_ != DType::kUndefined; }
  bool writable() const { return writable_; }

  const void* raw() const { return data_; }
  void* mutable_raw() { return data_; }  // only where writable()
  template <typename T>
  const T* data() const { return static_cast<const T*>(data_); }
  template <typename T>
  T* mutable_data() { return static_cast<T*>(data_); }
  template <typename T>
  std::span<const T> span() const { return {data<T>(), static_cast<size_t>(size_)}; }
  std::span<const std::string> strings() const { return span<std::string>(); }
  std::string* mutable_strings() { return mutable_data<std::string>(); }

  // The same buffer under another shape of as many elements (not checked), or another type of the
  // same width (a bit cast).
  Tensor Reshaped(Shape shape) const;
  Tensor Reinterpreted(DType dtype) const;
  // A copy with a buffer of its own.
  Result<Tensor> Clone() const;
  // What keeps the buffer alive, if anything does.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  DType dtype_ = DType::kUndefined;
  bool writable_ = false;
  Shape shape_ = {0};
  int64_t size_ = 0;
  void* data_ = nullptr;
  std::shared_ptr<const void> owner_;
};

// Bytes that `count` packed elements take; nullopt-free: count is known to be sound.
int64_t ByteSize(DType dtype, int64_t count);

class Value;

// A tensor with explicit coordinates: `values` [nnz]; `indices` [nnz] (linear) or [nnz, rank].
struct SparseTensor {
  Tensor values;
  Tensor indices;
  Shape dense_shape;
};

struct Sequence {
  std::vector<Value> items;
};

// ONNX maps have integer or string keys; both orders are by key.
struct Map {
  DType key_type = DType::kInt64;
  std::map<int64_t, Value> by_int;
  std::map<std::string, Value, std::less<>> by_string;
};

// Whatever an edge of the graph can carry. An empty optional is a Value whose kind is kNone; an
// optional that holds something is simply that something.
class Value {
 public:
  Value() = default;
  Value(Tensor tensor) : v_(std::move(tensor)) {}                                    // NOLINT
  Value(std::shared_ptr<const Sequence> sequence) : v_(std::move(sequence)) {}       // NOLINT
  Value(std::shared_ptr<const Map> map) : v_(std::move(map)) {}                      // NOLINT
  Value(std::shared_ptr<const SparseTensor> sparse) : v_(std::move(sparse)) {}       // NOLINT

  bool is_none() const { return std::holds_alternative<std::monostate>(v_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(v_); }
  bool is_sequence() const { return std::holds_alternative<std::shared_ptr<const Sequence>>(v_); }
  bool is_map() const { return std::holds_alternative<std::shared_ptr<const Map>>(v_); }
  bool is_sparse() const { return std::holds_alternative<std::shared_ptr<const SparseTensor>>(v_); }
  const Tensor& tensor() const { return *std::get_if<Tensor>(&v_); }
  Tensor& tensor() { return *std::get_if<Tensor>(&v_); }
  const Sequence& sequence() const { return **std::get_if<std::shared_ptr<const Sequence>>(&v_); }
  const Map& map() const { return **std::get_if<std::shared_ptr<const Map>>(&v_); }
  const SparseTensor& sparse() const { return **std::get_if<std::shared_ptr<const SparseTensor>>(&v_); }

 private:
  std::variant<std::monostate, Tensor, std::shared_ptr<const Sequence>, std::shared_ptr<const Map>,
               std::shared_ptr<const SparseTensor>>
      v_;
};

template <typename T>
Tensor Tensor::Of(Shape shape, std::span<const T> values) {
  static_assert(kDTypeOf<T> != DType::kUndefined);
  Result<Tensor> made = Allocate(kDTypeOf<T>, std::move(shape));
  if (!made.ok()) throw std::bad_alloc();
  Tensor out = std::move(made).value();
  for (size_t i = 0; i < values.size(); ++i) out.mutable_data<T>()[i] = values[i];
  return out;
}

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_TENSOR_H_
