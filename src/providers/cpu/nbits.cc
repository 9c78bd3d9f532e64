// MatMulNBits of com.microsoft with constant weights of 2, 4 or 8 bits, which stay as small in memory: few rows are multiplied with them as
// they are, many with a panel of them made floats.
#include "providers/cpu/simd/nbits.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/checked.h"
#include "base/interrupt.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/product.h"
#include "tensor/convert.h"

namespace samoyed::cpu {
namespace {

enum Inputs { kA, kB, kScales, kZeroPoints, kGroupIndex, kBias };

// What the attributes say; nullopt where the reference has to say what is wrong with them.
struct Sizes {
  int64_t k, n, block, bits, blocks;
  int64_t block_bytes() const { return block / 8 * bits; }
  int64_t zero_bytes() const { return (blocks * bits + 7) / 8; }  // of a column
  int64_t padded_k() const { return blocks * block; }
};
std::optional<Sizes> SizesOf(const Attributes& a) {
  constexpr int64_t kMost = int64_t{1} << 30;
  Sizes s{a.Int("K"), a.Int("N"), a.Int("block_size"), a.Int("bits", 4), 0};
  if (s.k < 1 || s.n < 1 || s.k > kMost || s.n > kMost || s.block < 16 || s.block > kMost || (s.block & (s.block - 1)) != 0)
    return std::nullopt;
  if ((s.bits != 2 && s.bits != 4 && s.bits != 8) || a.Int("weight_prepacked") != 0) return std::nullopt;
  s.blocks = (s.k + s.block - 1) / s.block;
  return s;
}

class NbitsKernel final : public Kernel {
 public:
  NbitsKernel(const Sizes& sizes, CpuLevel level)
      : sizes_(sizes),
        tile_(TileFnsFor(level)),
        fns_(NbitsFnsFor(level)),
        name_(StrCat("matrix product ", sizes.bits, "-bit ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  bool OwnsConstant(int input) const override { return input != kA; }
  int64_t PackedBytes() const override {
    return static_cast<int64_t>((words_.size() + scales_.size() + zeros_.size() + bias_.size()) * sizeof(float));
  }

  Status Pack(const Tensor& b, const Tensor& scales, const Tensor* zeros, const Tensor* bias) {
    const int64_t width = tile_.vectors * tile_.lanes, columns = (sizes_.n + tile_.lanes - 1) / tile_.lanes * tile_.lanes;
    const int64_t column_words = sizes_.blocks * sizes_.block_bytes() / 4;
    words_.resize(static_cast<size_t>(columns * column_words));
    scales_.resize(static_cast<size_t>(columns * sizes_.blocks));
    if (zeros != nullptr) zeros_.resize(scales_.size());
    const auto* bytes = static_cast<const std::byte*>(b.raw());
    for (int64_t n = 0; n < sizes_.n; ++n) {
      const int64_t first = n / width * width, in_panel = n - first, panel_width = std::min(width, columns - first);
      uint32_t* words = words_.data() + first * column_words + in_panel;
      for (int64_t i = 0; i < column_words; ++i)
        std::memcpy(words + i * panel_width, bytes + (n * column_words + i) * 4, 4);  // little-endian
      for (int64_t i = 0; i < sizes_.blocks; ++i) {
        const auto at = static_cast<size_t>((first * sizes_.blocks) + i * panel_width + in_panel);
        scales_[at] = scales.data<float>()[n * sizes_.blocks + i];
        if (zeros != nullptr) zeros_[at] = ZeroAt(*zeros, n, i);
      }
      SAMOYED_RETURN_IF_ERROR(PollInterrupt());
    }
    if (bias != nullptr) bias_.assign(bias->data<float>(), bias->data<float>() + sizes_.n);
    return OkStatus();
  }

  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty() || inputs[kA].rank() < 1) return 0;
    const int64_t rows = inputs[kA].Product(0, inputs[kA].rank() - 1);
    return AlignScratch(ScratchProduct(ScratchProduct(rows, RowFloats()), sizeof(float))) +
           (IsFew(rows) ? 0 : ScratchSlots::Bytes(PanelBytes(), threads));
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
    if (a->dtype() != DType::kFloat || a->rank() == 0 || a->shape().back() != sizes_.k)
      return BadInput("MatMulNBits: A of shape ", a->shape().ToString(), " is not [..., K = ", sizes_.k, "] of float");
    Shape shape = a->shape();
    shape[shape.rank() - 1] = sizes_.n;
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    if (y->size() == 0) return OkStatus();
    const int64_t rows = a->size() / sizes_.k;
    auto* copy = reinterpret_cast<float*>(ctx.scratch().data());
    CopyRows(ctx, a->data<float>(), rows, copy);
    const int64_t panels = (sizes_.n + width() - 1) / width();
    float* to = y->mutable_data<float>();
    if (IsFew(rows)) {
      ctx.ParallelFor(panels, std::max<int64_t>(1, kGrainWeights / (width() * sizes_.k)), [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) {
          const NbitsPanel panel = PanelAt(p);
          for (int64_t r = 0; r < rows; ++r) {
            const float* row = copy + r * RowFloats();
            fns_.multiply(panel, row, row + sizes_.padded_k(), to + r * sizes_.n + p * width());
          }
          AddBias(panel, p, rows, to);
        }
      });
      return ctx.Poll();
    }
    ScratchSlots slots(ctx.scratch().subspan(static_cast<size_t>(AlignScratch(rows * RowFloats() * 4))), PanelBytes());
    ctx.ParallelFor(panels, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      const int64_t offset = 0;
      for (int64_t p = begin; p < end && ctx.Poll().ok(); ++p) {
        const NbitsPanel panel = PanelAt(p);
        fns_.expand(panel, lease.floats());
        Strips strips;
        strips.a = copy;
        strips.a_stride = RowFloats();
        strips.c = to + p * width();
        strips.c_stride = sizes_.n;
        strips.rows = rows;
        Multiply(tile_, strips, {&offset, 1, sizes_.padded_k()},
                 PackedMatrix::View(tile_, sizes_.padded_k(), panel.columns, lease.floats()), 0, 1, Finish());
        AddBias(panel, p, rows, to);
      }
    });
    return ctx.Poll();
  }

 private:
  static constexpr int64_t kGrainWeights = 256 << 10;

  // So few that unpacking the weights anew for each row costs less than making floats of them.
  static bool IsFew(int64_t rows) { return rows < 4; }
  int64_t width() const { return tile_.vectors * tile_.lanes; }
  int64_t PanelBytes() const { return ScratchProduct(sizes_.padded_k(), width() * static_cast<int64_t>(sizeof(float))); }
  // A row of A, zeros up to whole blocks, the blocks' sums; not a multiple of 4 KiB, so that rows do not push each other out of the cache.
  int64_t RowFloats() const {
    return (sizes_.padded_k() + sizes_.blocks + 15) / 16 * 16 + ((sizes_.padded_k() + sizes_.blocks + 15) / 16 * 16 % 1024 == 0 ? 16 : 0);
  }

  float ZeroAt(const Tensor& zeros, int64_t n, int64_t block) const {
    if (zeros.dtype() == DType::kFloat) return zeros.data<float>()[n * sizes_.blocks + block];
    const int64_t bit = block * sizes_.bits;
    return static_cast<float>(zeros.data<uint8_t>()[n * sizes_.zero_bytes() + bit / 8] >> (bit % 8) & ((1 << sizes_.bits) - 1));
  }

  NbitsPanel PanelAt(int64_t p) const {
    const int64_t first = p * width();
    NbitsPanel panel{};
    panel.columns = std::min(width(), sizes_.n - first);
    panel.words = words_.data() + first * (sizes_.blocks * sizes_.block_bytes() / 4);
    panel.scales = scales_.data() + first * sizes_.blocks;
    panel.zeros = zeros_.empty() ? nullptr : zeros_.data() + first * sizes_.blocks;
    panel.zero = static_cast<float>(1 << (sizes_.bits - 1));
    panel.bits = static_cast<int>(sizes_.bits);
    panel.block = sizes_.block;
    panel.blocks = sizes_.blocks;
    return panel;
  }

  void CopyRows(KernelContext& ctx, const float* a, int64_t rows, float* to) const {
    ctx.ParallelFor(rows, std::max<int64_t>(1, (16 << 10) / sizes_.k), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        float* row = to + r * RowFloats();
        std::copy_n(a + r * sizes_.k, sizes_.k, row);
        std::fill_n(row + sizes_.k, sizes_.padded_k() - sizes_.k, 0.0f);
        for (int64_t b = 0; b < sizes_.blocks; ++b) {
          float sum = 0;
          for (int64_t i = 0; i < sizes_.block; ++i) sum += row[b * sizes_.block + i];
          row[sizes_.padded_k() + b] = sum;
        }
      }
    });
  }

  void AddBias(const NbitsPanel& panel, int64_t p, int64_t rows, float* y) const {
    if (bias_.empty()) return;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t n = p * width(); n < p * width() + panel.columns; ++n) y[r * sizes_.n + n] += bias_[static_cast<size_t>(n)];
    }
  }

  Sizes sizes_;
  const TileFns& tile_;
  const NbitsFns& fns_;
  std::vector<uint32_t> words_;
  std::vector<float> scales_, zeros_, bias_;
  std::string name_;
};

// A constant of this type with so many elements.
bool IsConstant(const KernelSpec& spec, int i, DType dtype, std::optional<int64_t> size) {
  const Tensor* t = spec.constant(i);
  return t != nullptr && t->dtype() == dtype && size && t->size() == *size;
}

Support QueryNbits(const KernelSpec& spec) {
  const auto s = SizesOf(spec.node.attributes);
  if (!s || !IsFloatInput(spec, kA) || spec.has_input(kGroupIndex))
    return Support::No("only floats times weights of 2, 4 or 8 bits in blocks are vectorised");
  const auto blocks = CheckedMul(s->n, s->blocks);
  const bool plain = IsConstant(spec, kB, DType::kUint8, blocks ? CheckedMul(*blocks, s->block_bytes()) : std::nullopt) &&
                     IsConstant(spec, kScales, DType::kFloat, blocks) &&
                     (!spec.has_input(kBias) || IsConstant(spec, kBias, DType::kFloat, s->n));
  const bool zeros = !spec.has_input(kZeroPoints) || IsConstant(spec, kZeroPoints, DType::kFloat, blocks) ||
                     IsConstant(spec, kZeroPoints, DType::kUint8, CheckedMul(s->n, s->zero_bytes()));
  return plain && zeros ? Support::Yes() : Support::No("weights, scales, zero points or bias are not constant");
}

Result<std::unique_ptr<Kernel>> MakeNbits(const KernelSpec& spec, CpuLevel level) {
  auto kernel = std::make_unique<NbitsKernel>(*SizesOf(spec.node.attributes), level);
  SAMOYED_RETURN_IF_ERROR(kernel->Pack(*spec.constant(kB), *spec.constant(kScales),
                                       spec.has_input(kZeroPoints) ? spec.constant(kZeroPoints) : nullptr,
                                       spec.has_input(kBias) ? spec.constant(kBias) : nullptr));
  return std::unique_ptr<Kernel>(std::move(kernel));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "MatMulNBits", QueryNbits, MakeNbits}};

}  // namespace

std::span<const KernelEntry> NbitsKernels() { return kEntries; }

}  // namespace samoyed::cpu
