// MatMulNBits of com.microsoft: fp32 products with constant weights of 2, 4 or 8 bits, which stay as narrow in memory.
//
// A few rows are multiplied with the weights as they are read; for more, weights are unpacked a panel and some hundred of their rows at a
// time for the fp32 matrix tile.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/product.h"
#include "providers/cpu/scratch.h"
#include "providers/cpu/simd/nbits.h"
#include "tensor/convert.h"
#include "tensor/packed.h"

namespace samoyed::cpu {
namespace {

enum Inputs { kA, kB, kScales, kZeroPoints, kGroupIndex, kBias };

constexpr int64_t kFewRows = 3, kFewDotRows = 16;  // up to so many, unpacking for each costs less than storing what was unpacked
constexpr int64_t kUnpacked = 512;                // rows of the weights at a time: with a panel's columns a quarter of a small second cache

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The sizes that the attributes tell; nullopt where the kernel does not take them, or the operator itself.
struct Sizes {
  int64_t k = 0, n = 0, bits = 0, block = 0, blocks = 0;

  static std::optional<Sizes> Of(const Attributes& a) {
    constexpr int64_t kMost = int64_t{1} << 31;
    Sizes s{a.Int("K"), a.Int("N"), a.Int("bits", 4), a.Int("block_size"), 0};
    if (s.k < 1 || s.n < 1 || s.k >= kMost || s.n >= kMost || (s.bits != 2 && s.bits != 4 && s.bits != 8)) return std::nullopt;
    if (s.block < 16 || s.block >= kMost || (s.block & (s.block - 1)) != 0) return std::nullopt;
    s.blocks = CeilDiv(s.k, s.block);
    return s;
  }
  int64_t block_words() const { return block * bits / 32; }
  int64_t fields() const { return 32 / bits; }
  int64_t padded_k() const { return blocks * block; }
  std::optional<int64_t> words() const { return CheckedMul(n, blocks * block_words()); }
  int64_t parameters() const { return n * blocks; }
};

// Weights in panels as wide as the fp32 tile's.
class PackedNBits {
 public:
  static Result<PackedNBits> Pack(const TileFns& tile, const Sizes& sizes, const KernelSpec& spec) {
    PackedNBits out;
    out.sizes_ = sizes;
    out.lanes_ = tile.lanes;
    out.width_ = tile.vectors * tile.lanes;
    const int64_t columns = CeilDiv(sizes.n, tile.lanes) * tile.lanes, steps = sizes.blocks * sizes.block_words();
    const auto* b = spec.constant(kB)->data<uint8_t>();
    const auto allocate = [&](DType dtype, int64_t rows, int64_t slack) -> Result<Tensor> {
      const auto size = CheckedMul(rows, columns);
      if (!size) return LimitExceeded("weights of ", rows, " x ", columns, " do not fit into memory");
      SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(dtype, Shape({*size + slack})));
      std::memset(t.mutable_raw(), 0, static_cast<size_t>(t.byte_size()));
      return t;
    };
    SAMOYED_ASSIGN_OR_RETURN(out.words_, allocate(DType::kUint32, steps, kNBitsSlack / 4));
    auto* words = out.words_.mutable_data<uint32_t>();
    out.ForEach(steps, [&](int64_t n, int64_t i, int64_t at) {
      const uint8_t* from = b + (n * steps + i) * 4;
      words[at] =
          from[0] | static_cast<uint32_t>(from[1]) << 8 | static_cast<uint32_t>(from[2]) << 16 | static_cast<uint32_t>(from[3]) << 24;
    });
    const auto pack_floats = [&](const Tensor& from, Tensor& to) -> Status {
      SAMOYED_ASSIGN_OR_RETURN(to, allocate(DType::kFloat, sizes.blocks, 0));
      auto* floats = to.mutable_data<float>();
      const std::vector<double> values = LoadAll<double>(from);
      out.ForEach(sizes.blocks, [&](int64_t n, int64_t i, int64_t at) {
        floats[at] = static_cast<float>(values[static_cast<size_t>(n * sizes.blocks + i)]);
      });
      return OkStatus();
    };
    SAMOYED_RETURN_IF_ERROR(pack_floats(*spec.constant(kScales), out.scales_));
    if (const Tensor* zeros = spec.constant(kZeroPoints); zeros != nullptr && IsFloat(zeros->dtype())) {
      SAMOYED_RETURN_IF_ERROR(pack_floats(*zeros, out.zero_floats_));
    } else if (zeros != nullptr) {
      SAMOYED_ASSIGN_OR_RETURN(out.zero_bytes_, allocate(DType::kUint8, sizes.blocks, 0));
      auto* bytes = out.zero_bytes_.mutable_data<uint8_t>();
      const int64_t column_bytes = CeilDiv(sizes.blocks * sizes.bits, 8);
      out.ForEach(sizes.blocks, [&](int64_t n, int64_t i, int64_t at) {
        const uint8_t* from = zeros->data<uint8_t>() + n * column_bytes;
        bytes[at] = sizes.bits == 8 ? from[i] : static_cast<uint8_t>(ReadBits(from, i, static_cast<int>(sizes.bits)));
      });
    }
    if (const Tensor* bias = spec.constant(kBias)) {
      SAMOYED_ASSIGN_OR_RETURN(out.bias_, allocate(DType::kFloat, 1, 0));
      std::copy_n(bias->data<float>(), sizes.n, out.bias_.mutable_data<float>());
    }
    return out;
  }

  const Sizes& sizes() const { return sizes_; }
  int64_t panels() const { return CeilDiv(sizes_.n, width_); }
  int64_t panel_columns() const { return width_; }  // of all but the last
  int64_t columns(int64_t p) const { return std::min(width_, sizes_.n - p * width_); }
  int64_t bytes() const {
    return words_.byte_size() + scales_.byte_size() + zero_floats_.byte_size() + zero_bytes_.byte_size() + bias_.byte_size();
  }
  const float* bias(int64_t p) const { return bias_.defined() ? bias_.data<float>() + p * width_ : nullptr; }
  NBitsPanel panel(int64_t p) const {
    const int64_t at = p * width_ * sizes_.blocks;
    return {words_.data<uint32_t>() + at * sizes_.block_words(),
            scales_.data<float>() + at,
            zero_bytes_.defined() ? zero_bytes_.data<uint8_t>() + at : nullptr,
            zero_floats_.defined() ? zero_floats_.data<float>() + at : nullptr,
            static_cast<float>(1 << (sizes_.bits - 1)),
            sizes_.blocks,
            sizes_.block_words()};
  }

 private:
  // visit(column, i, where it lies) for `count` values a column.
  template <typename Visit>
  void ForEach(int64_t count, Visit&& visit) const {
    for (int64_t p = 0; p < panels(); ++p) {
      const int64_t width = CeilDiv(columns(p), lanes_) * lanes_;
      for (int64_t c = 0; c < columns(p); ++c) {
        for (int64_t i = 0; i < count; ++i) visit(p * width_ + c, i, p * width_ * count + i * width + c);
      }
    }
  }

  Sizes sizes_;
  int64_t lanes_ = 0, width_ = 0;
  Tensor words_, scales_, zero_floats_, zero_bytes_, bias_;
};

class NBitsKernel final : public Kernel {
 public:
  NBitsKernel(PackedNBits weights, CpuLevel level)
      : tile_(TileFnsFor(level)),
        table_(TableFor(level, weights.sizes().bits)),
        dot_(weights.sizes().block <= kNBitsDotBlock ? NBitsDotFnsFor(level, weights.sizes().bits) : nullptr),
        weights_(std::move(weights)),
        name_(StrCat("matrix product int", weights_.sizes().bits, " weights ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.bytes(); }
  bool OwnsConstant(int input) const override { return input != kA; }

  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty() || inputs[0].rank() == 0) return 0;
    const int64_t rows = Rows(inputs[0]);
    if (rows <= few_rows()) return rows * PreparedFloats() * static_cast<int64_t>(sizeof(float));
    return ScratchSlots::Bytes(Plan::Of(weights_, rows, threads).ScratchFloats() * static_cast<int64_t>(sizeof(float)), threads);
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
    const Sizes& s = weights_.sizes();
    if (a->dtype() != DType::kFloat || a->rank() == 0 || a->shape().back() != s.k)
      return BadInput(ctx.op_type(), ": A of shape ", a->shape().ToString(), " is not [..., K = ", s.k, "]");
    Shape shape = a->shape();
    shape[shape.rank() - 1] = s.n;
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    const int64_t rows = Rows(shape);
    if (rows == 0) return OkStatus();
    if (rows <= few_rows()) {
      MultiplyFew(ctx, a->data<float>(), rows, y->mutable_data<float>());
    } else {
      MultiplyMany(ctx, a->data<float>(), rows, y->mutable_data<float>());
    }
    return ctx.Poll();
  }

 private:
  // How a product of many rows is cut into pieces of work.
  struct Plan {
    int64_t depth, block;  // rows of the weights and of A that a piece works on at a time
    int64_t row_blocks, column_blocks, panels;
    int64_t panel_floats, copy_stride;

    static Plan Of(const PackedNBits& b, int64_t rows, int threads) {
      const Sizes& s = b.sizes();
      Plan p;
      p.depth = std::min(s.padded_k(), kUnpacked);
      p.panel_floats = p.depth * b.panel_columns();
      p.copy_stride = p.depth + kScratchAlign / 4;  // rows a multiple of 4 KiB apart would push each other out of the first cache
      const int64_t most = std::max<int64_t>(1, BlockBytes() / (p.copy_stride * 4));
      p.row_blocks = CeilDiv(rows, most);
      p.block = CeilDiv(rows, p.row_blocks);
      const int64_t wanted = PiecesFor(2.0 * static_cast<double>(rows) * static_cast<double>(s.n) * static_cast<double>(s.k), threads);
      p.panels = CeilDiv(b.panels(), std::min(b.panels(), CeilDiv(wanted, p.row_blocks)));
      p.column_blocks = CeilDiv(b.panels(), p.panels);
      return p;
    }
    int64_t ScratchFloats() const { return panel_floats + ScratchProduct(block, copy_stride); }
  };

  static const NBitsTable& TableFor(CpuLevel level, int64_t bits) {
    const NBitsTables& tables = NBitsTablesFor(level);
    return bits == 2 ? tables.two : bits == 4 ? tables.four : tables.eight;
  }
  static int64_t Rows(const Shape& a) { return a.Product(0, a.rank() - 1); }
  int64_t few_rows() const { return dot_ != nullptr ? kFewDotRows : kFewRows; }
  int64_t PreparedFloats() const { return AlignScratch(NBitsPreparedFloats(weights_.sizes().block, weights_.sizes().blocks)); }
  int64_t VectorsOf(int64_t panel) const { return CeilDiv(weights_.columns(panel), tile_.lanes); }

  void MultiplyFew(KernelContext& ctx, const float* a, int64_t rows, float* y) const {
    const Sizes& s = weights_.sizes();
    auto* prepared = reinterpret_cast<float*>(ctx.scratch().data());
    const NBitsFns* fns[kFewDotRows];
    for (int64_t m = 0; m < rows; ++m) {
      const auto prepare = [&](const NBitsFns& by) {
        return by.prepare(a + m * s.k, s.k, weights_.panel(0), prepared + m * PreparedFloats());
      };
      fns[m] = dot_;
      if (dot_ != nullptr && prepare(*dot_)) continue;
      fns[m] = &table_.fns;
      prepare(table_.fns);
    }
    const double flops = 2.0 * static_cast<double>(rows) * static_cast<double>(s.n) * static_cast<double>(s.k);
    const int64_t grain = CeilDiv(weights_.panels(), PiecesFor(flops, ctx.threads()));
    ctx.ParallelFor(weights_.panels(), grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        for (int64_t m = 0; m < rows; ++m) {
          fns[m]->multiply[VectorsOf(p) - 1](weights_.panel(p), prepared + m * PreparedFloats(), weights_.bias(p),
                                             y + m * s.n + p * weights_.panel_columns(), weights_.columns(p));
        }
      }
    });
  }

  void MultiplyMany(KernelContext& ctx, const float* a, int64_t rows, float* y) const {
    const Plan plan = Plan::Of(weights_, rows, ctx.threads());
    ScratchSlots slots(ctx.scratch(), plan.ScratchFloats() * static_cast<int64_t>(sizeof(float)));
    ctx.ParallelFor(plan.row_blocks * plan.column_blocks, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      for (int64_t piece = begin; piece < end && ctx.Poll().ok(); ++piece) MultiplyPiece(plan, a, rows, y, piece, lease.floats());
    });
  }

  // y starts as the bias, and each stretch of the weights' rows is added to it.
  void MultiplyPiece(const Plan& plan, const float* a, int64_t rows, float* y, int64_t piece, float* memory) const {
    const Sizes& s = weights_.sizes();
    const int64_t row = piece / plan.column_blocks * plan.block, first = piece % plan.column_blocks * plan.panels;
    const int64_t last = std::min(weights_.panels(), first + plan.panels), column = first * weights_.panel_columns();
    const int64_t columns = (last - 1) * weights_.panel_columns() + weights_.columns(last - 1) - column;
    float *unpacked = memory, *copy = memory + plan.panel_floats;
    Strips strips;
    strips.a = copy;
    strips.a_stride = plan.copy_stride;
    strips.c_stride = strips.residual_stride = s.n;
    strips.rows = std::min(plan.block, rows - row);
    for (int64_t m = row; m < row + strips.rows; ++m) {
      if (const float* bias = weights_.bias(first)) {
        std::copy_n(bias, columns, y + m * s.n + column);
      } else {
        std::fill_n(y + m * s.n + column, columns, 0.0f);
      }
    }
    for (int64_t k = 0; k < s.k; k += plan.depth) {
      const int64_t depth = std::min(plan.depth, s.k - k), offset = 0;
      for (int64_t m = 0; m < strips.rows; ++m) std::copy_n(a + (row + m) * s.k + k, depth, copy + m * plan.copy_stride);
      for (int64_t p = first; p < last; ++p) {
        table_.unpack[VectorsOf(p) - 1](weights_.panel(p), k, k + CeilDiv(depth, s.fields()) * s.fields(), unpacked);
        strips.residual = strips.c = y + row * s.n + p * weights_.panel_columns();
        Multiply(tile_, strips, {&offset, 1, depth}, PackedMatrix::View(tile_, depth, weights_.columns(p), unpacked), 0, 1, {});
      }
    }
  }

  const TileFns& tile_;
  const NBitsTable& table_;
  const NBitsFns* dot_;
  const PackedNBits weights_;
  std::string name_;
};

// A constant of so many elements, or an absent input.
bool Fits(const KernelSpec& spec, int input, bool required, DType dtype, std::optional<int64_t> size) {
  if (!spec.has_input(input)) return !required;
  const Tensor* t = spec.constant(input);
  return t != nullptr && t->dtype() == dtype && size && t->size() == *size;
}

Support QueryNBits(const KernelSpec& spec) {
  const auto s = Sizes::Of(spec.node.attributes);
  if (!s) return Support::No("weights of other than 2, 4 or 8 bits are not vectorised");
  if (!IsFloatInput(spec, kA)) return Support::No(StrCat("a product of ", spec.input_type(kA).ToString(), " is not vectorised"));
  if (spec.has_input(kGroupIndex)) return Support::No("weights with g_idx are not vectorised");
  const auto words = s->words();
  const int64_t zero_bytes = CeilDiv(s->blocks * s->bits, 8) * s->n;
  const bool zeros =
      Fits(spec, kZeroPoints, false, DType::kUint8, zero_bytes) || Fits(spec, kZeroPoints, false, DType::kFloat, s->parameters());
  const bool fits = spec.node.attributes.Int("weight_prepacked") == 0 &&
                    Fits(spec, kB, true, DType::kUint8, words ? CheckedMul(*words, int64_t{4}) : words) &&
                    Fits(spec, kScales, true, DType::kFloat, s->parameters()) && zeros && Fits(spec, kBias, false, DType::kFloat, s->n);
  return fits ? Support::Yes() : Support::No("only constant weights and parameters are vectorised");
}

Result<std::unique_ptr<Kernel>> MakeNBits(const KernelSpec& spec, CpuLevel level) {
  SAMOYED_ASSIGN_OR_RETURN(PackedNBits packed, PackedNBits::Pack(TileFnsFor(level), *Sizes::Of(spec.node.attributes), spec));
  return std::unique_ptr<Kernel>(std::make_unique<NBitsKernel>(std::move(packed), level));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "MatMulNBits", QueryNBits, MakeNBits}};

}  // namespace

std::span<const KernelEntry> NBitsMatMulKernels() { return kEntries; }

}  // namespace samoyed::cpu
