// Operands that broadcast to one shape, walked a row at a time.
#ifndef SAMOYED_PROVIDERS_CPU_BROADCAST_H_
#define SAMOYED_PROVIDERS_CPU_BROADCAST_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ops/common/elementwise.h"
#include "ops/context.h"
#include "providers/cpu/simd/elementwise.h"
#include "tensor/shape.h"

namespace samoyed::cpu {

// The axes of the result with neighbours merged that all N operands walk through alike.
template <size_t N>
class Broadcast {
 public:
  using Offsets = std::array<int64_t, N>;

  // Operands that fit `out`. Errors: more separate axes than are planned for.
  static Result<Broadcast> Of(const NodeContext& ctx, const Shape& out, const std::array<const Shape*, N>& operands) {
    std::array<Shape, N> strides;
    for (size_t k = 0; k < N; ++k) strides[k] = ops::BroadcastStrides(*operands[k], out);
    Broadcast m;
    for (int i = 0; i < out.rank(); ++i) {
      if (out[i] == 1) continue;
      Axis axis{out[i], {}};
      for (size_t k = 0; k < N; ++k) axis.stride[k] = strides[k][i];
      if (m.rank_ > 0 && m.last().ContinuesAs(axis)) {
        axis.size *= m.last().size;
        m.last() = axis;
        continue;
      }
      if (m.rank_ == kMaxRank)
        return LimitExceeded(ctx.op_type(), ": operands of a result of shape ", out.ToString(), " broadcast over more than ", kMaxRank,
                             " separate axes");
      m.axes_[static_cast<size_t>(m.rank_++)] = axis;
    }
    if (m.rank_ == 0) {
      m.rank_ = 1;
      m.axes_[0].size = 1;
      m.axes_[0].stride.fill(1);
    }
    return m;
  }

  // Whether operand k moves along a row; else one element of it serves the whole row.
  bool moves(size_t k) const { return axes_[static_cast<size_t>(rank_ - 1)].stride[k] != 0; }

  // body(at, to, n): n neighbours of the result from `to` on are made of the operands from `at` on. About `grain` elements a piece of work.
  template <typename Body>
  void ForEachRow(KernelContext& ctx, int64_t grain, Body&& body) const {
    const int64_t length = axes_[static_cast<size_t>(rank_ - 1)].size;
    int64_t rows = 1;
    for (int i = 0; i + 1 < rank_; ++i) rows *= axes_[static_cast<size_t>(i)].size;
    if (rank_ == 1) {
      ctx.ParallelFor(length, grain, [&](int64_t begin, int64_t end) {
        Offsets at;
        for (size_t k = 0; k < N; ++k) at[k] = moves(k) ? begin : 0;
        body(at, begin, end - begin);
      });
      return;
    }
    if (length == 0) return;
    ctx.ParallelFor(rows, std::max<int64_t>(1, grain / length), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        Offsets at{};
        int64_t rest = row;
        for (int i = rank_ - 1; i-- > 0;) {
          const Axis& axis = axes_[static_cast<size_t>(i)];
          for (size_t k = 0; k < N; ++k) at[k] += rest % axis.size * axis.stride[k];
          rest /= axis.size;
        }
        body(at, row * length, length);
      }
    });
  }

 private:
  static constexpr int kMaxRank = 8;
  struct Axis {
    int64_t size = 1;
    Offsets stride{};
    bool ContinuesAs(const Axis& inner) const {
      for (size_t k = 0; k < N; ++k) {
        if (stride[k] != inner.stride[k] * inner.size) return false;
      }
      return true;
    }
  };
  Axis& last() { return axes_[static_cast<size_t>(rank_ - 1)]; }

  int rank_ = 0;
  std::array<Axis, kMaxRank> axes_;
};

// Which of two operands is a single element along a row.
inline Operands OperandsOf(const Broadcast<2>& rows) {
  return !rows.moves(1) ? Operands::kScalarB : !rows.moves(0) ? Operands::kScalarA : Operands::kBoth;
}

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_BROADCAST_H_
