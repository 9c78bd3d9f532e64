// QGemm of com.microsoft and MatMulInteger with constant weights: products of bytes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "ops/common/quantize.h"
#include "providers/cpu/byte_product.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/quantised.h"

namespace samoyed::cpu {
namespace {

// The right-hand side [k, n], or [n, k] where transposed, for A of a type: without bias, scale and A's zero point.
ByteMatrix RightHandSide(const Tensor& b, bool transposed, std::span<const int32_t> zeros, DType a_dtype) {
  ByteMatrix matrix;
  matrix.values = static_cast<const std::byte*>(b.raw());
  matrix.is_signed = b.dtype() == DType::kInt8;
  matrix.run_length = b.dim(transposed ? 1 : 0);
  matrix.n = b.dim(transposed ? 0 : 1);
  matrix.rows = {{{1, 0}, {1, 0}, {matrix.run_length, transposed ? 1 : matrix.n}}};
  matrix.n_stride = transposed ? matrix.run_length : 1;
  matrix.zeros = zeros;
  matrix.a_signed = a_dtype == DType::kInt8;
  return matrix;
}

// Products of A's rows with packed weights.
class ByteProductKernel : public Kernel {
 public:
  ByteProductKernel(PackedByteMatrix weights, DType a_dtype, CpuLevel level)
      : weights_(std::move(weights)), a_dtype_(a_dtype), name_(StrCat("matrix product int8 ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.bytes(); }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    return inputs.empty() || inputs[0].rank() < 2 ? 0 : ByteProductScratch(weights_, Rows(inputs[0]), threads);
  }

 protected:
  static int64_t Rows(const Shape& a) { return a.Product(0, a.rank() - 1); }

  // c = A's rows times the weights, of A's shape but the last axis.
  Result<Tensor*> Multiply(KernelContext& ctx, const Tensor& a, DType dtype, const ByteFinish& finish) const {
    if (a.dtype() != a_dtype_ || a.rank() < 2 || a.shape().back() != weights_.k())
      return BadInput(ctx.op_type(), ": a left operand ", NameOf(a.dtype()), a.shape().ToString(), " for weights of ", weights_.k(),
                      " rows");
    Shape shape = a.shape();
    shape[shape.rank() - 1] = weights_.n();
    SAMOYED_ALLOCATE_OUTPUT(c, ctx, 0, dtype, shape);
    MultiplyBytesParallel(ctx, static_cast<const std::byte*>(a.raw()), Rows(shape), weights_, finish,
                          static_cast<std::byte*>(c->mutable_raw()));
    return c;
  }

  const PackedByteMatrix weights_;
  const DType a_dtype_;

 private:
  std::string name_;
};

class ByteGemm final : public ByteProductKernel {
 public:
  ByteGemm(PackedByteMatrix weights, DType a_dtype, DType y_dtype, ByteFinish finish, CpuLevel level)
      : ByteProductKernel(std::move(weights), a_dtype, level), y_dtype_(y_dtype), finish_(finish) {}
  bool OwnsConstant(int input) const override { return input != 0; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    if (a->rank() != 2) return BadInput(ctx.op_type(), ": a left operand of shape ", a->shape().ToString(), " is not a matrix");
    SAMOYED_RETURN_IF_ERROR(Multiply(ctx, *a, y_dtype_, finish_).status());
    return ctx.Poll();
  }

 private:
  DType y_dtype_;
  ByteFinish finish_;
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
  ByteMatrix matrix = RightHandSide(b, spec.node.attributes.Int("transB", 0) != 0, g.zeros, g.a_dtype);
  matrix.bias = g.bias;
  matrix.scale = g.scale;
  matrix.a_zero = g.a_zero;
  SAMOYED_ASSIGN_OR_RETURN(PackedByteMatrix packed, PackedByteMatrix::Pack(ByteTileFnsFor(level), matrix));
  return std::unique_ptr<Kernel>(std::make_unique<ByteGemm>(std::move(packed), g.a_dtype, g.y_dtype, g.finish, level));
}

// MatMulInteger with constant weights. Packed without A's zero points, which are values of the run: they are taken off afterwards,
// sum (a - za) (b - zb) = sum a (b - zb) - za * sum (b - zb).
class ByteMatMul final : public ByteProductKernel {
 public:
  using ByteProductKernel::ByteProductKernel;
  bool OwnsConstant(int input) const override { return input == 1; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    const Tensor* zero = ctx.input(2);
    if (zero != nullptr && (zero->dtype() != a_dtype_ || zero->size() != 1))
      return BadInput(ctx.op_type(), ": a_zero_point of ", NameOf(zero->dtype()), zero->shape().ToString(),
                      " where one element is declared");
    SAMOYED_ASSIGN_OR_RETURN(Tensor * y, Multiply(ctx, *a, DType::kInt32, ByteFinish::For(DType::kInt32, 0)));
    const int32_t a_zero = zero == nullptr ? 0 : a_dtype_ == DType::kUint8 ? *zero->data<uint8_t>() : *zero->data<int8_t>();
    if (a_zero == 0) return ctx.Poll();
    const std::span<const int32_t> sums = weights_.column_sums();
    const int64_t n = weights_.n();
    int32_t* out = y->mutable_data<int32_t>();
    ctx.ParallelFor(Rows(y->shape()), 1 + 16384 / n, [&](int64_t begin, int64_t end) {
      for (int64_t m = begin; m < end; ++m) {
        for (int64_t i = 0; i < n; ++i) out[m * n + i] -= a_zero * sums[static_cast<size_t>(i)];
      }
    });
    return ctx.Poll();
  }
};

Support QueryMatMulInteger(const KernelSpec& spec) {
  constexpr int64_t kLongest = (int64_t{1} << 31) / (255 * 255) - 1;  // totals fit into int32, told without reading the weights
  const Tensor* b = spec.constant(1);
  const Type& a = spec.input_type(0);
  const bool plain = IsByte(a.dtype) && a.rank() >= 2 && b != nullptr && IsByte(b->dtype()) && b->rank() == 2 && b->size() > 0 &&
                     b->dim(0) <= kLongest && ZerosOf(spec, 3, b->dim(1), b->dtype());
  if (!plain) return Support::No("only constant weights with constant zero points are vectorised");
  if (!spec.has_input(2)) return Support::Yes();
  const Type& zero = spec.input_type(2);
  const bool one = zero.dtype == a.dtype && zero.shape && std::ranges::all_of(*zero.shape, [](const Dim& d) { return d == Dim(1); });
  return one ? Support::Yes() : Support::No("only one zero point for the left-hand side is vectorised");
}

Result<std::unique_ptr<Kernel>> MakeMatMulInteger(const KernelSpec& spec, CpuLevel level) {
  const Tensor& b = *spec.constant(1);
  const std::vector<int32_t> zeros = *ZerosOf(spec, 3, b.dim(1), b.dtype());
  const DType a_dtype = spec.input_type(0).dtype;
  SAMOYED_ASSIGN_OR_RETURN(PackedByteMatrix packed, PackedByteMatrix::Pack(ByteTileFnsFor(level), RightHandSide(b, false, zeros, a_dtype)));
  return std::unique_ptr<Kernel>(std::make_unique<ByteMatMul>(std::move(packed), a_dtype, level));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "QGemm", QueryQGemm, MakeQGemm},
                                    {"", "MatMulInteger", QueryMatMulInteger, MakeMatMulInteger}};

}  // namespace

std::span<const KernelEntry> ByteMatMulKernels() { return kEntries; }

}  // namespace samoyed::cpu
