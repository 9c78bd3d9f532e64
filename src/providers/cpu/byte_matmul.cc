// QGemm and MatMulIntegerToFloat of com.microsoft and MatMulInteger, with constant weights: products of bytes.
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
#include "providers/cpu/scratch.h"

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

  // Output 0: A's rows times the weights, of A's shape but the last axis.
  Status Multiply(KernelContext& ctx, const Tensor& a, DType dtype, const ByteFinish& finish, std::span<std::byte> scratch) const {
    if (a.dtype() != a_dtype_ || a.rank() < 2 || a.shape().back() != weights_.k())
      return BadInput(ctx.op_type(), ": a left operand ", NameOf(a.dtype()), a.shape().ToString(), " for weights of ", weights_.k(),
                      " rows");
    Shape shape = a.shape();
    shape[shape.rank() - 1] = weights_.n();
    SAMOYED_ALLOCATE_OUTPUT(c, ctx, 0, dtype, shape);
    MultiplyBytesParallel(ctx, static_cast<const std::byte*>(a.raw()), Rows(shape), weights_, finish,
                          static_cast<std::byte*>(c->mutable_raw()), scratch);
    return OkStatus();
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
    SAMOYED_RETURN_IF_ERROR(Multiply(ctx, *a, y_dtype_, finish_, ctx.scratch()));
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

// Products whose left-hand side has a zero point, and for MatMulIntegerToFloat a scale, that are values of the run: the columns' biases and
// scales are made from them, sum (a - za) (b - zb) = sum a (b - zb) - za * sum (b - zb).
class DynamicByteMatMul final : public ByteProductKernel {
 public:
  // `a_scale` < 0: results are the sums. `shift`: added to the columns, as padded, or empty. `owned`: constants that nothing else reads.
  DynamicByteMatMul(PackedByteMatrix weights, DType a_dtype, CpuLevel level, int a_scale, int a_zero, std::vector<float> shift,
                    uint32_t owned)
      : ByteProductKernel(std::move(weights), a_dtype, level),
        a_scale_(a_scale),
        a_zero_(a_zero),
        shift_(std::move(shift)),
        owned_(owned) {}
  bool OwnsConstant(int input) const override { return (owned_ >> input & 1) != 0; }
  int64_t PackedBytes() const override { return ByteProductKernel::PackedBytes() + static_cast<int64_t>(shift_.size() * sizeof(float)); }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    return 2 * ColumnBytes() + ByteProductKernel::ScratchBytes(inputs, threads);
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* zero, OneOf(ctx, a_zero_, a_dtype_));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, OneOf(ctx, a_scale_, DType::kFloat));
    const int32_t a_zero = zero == nullptr ? 0 : a_dtype_ == DType::kUint8 ? *zero->data<uint8_t>() : *zero->data<int8_t>();
    const float a_scale = scale == nullptr ? 1 : *scale->data<float>();
    const bool real = a_scale_ >= 0;
    const std::span<std::byte> scratch = ctx.scratch();
    auto* biases = reinterpret_cast<uint32_t*>(scratch.data());  // modulo 2^32, as the sums
    auto* scales = reinterpret_cast<float*>(scratch.data() + ColumnBytes());
    for (int64_t n = 0; n < weights_.padded_columns(); ++n) {
      biases[n] =
          static_cast<uint32_t>(weights_.bias(0)[n]) - static_cast<uint32_t>(a_zero) * static_cast<uint32_t>(weights_.column_sums()[n]);
      if (real) scales[n] = a_scale * weights_.scale(0)[n];
    }
    const DType dtype = real ? DType::kFloat : DType::kInt32;
    ByteFinish finish = ByteFinish::For(dtype, 0);
    finish.bias = reinterpret_cast<const int32_t*>(biases);
    if (real) finish.scale = scales;
    if (!shift_.empty()) finish.shift = shift_.data();
    SAMOYED_RETURN_IF_ERROR(Multiply(ctx, *a, dtype, finish, scratch.subspan(static_cast<size_t>(2 * ColumnBytes()))));
    return ctx.Poll();
  }

 private:
  int64_t ColumnBytes() const { return AlignScratch(weights_.padded_columns() * 4); }

  // Input i, one element of a type; null where it is absent or `i` is negative.
  static Result<const Tensor*> OneOf(KernelContext& ctx, int i, DType dtype) {
    const Tensor* t = i < 0 ? nullptr : ctx.input(i);
    if (t != nullptr && (t->dtype() != dtype || t->size() != 1))
      return BadInput(ctx.op_type(), ": input ", i, " is ", NameOf(t->dtype()), t->shape().ToString(), " where one ", NameOf(dtype),
                      " is declared");
    return t;
  }

  int a_scale_, a_zero_;
  std::vector<float> shift_;
  uint32_t owned_;
};

// Where the two operators have their inputs; -1: not at all.
struct DynamicInputs {
  int a_scale, b_scale, a_zero, b_zero, bias;
};
constexpr DynamicInputs kSums{-1, -1, 2, 3, -1}, kReal{2, 3, 4, 5, 6};
const DynamicInputs& DynamicInputsOf(const KernelSpec& spec) { return spec.node.op_type == "MatMulInteger" ? kSums : kReal; }

bool IsOne(const Type& type, DType dtype) {
  return type.dtype == dtype && type.shape && std::ranges::all_of(*type.shape, [](const Dim& d) { return d == Dim(1); });
}

Support QueryDynamic(const KernelSpec& spec) {
  constexpr int64_t kLongest = (int64_t{1} << 31) / (255 * 255) - 1;  // totals fit into int32, told without reading the weights
  const DynamicInputs& in = DynamicInputsOf(spec);
  const Tensor* b = spec.constant(1);
  const Type& a = spec.input_type(0);
  const bool plain = IsByte(a.dtype) && a.rank() >= 2 && b != nullptr && IsByte(b->dtype()) && b->rank() == 2 && b->size() > 0 &&
                     b->dim(0) <= kLongest && ZerosOf(spec, in.b_zero, b->dim(1), b->dtype());
  if (!plain) return Support::No("only constant weights with constant zero points are vectorised");
  if (spec.has_input(in.a_zero) && !IsOne(spec.input_type(in.a_zero), a.dtype))
    return Support::No("only one zero point for the left-hand side is vectorised");
  if (in.a_scale < 0) return Support::Yes();
  const Tensor* bias = spec.constant(in.bias);
  const bool fits = IsOne(spec.input_type(in.a_scale), DType::kFloat) && ScalesOf(spec, in.b_scale, b->dim(1)) &&
                    (!spec.has_input(in.bias) || (bias != nullptr && bias->dtype() == DType::kFloat && bias->size() == b->dim(1)));
  return fits ? Support::Yes()
              : Support::No("only constant scales and biases of the weights, one scale for the left-hand side, are vectorised");
}

Result<std::unique_ptr<Kernel>> MakeDynamic(const KernelSpec& spec, CpuLevel level) {
  const DynamicInputs& in = DynamicInputsOf(spec);
  const Tensor& b = *spec.constant(1);
  const std::vector<int32_t> zeros = *ZerosOf(spec, in.b_zero, b.dim(1), b.dtype());
  const DType a_dtype = spec.input_type(0).dtype;
  ByteMatrix matrix = RightHandSide(b, false, zeros, a_dtype);
  std::vector<float> scales, shift;
  if (in.b_scale >= 0) scales = *ScalesOf(spec, in.b_scale, b.dim(1));
  matrix.scale = scales;
  SAMOYED_ASSIGN_OR_RETURN(PackedByteMatrix packed, PackedByteMatrix::Pack(ByteTileFnsFor(level), matrix));
  if (const Tensor* bias = in.bias < 0 ? nullptr : spec.constant(in.bias); bias != nullptr) {
    shift.assign(bias->data<float>(), bias->data<float>() + bias->size());
    shift.resize(static_cast<size_t>(packed.padded_columns()));
  }
  uint32_t owned = 0;
  for (const int i : {1, in.b_scale, in.b_zero, in.bias}) owned |= i < 0 ? 0u : uint32_t{1} << i;
  return std::unique_ptr<Kernel>(
      std::make_unique<DynamicByteMatMul>(std::move(packed), a_dtype, level, in.a_scale, in.a_zero, std::move(shift), owned));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "QGemm", QueryQGemm, MakeQGemm},
                                    {"", "MatMulInteger", QueryDynamic, MakeDynamic},
                                    {"com.microsoft", "MatMulIntegerToFloat", QueryDynamic, MakeDynamic}};

}  // namespace

std::span<const KernelEntry> ByteMatMulKernels() { return kEntries; }

}  // namespace samoyed::cpu
