// 3x3 convolution by Winograd's algorithm (simd/winograd.h): 36 products for 16 outputs (or 16 for 4) where the direct one takes 144 (36).
//
// A block of tiles at a time: its patches are transformed into [alpha^2][tiles][channels]; then for each few output channels alpha^2 small
// products are made, [tiles][channels] x [channels][columns], and transformed back, with bias, residual and activation, into the output.
// A block's patches and one set of products stay in the second cache; nothing of the size of the image is kept.
#include <algorithm>
#include <cmath>
#include <vector>

#include "providers/cpu/conv.h"
#include "providers/cpu/product.h"
#include "providers/cpu/scratch.h"
#include "providers/cpu/simd/winograd.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kTaps = 9;
constexpr int64_t kColumns = 32;  // output channels multiplied at a time, at least

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t RoundUp(int64_t a, int64_t b) { return CeilDiv(a, b) * b; }
// Floats from one row to the next so that neighbours do not share the few places that a cache has for addresses 4 KB apart.
int64_t RowStride(int64_t floats) { return floats % 256 == 0 ? floats + 16 : floats; }
int64_t ElementStride(int64_t floats) { return RoundUp(floats, 16) + 16; }

// As many tiles as the second cache holds with their products; fewer than a micro-kernel's rows would read the weights too often. Weights
// that do not fit it come from afar for every block: then blocks take more of the cache, for fewer of them.
int64_t MostTiles(int64_t elements, int64_t row, int64_t weight_bytes, const TileFns& tile) {
  const int64_t tile_bytes = ScratchProduct(elements * 4, row + kColumns), cache = BlockBytes();
  return std::clamp<int64_t>((weight_bytes > 2 * cache ? cache + cache / 2 : cache) / tile_bytes, tile.rows, 64 * tile.rows);
}

// How a run is cut into pieces of work.
struct Blocks {
  int64_t tiles_h = 0, tiles_w = 0, tiles = 0;  // of an image's axes; of all images
  int64_t block = 0, count = 0;                 // tiles a block, blocks
  bool shares_columns = false;                  // threads share the columns of one block after the other; else each has blocks of its own
  int64_t patches = 0, products = 0;            // floats of a block
};

class WinogradConv final : public ConvKernel {
 public:
  WinogradConv(const ConvSpec& spec, int tile)
      : ConvKernel(spec),
        m_(tile),
        alpha_(tile + 2),
        tile_(TileFnsFor(spec.level)),
        fns_(WinogradFnsFor(spec.level)),
        input_(tile == 4 ? fns_.input4 : fns_.input2),
        output_(tile == 4 ? fns_.output4 : fns_.output2),
        columns_(RoundUp(kColumns, int64_t{tile_.vectors} * tile_.lanes)),
        chunks_(CeilDiv(spec.out_channels, columns_)),
        row_(RowStride(RoundUp(spec.channels, fns_.lanes))),
        name_(StrCat("conv 3x3 winograd F", tile, " ", NameOf(spec.level))) {}

  Status Pack();
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.byte_size() + bias_.byte_size(); }

  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty()) return 0;
    const auto shape = ConvShape::From(spec_, inputs[0]);
    if (!shape.ok()) return 0;
    const Blocks blocks = PlanBlocks(*shape);
    return SharedBytes(blocks) + ScratchSlots::Bytes(SlotBytes(blocks), threads);
  }

  Status Run(KernelContext& ctx) const override;

 private:
  int64_t elements() const { return alpha_ * alpha_; }
  static int64_t SharedBytes(const Blocks& b) { return b.shares_columns ? AlignScratch(b.patches * 4) : 0; }
  static int64_t SlotBytes(const Blocks& b) { return AlignScratch(b.products * 4) + (b.shares_columns ? 0 : AlignScratch(b.patches * 4)); }
  int64_t ColumnsOf(int64_t chunk) const { return std::min(columns_, spec_.out_channels - chunk * columns_); }
  // Weights of a chunk's element: [chunk][element][channel][column], each as a PackedMatrix lays it out.
  int64_t WeightsAt(int64_t chunk, int64_t element) const {
    return spec_.channels * (elements() * chunk * columns_ + element * RoundUp(ColumnsOf(chunk), tile_.lanes));
  }
  void TransformWeights(const double (&points)[6][3], int64_t chunk);
  Blocks PlanBlocks(const ConvShape& shape) const;
  void TransformPatches(const ConvOperands& run, const Blocks& blocks, int64_t block, int64_t begin, int64_t end, float* patches) const;
  void MultiplyChunk(const ConvOperands& run, const Blocks& blocks, int64_t block, int64_t chunk, const float* patches,
                     float* products) const;

  const int m_, alpha_;
  const TileFns& tile_;
  const WinogradFns& fns_;
  void (*const input_)(const WinogradInput&);
  void (*const output_)(const WinogradOutput&);
  const int64_t columns_, chunks_;  // output channels a chunk, chunks
  const int64_t row_;               // floats from a tile's channels to the next tile's
  Tensor weights_, bias_;
  std::string name_;
};

// G g G^T of each filter, in double, straight to where the products read it.
void WinogradConv::TransformWeights(const double (&points)[6][3], int64_t chunk) {
  const int64_t columns = ColumnsOf(chunk), width = int64_t{tile_.vectors} * tile_.lanes;
  float* base = weights_.mutable_data<float>();
  for (int64_t first = 0; first < columns; first += width) {
    const int64_t panel = std::min(width, columns - first), panel_width = RoundUp(panel, tile_.lanes);
    for (int64_t c = 0; c < spec_.channels; ++c) {
      const int64_t at = first * spec_.channels + c * panel_width;
      for (int64_t o = 0; o < panel_width; ++o) {
        double half[6][3] = {};
        if (o < panel) {
          const float* g = spec_.weights + ((chunk * columns_ + first + o) * spec_.channels + c) * kTaps;
          for (int i = 0; i < alpha_; ++i) {
            for (int k = 0; k < 3; ++k)
              half[i][k] = points[i][0] * double{g[k]} + points[i][1] * double{g[3 + k]} + points[i][2] * double{g[6 + k]};
          }
        }
        for (int i = 0; i < alpha_; ++i) {
          for (int j = 0; j < alpha_; ++j) {
            const double u = half[i][0] * points[j][0] + half[i][1] * points[j][1] + half[i][2] * points[j][2];
            base[WeightsAt(chunk, i * alpha_ + j) + at + o] = static_cast<float>(u);
          }
        }
      }
    }
  }
}

Status WinogradConv::Pack() {
  // G: a row a point p, (1, p, p^2) over the product of its differences to the other points; infinity takes the last coefficient.
  constexpr double a = kWinogradSmall, b = kWinogradLarge;
  constexpr double kAt4[] = {0, a, -a, b, -b}, kAt2[] = {0, 1, -1};
  double points[6][3] = {};
  const std::span<const double> at = m_ == 4 ? std::span<const double>(kAt4) : kAt2;
  for (size_t i = 0; i < at.size(); ++i) {
    double scale = 1;
    for (size_t j = 0; j < at.size(); ++j) scale *= i == j ? 1 : at[i] - at[j];
    for (int k = 0; k < 3; ++k) points[i][k] = (k == 0 ? 1 : k == 1 ? at[i] : at[i] * at[i]) / scale;
  }
  points[at.size()][2] = 1;

  const int64_t floats = elements() * spec_.channels * RoundUp(spec_.out_channels, tile_.lanes);
  SAMOYED_ASSIGN_OR_RETURN(weights_, Tensor::Allocate(DType::kFloat, Shape({floats})));
  for (int64_t chunk = 0; chunk < chunks_; ++chunk) TransformWeights(points, chunk);
  SAMOYED_ASSIGN_OR_RETURN(bias_, Tensor::Allocate(DType::kFloat, Shape({chunks_ * columns_})));
  float* bias = bias_.mutable_data<float>();
  for (int64_t o = 0; o < bias_.size(); ++o) bias[o] = spec_.bias == nullptr || o >= spec_.out_channels ? 0 : spec_.bias[o];
  spec_.weights = spec_.bias = nullptr;
  return OkStatus();
}

Blocks WinogradConv::PlanBlocks(const ConvShape& shape) const {
  Blocks b;
  b.tiles_h = CeilDiv(shape.h.out, m_);
  b.tiles_w = CeilDiv(shape.w.out, m_);
  b.tiles = std::max<int64_t>(1, ScratchProduct(std::max<int64_t>(shape.batch, 0), ScratchProduct(b.tiles_h, b.tiles_w)));
  int64_t block = MostTiles(elements(), row_, weights_.byte_size(), tile_);
  // Where the weights are most of the traffic, threads take columns of one block; else blocks.
  constexpr int64_t kPieces = 16;
  const int64_t input_bytes = ScratchProduct(ScratchProduct(shape.h.in, shape.w.in), ScratchProduct(spec_.channels, shape.batch * 4));
  b.shares_columns = chunks_ >= 4 && CeilDiv(b.tiles, block) < kPieces && weights_.byte_size() > input_bytes;
  if (!b.shares_columns) block = std::min(block, std::max<int64_t>(tile_.rows, CeilDiv(b.tiles, kPieces)));
  // Blocks of nearly the same size.
  b.count = CeilDiv(b.tiles, block);
  b.block = CeilDiv(b.tiles, b.count);
  b.patches = ScratchProduct(elements(), ElementStride(b.block * row_));
  b.products = elements() * ElementStride(b.block * columns_);
  return b;
}

// Patches of a block's tiles [begin, end): element e of tile t at patches + e * ElementStride(block * row_) + t * row_.
void WinogradConv::TransformPatches(const ConvOperands& run, const Blocks& blocks, int64_t block, int64_t begin, int64_t end,
                                    float* patches) const {
  const ops::WindowAxis &h = run.shape.h, &w = run.shape.w;
  WinogradInput in;
  in.x = run.x;
  in.pixel_stride = in.channels = spec_.channels;
  in.row_stride = w.in * spec_.channels;
  in.to_step = ElementStride(blocks.block * row_);
  for (int64_t t = begin; t < end; ++t) {
    const int64_t tile = block * blocks.block + t, column = tile % blocks.tiles_w, rest = tile / blocks.tiles_w;
    const int64_t row = rest % blocks.tiles_h, n = rest / blocks.tiles_h;
    const int64_t y = row * m_ - h.pad_begin, x = column * m_ - w.pad_begin;
    in.row_begin = -y;
    in.row_end = h.in - y;
    in.column_begin = -x;
    in.column_end = w.in - x;
    in.first = ((n * h.in + y) * w.in + x) * spec_.channels;
    in.to = patches + t * row_;
    input_(in);
  }
}

void WinogradConv::MultiplyChunk(const ConvOperands& run, const Blocks& blocks, int64_t block, int64_t chunk, const float* patches,
                                 float* products) const {
  const int64_t columns = ColumnsOf(chunk), channels = spec_.out_channels, column = chunk * columns_;
  const int64_t tiles = std::min(blocks.block, blocks.tiles - block * blocks.block);
  Strips strips;
  strips.rows = tiles;
  strips.a_stride = row_;
  strips.c_stride = columns_;
  const int64_t offset = 0;
  const Runs runs{&offset, 1, spec_.channels};
  const Finish plain;
  for (int64_t e = 0; e < elements(); ++e) {
    strips.a = patches + e * ElementStride(blocks.block * row_);
    strips.c = products + e * ElementStride(blocks.block * columns_);
    const PackedMatrix weights = PackedMatrix::View(tile_, spec_.channels, columns, weights_.data<float>() + WeightsAt(chunk, e));
    Multiply(tile_, strips, runs, weights, 0, weights.panels(), plain);
  }

  const ops::WindowAxis &h = run.shape.h, &w = run.shape.w;
  const Finish& finish = spec_.finish;
  WinogradOutput out;
  out.from_step = ElementStride(blocks.block * columns_);
  out.bias = bias_.data<float>() + column;
  out.pixel_stride = channels;
  out.row_stride = w.out * channels;
  out.n = columns;
  out.low = finish.low;
  out.high = finish.high;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t tile = block * blocks.block + t, tile_column = tile % blocks.tiles_w, rest = tile / blocks.tiles_w;
    const int64_t y = rest % blocks.tiles_h * m_, x = tile_column * m_, n = rest / blocks.tiles_h;
    const int64_t at = ((n * h.out + y) * w.out + x) * channels + column;
    out.from = products + t * columns_;
    out.y = run.y + at;
    out.residual = run.residual == nullptr ? nullptr : run.residual + at;
    out.rows = std::min<int64_t>(m_, h.out - y);
    out.columns = std::min<int64_t>(m_, w.out - x);
    output_(out);
    if (finish.activate == nullptr) continue;
    for (int64_t i = 0; i < out.rows; ++i) {
      for (int64_t j = 0; j < out.columns; ++j) {
        float* p = out.y + i * out.row_stride + j * out.pixel_stride;
        finish.activate(p, p, columns, finish.alpha, finish.beta);
      }
    }
  }
}

Status WinogradConv::Run(KernelContext& ctx) const {
  SAMOYED_ASSIGN_OR_RETURN(const ConvOperands run, ConvOperands::From(ctx, spec_));
  if (run.shape.batch == 0) return OkStatus();
  const Blocks blocks = PlanBlocks(run.shape);
  const auto shared_bytes = static_cast<size_t>(SharedBytes(blocks));
  auto* shared = reinterpret_cast<float*>(ctx.scratch().data());
  ScratchSlots slots(ctx.scratch().subspan(shared_bytes), SlotBytes(blocks));
  if (!blocks.shares_columns) {
    ctx.ParallelFor(blocks.count, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      float* patches = lease.floats();
      auto* products = reinterpret_cast<float*>(lease.data() + AlignScratch(blocks.patches * 4));
      for (int64_t block = begin; block < end && ctx.Poll().ok(); ++block) {
        const int64_t tiles = std::min(blocks.block, blocks.tiles - block * blocks.block);
        TransformPatches(run, blocks, block, 0, tiles, patches);
        for (int64_t chunk = 0; chunk < chunks_; ++chunk) MultiplyChunk(run, blocks, block, chunk, patches, products);
      }
    });
    return ctx.Poll();
  }
  for (int64_t block = 0; block < blocks.count && ctx.Poll().ok(); ++block) {
    const int64_t tiles = std::min(blocks.block, blocks.tiles - block * blocks.block);
    ctx.ParallelFor(tiles, 4, [&](int64_t begin, int64_t end) { TransformPatches(run, blocks, block, begin, end, shared); });
    ctx.ParallelFor(chunks_, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      for (int64_t chunk = begin; chunk < end && ctx.Poll().ok(); ++chunk) MultiplyChunk(run, blocks, block, chunk, shared, lease.floats());
    });
  }
  return ctx.Poll();
}

// Cycles of one thread, as measured within some 20% on AVX2 and AVX-512: multiply-adds, the transforms' vectors, and weights that come
// from beyond the second cache each time they pass.
struct Cost {
  double multiply_adds_a_cycle, stream_bytes_a_cycle = 10;
  int64_t cache_bytes;

  double Weights(double bytes, double passes) const {
    return bytes * 2 > static_cast<double>(cache_bytes) ? bytes * passes / stream_bytes_a_cycle : 0;
  }
};

}  // namespace

int ChooseWinograd(const ConvSpec& spec) {
  const ops::WindowAttributes& a = spec.window;
  const auto ones = [](const std::vector<int64_t>& v) { return std::ranges::all_of(v, [](int64_t i) { return i == 1; }); };
  if (spec.strict_precision || a.rank() != 2 || spec.group != 1 || spec.kernel_h != 3 || spec.kernel_w != 3 || !ones(a.strides) ||
      !ones(a.dilations)) {
    return 0;
  }
  const TileFns& tile = TileFnsFor(spec.level);
  const int64_t lanes = tile.lanes;
  Cost cost{.multiply_adds_a_cycle = static_cast<double>(std::min<int64_t>(lanes * 2, 24)) * 0.85, .cache_bytes = HostCpu().l2_bytes};
  constexpr int64_t kTypicalMap = 28;  // where the model does not tell
  const int64_t rows = spec.declared_rows > 0 ? spec.declared_rows : kTypicalMap;
  const int64_t columns = spec.declared_columns > 0 ? spec.declared_columns : kTypicalMap;
  const auto c = static_cast<double>(spec.channels), o = static_cast<double>(RoundUp(spec.out_channels, lanes));
  const double in_vectors = static_cast<double>(CeilDiv(spec.channels, lanes)), out_vectors = o / static_cast<double>(lanes);

  int best = 0;
  const double pixels = static_cast<double>(rows) * static_cast<double>(columns);
  double least = pixels * kTaps * c * o / cost.multiply_adds_a_cycle + cost.Weights(kTaps * c * o * 4, 1);
  struct Kind {
    int tile;
    double cycles_in, cycles_out;  // of a vector
  };
  for (const Kind& kind : {Kind{2, 90, 60}, Kind{4, 210, 200}}) {
    const double tiles = static_cast<double>(CeilDiv(rows, kind.tile)) * static_cast<double>(CeilDiv(columns, kind.tile));
    const double elements = (kind.tile + 2) * (kind.tile + 2);
    const double weight_bytes = elements * c * o * 4;
    const auto block =
        static_cast<double>(MostTiles(static_cast<int64_t>(elements), spec.channels, static_cast<int64_t>(weight_bytes), tile));
    const double cycles = tiles * elements * c * o / cost.multiply_adds_a_cycle +
                          tiles * (in_vectors * kind.cycles_in + out_vectors * kind.cycles_out) +
                          cost.Weights(weight_bytes, std::ceil(tiles / block));
    // What needs more memory and rounds more must be worth it.
    if (cycles < least * 0.9) {
      least = cycles;
      best = kind.tile;
    }
  }
  return best;
}

Result<std::unique_ptr<Kernel>> MakeWinogradConv(const ConvSpec& spec, int tile) {
  auto kernel = std::make_unique<WinogradConv>(spec, tile);
  SAMOYED_RETURN_IF_ERROR(kernel->Pack());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace samoyed::cpu
