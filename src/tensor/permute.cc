#include "tensor/permute.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int kMaxRank = 64;
constexpr int64_t kGrainElements = 16 << 10;  // a few microseconds of copying

// The permutation with neighbouring axes that stay together merged and axes of size 1 dropped: sizes and input
// strides of what is left, in output order.
struct Merged {
  int rank = 0;
  std::array<int64_t, kMaxRank> size, stride;
};

Merged Merge(const Shape& in, std::span<const int> perm) {
  std::array<int64_t, kMaxRank> strides;
  int64_t stride = 1;
  for (int i = in.rank() - 1; i >= 0; --i) {
    strides[static_cast<size_t>(i)] = stride;
    stride *= in[i];
  }
  Merged m;
  for (int axis : perm) {
    if (in[axis] == 1) continue;
    const auto last = static_cast<size_t>(m.rank);
    const int64_t own = strides[static_cast<size_t>(axis)];
    if (m.rank > 0 && m.stride[last - 1] == own * in[axis]) {
      m.size[last - 1] *= in[axis];
      m.stride[last - 1] = own;
    } else {
      m.size[last] = in[axis];
      m.stride[last] = own;
      ++m.rank;
    }
  }
  if (m.rank == 0) {
    m.size[0] = m.stride[0] = 1;
    m.rank = 1;
  }
  return m;
}

// Output elements [begin, end) rows of the last axis at a time.
template <typename T>
void CopyRows(const T* in, T* out, const Merged& m, int64_t begin, int64_t end) {
  const auto last = static_cast<size_t>(m.rank - 1);
  const int64_t length = m.size[last], step = m.stride[last];
  for (int64_t row = begin; row < end; ++row) {
    int64_t rest = row, from = 0;
    for (size_t axis = last; axis-- > 0;) {
      from += rest % m.size[axis] * m.stride[axis];
      rest /= m.size[axis];
    }
    const T* source = in + from;
    T* target = out + row * length;
    if (step == 1) {
      std::memcpy(target, source, static_cast<size_t>(length) * sizeof(T));
    } else {
      for (int64_t i = 0; i < length; ++i) target[i] = source[i * step];
    }
  }
}

// The common case, a batch of matrix transposes [batch][rows][columns] -> [batch][columns][rows], in square tiles so that
// both sides use whole cache lines.
template <typename T>
void TransposeTiles(const T* in, T* out, int64_t rows, int64_t columns, int64_t begin, int64_t end) {
  constexpr int64_t kTile = 16;
  const int64_t row_tiles = (rows + kTile - 1) / kTile;
  for (int64_t unit = begin; unit < end; ++unit) {
    const int64_t batch = unit / row_tiles, r0 = unit % row_tiles * kTile, r1 = std::min(rows, r0 + kTile);
    const T* source = in + batch * rows * columns;
    T* target = out + batch * rows * columns;
    for (int64_t c0 = 0; c0 < columns; c0 += kTile) {
      const int64_t c1 = std::min(columns, c0 + kTile);
      for (int64_t c = c0; c < c1; ++c) {
        for (int64_t r = r0; r < r1; ++r) target[c * rows + r] = source[r * columns + c];
      }
    }
  }
}

template <typename T>
void PermuteAs(const void* in_raw, void* out_raw, const Merged& m, int64_t total, ParallelFn parallel) {
  const T* in = static_cast<const T*>(in_raw);
  T* out = static_cast<T*>(out_raw);
  const bool batched = m.rank == 3 && m.stride[1] == 1 && m.stride[0] == m.size[1] * m.size[2] && m.stride[2] == m.size[1];
  const bool single = m.rank == 2 && m.stride[0] == 1 && m.stride[1] == m.size[0];
  if (batched || single) {
    const auto at = static_cast<size_t>(m.rank - 2);
    const int64_t batch = batched ? m.size[0] : 1, columns = m.size[at], rows = m.size[at + 1];
    const int64_t units = batch * ((rows + 15) / 16);
    parallel(units, std::max<int64_t>(1, kGrainElements / (16 * columns)),
             [&](int64_t begin, int64_t end) { TransposeTiles(in, out, rows, columns, begin, end); });
    return;
  }
  const int64_t length = m.size[static_cast<size_t>(m.rank - 1)];
  parallel(total / length, std::max<int64_t>(1, kGrainElements / length), [&](int64_t begin, int64_t end) { CopyRows(in, out, m, begin, end); });
}

struct Wide {
  uint64_t part[2];  // complex128
};

}  // namespace

Shape PermutedShape(const Shape& shape, std::span<const int> perm) {
  Shape out = shape;
  for (int k = 0; k < shape.rank(); ++k) out[k] = shape[perm[static_cast<size_t>(k)]];
  return out;
}

Status Permute(const Tensor& in, std::span<const int> perm, Tensor& out, ParallelFn parallel) {
  if (in.rank() > kMaxRank) return LimitExceeded("a tensor of rank ", in.rank(), " is over the limit of ", kMaxRank);
  if (static_cast<size_t>(in.rank()) != perm.size()) return InternalError("a permutation of ", perm.size(), " axes for a tensor of rank ", in.rank());
  if (in.size() == 0) return OkStatus();
  const Merged m = Merge(in.shape(), perm);
  switch (BitWidth(in.dtype())) {
    case 8:
      PermuteAs<uint8_t>(in.raw(), out.mutable_raw(), m, in.size(), parallel);
      return OkStatus();
    case 16:
      PermuteAs<uint16_t>(in.raw(), out.mutable_raw(), m, in.size(), parallel);
      return OkStatus();
    case 32:
      PermuteAs<uint32_t>(in.raw(), out.mutable_raw(), m, in.size(), parallel);
      return OkStatus();
    case 64:
      PermuteAs<uint64_t>(in.raw(), out.mutable_raw(), m, in.size(), parallel);
      return OkStatus();
    case 128:
      PermuteAs<Wide>(in.raw(), out.mutable_raw(), m, in.size(), parallel);
      return OkStatus();
    default:
      break;
  }
  // Strings and packed sub-byte types: one element at a time.
  Shape index = out.shape();
  for (int k = 0; k < index.rank(); ++k) index[k] = 0;
  const Shape strides = RowMajorStrides(in.shape());
  for (int64_t at = 0; at < in.size(); ++at) {
    int64_t from = 0;
    for (int k = 0; k < index.rank(); ++k) from += index[k] * strides[perm[static_cast<size_t>(k)]];
    if (in.dtype() == DType::kString) {
      out.mutable_strings()[at] = in.strings()[static_cast<size_t>(from)];
    } else {
      double element;
      Load(in, from, 1, &element);
      Store(out, at, 1, &element);
    }
    for (int k = index.rank() - 1; k >= 0 && ++index[k] == out.dim(k); --k) index[k] = 0;
  }
  return OkStatus();
}

Result<Tensor> Permuted(const Tensor& in, std::span<const int> perm) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(in.dtype(), PermutedShape(in.shape(), perm)));
  auto serial = [](int64_t n, int64_t, FunctionRef<void(int64_t, int64_t)> body) {
    if (n > 0) body(0, n);
  };
  SAMOYED_RETURN_IF_ERROR(Permute(in, perm, out, serial));
  return out;
}

}  // namespace samoyed
