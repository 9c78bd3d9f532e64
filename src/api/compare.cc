#include "api/compare.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "tensor/convert.h"

namespace samoyed {
namespace {

using Complex = std::complex<double>;

bool Near(double a, double e, double rtol, double atol) {
  if (std::isnan(a) || std::isnan(e)) return std::isnan(a) == std::isnan(e);
  return a == e || (!std::isinf(a) && !std::isinf(e) && std::fabs(a - e) <= atol + rtol * std::fabs(e));
}

Status CompareTensors(const Tensor& actual, const Tensor& expected, double rtol, double atol) {
  if (actual.dtype() != expected.dtype())
    return FailedCheck("element type ", NameOf(actual.dtype()), " instead of ", NameOf(expected.dtype()));
  if (!(actual.shape() == expected.shape()))
    return FailedCheck("shape ", actual.shape().ToString(), " instead of ", expected.shape().ToString());
  if (actual.dtype() == DType::kString) {
    for (size_t i = 0; i < actual.strings().size(); ++i) {
      if (actual.strings()[i] != expected.strings()[i])
        return FailedCheck("element ", i, ": \"", actual.strings()[i], "\" instead of \"", expected.strings()[i], "\"");
    }
    return OkStatus();
  }
  if (actual.dtype() == DType::kBfloat16) rtol = std::max(rtol, 1.0 / 64);
  constexpr int64_t kChunk = 256;
  Complex a[kChunk], e[kChunk];
  for (int64_t begin = 0; begin < actual.size(); begin += kChunk) {
    const int64_t n = std::min(kChunk, actual.size() - begin);
    Load(actual, begin, n, a);
    Load(expected, begin, n, e);
    for (int64_t i = 0; i < n; ++i) {
      if (Near(a[i].real(), e[i].real(), rtol, atol) && Near(a[i].imag(), e[i].imag(), rtol, atol)) continue;
      return FailedCheck("element ", begin + i, " of ", actual.shape().ToString(), ": ", a[i].real(), " instead of ", e[i].real());
    }
  }
  return OkStatus();
}

Status CompareMaps(const Map& actual, const Map& expected, double rtol, double atol) {
  if (actual.by_int.size() != expected.by_int.size() || actual.by_string.size() != expected.by_string.size())
    return FailedCheck("maps of different sizes");
  for (const auto& [key, value] : expected.by_int) {
    const auto it = actual.by_int.find(key);
    if (it == actual.by_int.end()) return FailedCheck("no entry for key ", key);
    SAMOYED_RETURN_IF_ERROR(Compare(it->second, value, rtol, atol));
  }
  for (const auto& [key, value] : expected.by_string) {
    const auto it = actual.by_string.find(key);
    if (it == actual.by_string.end()) return FailedCheck("no entry for key \"", key, "\"");
    SAMOYED_RETURN_IF_ERROR(Compare(it->second, value, rtol, atol));
  }
  return OkStatus();
}

}  // namespace

Status Compare(const Value& actual, const Value& expected, double rtol, double atol) {
  if (actual.is_none() && expected.is_none()) return OkStatus();
  if (actual.is_tensor() && expected.is_tensor()) return CompareTensors(actual.tensor(), expected.tensor(), rtol, atol);
  if (actual.is_map() && expected.is_map()) return CompareMaps(actual.map(), expected.map(), rtol, atol);
  if (actual.is_sequence() && expected.is_sequence()) {
    const auto& a = actual.sequence().items;
    const auto& e = expected.sequence().items;
    if (a.size() != e.size()) return FailedCheck("a sequence of ", a.size(), " instead of ", e.size());
    for (size_t i = 0; i < a.size(); ++i) SAMOYED_RETURN_IF_ERROR(Compare(a[i], e[i], rtol, atol).At(StrCat("item ", i)));
    return OkStatus();
  }
  if (actual.is_sparse() && expected.is_sparse()) {
    SAMOYED_RETURN_IF_ERROR(CompareTensors(actual.sparse().indices, expected.sparse().indices, 0, 0));
    return CompareTensors(actual.sparse().values, expected.sparse().values, rtol, atol);
  }
  return FailedCheck("a value of another kind than expected");
}

}  // namespace samoyed
