#include "providers/cpu/product.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/cpu.h"

namespace samoyed::cpu {
namespace {

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

int64_t BlockBytes() { return std::clamp<int64_t>(HostCpu().l2_bytes / 2, 64 << 10, 1 << 20); }

int64_t PackedMatrix::Floats(const TileFns& tile, int64_t k, int64_t n) { return CeilDiv(n, tile.lanes) * tile.lanes * k; }

void PackedMatrix::Fill(const float* source, const Rows& rows, int64_t n_stride, int lanes, float* to) const {
  for (int64_t p = 0; p < panels_; ++p) {
    const int64_t first = p * width_, columns = std::min(width_, n_ - first), width = CeilDiv(columns, lanes) * lanes;
    for (int64_t i = 0; i < rows[0].size; ++i) {
      for (int64_t j = 0; j < rows[1].size; ++j) {
        for (int64_t k = 0; k < rows[2].size; ++k) {
          const float* from = source + i * rows[0].stride + j * rows[1].stride + k * rows[2].stride + first * n_stride;
          if (n_stride == 1) {
            std::copy_n(from, columns, to);
          } else {
            for (int64_t n = 0; n < columns; ++n) to[n] = from[n * n_stride];
          }
          std::fill(to + columns, to + width, 0.0f);
          to += width;
        }
      }
    }
  }
}

Result<PackedMatrix> PackedMatrix::Pack(const TileFns& tile, const float* source, const Rows& rows, int64_t n, int64_t n_stride,
                                        const float* bias) {
  PackedMatrix out;
  out.k_ = rows[0].size * rows[1].size * rows[2].size;
  out.n_ = n;
  out.width_ = tile.vectors * tile.lanes;
  out.panels_ = CeilDiv(n, out.width_);
  SAMOYED_ASSIGN_OR_RETURN(out.storage_, Tensor::Allocate(DType::kFloat, Shape({Floats(tile, out.k_, n)})));
  out.Fill(source, rows, n_stride, tile.lanes, out.storage_.mutable_data<float>());
  out.data_ = out.storage_.data<float>();
  if (bias != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(out.bias_, Tensor::Allocate(DType::kFloat, Shape({out.panels_ * out.width_})));
    float* to = out.bias_.mutable_data<float>();
    std::copy_n(bias, n, to);
    std::fill(to + n, to + out.bias_.size(), 0.0f);
  }
  return out;
}

PackedMatrix PackedMatrix::PackInto(const TileFns& tile, const float* source, const Rows& rows, int64_t n, int64_t n_stride,
                                    float* memory) {
  PackedMatrix out = View(tile, rows[0].size * rows[1].size * rows[2].size, n, memory);
  out.Fill(source, rows, n_stride, tile.lanes, memory);
  return out;
}

PackedMatrix PackedMatrix::View(const TileFns& tile, int64_t k, int64_t n, const float* packed) {
  PackedMatrix out;
  out.k_ = k;
  out.n_ = n;
  out.width_ = tile.vectors * tile.lanes;
  out.panels_ = CeilDiv(n, out.width_);
  out.data_ = packed;
  return out;
}

namespace {

// One strip where the next begins as far behind the last row as rows are apart: windows of one column leave strips as short as the image
// is wide.
Strips Joined(const Strips& s) {
  const bool follow = s.a_step == s.rows * s.a_stride && s.c_step == s.rows * s.c_stride &&
                      (s.residual == nullptr || s.residual_step == s.rows * s.residual_stride);
  if (s.strips <= 1 || !follow) return s;
  Strips out = s;
  out.rows *= s.strips;
  out.strips = 1;
  return out;
}

}  // namespace

void Multiply(const TileFns& tile, const Strips& given, const Runs& runs, const PackedMatrix& b, int64_t begin, int64_t end,
              const Finish& finish) {
  const Strips strips = Joined(given);
  // Tiles of nearly the same height: a last one of a row or two would keep the multipliers idle.
  const int64_t tiles = CeilDiv(strips.rows, tile.rows), low_rows = strips.rows / std::max<int64_t>(tiles, 1),
                taller = strips.rows - low_rows * tiles;
  TileArgs args;
  args.a_stride = strips.a_stride;
  args.run_offsets = runs.offsets;
  args.runs = runs.count;
  args.run_length = runs.length;
  args.residual_stride = strips.residual_stride;
  args.c_stride = strips.c_stride;
  args.low = finish.low;
  args.high = finish.high;
  for (int64_t p = begin; p < end; ++p) {
    const int64_t column = p * b.panel_columns();
    args.n = std::min(b.panel_columns(), b.n() - column);
    args.b = b.panel(p);
    args.bias = b.bias(p);
    const int64_t vectors = CeilDiv(args.n, tile.lanes);
    for (int64_t s = 0; s < strips.strips; ++s) {
      args.a = strips.a + s * strips.a_step;
      args.c = strips.c + s * strips.c_step + column;
      args.residual = strips.residual == nullptr ? nullptr : strips.residual + s * strips.residual_step + column;
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t rows = low_rows + (t < taller ? 1 : 0);
        tile.tile[rows - 1][vectors - 1](args);
        if (finish.activate != nullptr) {
          for (int64_t m = 0; m < rows; ++m)
            finish.activate(args.c + m * args.c_stride, args.c + m * args.c_stride, args.n, finish.alpha, finish.beta);
        }
        args.a += rows * args.a_stride;
        args.c += rows * args.c_stride;
        if (args.residual != nullptr) args.residual += rows * args.residual_stride;
      }
    }
  }
}

int64_t PiecesFor(double flops, int threads) {
  constexpr double kPieceFlops = 1 << 20;
  if (threads <= 1) return 1;
  return std::min<int64_t>(4 * threads, static_cast<int64_t>(std::min(flops / kPieceFlops, 1e6)) + 1);
}

ProductPlan ProductPlan::Of(const TileFns& tile, int64_t strips, int64_t rows, int64_t a_stride, int64_t k, int64_t n, int threads) {
  // Blocks of rows that stay cached over all panels; a block of panels where the rows alone give too few pieces to share out.
  ProductPlan plan;
  const int64_t row_bytes = std::max<int64_t>(1, k) * 4, all_panels = std::max<int64_t>(1, CeilDiv(n, tile.vectors * tile.lanes));
  const int64_t all_rows = std::max<int64_t>(1, strips * rows);
  plan.block = std::clamp<int64_t>(BlockBytes() / row_bytes, tile.rows, std::max<int64_t>(all_rows, tile.rows));
  plan.block = std::min(CeilDiv(CeilDiv(all_rows, CeilDiv(all_rows, plan.block)), tile.rows) * tile.rows, all_rows);
  plan.row_blocks = CeilDiv(all_rows, plan.block);
  const int64_t wanted = PiecesFor(2.0 * static_cast<double>(all_rows) * static_cast<double>(n) * static_cast<double>(k), threads);
  if (plan.row_blocks < wanted) {
    plan.column_blocks = std::min(all_panels, CeilDiv(wanted, plan.row_blocks));
    if (plan.row_blocks * plan.column_blocks < wanted) {
      plan.block = std::min(all_rows, std::max<int64_t>(tile.rows, CeilDiv(all_rows, CeilDiv(wanted, plan.column_blocks))));
      plan.row_blocks = CeilDiv(all_rows, plan.block);
    }
  }
  plan.panels = CeilDiv(all_panels, plan.column_blocks);
  constexpr int64_t kSetBytes = 4096, kMinRows = 4, kMinPanels = 2;
  const bool collide = a_stride * 4 % kSetBytes == 0 && plan.block >= kMinRows && plan.panels >= kMinPanels;
  if (strips > 1 || collide) plan.copy_stride = k + kScratchAlign / 4;
  return plan;
}

namespace {

// One piece of the plan: the rows' copy, if there is one, at `copy`.
void MultiplyPiece(const TileFns& tile, const ProductPlan& plan, const Strips& strips, const PackedMatrix& b, int64_t piece,
                   const Finish& finish, std::byte* copy) {
  const int64_t row = piece / plan.column_blocks * plan.block, first = piece % plan.column_blocks * plan.panels, offset = 0;
  Strips part = strips;
  part.strips = 1;
  part.rows = std::min(plan.block, strips.strips * strips.rows - row);
  part.a += row * strips.a_stride;
  part.c += row * strips.c_stride;
  if (part.residual != nullptr) part.residual += row * strips.residual_stride;
  if (plan.copy_stride > 0) {
    auto* to = reinterpret_cast<float*>(copy);
    for (int64_t r = row; r < row + part.rows; ++r) {
      std::copy_n(strips.a + r / strips.rows * strips.a_step + r % strips.rows * strips.a_stride, b.k(), to + (r - row) * plan.copy_stride);
    }
    part.a = to;
    part.a_stride = plan.copy_stride;
  }
  Multiply(tile, part, {&offset, 1, b.k()}, b, first, std::min(b.panels(), first + plan.panels), finish);
}

ProductPlan PlanOf(const TileFns& tile, const Strips& strips, const PackedMatrix& b, int threads) {
  return ProductPlan::Of(tile, strips.strips, strips.rows, strips.a_stride, b.k(), b.n(), threads);
}

}  // namespace

void MultiplyParallel(KernelContext& ctx, const TileFns& tile, const Strips& strips, const PackedMatrix& b, const Finish& finish,
                      std::span<std::byte> scratch) {
  if (strips.rows <= 0 || b.n() <= 0) return;
  const ProductPlan plan = PlanOf(tile, strips, b, ctx.threads());
  ScratchSlots slots(scratch, plan.CopyBytes());
  ctx.ParallelFor(plan.row_blocks * plan.column_blocks, 1, [&](int64_t begin, int64_t end) {
    if (plan.copy_stride == 0) {
      for (int64_t piece = begin; piece < end; ++piece) MultiplyPiece(tile, plan, strips, b, piece, finish, nullptr);
      return;
    }
    ScratchSlots::Lease lease(slots);
    for (int64_t piece = begin; piece < end; ++piece) MultiplyPiece(tile, plan, strips, b, piece, finish, lease.data());
  });
}

void MultiplyBlocks(const TileFns& tile, const Strips& strips, const PackedMatrix& b, const Finish& finish, std::byte* copy) {
  if (strips.rows <= 0 || b.n() <= 0) return;
  const ProductPlan plan = PlanOf(tile, strips, b, 1);
  for (int64_t piece = 0; piece < plan.row_blocks * plan.column_blocks; ++piece) MultiplyPiece(tile, plan, strips, b, piece, finish, copy);
}

}  // namespace samoyed::cpu
