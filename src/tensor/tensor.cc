#include "tensor/tensor.h"

#include <cstring>
#include <new>

#include "base/checked.h"
#include "base/large_pages.h"
#include "base/memory_budget.h"

namespace samoyed {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 47;  // what an address space holds

// Strings, with the same promise. Throws std::bad_alloc.
std::shared_ptr<std::vector<std::string>> AllocateStrings(int64_t count, int64_t bytes, const std::shared_ptr<MemoryBudget>& budget) {
  std::unique_ptr<std::vector<std::string>> strings;
  try {
    strings = std::make_unique<std::vector<std::string>>(static_cast<size_t>(count));
  } catch (...) {
    if (budget != nullptr) budget->Give(bytes);
    throw;
  }
  return {strings.release(), [bytes, budget](std::vector<std::string>* p) {
            delete p;
            if (budget != nullptr) budget->Give(bytes);
          }};
}

// A 64-byte aligned block, or null when memory is short. `budget` (may be null) gets `bytes` back when it goes, or when it is not made.
std::shared_ptr<void> AllocateBytes(int64_t bytes, const std::shared_ptr<MemoryBudget>& budget) {
  const size_t rounded = (static_cast<size_t>(bytes) + Tensor::kAlignment - 1) / Tensor::kAlignment * Tensor::kAlignment;
  void* block = ::operator new(rounded == 0 ? Tensor::kAlignment : rounded, std::align_val_t(Tensor::kAlignment), std::nothrow);
  if (block == nullptr) {
    if (budget != nullptr) budget->Give(bytes);
    return nullptr;
  }
  PreferLargePages(block, rounded);
  return {block, [bytes, budget](void* p) {
            ::operator delete(p, std::align_val_t(Tensor::kAlignment));
            if (budget != nullptr) budget->Give(bytes);
          }};
}

}  // namespace

int64_t ByteSize(DType dtype, int64_t count) {
  const int bits = BitWidth(dtype);
  return bits >= 8 ? count * (bits / 8) : (count * bits + 7) / 8;
}

Result<Tensor> Tensor::Allocate(DType dtype, Shape shape) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t count, shape.CheckedNumElements());
  const int64_t element_bytes = dtype == DType::kString ? sizeof(std::string) : (BitWidth(dtype) + 7) / 8;
  const auto bytes = CheckedMul(count, element_bytes);
  if (!bytes || *bytes > kMaxBytes) {
    return LimitExceeded("a tensor of shape ", shape.ToString(), " and type ", NameOf(dtype), " does not fit into memory");
  }
  const std::shared_ptr<MemoryBudget>& budget = CurrentMemoryBudget();
  const int64_t held = dtype == DType::kString ? *bytes : ByteSize(dtype, count);  // 4-bit types are packed
  if (budget != nullptr && !budget->Take(held)) {
    return LimitExceeded("a tensor of shape ", shape.ToString(), " and type ", NameOf(dtype), " takes ", held,
                         " bytes, more than is left of the ", budget->limit(), " that there may be in use");
  }
  Tensor out;
  out.dtype_ = dtype;
  out.writable_ = true;
  out.size_ = count;
  if (dtype == DType::kString) {
    const auto strings = AllocateStrings(count, held, budget);
    out.data_ = strings->data();
    out.owner_ = strings;
  } else {
    auto block = AllocateBytes(held, budget);
    if (block == nullptr) return LimitExceeded("out of memory for ", held, " bytes, shape ", shape.ToString());
    out.data_ = block.get();
    out.owner_ = std::move(block);
  }
  out.shape_ = std::move(shape);
  return out;
}

Tensor Tensor::View(DType dtype, Shape shape, void* data, std::shared_ptr<const void> owner) {
  Tensor out;
  out.dtype_ = dtype;
  out.writable_ = true;
  out.size_ = shape.NumElements();
  out.shape_ = std::move(shape);
  out.data_ = data;
  out.owner_ = std::move(owner);
  return out;
}

Tensor Tensor::ConstView(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner) {
  Tensor out = View(dtype, std::move(shape), const_cast<void*>(data), std::move(owner));
  out.writable_ = false;
  return out;
}

Tensor Tensor::OfStrings(Shape shape, std::vector<std::string> values) {
  auto strings = std::make_shared<std::vector<std::string>>(std::move(values));
  Tensor out = View(DType::kString, std::move(shape), strings->data(), nullptr);
  out.owner_ = std::move(strings);
  return out;
}

int64_t Tensor::byte_size() const { return ByteSize(dtype_, size_); }

Tensor Tensor::Reshaped(Shape shape) const {
  Tensor out = *this;
  out.shape_ = std::move(shape);
  return out;
}

Tensor Tensor::Reinterpreted(DType dtype) const {
  Tensor out = *this;
  out.dtype_ = dtype;
  return out;
}

Result<Tensor> Tensor::Clone() const {
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Allocate(dtype_, shape_));
  if (dtype_ == DType::kString) {
    for (int64_t i = 0; i < size_; ++i) out.mutable_strings()[i] = strings()[static_cast<size_t>(i)];
  } else if (size_ > 0) {
    std::memcpy(out.data_, data_, static_cast<size_t>(byte_size()));
  }
  return out;
}

}  // namespace samoyed
