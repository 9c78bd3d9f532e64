// ReduceSum, ReduceMean, ReduceMax and ReduceMin of floats over any axes.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "providers/cpu/kernels.h"
#include "providers/cpu/simd/elementwise.h"
#include "providers/cpu/simd/rows.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements
constexpr int kMaxRank = 8;

struct ReduceName {
  std::string_view op_type;
  BinaryOp combine;
  float start;  // what nothing at all reduces to
};
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr ReduceName kNames[] = {{"ReduceSum", BinaryOp::kAdd, 0},
                                 {"ReduceMean", BinaryOp::kAdd, 0},
                                 {"ReduceMax", BinaryOp::kMax, -kInfinity},
                                 {"ReduceMin", BinaryOp::kMin, kInfinity}};

// The tensor's axes with neighbours of a kind merged: kept and reduced ones by turns.
struct Walk {
  struct Axis {
    int64_t size, stride;
  };
  std::array<Axis, kMaxRank> kept, reduced;  // but for the last axis of all
  int num_kept = 0, num_reduced = 0;
  bool last_reduced = false;
  int64_t length = 1;  // of the last axis

  Walk(const Shape& shape, uint64_t mask) {
    int64_t stride = 1;
    for (int i = shape.rank(); i > 0;) {
      const bool gone = (mask >> (i - 1) & 1) != 0;
      int64_t size = 1;
      for (; i > 0 && ((mask >> (i - 1) & 1) != 0) == gone; --i) size *= shape[i - 1];
      if (stride == 1 && num_kept + num_reduced == 0 && length == 1) {
        last_reduced = gone;
        length = size;
      } else {
        (gone ? reduced[static_cast<size_t>(num_reduced++)] : kept[static_cast<size_t>(num_kept++)]) = {size, stride};
      }
      stride *= size;
    }
  }
  static int64_t Count(const std::array<Axis, kMaxRank>& axes, int n) {
    int64_t count = 1;
    for (int i = 0; i < n; ++i) count *= axes[static_cast<size_t>(i)].size;
    return count;
  }
  // Where the at-th combination of indices lies, the first axis fastest.
  static int64_t Offset(const std::array<Axis, kMaxRank>& axes, int n, int64_t at) {
    int64_t offset = 0;
    for (int i = 0; i < n; ++i) {
      const Axis& axis = axes[static_cast<size_t>(i)];
      offset += at % axis.size * axis.stride;
      at /= axis.size;
    }
    return offset;
  }
};

class ReduceKernel final : public Kernel {
 public:
  ReduceKernel(const ReduceName& name, int rank, uint64_t mask, bool keep, CpuLevel level)
      : rank_(rank),
        mask_(mask),
        mean_(name.op_type == "ReduceMean"),
        keep_(keep),
        start_(name.start),
        combine_(ElementwiseFnsFor(level).binary[static_cast<int>(name.combine)][static_cast<int>(Operands::kBoth)]),
        scale_(ElementwiseFnsFor(level).binary[static_cast<int>(BinaryOp::kDiv)][static_cast<int>(Operands::kScalarB)]),
        row_(name.combine == BinaryOp::kAdd   ? RowFnsFor(level).sum
             : name.combine == BinaryOp::kMax ? RowFnsFor(level).max
                                              : RowFnsFor(level).min),
        name_(StrCat(name.op_type, " ", NameOf(level))) {}
  std::string_view name() const override { return name_; }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat || x->rank() != rank_)
      return BadInput(ctx.op_type(), " was made for floats of rank ", rank_, ", got ", x->shape().ToString());
    Shape shape;
    for (int i = 0; i < rank_; ++i) {
      const bool gone = (mask_ >> i & 1) != 0;
      if (!gone || keep_) shape.push_back(gone ? 1 : x->dim(i));
    }
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    float* to = y->mutable_data<float>();
    if (y->size() == 0) return OkStatus();
    const int64_t each = x->size() / y->size();  // elements that a result is made of
    if (each == 0) {
      std::fill_n(to, y->size(), mean_ ? std::numeric_limits<float>::quiet_NaN() : start_);
      return OkStatus();
    }
    const Walk walk(x->shape(), mask_);
    const float* from = x->data<float>();
    const int64_t row = walk.last_reduced ? 1 : walk.length;  // results that are made together
    const int64_t times = Walk::Count(walk.reduced, walk.num_reduced);
    ctx.ParallelFor(y->size() / row, std::max<int64_t>(1, kGrain / (each * row)), [&](int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end && ctx.Poll().ok(); ++at) {
        const float* first = from + Walk::Offset(walk.kept, walk.num_kept, at);
        float* result = to + at * row;
        for (int64_t i = 0; i < times; ++i) {
          const float* part = first + Walk::Offset(walk.reduced, walk.num_reduced, i);
          float one;
          if (walk.last_reduced) {
            one = row_(part, walk.length);
            part = &one;
          }
          if (i == 0) {
            std::copy_n(part, row, result);
          } else {
            combine_(result, part, result, row);
          }
        }
        if (mean_) {
          const auto count = static_cast<float>(each);
          scale_(result, &count, result, row);
        }
      }
    });
    return ctx.Poll();
  }

 private:
  int rank_;
  uint64_t mask_;
  bool mean_, keep_;
  float start_;
  BinaryFn combine_, scale_;
  float (*row_)(const float*, int64_t);
  std::string name_;
};

// The reduced axes as bits; nullopt where they are not constant, or none and so meant.
std::optional<uint64_t> AxesOf(const KernelSpec& spec) {
  const int rank = spec.input_type(0).rank();
  if (rank < 1 || rank > kMaxRank) return std::nullopt;
  std::span<const int64_t> axes = spec.node.attributes.Ints("axes");
  if (spec.has_input(1)) {
    const Tensor* t = spec.constant(1);
    if (t == nullptr || t->dtype() != DType::kInt64) return std::nullopt;
    axes = t->span<int64_t>();
  }
  if (axes.empty()) {
    if (spec.node.attributes.Int("noop_with_empty_axes", 0) != 0) return std::nullopt;
    return (uint64_t{1} << rank) - 1;
  }
  uint64_t mask = 0;
  for (int64_t axis : axes) {
    const auto at = NormalizeAxis(axis, rank);
    if (!at.ok()) return std::nullopt;
    mask |= uint64_t{1} << *at;
  }
  return mask;
}

Support QueryReduce(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat(spec.node.op_type, " of ", spec.input_type(0).ToString(), " is not vectorised"));
  return AxesOf(spec) ? Support::Yes() : Support::No("the rank or the axes are not known");
}

Result<std::unique_ptr<Kernel>> MakeReduce(const KernelSpec& spec, CpuLevel level) {
  const auto& name = *std::ranges::find(kNames, spec.node.op_type, &ReduceName::op_type);
  return std::unique_ptr<Kernel>(
      std::make_unique<ReduceKernel>(name, spec.input_type(0).rank(), *AxesOf(spec), spec.node.attributes.Int("keepdims", 1) != 0, level));
}

constexpr KernelEntry kEntries[] = {{"", "ReduceSum", QueryReduce, MakeReduce},
                                    {"", "ReduceMean", QueryReduce, MakeReduce},
                                    {"", "ReduceMax", QueryReduce, MakeReduce},
                                    {"", "ReduceMin", QueryReduce, MakeReduce}};

}  // namespace

std::span<const KernelEntry> ReduceKernels() { return kEntries; }

}  // namespace samoyed::cpu
