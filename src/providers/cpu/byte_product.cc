#include "providers/cpu/byte_product.h"

#include <algorithm>
#include <cstring>

#include "providers/cpu/scratch.h"

namespace samoyed::cpu {
namespace {

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <typename T>
T Of(std::span<const T> values, int64_t n, T none) {
  return values.empty() ? none : values[values.size() == 1 ? 0 : static_cast<size_t>(n)];
}

int32_t ValueOf(std::byte value, bool is_signed) {
  return is_signed ? static_cast<int8_t>(value) : static_cast<int32_t>(static_cast<uint8_t>(value));
}

Result<Tensor> Zeros(DType dtype, int64_t n) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(dtype, Shape({n})));
  std::memset(t.mutable_raw(), 0, static_cast<size_t>(t.byte_size()));
  return t;
}

}  // namespace

Result<PackedByteMatrix> PackedByteMatrix::Pack(const ByteTileFns& tile, const ByteMatrix& b) {
  PackedByteMatrix out;
  const int64_t k = b.rows[0].size * b.rows[1].size * b.rows[2].size;
  out.tile_ = &tile;
  out.n_ = b.n;
  out.run_length_ = std::max<int64_t>(1, b.run_length);
  out.runs_ = k / out.run_length_;
  out.run_steps_ = CeilDiv(out.run_length_, tile.step_elements());
  out.width_ = tile.vectors * tile.lanes;
  out.panels_ = CeilDiv(b.n, out.width_);
  const bool wants_signed = tile.form == ByteForm::kQuadsS8;
  out.a_signed_ = b.a_signed;
  out.a_zero_ = b.a_zero;
  if (tile.form != ByteForm::kPairs) {
    if (b.a_signed != wants_signed) {
      out.flip_ = 0x80;
      out.a_zero_ += wants_signed ? -128 : 128;
    }
    out.in_place_ = out.flip_ == 0 && out.run_length_ % tile.step_elements() == 0;
  }
  const int64_t columns = CeilDiv(b.n, tile.lanes) * tile.lanes;
  SAMOYED_ASSIGN_OR_RETURN(out.storage_, Zeros(DType::kInt32, columns * out.runs_ * out.run_steps_));
  SAMOYED_ASSIGN_OR_RETURN(out.bias_, Zeros(DType::kInt32, columns));
  SAMOYED_ASSIGN_OR_RETURN(out.scale_, Zeros(DType::kFloat, columns));
  SAMOYED_ASSIGN_OR_RETURN(out.zeros_, Zeros(DType::kInt32, columns));
  SAMOYED_ASSIGN_OR_RETURN(out.column_sums_, Zeros(DType::kInt32, columns));
  for (int64_t n = 0; n < b.n; ++n) out.PackColumn(b, n);
  const int32_t* zeros = out.zeros_.data<int32_t>();
  if (std::all_of(zeros, zeros + columns, [](int32_t z) { return z == 0; })) out.zeros_ = Tensor();
  return out;
}

void PackedByteMatrix::PackColumn(const ByteMatrix& b, int64_t n) {
  const bool pairs = tile_->form == ByteForm::kPairs;
  const int64_t panel = n / width_, first = panel * width_;
  const int64_t panel_width = std::min(width_, CeilDiv(n_ - first, tile_->lanes) * tile_->lanes);
  auto* to = reinterpret_cast<std::byte*>(storage_.mutable_data<int32_t>() + first * runs_ * run_steps_ + (n - first));
  // body(run, place in the run, value) of each row.
  auto for_each = [&](auto&& body) {
    int64_t run = 0, in_run = 0;
    for (int64_t i = 0; i < b.rows[0].size; ++i) {
      for (int64_t j = 0; j < b.rows[1].size; ++j) {
        const std::byte* from = b.values + i * b.rows[0].stride + j * b.rows[1].stride + n * b.n_stride;
        for (int64_t l = 0; l < b.rows[2].size; ++l, from += b.rows[2].stride) {
          body(run, in_run, ValueOf(*from, b.is_signed));
          if (++in_run == run_length_) {
            in_run = 0;
            ++run;
          }
        }
      }
    }
  };
  // Less the zero point where that fits; else the zero point is left to the row sums.
  int32_t zero = Of(b.zeros, n, 0), shift = zero;
  if (!pairs) {
    int32_t low = 0, high = 0;
    for_each([&](int64_t, int64_t, int32_t v) {
      low = std::min(low, v - zero);
      high = std::max(high, v - zero);
    });
    if (low < -128 || high > 127) shift = b.is_signed ? 0 : 128;
  }
  int64_t sum = 0;
  const int64_t step_bytes = panel_width * 4, run_bytes = run_steps_ * step_bytes;
  for_each([&](int64_t run, int64_t in_run, int32_t v) {
    const int32_t value = v - shift;
    sum += value;
    std::byte* of_run = to + run * run_bytes;
    if (pairs) {
      const auto half = static_cast<int16_t>(value);
      std::memcpy(of_run + in_run / 2 * step_bytes + in_run % 2 * 2, &half, sizeof(half));
    } else {
      of_run[in_run / 4 * step_bytes + in_run % 4] = static_cast<std::byte>(value);
    }
  });
  zero -= shift;  // what is left of it
  zeros_.mutable_data<int32_t>()[n] = zero;
  scale_.mutable_data<float>()[n] = Of(b.scale, n, 1.0f);
  // sum (a - za)(b - zb) = sum a b - za (sum b - k zb) - zb sum a; the last term is the row sums'.
  int64_t bias = Of(b.bias, n, 0);
  const int64_t centred = sum - k() * zero;
  column_sums_.mutable_data<int32_t>()[n] = static_cast<int32_t>(centred);
  if (!pairs) bias -= a_zero_ * centred;
  bias_.mutable_data<int32_t>()[n] = static_cast<int32_t>(bias);  // modulo 2^32, as the sums: only the total has to fit
}

void PackedByteMatrix::FillA(int64_t count, std::byte* to) const {
  const int value = tile_->form == ByteForm::kPairs ? 0 : static_cast<uint8_t>(a_zero_);
  std::memset(to, value, static_cast<size_t>(count * element_bytes()));
}

int32_t PackedByteMatrix::SumRow(const std::byte* a, const int64_t* run_offsets) const {
  int32_t sum = 0;
  for (int64_t r = 0; r < runs_; ++r) {
    const std::byte* p = a + run_offsets[r];
    for (int64_t i = 0; i < run_length_; ++i) sum += ValueOf(p[i], tile_->form == ByteForm::kQuadsS8);
  }
  return sum;
}

ByteFinish ByteFinish::For(DType dtype, int32_t zero) {
  ByteFinish out;
  if (dtype == DType::kFloat) out.output = ByteOutput::kFloat;
  if (dtype == DType::kInt32) out.output = ByteOutput::kInt32;
  if (dtype == DType::kInt8) out.output = ByteOutput::kInt8;
  out.zero = zero;
  out.low = static_cast<float>((dtype == DType::kInt8 ? -128 : 0) - zero);
  out.high = static_cast<float>((dtype == DType::kInt8 ? 127 : 255) - zero);
  return out;
}

void MultiplyBytes(const ByteStrips& strips, const int64_t* run_offsets, const PackedByteMatrix& b, int64_t begin, int64_t end,
                   const ByteFinish& finish) {
  const ByteTileFns& tile = b.tile();
  // Tiles of nearly the same height: a last one of a row or two would keep the multipliers idle.
  const int64_t tiles = CeilDiv(strips.rows, tile.rows), low_rows = strips.rows / std::max<int64_t>(tiles, 1),
                taller = strips.rows - low_rows * tiles;
  if (b.needs_row_sums()) {
    for (int64_t s = 0; s < strips.strips; ++s) {
      for (int64_t m = 0; m < strips.rows; ++m)
        strips.row_sums[s * strips.rows + m] = b.SumRow(strips.a + s * strips.a_step + m * strips.a_stride, run_offsets);
    }
  }
  ByteTileArgs args;
  args.a_stride = strips.a_stride;
  args.run_offsets = run_offsets;
  args.runs = b.runs();
  args.run_steps = b.run_steps();
  args.c_stride = strips.c_stride;
  args.low = finish.low;
  args.high = finish.high;
  args.zero = finish.zero;
  args.output = finish.output;
  for (int64_t p = begin; p < end; ++p) {
    const int64_t column = p * b.panel_columns();
    args.n = std::min(b.panel_columns(), b.n() - column);
    args.b = b.panel(p);
    args.bias = finish.bias != nullptr ? finish.bias + column : b.bias(p);
    args.scale = finish.scale != nullptr ? finish.scale + column : b.scale(p);
    args.shift = finish.shift != nullptr ? finish.shift + column : nullptr;
    args.zeros = b.zeros(p);
    const int64_t vectors = CeilDiv(args.n, tile.lanes);
    for (int64_t s = 0; s < strips.strips; ++s) {
      args.a = strips.a + s * strips.a_step;
      args.c = strips.c + s * strips.c_step + column * finish.element_bytes();
      args.row_sums = b.needs_row_sums() ? strips.row_sums + s * strips.rows : nullptr;
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t rows = low_rows + (t < taller ? 1 : 0);
        tile.tile[rows - 1][vectors - 1](args);
        args.a += rows * args.a_stride;
        args.c += rows * args.c_stride;
        if (args.row_sums != nullptr) args.row_sums += rows;
      }
    }
  }
}

namespace {

// How a product of `rows` rows is cut into pieces.
struct Cut {
  int64_t block, row_blocks, panels, column_blocks;
  int64_t stride;  // bytes a prepared row
  int64_t sum_bytes, slot_bytes;

  Cut(const PackedByteMatrix& b, int64_t rows) {
    const int64_t tile_rows = b.tile().rows;
    stride = b.reads_in_place() ? b.k() : b.run_steps() * 4;
    block = std::clamp<int64_t>(BlockBytes() / std::max<int64_t>(1, stride), tile_rows, std::max(tile_rows, rows));
    block = std::min(CeilDiv(CeilDiv(rows, CeilDiv(rows, block)), tile_rows) * tile_rows, rows);
    constexpr int64_t kPieces = 16, kPieceOps = 4 << 20;
    row_blocks = CeilDiv(rows, block);
    column_blocks = 1;
    const double ops = 2.0 * static_cast<double>(rows) * static_cast<double>(b.n()) * static_cast<double>(b.k());
    const int64_t wanted = std::min(kPieces, static_cast<int64_t>(std::min(ops / kPieceOps, 1e6)) + 1);
    if (row_blocks < wanted) {
      // By columns only where rows are few: every column block prepares its rows anew.
      const int64_t by_rows = std::max<int64_t>(1, rows / (4 * tile_rows));
      row_blocks = std::max(row_blocks, std::min(wanted, by_rows));
      block = CeilDiv(CeilDiv(rows, row_blocks), tile_rows) * tile_rows;
      row_blocks = CeilDiv(rows, block);
      column_blocks = std::clamp<int64_t>(CeilDiv(wanted, row_blocks), 1, b.panels());
    }
    panels = CeilDiv(b.panels(), column_blocks);
    sum_bytes = b.needs_row_sums() ? AlignScratch(ScratchProduct(block, 4)) : 0;
    slot_bytes = sum_bytes + (b.reads_in_place() ? 0 : ScratchProduct(block, stride) + PackedByteMatrix::kSlack);
  }
};

}  // namespace

int64_t ByteProductScratch(const PackedByteMatrix& b, int64_t rows, int threads) {
  if (rows <= 0 || b.n() <= 0) return 0;
  return ScratchSlots::Bytes(Cut(b, rows).slot_bytes, threads);
}

void MultiplyBytesParallel(KernelContext& ctx, const std::byte* a, int64_t rows, const PackedByteMatrix& b, const ByteFinish& finish,
                           std::byte* c, std::span<std::byte> scratch) {
  if (rows <= 0 || b.n() <= 0) return;
  const Cut cut(b, rows);
  ScratchSlots slots(scratch, cut.slot_bytes);
  const bool needs_scratch = cut.slot_bytes > 0;
  auto run = [&](int64_t piece, std::byte* slot) {
    const int64_t row = piece / cut.column_blocks * cut.block, first = piece % cut.column_blocks * cut.panels;
    ByteStrips strips;
    strips.rows = std::min(cut.block, rows - row);
    strips.a_stride = cut.stride;
    strips.c_stride = b.n() * finish.element_bytes();
    strips.c = c + row * strips.c_stride;
    strips.row_sums = reinterpret_cast<int32_t*>(slot);
    const std::byte* from = a + row * b.k();
    strips.a = from;
    if (!b.reads_in_place()) {
      std::byte* copy = slot + cut.sum_bytes;
      if (cut.stride == b.k() * b.element_bytes()) {
        b.PrepareA(from, strips.rows * b.k(), copy);
      } else {
        for (int64_t m = 0; m < strips.rows; ++m) b.PrepareA(from + m * b.k(), b.k(), copy + m * cut.stride);
      }
      strips.a = copy;
    }
    const int64_t offset = 0;
    MultiplyBytes(strips, &offset, b, first, std::min(b.panels(), first + cut.panels), finish);
  };
  ctx.ParallelFor(cut.row_blocks * cut.column_blocks, 1, [&](int64_t begin, int64_t end) {
    if (!needs_scratch) {
      for (int64_t piece = begin; piece < end; ++piece) run(piece, nullptr);
      return;
    }
    ScratchSlots::Lease lease(slots);
    for (int64_t piece = begin; piece < end && ctx.Poll().ok(); ++piece) run(piece, lease.data());
  });
}

}  // namespace samoyed::cpu
