// QuantizeLinear and DequantizeLinear of whole tensors (one constant scale) between fp32 and bytes, and DynamicQuantizeLinear.
#include "ops/common/quantize.h"

#include <algorithm>
#include <array>
#include <optional>

#include "providers/cpu/kernels.h"
#include "providers/cpu/simd/elementwise.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;

struct ByteScale {
  DType dtype;  // kUint8 or kInt8
  float scale, zero;
};

// The constant scale and zero point of a tensor; nullopt where they vary or are of other types. `fallback`: without a zero point.
std::optional<ByteScale> ScaleOf(const KernelSpec& spec, DType fallback) {
  const Tensor* scale = spec.constant(1);
  if (scale == nullptr || scale->dtype() != DType::kFloat || scale->size() != 1) return std::nullopt;
  ByteScale out{fallback, *scale->data<float>(), 0};
  if (spec.has_input(2)) {
    const Tensor* zero = spec.constant(2);
    if (zero == nullptr || zero->size() != 1) return std::nullopt;
    out.dtype = zero->dtype();
    if (out.dtype == DType::kUint8) out.zero = *zero->data<uint8_t>();
    if (out.dtype == DType::kInt8) out.zero = *zero->data<int8_t>();
  }
  if (out.dtype != DType::kUint8 && out.dtype != DType::kInt8) return std::nullopt;
  return out;
}

class QuantizeKernel final : public Kernel {
 public:
  QuantizeKernel(ByteScale scale, CpuLevel level)
      : scale_(scale), fns_(ElementwiseFnsFor(level)), name_(StrCat("quantise ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat) return BadInput("QuantizeLinear was made for float, not ", NameOf(x->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, scale_.dtype, x->shape());
    const float* from = x->data<float>();
    ctx.ParallelFor(x->size(), kGrain, [&](int64_t begin, int64_t end) {
      if (scale_.dtype == DType::kUint8) {
        fns_.quantize_u8(from + begin, scale_.zero, scale_.scale, y->mutable_data<uint8_t>() + begin, end - begin);
      } else {
        fns_.quantize_s8(from + begin, scale_.zero, scale_.scale, y->mutable_data<int8_t>() + begin, end - begin);
      }
    });
    return OkStatus();
  }

 private:
  ByteScale scale_;
  const ElementwiseFns& fns_;
  std::string name_;
};

class DequantizeKernel final : public Kernel {
 public:
  DequantizeKernel(ByteScale scale, CpuLevel level)
      : scale_(scale), fns_(ElementwiseFnsFor(level)), name_(StrCat("dequantise ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* q, RequireInput(ctx, 0));
    if (q->dtype() != scale_.dtype) return BadInput("DequantizeLinear was made for ", NameOf(scale_.dtype), ", not ", NameOf(q->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, q->shape());
    float* to = y->mutable_data<float>();
    ctx.ParallelFor(q->size(), kGrain, [&](int64_t begin, int64_t end) {
      if (scale_.dtype == DType::kUint8) {
        fns_.dequantize_u8(q->data<uint8_t>() + begin, scale_.zero, scale_.scale, to + begin, end - begin);
      } else {
        fns_.dequantize_s8(q->data<int8_t>() + begin, scale_.zero, scale_.scale, to + begin, end - begin);
      }
    });
    return OkStatus();
  }

 private:
  ByteScale scale_;
  const ElementwiseFns& fns_;
  std::string name_;
};

class DynamicQuantizeKernel final : public Kernel {
 public:
  explicit DynamicQuantizeKernel(CpuLevel level) : fns_(ElementwiseFnsFor(level)), name_(StrCat("dynamic quantise ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat) return BadInput("DynamicQuantizeLinear was made for float, not ", NameOf(x->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kUint8, x->shape());
    SAMOYED_ALLOCATE_OUTPUT(y_scale, ctx, 1, DType::kFloat, Shape());
    SAMOYED_ALLOCATE_OUTPUT(y_zero, ctx, 2, DType::kUint8, Shape());
    const ops::DynamicQuantizer q = ops::DynamicQuantizer::Over(Range(ctx, *x));
    ctx.ParallelFor(x->size(), kGrain, [&](int64_t begin, int64_t end) {
      fns_.quantize_u8(x->data<float>() + begin, q.zero_point, q.scale, y->mutable_data<uint8_t>() + begin, end - begin);
    });
    *y_scale->mutable_data<float>() = q.scale;
    *y_zero->mutable_data<uint8_t>() = q.zero_point;
    return OkStatus();
  }

 private:
  std::pair<float, float> Range(KernelContext& ctx, const Tensor& x) const {
    constexpr int64_t kPieces = 64;
    std::array<std::pair<float, float>, kPieces> ranges;
    const int64_t each = std::max(kGrain, (x.size() + kPieces - 1) / kPieces), pieces = (x.size() + each - 1) / each;
    ctx.ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        auto& [low, high] = ranges[static_cast<size_t>(p)];
        fns_.range(x.data<float>() + p * each, std::min(each, x.size() - p * each), &low, &high);
      }
    });
    std::pair<float, float> all(0, 0);
    for (int64_t p = 0; p < pieces; ++p) {
      all.first = std::min(all.first, ranges[static_cast<size_t>(p)].first);
      all.second = std::max(all.second, ranges[static_cast<size_t>(p)].second);
    }
    return all;
  }

  const ElementwiseFns& fns_;
  std::string name_;
};

Support QueryDynamicQuantize(const KernelSpec& spec) {
  return IsFloatInput(spec, 0) ? Support::Yes(LayoutSupport::kFollows) : Support::No("the input is not a float tensor");
}

Result<std::unique_ptr<Kernel>> MakeDynamicQuantize(const KernelSpec&, CpuLevel level) {
  return std::unique_ptr<Kernel>(std::make_unique<DynamicQuantizeKernel>(level));
}

// Before version 19 the output has no other type than the zero point's.
Support QueryQuantize(const KernelSpec& spec) {
  const DType out = spec.output_type(0).dtype;
  const auto scale = ScaleOf(spec, DType::kUint8);
  if (!IsFloatInput(spec, 0) || !scale || scale->dtype != out)
    return Support::No("only one constant scale from float to bytes is vectorised");
  return Support::Yes(LayoutSupport::kFollows);
}

Result<std::unique_ptr<Kernel>> MakeQuantize(const KernelSpec& spec, CpuLevel level) {
  return std::unique_ptr<Kernel>(std::make_unique<QuantizeKernel>(*ScaleOf(spec, DType::kUint8), level));
}

Support QueryDequantize(const KernelSpec& spec) {
  const auto scale = ScaleOf(spec, spec.input_type(0).dtype);
  if (!scale || scale->dtype != spec.input_type(0).dtype || !IsFloatOutput(spec))
    return Support::No("only one constant scale from bytes to float is vectorised");
  return Support::Yes(LayoutSupport::kFollows);
}

Result<std::unique_ptr<Kernel>> MakeDequantize(const KernelSpec& spec, CpuLevel level) {
  return std::unique_ptr<Kernel>(std::make_unique<DequantizeKernel>(*ScaleOf(spec, spec.input_type(0).dtype), level));
}

constexpr KernelEntry kEntries[] = {{"", "QuantizeLinear", QueryQuantize, MakeQuantize},
                                    {"", "DequantizeLinear", QueryDequantize, MakeDequantize},
                                    {"", "DynamicQuantizeLinear", QueryDynamicQuantize, MakeDynamicQuantize}};

}  // namespace

std::span<const KernelEntry> QuantizeKernels() { return kEntries; }

}  // namespace samoyed::cpu
