#include "tensor/shape.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"

namespace samoyed {

void Shape::Assign(std::span<const int64_t> dims) {
  const int rank = static_cast<int>(dims.size());
  if (rank > capacity_) {
    auto* grown = new int64_t[dims.size()];
    std::copy(dims.begin(), dims.end(), grown);
    delete[] heap_;
    heap_ = grown;
    capacity_ = rank;
  } else {
    std::copy(dims.begin(), dims.end(), data());
  }
  rank_ = rank;
}

void Shape::push_back(int64_t dim) {
  if (rank_ == capacity_) {
    auto* grown = new int64_t[static_cast<size_t>(capacity_) * 2];
    std::copy(begin(), end(), grown);
    delete[] heap_;
    heap_ = grown;
    capacity_ *= 2;
  }
  data()[rank_++] = dim;
}

void Shape::Swap(Shape& other) noexcept {
  std::swap(rank_, other.rank_);
  std::swap(capacity_, other.capacity_);
  std::swap(inline_, other.inline_);
  std::swap(heap_, other.heap_);
}

int64_t Shape::Product(int begin, int end) const {
  int64_t product = 1;
  for (int i = begin; i < end; ++i) product *= (*this)[i];
  return product;
}

Result<int64_t> Shape::CheckedNumElements() const {
  int64_t product = 1;
  bool is_empty = false;  // [2^62, 2^62, 0] holds nothing and is legal
  for (int64_t dim : dims()) {
    if (dim < 0) return BadInput("negative dimension in shape ", ToString());
    is_empty |= dim == 0;
  }
  if (is_empty) return int64_t{0};
  for (int64_t dim : dims()) {
    const auto next = CheckedMul(product, dim);
    if (!next) return LimitExceeded("shape ", ToString(), " has more than 2^63 elements");
    product = *next;
  }
  return product;
}

bool Shape::operator==(const Shape& other) const { return std::ranges::equal(dims(), other.dims()); }

std::string Shape::ToString() const { return StrCat("[", StrJoin(dims(), ","), "]"); }

Shape RowMajorStrides(const Shape& shape) {
  Shape strides = shape;
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride = WrapMul(stride, shape[i]);
  }
  return strides;
}

Result<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape out = longer;
  const int offset = longer.rank() - shorter.rank();
  for (int i = 0; i < shorter.rank(); ++i) {
    const int64_t x = longer[offset + i];
    const int64_t y = shorter[i];
    if (x != y && x != 1 && y != 1) {
      return BadInput("shapes ", a.ToString(), " and ", b.ToString(), " do not broadcast");
    }
    out[offset + i] = x == 1 ? y : x;
  }
  return out;
}

Result<int> NormalizeAxis(int64_t axis, int rank) {
  const auto index = NormalizeIndex(axis, rank);
  if (!index) return BadInput("axis ", axis, " is outside [", -rank, ", ", rank, ") for rank ", rank);
  return static_cast<int>(*index);
}

}  // namespace samoyed
