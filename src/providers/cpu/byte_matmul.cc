// QGemm of com.microsoft with constant weights: a product of bytes.
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "ops/common/quantize.h"
#include "providers/cpu/byte_product.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/quantised.h"

namespace samoyed::cpu {
namespace {

class ByteGemm final : public Kernel {
 public:
  ByteGemm(PackedByteMatrix weights, DType a_dtype, DType y_dtype, ByteFinish finish, CpuLevel level)
      : weights_(std::move(weights)),
        a_dtype_(a_dtype),
        y_dtype_(y_dtype),
        finish_(finish),
        name_(StrCat("matrix product int8 ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.bytes(); }
  bool OwnsConstant(int input) const override { return input != 0; }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    return inputs.empty() || inputs[0].rank() != 2 ? 0 : ByteProductScratch(weights_, inputs[0][0], threads);
  }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    if (a->dtype() != a_dtype_ || a->rank() != 2 || a->dim(1) != weights_.k())
      return BadInput(ctx.op_type(), ": a left operand ", NameOf(a->dtype()), a->shape().ToString(), " for weights of ", weights_.k(),
                      " rows");
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, y_dtype_, Shape({a->dim(0), weights_.n()}));
    MultiplyBytesParallel(ctx, static_cast<const std::byte*>(a->raw()), a->dim(0), weights_, finish_,
                          static_cast<std::byte*>(y->mutable_raw()));
    return ctx.Poll();
  }

 private:
  PackedByteMatrix weights_;
  DType a_dtype_, y_dtype_;
  ByteFinish finish_;
  std::string name_;
};

enum Inputs { kA, kAScale, kAZero, kB, kBScale, kBZero, kC, kYScale, kYZero };

// What a QGemm's constants say.
struct GemmSpec {
  DType a_dtype, y_dtype;
  int32_t a_zero;
  std::vector<int32_t> zeros, bias;
  std::vector<float> scale;
  ByteFinish finish;
};

std::optional<GemmSpec> Read(const KernelSpec& spec) {
  const DType a_dtype = spec.input_type(kA).dtype;
  const Tensor* b = spec.constant(kB);
  const Attributes& attributes = spec.node.attributes;
  if (!IsByte(a_dtype) || spec.input_type(kA).rank() != 2 || b == nullptr || !IsByte(b->dtype()) || b->rank() != 2 || b->size() == 0)
    return std::nullopt;
  if (attributes.Int("transA", 0) != 0) return std::nullopt;
  const bool trans_b = attributes.Int("transB", 0) != 0;
  const int64_t n = b->dim(trans_b ? 0 : 1);
  const auto a = QuantizerOf(spec, kAScale, kAZero, a_dtype);
  const auto b_scale = ScalesOf(spec, kBScale, n);
  const auto zeros = ZerosOf(spec, kBZero, n, b->dtype());
  const auto bias = BiasOf(spec, kC, n);
  if (!a || a->dtype != a_dtype || !b_scale || b_scale->empty() || !zeros || !bias) return std::nullopt;
  GemmSpec out{a_dtype, DType::kFloat, a->zero, *zeros, *bias, {}, ByteFinish::For(DType::kFloat, 0)};
  float y_scale = 1;
  if (spec.has_input(kYScale)) {
    const auto y = QuantizerOf(spec, kYScale, kYZero, a_dtype);
    if (!y || y->dtype != a_dtype) return std::nullopt;
    y_scale = y->scale;
    out.y_dtype = a_dtype;
    out.finish = ByteFinish::For(a_dtype, y->zero);
  }
  for (float s : *b_scale) {
    out.scale.push_back(ops::RequantizeFactor(static_cast<double>(attributes.Float("alpha", 1)) * a->scale, s, y_scale));
    if (!std::isfinite(out.scale.back())) return std::nullopt;
  }
  constexpr float kNothing[] = {std::numeric_limits<float>::infinity()};
  const bool fits = ops::FitByteTotals(*b, trans_b ? 0 : 1, out.zeros,
                                       out.y_dtype == DType::kFloat ? std::span<const float>(kNothing) : out.scale, out.bias);
  if (!fits) return std::nullopt;
  return out;
}

Support QueryQGemm(const KernelSpec& spec) {
  return Read(spec) ? Support::Yes()
                    : Support::No("only constant weights and parameters, one scale for the left-hand side, are vectorised");
}

Result<std::unique_ptr<Kernel>> MakeQGemm(const KernelSpec& spec, CpuLevel level) {
  const GemmSpec g = *Read(spec);
  const Tensor& b = *spec.constant(kB);
  const bool trans_b = spec.node.attributes.Int("transB", 0) != 0;
  ByteMatrix matrix;
  matrix.values = static_cast<const std::byte*>(b.raw());
  matrix.is_signed = b.dtype() == DType::kInt8;
  matrix.run_length = b.dim(trans_b ? 1 : 0);
  matrix.n = b.dim(trans_b ? 0 : 1);
  matrix.rows = {{{1, 0}, {1, 0}, {matrix.run_length, trans_b ? 1 : matrix.n}}};
  matrix.n_stride = trans_b ? matrix.run_length : 1;
  matrix.zeros = g.zeros;
  matrix.bias = g.bias;
  matrix.scale = g.scale;
  matrix.a_signed = g.a_dtype == DType::kInt8;
  matrix.a_zero = g.a_zero;
  SAMOYED_ASSIGN_OR_RETURN(PackedByteMatrix packed, PackedByteMatrix::Pack(ByteTileFnsFor(level), matrix));
  return std::unique_ptr<Kernel>(std::make_unique<ByteGemm>(std::move(packed), g.a_dtype, g.y_dtype, g.finish, level));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "QGemm", QueryQGemm, MakeQGemm}};

}  // namespace

std::span<const KernelEntry> ByteMatMulKernels() { return kEntries; }

}  // namespace samoyed::cpu
