// Functions of elements of any type: Cast, comparisons, logic and Where. They are bound by memory, so plain loops over the types do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "providers/cpu/broadcast.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/simd/elementwise.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements: a few microseconds

// A byte of a bool tensor: true where it is not 0, whatever a file put there.
struct Truth {
  uint8_t byte;
  operator int() const { return byte != 0 ? 1 : 0; }
};

// Calls visit(T()) for the C++ type of a dtype. Types that have none here are passed over.
template <typename Visit>
void VisitType(DType dtype, Visit&& visit) {
  switch (dtype) {
    case DType::kFloat:
      return visit(float());
    case DType::kDouble:
      return visit(double());
    case DType::kInt8:
      return visit(int8_t());
    case DType::kInt16:
      return visit(int16_t());
    case DType::kInt32:
      return visit(int32_t());
    case DType::kInt64:
      return visit(int64_t());
    case DType::kBool:
      return visit(Truth());
    case DType::kUint8:
      return visit(uint8_t());
    case DType::kUint16:
      return visit(uint16_t());
    case DType::kUint32:
      return visit(uint32_t());
    case DType::kUint64:
      return visit(uint64_t());
    default:
      return;
  }
}

// --- Cast ---

// n elements. As the reference has it: integers keep their low bits; floats are truncated, with NaN as 0 and what is out of range clamped.
using CastFn = void (*)(const void* from, void* to, int64_t n);

template <typename From, typename To>
void CastRun(const void* from, void* to, int64_t n) {
  const From* x = static_cast<const From*>(from);
  To* y = static_cast<To*>(to);
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // The largest To is no From where it has more digits: what reaches its upper neighbour, a power of two, is clamped.
    constexpr From kEnd = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2,
                   kLow = static_cast<From>(std::numeric_limits<To>::min());
    for (int64_t i = 0; i < n; ++i) {
      const From v = x[i];
      y[i] = v != v ? To{0} : v <= kLow ? std::numeric_limits<To>::min() : v >= kEnd ? std::numeric_limits<To>::max() : static_cast<To>(v);
    }
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<To>(x[i]);
  }
}

template <typename From>
void CastToBool(const void* from, void* to, int64_t n) {
  const From* x = static_cast<const From*>(from);
  auto* y = static_cast<uint8_t*>(to);
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] != 0 ? 1 : 0;
}

CastFn FindCast(DType from, DType to, CpuLevel level) {
  const ElementwiseFns& fns = ElementwiseFnsFor(level);
  if (to == DType::kFloat && from == DType::kFloat16) return fns.from_half;
  if (to == DType::kFloat && from == DType::kBfloat16) return fns.from_bfloat;
  if (from == DType::kFloat && to == DType::kFloat16) return fns.to_half;
  if (from == DType::kFloat && to == DType::kBfloat16) return fns.to_bfloat;
  CastFn found = nullptr;
  VisitType(from, [&](auto x) {
    using From = decltype(x);
    if (to == DType::kBool) {
      found = CastToBool<From>;
    } else {
      VisitType(to, [&](auto y) {
        if constexpr (!std::is_same_v<decltype(y), Truth>) found = CastRun<From, decltype(y)>;
      });
    }
  });
  return found;
}

class CastKernel final : public Kernel {
 public:
  CastKernel(CastFn fn, DType from, DType to) : fn_(fn), from_(from), to_(to), name_(StrCat("cast ", NameOf(from), " to ", NameOf(to))) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != from_) return BadInput(ctx.op_type(), " was made for ", NameOf(from_), ", not ", NameOf(x->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, to_, x->shape());
    const auto* from = static_cast<const std::byte*>(x->raw());
    auto* to = static_cast<std::byte*>(y->mutable_raw());
    const int64_t from_bytes = BitWidth(from_) / 8, to_bytes = BitWidth(to_) / 8;
    ctx.ParallelFor(x->size(), kGrain,
                    [&](int64_t begin, int64_t end) { fn_(from + begin * from_bytes, to + begin * to_bytes, end - begin); });
    return OkStatus();
  }

 private:
  CastFn fn_;
  DType from_, to_;
  std::string name_;
};

// Where the model declares its output to be of another type than the node says, the reference has the error.
bool CastsTo(const KernelSpec& spec, DType to) {
  if (spec.node.op_type == "CastLike") return spec.input_type(1).dtype == to;
  return spec.node.since_version >= 6 && spec.node.attributes.Int("to", 0) == static_cast<int64_t>(to);  // before, the type's name
}

Support QueryCast(const KernelSpec& spec) {
  const DType from = spec.input_type(0).dtype, to = spec.output_type(0).dtype;
  return spec.input_type(0).is_tensor() && CastsTo(spec, to) && FindCast(from, to, CpuLevel::kBaseline) != nullptr
             ? Support::Yes(LayoutSupport::kFollows)
             : Support::No(StrCat("from ", NameOf(from), " to ", NameOf(to), " is converted one by one"));
}

Result<std::unique_ptr<Kernel>> MakeCast(const KernelSpec& spec, CpuLevel level) {
  const DType from = spec.input_type(0).dtype, to = spec.output_type(0).dtype;
  return std::unique_ptr<Kernel>(std::make_unique<CastKernel>(FindCast(from, to, level), from, to));
}

// --- comparisons and logic ---

// n results of a[i] and b[i], or of one of them where it does not move.
using CompareFn = void (*)(const void* a, bool a_moves, const void* b, bool b_moves, uint8_t* y, int64_t n);

template <typename T, typename Op>
void CompareRun(const void* a, bool a_moves, const void* b, bool b_moves, uint8_t* y, int64_t n) {
  const T *p = static_cast<const T*>(a), *q = static_cast<const T*>(b);
  if (a_moves && b_moves) {
    for (int64_t i = 0; i < n; ++i) y[i] = Op()(p[i], q[i]) ? 1 : 0;
  } else if (a_moves) {
    const T one = *q;
    for (int64_t i = 0; i < n; ++i) y[i] = Op()(p[i], one) ? 1 : 0;
  } else {
    const T one = *p;
    for (int64_t i = 0; i < n; ++i) y[i] = Op()(one, q[b_moves ? i : 0]) ? 1 : 0;
  }
}

template <typename Op>
CompareFn CompareOf(DType dtype) {
  CompareFn found = nullptr;
  VisitType(dtype, [&](auto x) { found = CompareRun<decltype(x), Op>; });
  return found;
}
template <typename Op>
CompareFn LogicOf(DType dtype) {
  return dtype == DType::kBool ? CompareRun<Truth, Op> : nullptr;
}

struct CompareName {
  std::string_view op_type;
  CompareFn (*find)(DType);
  int since;  // versions before broadcast differently
};
constexpr CompareName kCompareNames[] = {
    {"Equal", CompareOf<std::equal_to<>>, 7},
    {"Greater", CompareOf<std::greater<>>, 7},
    {"GreaterOrEqual", CompareOf<std::greater_equal<>>, 12},
    {"Less", CompareOf<std::less<>>, 7},
    {"LessOrEqual", CompareOf<std::less_equal<>>, 12},
    {"And", LogicOf<std::logical_and<>>, 7},
    {"Or", LogicOf<std::logical_or<>>, 7},
    {"Xor", LogicOf<std::not_equal_to<>>, 7},
};

CompareFn FindCompare(const KernelSpec& spec) {
  const auto* row = std::ranges::find(kCompareNames, spec.node.op_type, &CompareName::op_type);
  const DType dtype = spec.input_type(0).dtype;
  if (row == std::end(kCompareNames) || spec.node.since_version < row->since || spec.input_type(1).dtype != dtype) return nullptr;
  return row->find(dtype);
}

class CompareKernel final : public Kernel {
 public:
  CompareKernel(CompareFn fn, DType dtype, std::string name) : fn_(fn), dtype_(dtype), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
    if (a->dtype() != dtype_ || b->dtype() != dtype_) return BadInput(ctx.op_type(), " was made for ", NameOf(dtype_));
    SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a->shape(), b->shape()));
    SAMOYED_ASSIGN_OR_RETURN(const auto rows, Broadcast<2>::Of(ctx, shape, {&a->shape(), &b->shape()}));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kBool, shape);
    if (y->size() == 0) return OkStatus();
    const int64_t bytes = BitWidth(dtype_) / 8;
    const auto *from_a = static_cast<const std::byte*>(a->raw()), *from_b = static_cast<const std::byte*>(b->raw());
    auto* to = static_cast<uint8_t*>(y->mutable_raw());
    rows.ForEachRow(ctx, kGrain, [&](const std::array<int64_t, 2>& at, int64_t row, int64_t n) {
      fn_(from_a + at[0] * bytes, rows.moves(0), from_b + at[1] * bytes, rows.moves(1), to + row, n);
    });
    return OkStatus();
  }

 private:
  CompareFn fn_;
  DType dtype_;
  std::string name_;
};

Support QueryCompare(const KernelSpec& spec) {
  return FindCompare(spec) != nullptr ? Support::Yes(LayoutSupport::kFollows)
                                      : Support::No(StrCat(spec.node.op_type, " of ", spec.input_type(0).ToString(), " has no fast form"));
}

Result<std::unique_ptr<Kernel>> MakeCompare(const KernelSpec& spec, CpuLevel) {
  const DType dtype = spec.input_type(0).dtype;
  return std::unique_ptr<Kernel>(
      std::make_unique<CompareKernel>(FindCompare(spec), dtype, StrCat(spec.node.op_type, " of ", NameOf(dtype))));
}

// --- Where ---

template <typename T>
void Choose(const uint8_t* condition, bool condition_moves, const T* x, bool x_moves, const T* y, bool y_moves, T* out, int64_t n) {
  const auto choose = [&](auto step_x, auto step_y) {
    for (int64_t i = 0; i < n; ++i) out[i] = condition[i] != 0 ? x[i * step_x()] : y[i * step_y()];
  };
  using Stays = std::integral_constant<int64_t, 0>;
  using Moves = std::integral_constant<int64_t, 1>;
  if (!condition_moves) {
    const bool first = *condition != 0;
    const T* from = first ? x : y;
    if (first ? x_moves : y_moves) {
      std::copy_n(from, n, out);
    } else {
      std::fill_n(out, n, *from);
    }
  } else if (x_moves && y_moves) {
    choose(Moves(), Moves());
  } else if (x_moves) {
    choose(Moves(), Stays());
  } else if (y_moves) {
    choose(Stays(), Moves());
  } else {
    choose(Stays(), Stays());
  }
}

class WhereKernel final : public Kernel {
 public:
  std::string_view name() const override { return "where"; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* condition, RequireInput(ctx, 0));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 1));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* y, RequireInput(ctx, 2));
    if (condition->dtype() != DType::kBool || x->dtype() != y->dtype())
      return BadInput("Where needs a bool condition and two inputs of one type, got ", NameOf(condition->dtype()), ", ", NameOf(x->dtype()),
                      " and ", NameOf(y->dtype()));
    SAMOYED_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(condition->shape(), x->shape()));
    SAMOYED_ASSIGN_OR_RETURN(shape, BroadcastShapes(shape, y->shape()));
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), shape);
    if (out->size() == 0) return OkStatus();
    switch (BitWidth(x->dtype())) {
      case 8:
        return RunAs<uint8_t>(ctx, *condition, *x, *y, *out);
      case 16:
        return RunAs<uint16_t>(ctx, *condition, *x, *y, *out);
      case 32:
        return RunAs<uint32_t>(ctx, *condition, *x, *y, *out);
      case 64:
        return RunAs<uint64_t>(ctx, *condition, *x, *y, *out);
      default:
        return BadInput("Where was not made for ", NameOf(x->dtype()));
    }
  }

 private:
  template <typename T>
  static Status RunAs(KernelContext& ctx, const Tensor& condition, const Tensor& x, const Tensor& y, Tensor& out) {
    SAMOYED_ASSIGN_OR_RETURN(const auto rows, Broadcast<3>::Of(ctx, out.shape(), {&condition.shape(), &x.shape(), &y.shape()}));
    const auto* c = static_cast<const uint8_t*>(condition.raw());
    const T *a = static_cast<const T*>(x.raw()), *b = static_cast<const T*>(y.raw());
    T* to = static_cast<T*>(out.mutable_raw());
    rows.ForEachRow(ctx, kGrain, [&](const std::array<int64_t, 3>& at, int64_t row, int64_t n) {
      Choose(c + at[0], rows.moves(0), a + at[1], rows.moves(1), b + at[2], rows.moves(2), to + row, n);
    });
    return OkStatus();
  }
};

Support QueryWhere(const KernelSpec& spec) {
  const int bits = BitWidth(spec.input_type(1).dtype);
  const bool plain =
      spec.input_type(0).dtype == DType::kBool && spec.input_type(1).is_tensor() && (bits == 8 || bits == 16 || bits == 32 || bits == 64);
  return plain ? Support::Yes(LayoutSupport::kFollows) : Support::No("elements of less than a byte, and strings, are moved one by one");
}

Result<std::unique_ptr<Kernel>> MakeWhere(const KernelSpec&, CpuLevel) { return std::unique_ptr<Kernel>(std::make_unique<WhereKernel>()); }

constexpr KernelEntry kEntries[] = {
    {"", "Cast", QueryCast, MakeCast},
    {"", "CastLike", QueryCast, MakeCast},
    {"", "Equal", QueryCompare, MakeCompare},
    {"", "Greater", QueryCompare, MakeCompare},
    {"", "GreaterOrEqual", QueryCompare, MakeCompare},
    {"", "Less", QueryCompare, MakeCompare},
    {"", "LessOrEqual", QueryCompare, MakeCompare},
    {"", "And", QueryCompare, MakeCompare},
    {"", "Or", QueryCompare, MakeCompare},
    {"", "Xor", QueryCompare, MakeCompare},
    {"", "Where", QueryWhere, MakeWhere},
};

}  // namespace

std::span<const KernelEntry> TypedKernels() { return kEntries; }

}  // namespace samoyed::cpu
