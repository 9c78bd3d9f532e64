#include "providers/cpu/quantised.h"

#include <algorithm>
#include <cmath>

#include "tensor/convert.h"

namespace samoyed::cpu {
namespace {

bool IsOneOrRow(const Tensor& t, int64_t n) { return t.size() == 1 || (t.rank() == 1 && t.dim(0) == n); }

}  // namespace

std::optional<ByteQuantizer> QuantizerOf(const KernelSpec& spec, int scale, int zero, DType fallback) {
  const auto scales = ScalesOf(spec, scale, 1);
  if (!scales || scales->size() != 1) return std::nullopt;
  const DType dtype = !spec.has_input(zero) || spec.constant(zero) == nullptr ? fallback : spec.constant(zero)->dtype();
  const auto zeros = ZerosOf(spec, zero, 1, dtype);
  if (!zeros || !IsByte(dtype)) return std::nullopt;
  return ByteQuantizer{dtype, (*scales)[0], zeros->empty() ? 0 : (*zeros)[0]};
}

std::optional<std::vector<float>> ScalesOf(const KernelSpec& spec, int input, int64_t n) {
  if (!spec.has_input(input)) return std::vector<float>();
  const Tensor* t = spec.constant(input);
  if (t == nullptr || t->dtype() != DType::kFloat || !IsOneOrRow(*t, n)) return std::nullopt;
  const std::vector<float> scales(t->data<float>(), t->data<float>() + t->size());
  if (!std::ranges::all_of(scales, [](float s) { return std::isfinite(s) && s > 0; })) return std::nullopt;
  return scales;
}

std::optional<std::vector<int32_t>> ZerosOf(const KernelSpec& spec, int input, int64_t n, DType dtype) {
  if (!spec.has_input(input)) return std::vector<int32_t>();
  const Tensor* t = spec.constant(input);
  if (t == nullptr || t->dtype() != dtype || !IsByte(dtype) || !IsOneOrRow(*t, n)) return std::nullopt;
  std::vector<int32_t> zeros;
  for (int64_t z : LoadAll<int64_t>(*t)) zeros.push_back(static_cast<int32_t>(z));
  return zeros;
}

std::optional<std::vector<int32_t>> BiasOf(const KernelSpec& spec, int input, int64_t n) {
  if (!spec.has_input(input)) return std::vector<int32_t>();
  const Tensor* t = spec.constant(input);
  if (t == nullptr || t->dtype() != DType::kInt32 || t->rank() != 1 || t->dim(0) != n) return std::nullopt;
  return std::vector<int32_t>(t->data<int32_t>(), t->data<int32_t>() + n);
}

}  // namespace samoyed::cpu
