#include "ops/common/fourier.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace samoyed::ops {
namespace {

using Complex = std::complex<double>;

// exp(sign * pi * i * k / n)
Complex Turn(double sign, uint64_t k, uint64_t n) {
  const double angle = sign * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

// Plain product: std::complex's operator looks for infinities first.
Complex Times(Complex a, Complex b) { return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()}; }

void PowerOfTwo(std::vector<Complex>& x, double sign) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {  // bit-reversed order
    size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  std::vector<Complex> turns(n / 2);
  for (size_t k = 0; k < n / 2; ++k) turns[k] = Turn(sign, 2 * k, n);
  for (size_t length = 2; length <= n; length *= 2) {
    const size_t step = n / length;
    for (size_t begin = 0; begin < n; begin += length) {
      for (size_t k = 0; k < length / 2; ++k) {
        const Complex even = x[begin + k], odd = Times(x[begin + k + length / 2], turns[k * step]);
        x[begin + k] = even + odd;
        x[begin + k + length / 2] = even - odd;
      }
    }
  }
}

void Bluestein(std::vector<Complex>& x, double sign) {
  const size_t n = x.size();
  const size_t size = std::bit_ceil(2 * n - 1);
  std::vector<Complex> chirp(n), a(size), b(size);
  for (size_t k = 0; k < n; ++k) chirp[k] = Turn(sign, static_cast<uint64_t>(static_cast<unsigned __int128>(k) * k % (2 * n)), n);
  for (size_t k = 0; k < n; ++k) a[k] = Times(x[k], chirp[k]);
  b[0] = std::conj(chirp[0]);
  for (size_t k = 1; k < n; ++k) b[k] = b[size - k] = std::conj(chirp[k]);
  PowerOfTwo(a, -1);
  PowerOfTwo(b, -1);
  for (size_t k = 0; k < size; ++k) a[k] = Times(a[k], b[k]);
  PowerOfTwo(a, 1);
  for (size_t k = 0; k < n; ++k) x[k] = Times(a[k], chirp[k]) / static_cast<double>(size);
}

}  // namespace

void Fourier(std::vector<Complex>& x, bool inverse) {
  if (x.size() < 2) return;
  const double sign = inverse ? 1 : -1;
  if (std::has_single_bit(x.size())) {
    PowerOfTwo(x, sign);
  } else {
    Bluestein(x, sign);
  }
  if (inverse) {
    for (Complex& v : x) v /= static_cast<double>(x.size());
  }
}

}  // namespace samoyed::ops
