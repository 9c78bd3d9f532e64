// Moving elements of any type: Concat and Split in either layout, and Transpose.
#include <algorithm>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "providers/cpu/kernels.h"
#include "tensor/permute.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrainBytes = 64 << 10;

int64_t BytesOf(DType dtype) { return BitWidth(dtype) / 8; }

// The axis as stored; nullopt where the rank is not known or the attribute is out of range.
std::optional<int> StoredAxis(const KernelSpec& spec, int64_t fallback) {
  const int rank = spec.input_type(0).rank();
  if (rank < 1) return std::nullopt;
  const auto axis = NormalizeAxis(spec.node.attributes.Int("axis", fallback), rank);
  return axis.ok() ? std::optional(PhysicalAxis(*axis, rank, spec.layout)) : std::nullopt;
}

class ConcatKernel final : public Kernel {
 public:
  explicit ConcatKernel(int axis) : axis_(axis) {}
  std::string_view name() const override { return "concat of runs"; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* first, RequireInput(ctx, 0));
    Shape shape = first->shape();
    if (axis_ >= shape.rank()) return BadInput("Concat was made for tensors of another rank than ", shape.rank());
    for (int i = 1; i < ctx.num_inputs(); ++i) {
      SAMOYED_ASSIGN_OR_RETURN(const Tensor* part, RequireInput(ctx, i));
      bool fits = part->dtype() == first->dtype() && part->rank() == shape.rank();
      for (int k = 0; fits && k < shape.rank(); ++k) fits = k == axis_ || part->dim(k) == shape[k];
      if (!fits)
        return BadInput("Concat: ", NameOf(first->dtype()), first->shape().ToString(), " and ", NameOf(part->dtype()),
                        part->shape().ToString(), " do not fit");
      const auto sum = CheckedAdd(shape[axis_], part->dim(axis_));
      if (!sum) return LimitExceeded("Concat: the sizes add up to more than 2^63");
      shape[axis_] = *sum;
    }
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, first->dtype(), shape);
    if (out->size() == 0) return OkStatus();
    const int64_t outer = shape.Product(0, axis_), row = out->byte_size() / outer;
    auto* to = static_cast<std::byte*>(out->mutable_raw());
    ctx.ParallelFor(outer, std::max<int64_t>(1, kGrainBytes / row), [&](int64_t begin, int64_t end) {
      int64_t at = 0;
      for (int i = 0; i < ctx.num_inputs(); ++i) {
        const Tensor* part = ctx.input(i);
        const int64_t run = part->byte_size() / outer;
        const auto* from = static_cast<const std::byte*>(part->raw());
        if (run > 0) {
          for (int64_t o = begin; o < end; ++o) std::memcpy(to + o * row + at, from + o * run, static_cast<size_t>(run));
        }
        at += run;
      }
    });
    return OkStatus();
  }

 private:
  int axis_;
};

Support QueryConcat(const KernelSpec& spec) {
  const DType dtype = spec.input_type(0).dtype;
  if (!spec.input_type(0).is_tensor() || BytesOf(dtype) == 0 || BitWidth(dtype) % 8 != 0)
    return Support::No("elements of less than a byte, and strings, are moved one by one");
  return StoredAxis(spec, 1) ? Support::Yes(LayoutSupport::kFollows) : Support::No("the rank is not known");
}

Result<std::unique_ptr<Kernel>> MakeConcat(const KernelSpec& spec, CpuLevel) {
  return std::unique_ptr<Kernel>(std::make_unique<ConcatKernel>(*StoredAxis(spec, 1)));
}

// Split into pieces whose sizes are those that inference found for the outputs' types.
class SplitKernel final : public Kernel {
 public:
  SplitKernel(int axis, std::vector<int64_t> sizes) : axis_(axis), sizes_(std::move(sizes)) {}
  std::string_view name() const override { return "split into runs"; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (axis_ >= x->rank()) return BadInput("Split was made for tensors of another rank than ", x->rank());
    int64_t total = 0;
    for (int64_t size : sizes_) total += size;
    if (total != x->dim(axis_) || BytesOf(x->dtype()) == 0)
      return BadInput("Split: pieces of ", total, " elements in all, of an axis of ", x->dim(axis_));
    const int64_t outer = x->shape().Product(0, axis_);
    const int64_t inner = x->shape().Product(axis_ + 1, x->rank()) * BytesOf(x->dtype());
    int64_t at = 0;
    for (size_t i = 0; i < sizes_.size(); ++i) {
      Shape shape = x->shape();
      shape[axis_] = sizes_[i];
      SAMOYED_ALLOCATE_OUTPUT(y, ctx, static_cast<int>(i), x->dtype(), shape);
      const int64_t run = sizes_[i] * inner, row = total * inner;
      const auto* from = static_cast<const std::byte*>(x->raw()) + at;
      auto* to = static_cast<std::byte*>(y->mutable_raw());
      if (run > 0) {
        ctx.ParallelFor(outer, std::max<int64_t>(1, kGrainBytes / run), [&](int64_t begin, int64_t end) {
          for (int64_t o = begin; o < end; ++o) std::memcpy(to + o * run, from + o * row, static_cast<size_t>(run));
        });
      }
      at += run;
    }
    return OkStatus();
  }

 private:
  int axis_;
  std::vector<int64_t> sizes_;
};

// The pieces' sizes along the logical axis; nullopt where they are not known when the kernel is made.
std::optional<std::vector<int64_t>> SplitSizes(const KernelSpec& spec) {
  const int rank = spec.input_type(0).rank();
  if (rank < 1) return std::nullopt;
  const auto axis = NormalizeAxis(spec.node.attributes.Int("axis", 0), rank);
  if (!axis.ok()) return std::nullopt;
  std::vector<int64_t> sizes;
  int64_t total = 0;
  for (size_t i = 0; i < spec.node.outputs.size(); ++i) {
    const Type& type = spec.output_type(static_cast<int>(i));
    if (spec.node.outputs[i] == kNoValue || !type.is_tensor() || type.rank() != rank) return std::nullopt;
    const Dim& dim = (*type.shape)[static_cast<size_t>(*axis)];
    const auto sum = dim.known() ? CheckedAdd(total, dim.value) : std::nullopt;
    if (!sum) return std::nullopt;
    total = *sum;
    sizes.push_back(dim.value);
  }
  return sizes;
}

Support QuerySplit(const KernelSpec& spec) {
  const DType dtype = spec.input_type(0).dtype;
  if (!spec.input_type(0).is_tensor() || BytesOf(dtype) == 0 || BitWidth(dtype) % 8 != 0)
    return Support::No("elements of less than a byte, and strings, are moved one by one");
  if (spec.has_input(1) && spec.constant(1) == nullptr) return Support::No("the sizes of the pieces are not constant");
  return StoredAxis(spec, 0) && SplitSizes(spec) ? Support::Yes(LayoutSupport::kFollows)
                                                 : Support::No("the sizes of the pieces are not known");
}

Result<std::unique_ptr<Kernel>> MakeSplit(const KernelSpec& spec, CpuLevel) {
  return std::unique_ptr<Kernel>(std::make_unique<SplitKernel>(*StoredAxis(spec, 0), *SplitSizes(spec)));
}

// The axes reversed, or in the order of `perm`.
class TransposeKernel final : public Kernel {
 public:
  explicit TransposeKernel(std::vector<int> perm) : perm_(std::move(perm)) {}
  std::string_view name() const override { return "transpose in tiles"; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (static_cast<size_t>(x->rank()) != perm_.size())
      return BadInput("Transpose was made for rank ", perm_.size(), ", got ", x->shape().ToString());
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), PermutedShape(x->shape(), perm_));
    return Permute(*x, perm_, *y,
                   [&](int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) { ctx.ParallelFor(n, grain, body); });
  }

 private:
  std::vector<int> perm_;
};

// Empty where the rank is not known or the attribute is no permutation.
std::vector<int> PermutationOf(const KernelSpec& spec) {
  const int rank = spec.input_type(0).rank();
  if (rank < 1 || rank > 64) return {};
  std::vector<int> perm;
  if (!spec.node.attributes.Has("perm")) {
    for (int i = rank; i-- > 0;) perm.push_back(i);
    return perm;
  }
  uint64_t seen = 0;
  for (int64_t axis : spec.node.attributes.Ints("perm")) {
    if (axis < 0 || axis >= rank || (seen >> axis & 1) != 0) return {};
    seen |= uint64_t{1} << axis;
    perm.push_back(static_cast<int>(axis));
  }
  return static_cast<int>(perm.size()) == rank ? perm : std::vector<int>();
}

Support QueryTranspose(const KernelSpec& spec) {
  const DType dtype = spec.input_type(0).dtype;
  if (!spec.input_type(0).is_tensor() || BytesOf(dtype) == 0 || BitWidth(dtype) % 8 != 0)
    return Support::No("elements of less than a byte, and strings, are moved one by one");
  return PermutationOf(spec).empty() ? Support::No("the rank is not known") : Support::Yes();
}

Result<std::unique_ptr<Kernel>> MakeTranspose(const KernelSpec& spec, CpuLevel) {
  return std::unique_ptr<Kernel>(std::make_unique<TransposeKernel>(PermutationOf(spec)));
}

constexpr KernelEntry kEntries[] = {
    {"", "Concat", QueryConcat, MakeConcat}, {"", "Split", QuerySplit, MakeSplit}, {"", "Transpose", QueryTranspose, MakeTranspose}};

}  // namespace

std::span<const KernelEntry> MoveKernels() { return kEntries; }

}  // namespace samoyed::cpu
