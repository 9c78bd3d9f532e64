// What works on contiguous rows: Softmax, LogSoftmax, LayerNormalization and RMSNormalization.
#include <algorithm>
#include <optional>

#include "ops/common/args.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/simd/rows.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements
int64_t RowGrain(int64_t n) { return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, n)); }

// --- softmax ---

// The axis from which on a row is normalised as one, if what follows is contiguous; nullopt otherwise.
std::optional<int> SoftmaxAxis(const KernelSpec& spec) {
  const int rank = spec.input_type(0).rank();
  if (rank < 1) return std::nullopt;
  const bool flattens = spec.node.since_version < 13;
  const auto axis = NormalizeAxis(spec.node.attributes.Int("axis", flattens ? 1 : -1), rank);
  if (!axis.ok() || (!flattens && *axis != rank - 1)) return std::nullopt;
  return *axis;
}

class SoftmaxKernel final : public Kernel {
 public:
  SoftmaxKernel(int axis, void (*row)(const float*, float*, int64_t), std::string name) : axis_(axis), row_(row), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat || x->rank() <= axis_)
      return BadInput(ctx.op_type(), " was made for floats of rank over ", axis_, ", got ", x->shape().ToString());
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, x->shape());
    const int64_t n = x->shape().Product(axis_, x->rank());
    if (x->size() == 0) return OkStatus();
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    ctx.ParallelFor(x->size() / n, RowGrain(n), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) row_(from + row * n, to + row * n, n);
    });
    return ctx.Poll();
  }

 private:
  int axis_;
  void (*row_)(const float*, float*, int64_t);
  std::string name_;
};

Support QuerySoftmax(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat(spec.node.op_type, " of ", spec.input_type(0).ToString(), " is not vectorised"));
  return SoftmaxAxis(spec) ? Support::Yes() : Support::No("only the last axis is vectorised");
}

Result<std::unique_ptr<Kernel>> MakeSoftmax(const KernelSpec& spec, CpuLevel level) {
  const RowFns& fns = RowFnsFor(level);
  return std::unique_ptr<Kernel>(std::make_unique<SoftmaxKernel>(
      *SoftmaxAxis(spec), spec.node.op_type == "Softmax" ? fns.softmax : fns.log_softmax, StrCat(spec.node.op_type, " ", NameOf(level))));
}

// --- layer normalisation ---

class LayerNormKernel final : public Kernel {
 public:
  // Not centred: RMS normalisation.
  LayerNormKernel(int64_t axis, float epsilon, bool centred, CpuLevel level)
      : axis_(axis),
        epsilon_(epsilon),
        centred_(centred),
        normalise_(RowFnsFor(level).normalise),
        name_(StrCat(centred ? "layer" : "RMS", " normalisation ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat) return BadInput(ctx.op_type(), " was made for float, not ", NameOf(x->dtype()));
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(axis_, x->rank()));
    const int64_t n = x->shape().Product(axis, x->rank());
    const float* parameters[2] = {};
    for (int i = 0; i < 2; ++i) {
      const Tensor* t = ctx.input(i + 1);
      if (t == nullptr) continue;
      if (t->dtype() != DType::kFloat || t->size() != n)
        return BadInput(ctx.op_type(), ": a parameter of shape ", t->shape().ToString(), " for rows of ", n, " elements");
      parameters[i] = t->data<float>();
    }
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, x->shape());
    if (x->size() == 0) return OkStatus();
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    ctx.ParallelFor(x->size() / n, RowGrain(n), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        normalise_(from + row * n, parameters[0], parameters[1], epsilon_, centred_, to + row * n, n);
    });
    return ctx.Poll();
  }

 private:
  int64_t axis_;
  float epsilon_;
  bool centred_;
  void (*normalise_)(const float*, const float*, const float*, float, bool, float*, int64_t);
  std::string name_;
};

Support QueryLayerNorm(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0) || !IsFloatInput(spec, 1) || (spec.has_input(2) && !IsFloatInput(spec, 2)))
    return Support::No("only floats are vectorised");
  for (size_t i = 1; i < spec.node.outputs.size(); ++i) {
    if (spec.node.outputs[i] != kNoValue) return Support::No("the statistics as outputs are not vectorised");
  }
  // Parameters that broadcast within the row are left to the reference.
  const Type& x = spec.input_type(0);
  const auto axis = x.shape ? NormalizeAxis(spec.node.attributes.Int("axis", -1), x.rank()) : Result<int>(BadInput("unknown rank"));
  if (!axis.ok()) return Support::No("the rank is not known");
  int64_t n = 1;
  for (size_t i = static_cast<size_t>(*axis); i < x.shape->size(); ++i) n *= (*x.shape)[i].known() ? (*x.shape)[i].value : 0;
  for (int i = 1; i <= 2; ++i) {
    if (!spec.has_input(i)) continue;
    const auto shape = spec.input_type(i).concrete_shape();
    if (!shape || shape->NumElements() != n) return Support::No("parameters that broadcast are not vectorised");
  }
  return Support::Yes();
}

Result<std::unique_ptr<Kernel>> MakeLayerNorm(const KernelSpec& spec, CpuLevel level) {
  const Attributes& a = spec.node.attributes;
  return std::unique_ptr<Kernel>(
      std::make_unique<LayerNormKernel>(a.Int("axis", -1), a.Float("epsilon", 1e-5f), spec.node.op_type == "LayerNormalization", level));
}

constexpr KernelEntry kEntries[] = {
    {"", "Softmax", QuerySoftmax, MakeSoftmax},
    {"", "LogSoftmax", QuerySoftmax, MakeSoftmax},
    {"", "LayerNormalization", QueryLayerNorm, MakeLayerNorm},
    {"", "RMSNormalization", QueryLayerNorm, MakeLayerNorm},
};

}  // namespace

std::span<const KernelEntry> NormaliseKernels() { return kEntries; }

}  // namespace samoyed::cpu
