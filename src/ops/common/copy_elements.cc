#include "ops/common/copy_elements.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/interrupt.h"
#include "ops/common/elementwise.h"
#include "tensor/packed.h"

namespace samoyed::ops {
namespace {

constexpr int64_t kUninterrupted = 1 << 22;  // elements

struct Bytes16 {  // complex128
  uint64_t low, high;
};

// Bits behind the last packed element are zero, so that equal tensors have equal bytes.
void ClearTail(Tensor& out, int64_t end) {
  const int bits = static_cast<int>(end * BitWidth(out.dtype()) % 8);
  if (end != out.size() || bits == 0) return;
  auto* data = static_cast<uint8_t*>(out.mutable_raw());
  data[out.byte_size() - 1] = static_cast<uint8_t>(data[out.byte_size() - 1] & ((1u << bits) - 1));
}

// A run of n elements from in_at on by in_step to out_at on by out_step (0: the same element over and over).
struct Run {
  int64_t in_at, in_step, out_at, out_step, n;
};

template <typename T>
void CopyRun(const Tensor& in, Tensor& out, const Run& r) {
  const T* from = in.data<T>() + r.in_at;
  T* to = out.mutable_data<T>() + r.out_at;
  for (int64_t i = 0; i < r.n; ++i) to[i * r.out_step] = from[i * r.in_step];
}

void CopyPackedRun(const Tensor& in, Tensor& out, const Run& r) {
  const int width = BitWidth(in.dtype());
  const auto* from = in.data<uint8_t>();
  auto* to = out.mutable_data<uint8_t>();
  for (int64_t i = 0; i < r.n; ++i) {
    WriteBits(to, r.out_at + i * r.out_step, width, ReadBits(from, r.in_at + i * r.in_step, width));
  }
}

void CopyAnyRun(const Tensor& in, Tensor& out, const Run& r) {
  if (r.n == 0) return;
  // A long run is done in pieces, so that it can be interrupted: what is made then is thrown away.
  if (r.n > kUninterrupted) {
    for (int64_t done = 0; done < r.n && PollInterrupt().ok(); done += kUninterrupted) {
      CopyAnyRun(in, out,
                 {r.in_at + done * r.in_step, r.in_step, r.out_at + done * r.out_step, r.out_step, std::min(kUninterrupted, r.n - done)});
    }
    return;
  }
  if (in.dtype() == DType::kString) return CopyRun<std::string>(in, out, r);
  const int bits = BitWidth(in.dtype());
  if (bits >= 8 && r.in_step == 1 && r.out_step == 1) {
    const int64_t bytes = bits / 8;
    std::memcpy(out.mutable_data<char>() + r.out_at * bytes, in.data<char>() + r.in_at * bytes, static_cast<size_t>(r.n * bytes));
    return;
  }
  switch (bits) {
    case 8:
      return CopyRun<uint8_t>(in, out, r);
    case 16:
      return CopyRun<uint16_t>(in, out, r);
    case 32:
      return CopyRun<uint32_t>(in, out, r);
    case 64:
      return CopyRun<uint64_t>(in, out, r);
    case 128:
      return CopyRun<Bytes16>(in, out, r);
    default:
      return CopyPackedRun(in, out, r);
  }
}

// Joins neighbouring axes that one stride walks through, and drops axes of one element.
void Coalesce(Shape& shape, Shape& strides) {
  Shape joined, joined_strides;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == 1) continue;
    const int last = joined.rank() - 1;
    if (last >= 0 && joined_strides[last] == strides[i] * shape[i]) {
      joined[last] *= shape[i];
      joined_strides[last] = strides[i];
    } else {
      joined.push_back(shape[i]);
      joined_strides.push_back(strides[i]);
    }
  }
  shape = std::move(joined);
  strides = std::move(joined_strides);
}

}  // namespace

void CopyElements(const Tensor& in, int64_t in_at, Tensor& out, int64_t out_at, int64_t n) {
  CopyAnyRun(in, out, {in_at, 1, out_at, 1, n});
  ClearTail(out, out_at + n);
}

void FillElements(const Tensor& value, int64_t value_at, Tensor& out, int64_t out_at, int64_t n) {
  CopyAnyRun(value, out, {value_at, 0, out_at, 1, n});
  ClearTail(out, out_at + n);
}

void ZeroElements(Tensor& out, int64_t at, int64_t n) {
  if (n == 0) return;
  const int bits = BitWidth(out.dtype());
  if (out.dtype() == DType::kString) {
    std::fill_n(out.mutable_strings() + at, n, std::string());
  } else if (bits >= 8) {
    std::memset(out.mutable_data<char>() + at * (bits / 8), 0, static_cast<size_t>(n * (bits / 8)));
  } else {
    for (int64_t i = at; i < at + n; ++i) WriteBits(out.mutable_data<uint8_t>(), i, bits, 0);
    ClearTail(out, at + n);
  }
}

void GatherStrided(const Tensor& in, int64_t offset, const Shape& strides, const Shape& shape, Tensor& out, int64_t out_at) {
  const int64_t count = shape.NumElements();
  if (count == 0) return;
  Shape dims = shape, steps = strides;
  Coalesce(dims, steps);
  const int64_t length = dims.rank() == 0 ? 1 : dims.back();
  const int64_t step = dims.rank() == 0 ? 1 : steps.back();
  ForEachRow(dims, std::span<const Shape>(&steps, 1), [&](int64_t at, std::span<const int64_t> from) {
    CopyAnyRun(in, out, {offset + from[0], step, out_at + at, 1, length});
  });
  ClearTail(out, out_at + count);
}

void ScatterStrided(const Tensor& in, int64_t in_at, const Shape& shape, Tensor& out, int64_t offset, const Shape& strides) {
  if (shape.NumElements() == 0) return;
  Shape dims = shape, steps = strides;
  Coalesce(dims, steps);
  const int64_t length = dims.rank() == 0 ? 1 : dims.back();
  const int64_t step = dims.rank() == 0 ? 1 : steps.back();
  ForEachRow(dims, std::span<const Shape>(&steps, 1), [&](int64_t at, std::span<const int64_t> to) {
    CopyAnyRun(in, out, {in_at + at, 1, offset + to[0], step, length});
  });
  ClearTail(out, out.size());
}

namespace {

// Every element of an axis of this size, in order.
bool IsWhole(std::span<const int64_t> map, int64_t size) {
  if (static_cast<int64_t>(map.size()) != size) return false;
  for (int64_t i = 0; i < size; ++i) {
    if (map[static_cast<size_t>(i)] != i) return false;
  }
  return true;
}

// Neighbours of the source, or elements outside it, in a map: [at, at + n) of the map are first, first + 1, ... or -1.
struct MapRun {
  int64_t at, first, n;
};
std::vector<MapRun> RunsOf(std::span<const int64_t> map) {
  std::vector<MapRun> runs;
  for (int64_t i = 0; i < static_cast<int64_t>(map.size()); ++i) {
    const int64_t from = map[static_cast<size_t>(i)];
    if (!runs.empty() && from == (runs.back().first < 0 ? -1 : runs.back().first + runs.back().n)) {
      ++runs.back().n;
    } else {
      runs.push_back({i, from, 1});
    }
  }
  return runs;
}

template <typename T>
void GatherRow(const Tensor& in, int64_t from, std::span<const int64_t> map, const Tensor& fill, Tensor& out, int64_t at) {
  const T* source = in.data<T>() + from;
  const T* none = fill.data<T>();
  T* to = out.mutable_data<T>() + at;
  for (size_t i = 0; i < map.size(); ++i) to[i] = map[i] < 0 ? *none : source[map[i]];
}

}  // namespace

void GatherMapped(KernelContext& ctx, const Tensor& in, std::span<const std::vector<int64_t>> maps, const Tensor& fill, Tensor& out) {
  if (out.size() == 0) return;
  int rank = out.rank();
  int64_t block = 1;  // trailing axes that are taken whole move together
  for (; rank > 0 && IsWhole(maps[static_cast<size_t>(rank - 1)], in.dim(rank - 1)); --rank) block *= in.dim(rank - 1);
  if (rank == 0) return CopyElements(in, 0, out, 0, block);
  const Shape strides = RowMajorStrides(in.shape());
  const std::vector<int64_t>& inner = maps[static_cast<size_t>(rank - 1)];
  const std::vector<MapRun> runs = RunsOf(inner);
  const int64_t row = static_cast<int64_t>(inner.size()) * block;
  const int bits = BitWidth(in.dtype());
  constexpr size_t kShortRun = 4;
  const bool by_element = block == 1 && (bits == 8 || bits == 16 || bits == 32 || bits == 64) && runs.size() * kShortRun > inner.size();

  const auto copy_row = [&](int64_t from, int64_t at) {
    if (by_element) {
      return bits == 8    ? GatherRow<uint8_t>(in, from, inner, fill, out, at)
             : bits == 16 ? GatherRow<uint16_t>(in, from, inner, fill, out, at)
             : bits == 32 ? GatherRow<uint32_t>(in, from, inner, fill, out, at)
                          : GatherRow<uint64_t>(in, from, inner, fill, out, at);
    }
    for (const MapRun& r : runs) {
      const int64_t to = at + r.at * block, n = r.n * block;
      r.first < 0 ? CopyAnyRun(fill, out, {0, 0, to, 1, n}) : CopyAnyRun(in, out, {from + r.first * block, 1, to, 1, n});
    }
  };
  const auto copy_rows = [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      int64_t from = 0, rest = r;
      bool outside = false;
      for (int axis = rank - 2; axis >= 0; --axis) {
        const int64_t place = maps[static_cast<size_t>(axis)][static_cast<size_t>(rest % out.dim(axis))];
        rest /= out.dim(axis);
        outside |= place < 0;
        from += place * strides[axis];
      }
      outside ? CopyAnyRun(fill, out, {0, 0, r * row, 1, row}) : copy_row(from, r * row);
    }
  };
  if (bits >= 8) {
    ctx.ParallelFor(out.size() / row, std::max<int64_t>(1, (64 << 10) / row), copy_rows);
  } else {
    copy_rows(0, out.size() / row);  // neighbouring rows share bytes; strings allocate
  }
  ClearTail(out, out.size());
}

}  // namespace samoyed::ops
