// Resize by constant scales or to constant sizes, in either layout: nearest elements of any type, interpolation of floats an axis at a
// time.
#include "ops/common/resize.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "providers/cpu/kernels.h"
#include "providers/cpu/scratch.h"
#include "providers/cpu/simd/rows.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements

// One axis of a tensor [outer, in, inner] becomes [outer, out, inner].
struct Pass {
  int axis;
  int64_t outer, inner, out;
};

class ResizeKernel final : public Kernel {
 public:
  ResizeKernel(ops::ResizeSpec spec, const Tensor* scales, const Tensor* sizes, Layout layout, CpuLevel level)
      : spec_(std::move(spec)), layout_(layout), fns_(RowFnsFor(level)) {
    if (scales != nullptr) scales_ = *scales;
    if (sizes != nullptr) sizes_ = *sizes;
    name_ = nearest() ? "resize nearest"
                      : StrCat(spec_.options.mode == ops::ResizeMode::kLinear ? "resize linear " : "resize cubic ", NameOf(level));
  }
  std::string_view name() const override { return name_; }
  int64_t ScratchBytes(std::span<const Shape> inputs, int) const override {
    if (inputs.empty() || nearest()) return 0;
    const auto axes = Plan(inputs[0]);
    if (!axes.ok()) return 0;
    int64_t floats = 0;
    const std::vector<Pass> passes = PassesOf(inputs[0], *axes);
    for (size_t i = 0; i + 1 < passes.size(); ++i) floats += SizeOf(passes[i]);
    return ScratchProduct(floats, sizeof(float));
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    SAMOYED_ASSIGN_OR_RETURN(const std::vector<ops::ResizeAxis> axes, Plan(x->shape()));
    if (nearest() || x->size() == 0) return ops::RunResize(ctx, *x, axes, spec_.options);
    if (x->dtype() != DType::kFloat) return BadInput(ctx.op_type(), " was made for float, not ", NameOf(x->dtype()));
    Shape shape = x->shape();
    for (int i = 0; i < shape.rank(); ++i) shape[i] = axes[static_cast<size_t>(i)].size;
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    if (y->size() == 0) return OkStatus();
    const std::vector<Pass> passes = PassesOf(x->shape(), axes);
    const float* from = x->data<float>();
    auto* scratch = reinterpret_cast<float*>(ctx.scratch().data());
    for (size_t i = 0; i < passes.size(); ++i) {
      const bool last = i + 1 == passes.size();
      float* to = last ? y->mutable_data<float>() : scratch;
      Interpolate(ctx, passes[i], x->dim(passes[i].axis), axes[static_cast<size_t>(passes[i].axis)], from, to);
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      from = to;
      if (!last) scratch += SizeOf(passes[i]);
    }
    if (passes.empty()) std::copy_n(from, y->size(), y->mutable_data<float>());
    return OkStatus();
  }

 private:
  bool nearest() const { return spec_.options.mode == ops::ResizeMode::kNearest; }
  static int64_t SizeOf(const Pass& pass) { return ScratchProduct(ScratchProduct(pass.outer, pass.out), pass.inner); }

  // How each stored axis is resized.
  Result<std::vector<ops::ResizeAxis>> Plan(const Shape& stored) const {
    const int rank = stored.rank();
    Shape shape = stored;
    for (int i = 0; i < rank; ++i) shape[i] = stored[PhysicalAxis(i, rank, layout_)];
    SAMOYED_ASSIGN_OR_RETURN(const auto axes,
                             ops::PlanResize(spec_, shape, scales_.defined() ? &scales_ : nullptr, sizes_.defined() ? &sizes_ : nullptr));
    std::vector<ops::ResizeAxis> out(axes.size());
    for (int i = 0; i < rank; ++i) out[static_cast<size_t>(PhysicalAxis(i, rank, layout_))] = axes[static_cast<size_t>(i)];
    return out;
  }

  std::vector<Pass> PassesOf(const Shape& in, const std::vector<ops::ResizeAxis>& axes) const {
    std::vector<Pass> passes;
    Shape shape = in;
    for (int i = 0; i < shape.rank(); ++i) {
      const ops::ResizeAxis& axis = axes[static_cast<size_t>(i)];
      if (ops::IsIdentity(shape[i], axis, spec_.options)) continue;
      shape[i] = axis.size;
      passes.push_back({i, shape.Product(0, i), shape.Product(i + 1, shape.rank()), axis.size});
    }
    return passes;
  }

  void Interpolate(KernelContext& ctx, const Pass& pass, int64_t in, const ops::ResizeAxis& axis, const float* x, float* y) const {
    const ops::Taps taps = ops::TapsOf(in, axis, spec_.options);
    // Without those of weight 0: an infinity outside the filter is not seen.
    std::vector<int64_t> first = {0}, starts;
    std::vector<float> weights;
    for (int64_t o = 0; o < pass.out; ++o) {
      for (int64_t k = o * taps.per_output; k < (o + 1) * taps.per_output; ++k) {
        if (taps.weight[static_cast<size_t>(k)] == 0) continue;
        starts.push_back(taps.index[static_cast<size_t>(k)] * pass.inner);
        weights.push_back(static_cast<float>(taps.weight[static_cast<size_t>(k)]));
      }
      first.push_back(static_cast<int64_t>(starts.size()));
    }
    ctx.ParallelFor(pass.outer * pass.out, std::max<int64_t>(1, kGrain / pass.inner), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const float* from = x + row / pass.out * in * pass.inner;
        const auto o = static_cast<size_t>(row % pass.out), at = static_cast<size_t>(first[o]);
        const int64_t count = first[o + 1] - first[o];
        if (pass.inner > 1) {
          fns_.blend(from, starts.data() + at, weights.data() + at, count, y + row * pass.inner, pass.inner);
          continue;
        }
        float sum = 0;
        for (int64_t k = 0; k < count; ++k) sum += weights[at + static_cast<size_t>(k)] * from[starts[at + static_cast<size_t>(k)]];
        y[row] = sum;
      }
    });
  }

  ops::ResizeSpec spec_;
  Tensor scales_, sizes_;
  Layout layout_;
  const RowFns& fns_;
  std::string name_;
};

// The scales and the sizes, null where absent; nullopt where they are not constant.
std::optional<std::pair<const Tensor*, const Tensor*>> TargetOf(const KernelSpec& spec) {
  const int scales = spec.node.since_version >= 11 ? 2 : 1;
  if (spec.has_input(scales) && spec.constant(scales) == nullptr) return std::nullopt;
  if (scales == 1) return std::pair(spec.constant(1), static_cast<const Tensor*>(nullptr));
  if (spec.has_input(3) && spec.constant(3) == nullptr) return std::nullopt;
  return std::pair(spec.has_input(2) ? spec.constant(2) : nullptr, spec.has_input(3) ? spec.constant(3) : nullptr);
}

Support QueryResize(const KernelSpec& spec) {
  const Type& x = spec.input_type(0);
  const auto resize = ops::ReadResize(SpecContext(spec));
  if (!resize.ok() || !x.is_tensor() || x.rank() < 1 || !TargetOf(spec)) return Support::No("only constant scales and sizes are planned");
  if (resize->options.coordinates == ops::Coordinates::kTfCropAndResize) return Support::No("regions are left to the reference");
  if (resize->options.mode == ops::ResizeMode::kNearest ? BitWidth(x.dtype) < 8 : x.dtype != DType::kFloat)
    return Support::No(StrCat("interpolation of ", x.ToString(), " is not vectorised"));
  return Support::Yes(LayoutSupport::kFollows);
}

Result<std::unique_ptr<Kernel>> MakeResize(const KernelSpec& spec, CpuLevel level) {
  SAMOYED_ASSIGN_OR_RETURN(ops::ResizeSpec resize, ops::ReadResize(SpecContext(spec)));
  const auto [scales, sizes] = *TargetOf(spec);
  return std::unique_ptr<Kernel>(std::make_unique<ResizeKernel>(std::move(resize), scales, sizes, spec.layout, level));
}

constexpr KernelEntry kEntries[] = {{"", "Resize", QueryResize, MakeResize}};

}  // namespace

std::span<const KernelEntry> ResizeKernels() { return kEntries; }

}  // namespace samoyed::cpu
