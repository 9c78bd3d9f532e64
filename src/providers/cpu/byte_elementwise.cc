// QLinearAdd and QLinearMul of com.microsoft with constant scales: sums and products of bytes.
#include <cmath>
#include <optional>

#include "ops/common/quantize.h"
#include "providers/cpu/broadcast.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/quantised.h"
#include "providers/cpu/simd/elementwise.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 32 << 10;  // elements

enum Inputs { kA, kAScale, kAZero, kB, kBScale, kBZero, kCScale, kCZero };

class ByteBinaryKernel final : public Kernel {
 public:
  ByteBinaryKernel(const ByteBinary& parameters, bool multiply, DType dtype, CpuLevel level)
      : parameters_(parameters),
        dtype_(dtype),
        fns_(ElementwiseFnsFor(level).byte_binary[multiply ? 1 : 0][dtype == DType::kInt8 ? 1 : 0]),
        name_(StrCat(multiply ? "Mul" : "Add", " of bytes ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  bool OwnsConstant(int input) const override { return input != kA && input != kB; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, kB));
    if (a->dtype() != dtype_ || b->dtype() != dtype_) return BadInput(ctx.op_type(), " was made for ", NameOf(dtype_));
    SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a->shape(), b->shape()));
    SAMOYED_ASSIGN_OR_RETURN(const auto rows, Broadcast<2>::Of(ctx, shape, {&a->shape(), &b->shape()}));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype_, shape);
    if (y->size() == 0) return OkStatus();
    const auto *from_a = static_cast<const std::byte*>(a->raw()), *from_b = static_cast<const std::byte*>(b->raw());
    auto* to = static_cast<std::byte*>(y->mutable_raw());
    const ByteBinaryFn fn = fns_[static_cast<int>(OperandsOf(rows))];
    rows.ForEachRow(ctx, kGrain, [&](const std::array<int64_t, 2>& at, int64_t row, int64_t n) {
      fn(from_a + at[0], from_b + at[1], parameters_, to + row, n);
    });
    return OkStatus();
  }

 private:
  ByteBinary parameters_;
  DType dtype_;
  const ByteBinaryFn* fns_;
  std::string name_;
};

std::optional<ByteBinary> Read(const KernelSpec& spec) {
  const DType dtype = spec.input_type(kA).dtype;
  if (!IsByte(dtype) || spec.input_type(kB).dtype != dtype) return std::nullopt;
  const auto a = QuantizerOf(spec, kAScale, kAZero, dtype), b = QuantizerOf(spec, kBScale, kBZero, dtype),
             c = QuantizerOf(spec, kCScale, kCZero, dtype);
  if (!a || !b || !c || a->dtype != dtype || b->dtype != dtype || c->dtype != dtype) return std::nullopt;
  const ops::IntegerRange range = ops::RangeOf(dtype);
  ByteBinary p{a->zero,
               b->zero,
               c->zero,
               a->scale / c->scale,
               b->scale / c->scale,
               static_cast<float>(range.low - c->zero),
               static_cast<float>(range.high - c->zero)};
  if (spec.node.op_type == "QLinearMul") p.a_factor = ops::RequantizeFactor(a->scale, b->scale, c->scale);
  if (!std::isfinite(p.a_factor * 65536) || !std::isfinite(p.b_factor * 65536)) return std::nullopt;
  return p;
}

Support Query(const KernelSpec& spec) {
  return Read(spec) ? Support::Yes(LayoutSupport::kFollows) : Support::No("only bytes of one type with constant scales are vectorised");
}

Result<std::unique_ptr<Kernel>> Make(const KernelSpec& spec, CpuLevel level) {
  return std::unique_ptr<Kernel>(
      std::make_unique<ByteBinaryKernel>(*Read(spec), spec.node.op_type == "QLinearMul", spec.input_type(kA).dtype, level));
}

constexpr KernelEntry kEntries[] = {{"com.microsoft", "QLinearAdd", Query, Make}, {"com.microsoft", "QLinearMul", Query, Make}};

}  // namespace

std::span<const KernelEntry> ByteElementwiseKernels() { return kEntries; }

}  // namespace samoyed::cpu
