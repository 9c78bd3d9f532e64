// How a row of windows falls into pieces whose taps all lie inside the input.
#ifndef SAMOYED_PROVIDERS_CPU_WINDOW_ROWS_H_
#define SAMOYED_PROVIDERS_CPU_WINDOW_ROWS_H_

#include <algorithm>
#include <cstdint>

#include "ops/common/sliding_window.h"

namespace samoyed::cpu {

// Calls piece(begin, end, taps) for outputs [begin, end) of an axis that see the same taps: one long piece in the middle, single
// outputs at the edges.
template <typename Piece>
void ForEachPiece(const ops::WindowAxis& axis, Piece&& piece) {
  const int64_t begin = std::clamp<int64_t>((axis.pad_begin + axis.stride - 1) / axis.stride, 0, axis.out);
  const int64_t room = axis.in - 1 - (axis.kernel - 1) * axis.dilation + axis.pad_begin;
  const int64_t end = std::clamp<int64_t>(room < 0 ? 0 : room / axis.stride + 1, begin, axis.out);
  for (int64_t o = 0; o < begin; ++o) piece(o, o + 1, axis.TapsInside(o));
  if (begin < end) piece(begin, end, ops::WindowAxis::Range{0, axis.kernel});
  for (int64_t o = end; o < axis.out; ++o) piece(o, o + 1, axis.TapsInside(o));
}

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_WINDOW_ROWS_H_
