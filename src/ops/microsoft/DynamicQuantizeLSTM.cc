// DynamicQuantizeLSTM: LSTM with quantised weights, whose inputs and hidden states are quantised by their range before each product (the
// inputs all at once, the hidden states of all batch entries step by step). com.microsoft, ONNX Runtime's ContribOperators. Weights are
// [directions, input or hidden size, 4 * hidden size], gates in the order i, o, f, c; equations as in the standard's LSTM.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kX, kW, kR, kB, kLengths, kInitialH, kInitialC, kP, kWScale, kWZero, kRScale, kRZero };

using Function = double (*)(double x, double alpha, double beta);
struct Activation3 {
  std::array<Function, 3> fn;
  std::array<double, 3> alpha, beta;
};

struct NamedFunction {
  std::string_view name;
  Function fn;
  double alpha, beta;
};
const NamedFunction kFunctions[] = {
    {"Sigmoid", [](double x, double, double) { return 1 / (1 + std::exp(-x)); }, 0, 0},
    {"Tanh", [](double x, double, double) { return std::tanh(x); }, 0, 0},
    {"Relu", [](double x, double, double) { return x < 0 ? 0 : x; }, 0, 0},
    {"Affine", [](double x, double a, double b) { return a * x + b; }, 1, 0},
    {"LeakyRelu", [](double x, double a, double) { return x < 0 ? a * x : x; }, 0.01, 0},
    {"ThresholdedRelu", [](double x, double a, double) { return x > a ? x : 0; }, 1, 0},
    {"ScaledTanh", [](double x, double a, double b) { return a * std::tanh(b * x); }, 1, 1},
    {"HardSigmoid", [](double x, double a, double b) { return std::clamp(a * x + b, 0.0, 1.0); }, 0.2, 0.5},
    {"Elu", [](double x, double a, double) { return x < 0 ? a * std::expm1(x) : x; }, 1, 0},
    {"Softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }, 0, 0},
    {"Softplus", [](double x, double, double) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, 0, 0},
};

// The three functions of each direction; alphas and betas are handed out in order, to all functions.
Result<std::vector<Activation3>> Activations(const Attributes& a, int64_t directions) {
  std::vector<std::string> names(a.Strings("activations").begin(), a.Strings("activations").end());
  if (names.empty()) {
    for (int64_t d = 0; d < directions; ++d) names.insert(names.end(), {"Sigmoid", "Tanh", "Tanh"});
  }
  if (static_cast<int64_t>(names.size()) != 3 * directions)
    return BadInput("DynamicQuantizeLSTM has ", names.size(), " activations for ", directions, " directions");
  const auto alphas = a.Floats("activation_alpha"), betas = a.Floats("activation_beta");
  std::vector<Activation3> out(static_cast<size_t>(directions));
  for (size_t i = 0; i < names.size(); ++i) {
    const auto* known = std::ranges::find(kFunctions, std::string_view(names[i]), &NamedFunction::name);
    if (known == std::end(kFunctions)) return BadInput("DynamicQuantizeLSTM: the activation ", Quote(names[i]), " is not known");
    out[i / 3].fn[i % 3] = known->fn;
    out[i / 3].alpha[i % 3] = i < alphas.size() ? static_cast<double>(alphas[i]) : known->alpha;
    out[i / 3].beta[i % 3] = i < betas.size() ? static_cast<double>(betas[i]) : known->beta;
  }
  return out;
}

// Rows rounded to the steps that the standard's DynamicQuantizeLinear would take for their range.
void QuantizeByRange(std::vector<double>& values) {
  double low = 0, high = 0;
  for (double v : values) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (low == high) return;
  const double scale = static_cast<double>(static_cast<float>(high - low) / 255.0f);
  const double zero = std::clamp(std::nearbyint(-low / scale), 0.0, 255.0);
  for (double& v : values) v = (std::clamp(std::nearbyint(v / scale) + zero, 0.0, 255.0) - zero) * scale;
}

struct Sizes {
  int64_t steps = 0, batch = 0, input = 0, hidden = 0, directions = 0;
};

// Weights [directions, rows, 4 * hidden] as real numbers: scale and zero point are one a direction, or one a column of each.
Result<std::vector<double>> Weights(const KernelContext& ctx, int i, int64_t rows, int scale, int zero, const Sizes& z) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, i));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* s, RequireInput(ctx, scale));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* zp, RequireInput(ctx, zero));
  const int64_t columns = 4 * z.hidden;
  if (!IsInteger(w->dtype()) || !(w->shape() == Shape{z.directions, rows, columns})) {
    return BadInput("DynamicQuantizeLSTM: input ", i, " must be integers [", z.directions, ",", rows, ",", columns, "], got ",
                    NameOf(w->dtype()), w->shape().ToString());
  }
  const bool per_column = s->size() == z.directions * columns && s->rank() == 2;
  if (!IsFloat(s->dtype()) || !IsInteger(zp->dtype()) || (!per_column && s->size() != z.directions) || zp->size() != s->size()) {
    return BadInput("DynamicQuantizeLSTM: scale ", s->shape().ToString(), " and zero point ", zp->shape().ToString(), " of input ", i,
                    " must be one a direction or one a column");
  }
  const std::vector<double> scales = LoadAll<double>(*s), zeros = LoadAll<double>(*zp);
  std::vector<double> out = LoadAll<double>(*w);
  for (size_t k = 0; k < out.size(); ++k) {
    const size_t direction = k / static_cast<size_t>(rows * columns);
    const size_t at = per_column ? direction * static_cast<size_t>(columns) + k % static_cast<size_t>(columns) : direction;
    out[k] = (out[k] - zeros[at]) * scales[at];
  }
  return out;
}

// An optional float input of this shape; zeros where it is absent.
Result<std::vector<double>> Optional(const KernelContext& ctx, int i, const Shape& shape) {
  const Tensor* t = ctx.input(i);
  SAMOYED_RETURN_IF_ERROR(Tensor::Allocate(DType::kDouble, shape).status());
  if (t == nullptr) return std::vector<double>(static_cast<size_t>(shape.NumElements()));
  if (!IsFloat(t->dtype()) || !(t->shape() == shape))
    return BadInput("DynamicQuantizeLSTM: input ", i, " must be floats ", shape.ToString(), ", got ", t->shape().ToString());
  return LoadAll<double>(*t);
}

struct Cell {
  Sizes z;
  std::vector<double> x, w, r, b, p, h, c;  // h and c: [directions, batch, hidden], from the initial states to the last
  std::vector<int64_t> lengths;
  std::vector<Activation3> activations;
  double clip = INFINITY;
  bool input_forget = false;
};

// c[rows, columns] += a[rows, inner] * b[inner, columns]
void Multiply(const double* a, const double* b, double* c, int64_t rows, int64_t inner, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t k = 0; k < inner; ++k) {
      for (int64_t j = 0; j < columns; ++j) c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    }
  }
}

// One step of one direction for batch entry n, whose gates' sums are `sum`: updates h and c.
void Step(Cell& cell, int64_t d, int64_t n, const double* sum) {
  const int64_t hidden = cell.z.hidden;
  const double* bias = cell.b.data() + d * 8 * hidden;
  const double* peep = cell.p.data() + d * 3 * hidden;
  const Activation3& f = cell.activations[static_cast<size_t>(d)];
  double* h = cell.h.data() + (d * cell.z.batch + n) * hidden;
  double* c = cell.c.data() + (d * cell.z.batch + n) * hidden;
  for (int64_t k = 0; k < hidden; ++k) {
    const auto gate = [&](int64_t g, int which, double extra) {
      const int64_t at = g * hidden + k;
      const double x = std::clamp(sum[at] + bias[at] + bias[4 * hidden + at] + extra, -cell.clip, cell.clip);
      return f.fn[static_cast<size_t>(which)](x, f.alpha[static_cast<size_t>(which)], f.beta[static_cast<size_t>(which)]);
    };
    const double i = gate(0, 0, peep[k] * c[k]);
    const double forget = cell.input_forget ? 1 - i : gate(2, 0, peep[2 * hidden + k] * c[k]);
    c[k] = forget * c[k] + i * gate(3, 1, 0);
    h[k] = gate(1, 0, peep[hidden + k] * c[k]) * f.fn[2](std::clamp(c[k], -cell.clip, cell.clip), f.alpha[2], f.beta[2]);
  }
}

// A buffer of doubles; sizes from outside must fail as a status.
Result<Tensor> Zeros(const Shape& shape) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(DType::kDouble, shape));
  std::fill_n(t.mutable_data<double>(), t.size(), 0.0);
  return t;
}

// All steps of one direction. `y` is [steps, directions, batch, hidden].
Status RunDirection(KernelContext& ctx, Cell& cell, int64_t d, bool backward, Tensor& y) {
  const Sizes& z = cell.z;
  const int64_t columns = 4 * z.hidden;
  SAMOYED_ASSIGN_OR_RETURN(Tensor projected, Zeros({z.steps, z.batch, columns}));
  double* from_x = projected.mutable_data<double>();
  Multiply(cell.x.data(), cell.w.data() + d * z.input * columns, from_x, z.steps * z.batch, z.input, columns);
  for (int64_t s = 0; s < z.steps; ++s) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<double> h(cell.h.begin() + d * z.batch * z.hidden, cell.h.begin() + (d + 1) * z.batch * z.hidden);
    QuantizeByRange(h);
    std::vector<double> sums(static_cast<size_t>(z.batch * columns));
    Multiply(h.data(), cell.r.data() + d * z.hidden * columns, sums.data(), z.batch, z.hidden, columns);
    for (int64_t n = 0; n < z.batch; ++n) {
      const int64_t length = cell.lengths[static_cast<size_t>(n)];
      if (s >= length) continue;
      const int64_t place = backward ? length - 1 - s : s;
      double* sum = sums.data() + n * columns;
      for (int64_t k = 0; k < columns; ++k) sum[k] += from_x[(place * z.batch + n) * columns + k];
      Step(cell, d, n, sum);
      std::copy_n(cell.h.begin() + (d * z.batch + n) * z.hidden, z.hidden,
                  y.mutable_data<double>() + ((place * z.directions + d) * z.batch + n) * z.hidden);
    }
  }
  return OkStatus();
}

Result<Sizes> ReadSizes(const KernelContext& ctx, const Tensor& x, const Tensor& r, int64_t directions) {
  if (x.dtype() != DType::kFloat || x.rank() != 3 || r.rank() != 3)
    return BadInput("DynamicQuantizeLSTM needs float [steps, batch, input] and weights of rank 3, got ", x.shape().ToString());
  const Sizes z{x.dim(0), x.dim(1), x.dim(2), r.dim(1), directions};
  const int64_t hidden = ctx.attributes().Int("hidden_size", z.hidden);
  if (hidden != z.hidden) return BadInput("DynamicQuantizeLSTM: hidden_size is ", hidden, ", the weights are for ", z.hidden);
  const std::optional<int64_t> gates = CheckedMul<int64_t>(z.hidden, 8 * directions);
  const std::optional<int64_t> places = CheckedMul(z.steps, z.batch);
  if (!gates || !places || !CheckedMul(*gates, *places))
    return LimitExceeded("DynamicQuantizeLSTM of ", x.shape().ToString(), " with ", z.hidden, " hidden numbers");
  return z;
}

Result<int64_t> Directions(const NodeContext& ctx) {
  const std::string_view direction = ctx.attributes().String("direction", "forward");
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "bidirectional") return 2;
  return BadInput("DynamicQuantizeLSTM: direction ", Quote(direction), " is none of forward, reverse, bidirectional");
}

Status InferDynamicQuantizeLSTM(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t directions, Directions(ctx));
  const Dims *x = ctx.input_shape(kX), *r = ctx.input_shape(kR);
  const Dim steps = x != nullptr && x->size() == 3 ? (*x)[0] : Dim(), batch = x != nullptr && x->size() == 3 ? (*x)[1] : Dim();
  const Dim hidden = r != nullptr && r->size() == 3 ? (*r)[1] : Dim();
  if (ctx.num_outputs() > 0) ctx.set_output_type(0, Type::TensorOf(DType::kFloat, Dims{steps, Dim(directions), batch, hidden}));
  for (int i = 1; i < std::min(3, ctx.num_outputs()); ++i)
    ctx.set_output_type(i, Type::TensorOf(DType::kFloat, Dims{Dim(directions), batch, hidden}));
  return OkStatus();
}

Status RunDynamicQuantizeLSTM(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, kX));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* r, RequireInput(ctx, kR));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t directions, Directions(ctx));
  Cell cell;
  SAMOYED_ASSIGN_OR_RETURN(cell.z, ReadSizes(ctx, *x, *r, directions));
  const Sizes& z = cell.z;
  SAMOYED_ASSIGN_OR_RETURN(cell.w, Weights(ctx, kW, z.input, kWScale, kWZero, z));
  SAMOYED_ASSIGN_OR_RETURN(cell.r, Weights(ctx, kR, z.hidden, kRScale, kRZero, z));
  SAMOYED_ASSIGN_OR_RETURN(cell.b, Optional(ctx, kB, {directions, 8 * z.hidden}));
  SAMOYED_ASSIGN_OR_RETURN(cell.p, Optional(ctx, kP, {directions, 3 * z.hidden}));
  SAMOYED_ASSIGN_OR_RETURN(cell.h, Optional(ctx, kInitialH, {directions, z.batch, z.hidden}));
  SAMOYED_ASSIGN_OR_RETURN(cell.c, Optional(ctx, kInitialC, {directions, z.batch, z.hidden}));
  SAMOYED_ASSIGN_OR_RETURN(cell.activations, Activations(a, directions));
  if (a.Has("clip")) cell.clip = static_cast<double>(a.Float("clip"));
  if (!(cell.clip > 0)) return BadInput("DynamicQuantizeLSTM: clip is ", cell.clip, ", it must be positive");
  cell.input_forget = a.Int("input_forget") != 0;
  cell.lengths.assign(static_cast<size_t>(z.batch), z.steps);
  if (const Tensor* lengths = ctx.input(kLengths)) {
    SAMOYED_ASSIGN_OR_RETURN(cell.lengths, ops::ReadInts(*lengths, "sequence_lens"));
    if (static_cast<int64_t>(cell.lengths.size()) != z.batch)
      return BadInput("DynamicQuantizeLSTM: sequence_lens has ", cell.lengths.size(), " elements, the batch ", z.batch);
    for (int64_t n : cell.lengths) {
      if (n < 0 || n > z.steps) return BadInput("DynamicQuantizeLSTM: sequence_lens holds ", n, ", there are ", z.steps, " steps");
    }
  }
  cell.x = LoadAll<double>(*x);
  QuantizeByRange(cell.x);
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, Zeros({z.steps, directions, z.batch, z.hidden}));
  for (int64_t d = 0; d < directions; ++d) {
    SAMOYED_RETURN_IF_ERROR(RunDirection(ctx, cell, d, d == 1 || a.String("direction", "forward") == "reverse", y));
  }
  const Shape state = {directions, z.batch, z.hidden};
  const double* outputs[] = {y.data<double>(), cell.h.data(), cell.c.data()};
  for (int i = 0; i < std::min(3, ctx.num_outputs()); ++i) {
    if (!ctx.wants_output(i)) continue;
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, DType::kFloat, (i == 0 ? Shape{z.steps, directions, z.batch, z.hidden} : state));
    Store(*out, 0, out->size(), outputs[i]);
  }
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kFloatTypes}, {"T1", ops::kInt32Types}, {"T2", ops::kByteTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("X", "T"),
                                   ops::Param("W", "T2"),
                                   ops::Param("R", "T2"),
                                   ops::OptionalParam("B", "T"),
                                   ops::OptionalParam("sequence_lens", "T1"),
                                   ops::OptionalParam("initial_h", "T"),
                                   ops::OptionalParam("initial_c", "T"),
                                   ops::OptionalParam("P", "T"),
                                   ops::Param("W_scale", "T"),
                                   ops::Param("W_zero_point", "T2"),
                                   ops::Param("R_scale", "T"),
                                   ops::Param("R_zero_point", "T2")};
constexpr SchemaParam kOutputs[] = {ops::OptionalParam("Y", "T"), ops::OptionalParam("Y_h", "T"), ops::OptionalParam("Y_c", "T")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("direction", "forward"),
                                      ops::BareAttr("hidden_size", SchemaAttrType::kInt),
                                      ops::BareAttr("activations", SchemaAttrType::kStrings),
                                      ops::BareAttr("activation_alpha", SchemaAttrType::kFloats),
                                      ops::BareAttr("activation_beta", SchemaAttrType::kFloats),
                                      ops::BareAttr("clip", SchemaAttrType::kFloat),
                                      ops::IntAttr("input_forget", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("DynamicQuantizeLSTM", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_DynamicQuantizeLSTM = {
    .infer = InferDynamicQuantizeLSTM, .run = RunDynamicQuantizeLSTM, .schemas = kSchemas};

}  // namespace samoyed
