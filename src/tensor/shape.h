// The concrete dimensions of a tensor.
#ifndef SAMOYED_TENSOR_SHAPE_H_
#define SAMOYED_TENSOR_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "base/status.h"

namespace samoyed {

// Up to kInline dimensions without an allocation; any rank with one. Dimensions are >= 0 in every
// shape that a tensor carries (Tensor's makers see to it).
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims) { Assign(dims); }
  Shape(const Shape& other) { Assign(other.dims()); }
  Shape(Shape&& other) noexcept { Swap(other); }
  Shape& operator=(Shape other) noexcept {
    Swap(other);
    return *this;
  }
  ~Shape() {
    if (heap_ != nullptr) delete[] heap_;
  }

  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }  // a scalar's shape
  int64_t operator[](int axis) const { return data()[axis]; }
  int64_t& operator[](int axis) { return data()[axis]; }
  int64_t back() const { return data()[rank_ - 1]; }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + rank_; }
  std::span<const int64_t> dims() const { return {data(), static_cast<size_t>(rank_)}; }
  void push_back(int64_t dim);
  void Assign(std::span<const int64_t> dims);

  // The number of elements; 1 for a scalar. Only for shapes already known to be sound.
  int64_t NumElements() const { return Product(0, rank_); }
  // The product of dimensions [begin, end).
  int64_t Product(int begin, int end) const;
  // The number of elements, or an error where a dimension is negative or the product overflows.
  Result<int64_t> CheckedNumElements() const;

  bool operator==(const Shape& other) const;
  std::string ToString() const;  // "[1,3,224,224]"

 private:
  static constexpr int kInline = 6;
  int64_t* data() { return heap_ != nullptr ? heap_ : inline_; }
  const int64_t* data() const { return heap_ != nullptr ? heap_ : inline_; }
  void Swap(Shape& other) noexcept;

  int rank_ = 0;
  int capacity_ = kInline;
  int64_t inline_[kInline] = {};
  int64_t* heap_ = nullptr;
};

// Row-major strides, in elements.
Shape RowMajorStrides(const Shape& shape);

// The shape two shapes broadcast to (numpy's rule), or an error that names both.
Result<Shape> BroadcastShapes(const Shape& a, const Shape& b);

// `axis` in [-rank, rank) counted from the front, or an error.
Result<int> NormalizeAxis(int64_t axis, int rank);

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_SHAPE_H_
