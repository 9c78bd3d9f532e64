// The discrete Fourier transform of any length.
#ifndef SAMOYED_OPS_COMMON_FOURIER_H_
#define SAMOYED_OPS_COMMON_FOURIER_H_

#include <complex>
#include <vector>

#include "base/status.h"

namespace samoyed::ops {

// In place: y[k] = sum of x[n] exp(-2 pi i k n / N), with + in the exponent and a factor of 1 / N if inverse.
// Powers of two by Cooley and Tukey's radix 2, other lengths by Bluestein's algorithm (as a convolution of such a length);
// O(N log N) in both cases.
void Fourier(std::vector<std::complex<double>>& x, bool inverse);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_FOURIER_H_
