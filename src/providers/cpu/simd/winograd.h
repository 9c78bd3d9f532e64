// The transforms around Winograd's convolution: F(4x4, 3x3) and F(2x2, 3x3) on channels-last fp32 data.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015): a tile of m x m outputs of a 3x3 kernel is
// A^T [(G g G^T) * (B^T d B)] A, where d is the (m + 2) x (m + 2) patch of the input below it and * is elementwise; over many tiles and
// channels each of the (m + 2)^2 elements is a matrix product. The matrices belong to points where the polynomials are evaluated:
// F(2x2) 0, 1, -1 and infinity; F(4x4) 0, +-2/3, +-3/2 and infinity, with a third of the rounding error of the usual 0, +-1, +-2.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_WINOGRAD_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_WINOGRAD_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

inline constexpr double kWinogradSmall = 2.0 / 3, kWinogradLarge = 3.0 / 2;  // the points of F(4x4); their product is 1

// to[(i * alpha + j) * to_step + c] = (B^T d B)[i][j] for channel c, `channels` rounded up to whole vectors.
struct WinogradInput {
  const float* x;                    // the input
  int64_t first;                     // where element (0, 0) of the patch lies or, outside the image, would lie; floats
  int64_t row_stride, pixel_stride;  // floats
  int64_t row_begin, row_end;        // the patch's rows that lie inside the image
  int64_t column_begin, column_end;  // and its columns
  int64_t channels;
  float* to;
  int64_t to_step;
};

// y[i][j][n] = clamp((A^T m A)[i][j] + bias[n] + residual[i][j][n], low, high) for the tile's first `rows` x `columns` outputs.
struct WinogradOutput {
  const float* from;  // element e of column n at e * from_step + n, readable up to whole vectors
  int64_t from_step;
  const float* bias;      // readable up to whole vectors
  const float* residual;  // null: none; strides as y
  float* y;
  int64_t row_stride, pixel_stride;
  int64_t rows, columns;  // at most m
  int64_t n;
  float low, high;
};

struct WinogradFns {
  int lanes;  // floats a vector
  void (*input4)(const WinogradInput&);
  void (*input2)(const WinogradInput&);
  void (*output4)(const WinogradOutput&);
  void (*output2)(const WinogradOutput&);
};

const WinogradFns& WinogradFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_WINOGRAD_H_
