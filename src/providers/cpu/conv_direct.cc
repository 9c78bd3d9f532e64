// Direct convolution of channels-last data: each output row is a product of packed weights with rows that overlap in the input
// itself, so nothing is unfolded. Where windows reach over the edge, the rows that a block needs are first copied with zeros around.
#include <algorithm>
#include <vector>

#include "providers/cpu/conv.h"
#include "providers/cpu/product.h"
#include "providers/cpu/scratch.h"

namespace samoyed::cpu {
namespace {

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How a run is cut into pieces of work.
struct Blocks {
  int64_t rows = 1;  // output rows a block
  int64_t row_blocks = 1, column_blocks = 1;
  int64_t panels = 1;      // a column block
  bool copies = false;     // the input rows of a block are copied with their padding
  int64_t copy_width = 0;  // pixels a copied row
  int64_t copy_rows = 0;   // of a full block
};

class DirectConv final : public ConvKernel {
 public:
  DirectConv(const ConvSpec& spec, const TileFns& tile) : ConvKernel(spec), tile_(tile) {
    const ops::WindowAttributes& a = spec.window;
    pointwise_ =
        spec.group == 1 && spec.kernel_h == 1 && spec.kernel_w == 1 && std::ranges::all_of(a.pads, [](int64_t p) { return p == 0; });
    // A kernel row is one run where its taps are neighbours; else every tap is.
    tap_runs_ = spec.group > 1 || (a.dilations.back() > 1 && spec.kernel_w > 1);
    name_ = StrCat("conv ", spec.kernel_h, "x", spec.kernel_w,
                   pointwise_       ? " as matrix product "
                   : spec.group > 1 ? " grouped "
                                    : " direct ",
                   NameOf(spec.level));
  }

  Status Pack() {
    const int64_t in = spec_.channels / spec_.group, out = spec_.out_channels / spec_.group, taps = spec_.kernel_h * spec_.kernel_w;
    const PackedMatrix::Rows rows = {{{spec_.kernel_h, spec_.kernel_w}, {spec_.kernel_w, 1}, {in, taps}}};
    for (int64_t g = 0; g < spec_.group; ++g) {
      const float* bias = spec_.bias == nullptr ? nullptr : spec_.bias + g * out;
      SAMOYED_ASSIGN_OR_RETURN(PackedMatrix packed,
                               PackedMatrix::Pack(tile_, spec_.weights + g * out * in * taps, rows, out, in * taps, bias));
      bytes_ += packed.bytes();
      weights_.push_back(std::move(packed));
    }
    spec_.weights = spec_.bias = nullptr;
    return OkStatus();
  }

  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return bytes_; }

  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty()) return 0;
    const auto shape = ConvShape::From(spec_, inputs[0]);
    if (!shape.ok()) return 0;
    if (!pointwise_) return ScratchSlots::Bytes(SlotBytes(PlanBlocks(*shape, threads)), threads);
    const Strips s = PixelStrips(*shape);
    const ProductPlan plan = ProductPlan::Of(tile_, s.strips, s.rows, s.a_stride, spec_.channels, spec_.out_channels, threads);
    return ScratchSlots::Bytes(plan.CopyBytes(), threads);
  }

  Status Run(KernelContext& ctx) const override;

 private:
  int64_t taps() const { return spec_.kernel_h * spec_.kernel_w; }
  int64_t OffsetBytes() const { return AlignScratch(taps() * static_cast<int64_t>(sizeof(int64_t))); }
  int64_t SlotBytes(const Blocks& blocks) const {
    if (!blocks.copies) return OffsetBytes();
    const int64_t pixels = ScratchProduct(blocks.copy_rows, blocks.copy_width);
    return OffsetBytes() + ScratchProduct(pixels, ScratchProduct(spec_.channels, static_cast<int64_t>(sizeof(float))));
  }
  Blocks PlanBlocks(const ConvShape& shape, int threads) const;
  Strips PixelStrips(const ConvShape& shape) const;
  void RunPointwise(KernelContext& ctx, const ConvOperands& run) const;
  void RunPiece(const ConvOperands& run, const Blocks& blocks, int64_t piece, std::byte* scratch) const;

  const TileFns& tile_;
  bool pointwise_ = false, tap_runs_ = false;
  std::vector<PackedMatrix> weights_;  // one a group
  int64_t bytes_ = 0;
  std::string name_;
};

Blocks DirectConv::PlanBlocks(const ConvShape& shape, int threads) const {
  Blocks blocks;
  const auto reach = [](const ops::WindowAxis& a) { return (a.out - 1) * a.stride + (a.kernel - 1) * a.dilation + 1; };
  blocks.copies = shape.h.pad_begin > 0 || shape.w.pad_begin > 0 || reach(shape.h) > shape.h.in || reach(shape.w) > shape.w.in;
  blocks.copy_width = reach(shape.w);
  const int64_t row_bytes = ScratchProduct(blocks.copy_width, spec_.channels * 4),
                extra = (spec_.kernel_h - 1) * shape.h.dilation + 1 - shape.h.stride;
  int64_t rows = BlockBytes() / std::max<int64_t>(1, row_bytes);
  rows = std::clamp<int64_t>((rows - extra) / shape.h.stride, 1, std::max<int64_t>(1, shape.h.out));

  // Enough pieces for many threads: by rows where the input is the larger part of the traffic, by panels where the weights are.
  const double flops = 2.0 * static_cast<double>(shape.batch * shape.h.out * shape.w.out) * static_cast<double>(spec_.out_channels) *
                       static_cast<double>(weights_[0].k());
  const int64_t wanted = PiecesFor(flops, threads);
  const int64_t panels = weights_[0].panels();
  auto count = [&] { return shape.batch * spec_.group * CeilDiv(shape.h.out, rows) * blocks.column_blocks; };
  const int64_t input_bytes = shape.h.in * shape.w.in * spec_.channels * 4;
  if (count() < wanted && bytes_ > input_bytes) blocks.column_blocks = std::min(panels, CeilDiv(wanted, count()));
  if (count() < wanted) rows = std::max<int64_t>(1, CeilDiv(rows, CeilDiv(wanted, count())));
  if (count() < wanted) blocks.column_blocks = std::min(panels, blocks.column_blocks * CeilDiv(wanted, count()));
  // Blocks of nearly the same height.
  blocks.row_blocks = CeilDiv(std::max<int64_t>(1, shape.h.out), rows);
  blocks.rows = CeilDiv(std::max<int64_t>(1, shape.h.out), blocks.row_blocks);
  blocks.panels = CeilDiv(panels, blocks.column_blocks);
  blocks.copy_rows = (blocks.rows - 1) * shape.h.stride + (spec_.kernel_h - 1) * shape.h.dilation + 1;
  return blocks;
}

void DirectConv::RunPiece(const ConvOperands& run, const Blocks& blocks, int64_t piece, std::byte* scratch) const {
  const ConvShape& shape = run.shape;
  const int64_t column_block = piece % blocks.column_blocks;
  piece /= blocks.column_blocks;
  const int64_t group = piece % spec_.group;
  piece /= spec_.group;
  const int64_t row_block = piece % blocks.row_blocks, n = piece / blocks.row_blocks;
  const int64_t first = row_block * blocks.rows, last = std::min(shape.h.out, first + blocks.rows);
  if (first >= last) return;

  const int64_t channels = spec_.channels, in = channels / spec_.group, out = spec_.out_channels / spec_.group;
  const float* image = run.x + n * shape.h.in * shape.w.in * channels;
  int64_t width = shape.w.in;
  const float* from = image + (shape.h.Start(first) * width + shape.w.Start(0)) * channels;
  if (blocks.copies) {
    auto* copy = reinterpret_cast<float*>(scratch + OffsetBytes());
    width = blocks.copy_width;
    const int64_t rows = (last - first - 1) * shape.h.stride + (spec_.kernel_h - 1) * shape.h.dilation + 1;
    CopyPadded(image, shape.h.in, shape.w.in, channels, shape.h.Start(first), rows, shape.w.Start(0), width, copy);
    from = copy;
  }
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  Runs runs{offsets, spec_.kernel_h, spec_.kernel_w * in};
  if (tap_runs_) runs = {offsets, taps(), in};
  for (int64_t r = 0; r < runs.count; ++r) {
    const int64_t kh = tap_runs_ ? r / spec_.kernel_w : r, kw = tap_runs_ ? r % spec_.kernel_w : 0;
    offsets[r] = (kh * shape.h.dilation * width + kw * shape.w.dilation) * channels;
  }

  Strips strips;
  strips.strips = last - first;
  strips.rows = shape.w.out;
  strips.a = from + group * in;
  strips.a_step = shape.h.stride * width * channels;
  strips.a_stride = shape.w.stride * channels;
  strips.c_stride = strips.residual_stride = spec_.out_channels;
  strips.c_step = strips.residual_step = shape.w.out * spec_.out_channels;
  const int64_t at = (n * shape.h.out + first) * strips.c_step + group * out;
  strips.c = run.y + at;
  if (run.residual != nullptr) strips.residual = run.residual + at;
  const PackedMatrix& weights = weights_[static_cast<size_t>(group)];
  const int64_t begin = column_block * blocks.panels;
  Multiply(tile_, strips, runs, weights, begin, std::min(weights.panels(), begin + blocks.panels), spec_.finish);
}

// The pixels that a pointwise convolution reads: of all images, or with a stride of one, a strip an output row.
Strips DirectConv::PixelStrips(const ConvShape& shape) const {
  Strips strips;
  strips.a_stride = shape.w.stride * spec_.channels;
  strips.c_stride = strips.residual_stride = spec_.out_channels;
  if (shape.h.stride == 1 && shape.w.stride == 1) {
    strips.rows = shape.batch * shape.h.out * shape.w.out;
  } else {
    strips.strips = shape.h.out;
    strips.rows = shape.w.out;
    strips.a_step = shape.h.stride * shape.w.in * spec_.channels;
  }
  return strips;
}

void DirectConv::RunPointwise(KernelContext& ctx, const ConvOperands& run) const {
  const ConvShape& shape = run.shape;
  Strips strips = PixelStrips(shape);
  const int64_t rows = strips.strips * strips.rows, images = rows > 0 ? shape.batch * shape.h.out * shape.w.out / rows : 0;
  for (int64_t n = 0; n < images && ctx.Poll().ok(); ++n) {
    strips.a = run.x + n * shape.h.in * shape.w.in * spec_.channels;
    strips.c = run.y + n * rows * spec_.out_channels;
    if (run.residual != nullptr) strips.residual = run.residual + n * rows * spec_.out_channels;
    MultiplyParallel(ctx, tile_, strips, weights_[0], spec_.finish, ctx.scratch());
  }
}

Status DirectConv::Run(KernelContext& ctx) const {
  SAMOYED_ASSIGN_OR_RETURN(const ConvOperands run, ConvOperands::From(ctx, spec_));
  const ConvShape& shape = run.shape;
  if (shape.batch == 0) return OkStatus();
  if (pointwise_) {
    RunPointwise(ctx, run);
    return ctx.Poll();
  }
  const Blocks blocks = PlanBlocks(shape, ctx.threads());
  ScratchSlots slots(ctx.scratch(), SlotBytes(blocks));
  const int64_t pieces = shape.batch * blocks.row_blocks * spec_.group * blocks.column_blocks;
  ctx.ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
    ScratchSlots::Lease lease(slots);
    for (int64_t piece = begin; piece < end && ctx.Poll().ok(); ++piece) RunPiece(run, blocks, piece, lease.data());
  });
  return ctx.Poll();
}

}  // namespace

Result<std::unique_ptr<Kernel>> MakeDirectConv(const ConvSpec& spec) {
  auto kernel = std::make_unique<DirectConv>(spec, TileFnsFor(spec.level));
  SAMOYED_RETURN_IF_ERROR(kernel->Pack());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace samoyed::cpu
