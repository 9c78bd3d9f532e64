// Functions of each element: of one tensor, of two with broadcasting, and batch normalisation with constant statistics.
#include "providers/cpu/simd/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "providers/cpu/broadcast.h"
#include "providers/cpu/finish.h"
#include "providers/cpu/kernels.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements: a few microseconds

// --- one input ---

class UnaryKernel final : public Kernel {
 public:
  UnaryKernel(UnaryFn fn, float alpha, float beta, std::string name) : fn_(fn), alpha_(alpha), beta_(beta), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat) return BadInput(ctx.op_type(), " was made for float, not ", NameOf(x->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, x->shape());
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    ctx.ParallelFor(x->size(), kGrain, [&](int64_t begin, int64_t end) { fn_(from + begin, to + begin, end - begin, alpha_, beta_); });
    return OkStatus();
  }

 private:
  UnaryFn fn_;
  float alpha_, beta_;
  std::string name_;
};

struct UnaryChoice {
  UnaryFn fn = nullptr;
  float alpha = 0, beta = 0;
};

// A bound of Clip: its constant input, or its attribute in old versions; nullopt where it is not constant.
std::optional<float> ClipBound(const KernelSpec& spec, int input, std::string_view attribute, float none) {
  if (!spec.has_input(input)) return spec.node.attributes.Float(attribute, none);
  const Tensor* bound = spec.constant(input);
  if (bound == nullptr || bound->dtype() != DType::kFloat || bound->size() != 1) return std::nullopt;
  return *bound->data<float>();
}

UnaryChoice ChooseActivation(const KernelSpec& spec, CpuLevel level) {
  const Node& node = spec.node;
  Activation activation = node.op->facts.activation;
  UnaryChoice choice;
  switch (activation) {
    case Activation::kNone:
      return {};
    case Activation::kClip: {
      constexpr float kInfinity = std::numeric_limits<float>::infinity();
      const auto low = ClipBound(spec, 1, "min", -kInfinity), high = ClipBound(spec, 2, "max", kInfinity);
      if (!low || !high) return {};
      choice.alpha = *low;
      choice.beta = *high;
      break;
    }
    case Activation::kLeakyRelu:
      choice.alpha = node.attributes.Float("alpha", 0.01f);
      break;
    case Activation::kElu:
      choice.alpha = node.attributes.Float("alpha", 1);
      break;
    case Activation::kHardSigmoid:
      choice.alpha = node.attributes.Float("alpha", 0.2f);
      choice.beta = node.attributes.Float("beta", 0.5f);
      break;
    case Activation::kSilu:
      if (node.attributes.Float("alpha", 1) != 1) return {};
      break;
    case Activation::kGelu:
      if (node.attributes.String("approximate", "none") == "tanh") activation = Activation::kGeluTanh;
      break;
    default:
      break;
  }
  choice.fn = ElementwiseFnsFor(level).activation[static_cast<int>(activation)];
  return choice;
}

struct UnaryName {
  std::string_view op_type;
  UnaryOp op;
};
constexpr UnaryName kUnaryNames[] = {
    {"Abs", UnaryOp::kAbs},     {"Neg", UnaryOp::kNeg},
    {"Exp", UnaryOp::kExp},     {"Log", UnaryOp::kLog},
    {"Sqrt", UnaryOp::kSqrt},   {"Erf", UnaryOp::kErf},
    {"Floor", UnaryOp::kFloor}, {"Ceil", UnaryOp::kCeil},
    {"Round", UnaryOp::kRound}, {"Reciprocal", UnaryOp::kReciprocal},
};

UnaryChoice ChooseUnary(const KernelSpec& spec, CpuLevel level) {
  for (const UnaryName& row : kUnaryNames) {
    if (row.op_type == spec.node.op_type) return {ElementwiseFnsFor(level).unary[static_cast<int>(row.op)]};
  }
  if (spec.node.op_type == "Pow") {
    const Tensor* exponent = spec.constant(1);
    if (exponent == nullptr || exponent->dtype() != DType::kFloat || exponent->size() != 1 || exponent->rank() > spec.input_type(0).rank())
      return {};
    const auto& unary = ElementwiseFnsFor(level).unary;
    if (*exponent->data<float>() == 2) return {unary[static_cast<int>(UnaryOp::kSquare)]};
    if (*exponent->data<float>() == -1) return {unary[static_cast<int>(UnaryOp::kReciprocal)]};
    return {};
  }
  return ChooseActivation(spec, level);
}

Support QueryUnary(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0) || !IsFloatOutput(spec))
    return Support::No(StrCat(spec.node.op_type, " of ", spec.input_type(0).ToString(), " is not vectorised"));
  if (ChooseUnary(spec, CpuLevel::kBaseline).fn == nullptr) return Support::No("its parameters are not constant, or have no fast form");
  return Support::Yes(LayoutSupport::kFollows);
}

Result<std::unique_ptr<Kernel>> MakeUnary(const KernelSpec& spec, CpuLevel level) {
  const UnaryChoice choice = ChooseUnary(spec, level);
  return std::unique_ptr<Kernel>(
      std::make_unique<UnaryKernel>(choice.fn, choice.alpha, choice.beta, StrCat(spec.node.op_type, " ", NameOf(level))));
}

// --- two inputs ---

class BinaryKernel final : public Kernel {
 public:
  BinaryKernel(const BinaryFn* fns, std::string name) : fns_(fns), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
    if (a->dtype() != DType::kFloat || b->dtype() != DType::kFloat) return BadInput(ctx.op_type(), " was made for float");
    SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a->shape(), b->shape()));
    SAMOYED_ASSIGN_OR_RETURN(const auto rows, Broadcast<2>::Of(ctx, shape, {&a->shape(), &b->shape()}));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    if (y->size() == 0) return OkStatus();
    const float *from_a = a->data<float>(), *from_b = b->data<float>();
    float* to = y->mutable_data<float>();
    const BinaryFn fn = fns_[static_cast<int>(OperandsOf(rows))];
    rows.ForEachRow(ctx, kGrain,
                    [&](const std::array<int64_t, 2>& at, int64_t row, int64_t n) { fn(from_a + at[0], from_b + at[1], to + row, n); });
    return OkStatus();
  }

 private:
  const BinaryFn* fns_;
  std::string name_;
};

struct BinaryName {
  std::string_view op_type;
  BinaryOp op;
  int since;  // versions before broadcast differently
};
constexpr BinaryName kBinaryNames[] = {
    {"Add", BinaryOp::kAdd, 7}, {"Sub", BinaryOp::kSub, 7}, {"Mul", BinaryOp::kMul, 7}, {"Div", BinaryOp::kDiv, 7},
    {"Min", BinaryOp::kMin, 8}, {"Max", BinaryOp::kMax, 8}, {"Sum", BinaryOp::kAdd, 8}, {"PRelu", BinaryOp::kPrelu, 9},
};

const BinaryName* FindBinary(const Node& node) {
  for (const BinaryName& row : kBinaryNames) {
    if (row.op_type == node.op_type) return &row;
  }
  return nullptr;
}

Support QueryBinary(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0) || !IsFloatInput(spec, 1))
    return Support::No(StrCat(spec.node.op_type, " of ", spec.input_type(0).ToString(), " is not vectorised"));
  if (spec.node.inputs.size() != 2 || spec.node.since_version < FindBinary(spec.node)->since)
    return Support::No("more than two inputs, or broadcasting by attributes, is not vectorised");
  return Support::Yes(LayoutSupport::kFollows);
}

Result<std::unique_ptr<Kernel>> MakeBinary(const KernelSpec& spec, CpuLevel level) {
  const auto* fns = ElementwiseFnsFor(level).binary[static_cast<int>(FindBinary(spec.node)->op)];
  return std::unique_ptr<Kernel>(std::make_unique<BinaryKernel>(fns, StrCat(spec.node.op_type, " ", NameOf(level))));
}

// --- batch normalisation ---

class BatchNormKernel final : public Kernel {
 public:
  BatchNormKernel(std::vector<float> scale, std::vector<float> shift, const KernelSpec& spec, CpuLevel level)
      : scale_(std::move(scale)),
        shift_(std::move(shift)),
        finish_(Finish::From(spec.node.epilogue, level)),
        affine_(ElementwiseFnsFor(level).affine),
        name_(StrCat("batch normalisation ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return static_cast<int64_t>(2 * scale_.size() * sizeof(float)); }
  bool OwnsConstant(int input) const override { return input > 0; }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    const auto channels = static_cast<int64_t>(scale_.size());
    if (x->dtype() != DType::kFloat || x->rank() < 2 || x->shape().back() != channels) {
      return BadInput("BatchNormalization was made for floats of ", channels, " channels, got ", x->shape().ToString());
    }
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, x->shape());
    if (x->size() == 0) return OkStatus();
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    ctx.ParallelFor(x->size() / channels, std::max<int64_t>(1, kGrain / channels), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        affine_(from + row * channels, scale_.data(), shift_.data(), finish_.low, finish_.high, to + row * channels, channels);
      }
      if (finish_.activate != nullptr)
        finish_.activate(to + begin * channels, to + begin * channels, (end - begin) * channels, finish_.alpha, finish_.beta);
    });
    return OkStatus();
  }

 private:
  std::vector<float> scale_, shift_;
  Finish finish_;
  void (*affine_)(const float*, const float*, const float*, float, float, float*, int64_t);
  std::string name_;
};

Support QueryBatchNorm(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0) || spec.input_type(0).rank() < 2) return Support::No("the input is not a float tensor of known rank");
  if (spec.node.epilogue.has_residual || spec.node.attributes.Int("training_mode", 0) != 0 || spec.node.attributes.Int("spatial", 1) != 1)
    return Support::No("training is not vectorised");
  for (size_t i = 1; i < spec.node.outputs.size(); ++i) {
    if (spec.node.outputs[i] != kNoValue) return Support::No("running statistics are not vectorised");
  }
  const Tensor* scale = spec.constant(1);
  for (int i = 1; i <= 4; ++i) {
    const Tensor* t = spec.constant(i);
    if (t == nullptr || t->dtype() != DType::kFloat || t->rank() != 1 || t->size() != scale->size() || t->size() == 0)
      return Support::No("the statistics are not constant floats");
  }
  return Support::Yes(spec.input_type(0).rank() > 2 ? LayoutSupport::kPrefersChannelsLast : LayoutSupport::kDefaultOnly);
}

Result<std::unique_ptr<Kernel>> MakeBatchNorm(const KernelSpec& spec, CpuLevel level) {
  const Tensor &gamma = *spec.constant(1), &beta = *spec.constant(2), &mean = *spec.constant(3), &variance = *spec.constant(4);
  const double epsilon = spec.node.attributes.Float("epsilon", 1e-5f);
  std::vector<float> scale, shift;
  for (int64_t c = 0; c < gamma.size(); ++c) {
    const double s = gamma.data<float>()[c] / std::sqrt(static_cast<double>(variance.data<float>()[c]) + epsilon);
    scale.push_back(static_cast<float>(s));
    shift.push_back(static_cast<float>(beta.data<float>()[c] - mean.data<float>()[c] * s));
  }
  return std::unique_ptr<Kernel>(std::make_unique<BatchNormKernel>(std::move(scale), std::move(shift), spec, level));
}

constexpr KernelEntry kEntries[] = {
    {"", "Relu", QueryUnary, MakeUnary},        {"", "LeakyRelu", QueryUnary, MakeUnary},
    {"", "Clip", QueryUnary, MakeUnary},        {"", "Sigmoid", QueryUnary, MakeUnary},
    {"", "HardSigmoid", QueryUnary, MakeUnary}, {"", "Tanh", QueryUnary, MakeUnary},
    {"", "HardSwish", QueryUnary, MakeUnary},   {"", "Swish", QueryUnary, MakeUnary},
    {"", "Gelu", QueryUnary, MakeUnary},        {"", "Elu", QueryUnary, MakeUnary},
    {"", "Softplus", QueryUnary, MakeUnary},    {"", "Mish", QueryUnary, MakeUnary},
    {"", "Abs", QueryUnary, MakeUnary},         {"", "Neg", QueryUnary, MakeUnary},
    {"", "Exp", QueryUnary, MakeUnary},         {"", "Log", QueryUnary, MakeUnary},
    {"", "Sqrt", QueryUnary, MakeUnary},        {"", "Erf", QueryUnary, MakeUnary},
    {"", "Floor", QueryUnary, MakeUnary},       {"", "Ceil", QueryUnary, MakeUnary},
    {"", "Round", QueryUnary, MakeUnary},       {"", "Reciprocal", QueryUnary, MakeUnary},
    {"", "Pow", QueryUnary, MakeUnary},         {"", "Add", QueryBinary, MakeBinary},
    {"", "Sub", QueryBinary, MakeBinary},       {"", "Mul", QueryBinary, MakeBinary},
    {"", "Div", QueryBinary, MakeBinary},       {"", "Min", QueryBinary, MakeBinary},
    {"", "Max", QueryBinary, MakeBinary},       {"", "Sum", QueryBinary, MakeBinary},
    {"", "PRelu", QueryBinary, MakeBinary},     {"", "BatchNormalization", QueryBatchNorm, MakeBatchNorm},
};

}  // namespace

std::span<const KernelEntry> ElementwiseKernels() { return kEntries; }

}  // namespace samoyed::cpu
