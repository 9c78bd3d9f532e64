#include "ops/common/recurrent.h"

#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

struct NamedActivation {
  std::string_view name;
  double (*apply)(double x, double alpha, double beta);
  double alpha, beta;  // defaults
};
constexpr NamedActivation kActivations[] = {
    {"Relu", [](double x, double, double) { return x > 0 ? x : 0.0; }, 0, 0},
    {"Tanh", [](double x, double, double) { return std::tanh(x); }, 0, 0},
    {"Sigmoid", [](double x, double, double) { return 1 / (1 + std::exp(-x)); }, 0, 0},
    {"Affine", [](double x, double a, double b) { return a * x + b; }, 1, 0},
    {"LeakyRelu", [](double x, double a, double) { return x < 0 ? a * x : x; }, 0.01, 0},
    {"ThresholdedRelu", [](double x, double a, double) { return x > a ? x : 0.0; }, 1, 0},
    {"ScaledTanh", [](double x, double a, double b) { return a * std::tanh(b * x); }, 1, 1},
    {"HardSigmoid", [](double x, double a, double b) { return std::clamp(a * x + b, 0.0, 1.0); }, 0.2, 0.5},
    {"Elu", [](double x, double a, double) { return x < 0 ? a * std::expm1(x) : x; }, 1, 0},
    {"Softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }, 0, 0},
    {"Softplus", [](double x, double, double) { return std::log1p(std::exp(-std::fabs(x))) + std::max(x, 0.0); }, 0, 0},
};

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 32) == (y | 32); });  // exporters write "tanh", too
}

}  // namespace

Result<std::vector<CellActivation>> ReadActivations(const NodeContext& ctx, const CellKind& kind, int directions) {
  const auto count = static_cast<size_t>(kind.activations * directions);
  const auto given = ctx.attributes().Has("activations") ? ctx.attributes().Strings("activations") : std::span<const std::string>();
  if (!given.empty() && given.size() != count) return BadInput(ctx.op_type(), ": ", given.size(), " activations for ", count, " uses");
  const auto alphas = ctx.attributes().Floats("activation_alpha"), betas = ctx.attributes().Floats("activation_beta");
  std::optional<double> clip;
  if (ctx.attributes().Has("clip")) clip = ctx.attributes().Float("clip");
  size_t alpha_at = 0, beta_at = 0;
  std::vector<CellActivation> out;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view name =
        given.empty() ? kind.default_activations[i % static_cast<size_t>(kind.activations)] : std::string_view(given[i]);
    const auto it = std::ranges::find_if(kActivations, [&](const NamedActivation& a) { return SameName(a.name, name); });
    if (it == std::end(kActivations)) return BadInput(ctx.op_type(), ": there is no activation \"", name, "\"");
    CellActivation f{it->name, it->apply, it->alpha, it->beta, clip};
    const bool takes_alpha = it->alpha != 0, takes_beta = it->beta != 0 || it->name == "Affine";
    if (takes_alpha && alpha_at < alphas.size()) f.alpha = alphas[alpha_at++];
    if (takes_beta && beta_at < betas.size()) f.beta = betas[beta_at++];
    out.push_back(f);
  }
  return out;
}

Result<int> DirectionsOf(const NodeContext& ctx) {
  const std::string_view direction = ctx.attributes().String("direction", "forward");
  if (direction == "bidirectional") return 2;
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "foward") return 1;  // sic: GRU's default in version 1 of the standard
  return BadInput(ctx.op_type(), ": direction must be forward, reverse or bidirectional, not \"", direction, "\"");
}

int64_t RecurrentSizes::Length(int64_t item) const { return lengths == nullptr ? steps : At<int64_t>(*lengths, item); }

Result<RecurrentSizes> ReadRecurrentSizes(const KernelContext& ctx, const CellKind& kind, const Tensor& x, const Shape& w, const Shape& r) {
  RecurrentSizes s;
  SAMOYED_ASSIGN_OR_RETURN(s.directions, DirectionsOf(ctx));
  s.batch_first = ctx.attributes().Int("layout") != 0;
  for (const Shape* shape : {&x.shape(), &w, &r}) {
    if (!IsFloat(x.dtype()) || shape->rank() != 3)
      return BadInput(ctx.op_type(), " needs floats of rank 3, got ", NameOf(x.dtype()), shape->ToString());
  }
  s.steps = x.dim(s.batch_first ? 1 : 0);
  s.batch = x.dim(s.batch_first ? 0 : 1);
  s.inputs = x.dim(2);
  s.hidden = r[2];
  const auto rows = CheckedMul<int64_t>(kind.gates, s.hidden);
  const Shape want_w = {s.directions, rows.value_or(-1), s.inputs}, want_r = {s.directions, rows.value_or(-1), s.hidden};
  if (!rows || !(w == want_w) || !(r == want_r)) {
    return BadInput(ctx.op_type(), ": weights of shapes ", w.ToString(), " and ", r.ToString(), " are not ", want_w.ToString(), " and ",
                    want_r.ToString());
  }
  if (ctx.attributes().Has("hidden_size") && ctx.attributes().Int("hidden_size") != s.hidden) {
    return BadInput(ctx.op_type(), ": hidden_size is ", ctx.attributes().Int("hidden_size"), ", the weights' ", s.hidden);
  }
  if (const Tensor* given = ctx.input(4)) {
    if (!IsInteger(given->dtype()) || given->size() != s.batch)
      return BadInput(ctx.op_type(), ": sequence_lens of shape ", given->shape().ToString(), " for a batch of ", s.batch);
    s.lengths = given;
    for (int64_t b = 0; b < s.batch; ++b) {
      if (s.Length(b) < 0 || s.Length(b) > s.steps)
        return BadInput(ctx.op_type(), ": a sequence of ", s.Length(b), " steps, there are ", s.steps);
    }
  }
  return s;
}

Result<const Tensor*> InitialState(const KernelContext& ctx, int i, const RecurrentSizes& sizes) {
  const Tensor* given = ctx.input(i);
  if (given != nullptr && (!IsFloat(given->dtype()) || !(given->shape() == sizes.StateShape())))
    return BadInput(ctx.op_type(), ": input ", i, " is ", given->shape().ToString(), ", not ", sizes.StateShape().ToString());
  return given;
}

namespace {

// The initial states as [D, batch, H], zeros where the input is absent.
Result<std::vector<double>> LoadState(const KernelContext& ctx, int i, const RecurrentSizes& s) {
  std::vector<double> out(static_cast<size_t>(s.directions * s.batch * s.hidden));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* given, InitialState(ctx, i, s));
  if (given == nullptr) return out;
  const std::vector<double> values = LoadAll<double>(*given);
  for (int64_t d = 0; d < s.directions; ++d) {
    for (int64_t b = 0; b < s.batch; ++b)
      std::copy_n(values.data() + s.StateRow(b, d) * s.hidden, s.hidden, out.data() + (d * s.batch + b) * s.hidden);
  }
  return out;
}

Result<std::vector<CellDirection>> ReadDirections(const KernelContext& ctx, const CellKind& kind, const RecurrentSizes& s,
                                                  const std::vector<double>& w, const std::vector<double>& r) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<CellActivation> activations, ReadActivations(ctx, kind, s.directions));
  const int64_t rows = kind.gates * s.hidden;
  const Tensor* bias = ctx.input(3);
  if (bias != nullptr && (!IsFloat(bias->dtype()) || !(bias->shape() == Shape({s.directions, 2 * rows})))) {
    return BadInput(ctx.op_type(), ": a bias of shape ", bias->shape().ToString(), " is not [", s.directions, ",", 2 * rows, "]");
  }
  const Tensor* peephole = kind.states == 2 ? ctx.input(7) : nullptr;
  if (peephole != nullptr && (!IsFloat(peephole->dtype()) || !(peephole->shape() == Shape({s.directions, 3 * s.hidden})))) {
    return BadInput(ctx.op_type(), ": peepholes of shape ", peephole->shape().ToString(), " are not [", s.directions, ",", 3 * s.hidden,
                    "]");
  }
  const std::vector<double> biases =
      bias == nullptr ? std::vector<double>(static_cast<size_t>(s.directions * 2 * rows)) : LoadAll<double>(*bias);
  const std::vector<double> peepholes =
      peephole == nullptr ? std::vector<double>(static_cast<size_t>(s.directions * 3 * s.hidden)) : LoadAll<double>(*peephole);
  std::vector<CellDirection> out;
  for (int64_t d = 0; d < s.directions; ++d) {
    CellDirection cell;
    cell.hidden = s.hidden;
    cell.inputs = s.inputs;
    cell.w = w.data() + d * rows * s.inputs;
    cell.r = r.data() + d * rows * s.hidden;
    const double* b = biases.data() + d * 2 * rows;
    cell.bias_w.assign(b, b + rows);
    cell.bias_r.assign(b + rows, b + 2 * rows);
    const double* p = peepholes.data() + d * 3 * s.hidden;
    cell.peephole.assign(p, p + 3 * s.hidden);
    const auto first = activations.begin() + d * kind.activations;
    cell.f.assign(first, first + kind.activations);
    out.push_back(std::move(cell));
  }
  return out;
}

// Stores a state [D, batch, H] as output i.
Status StoreState(KernelContext& ctx, int i, const RecurrentSizes& s, DType dtype, const std::vector<double>& state) {
  if (!ctx.wants_output(i)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, dtype, s.StateShape());
  for (int64_t d = 0; d < s.directions; ++d) {
    for (int64_t b = 0; b < s.batch; ++b) Store(*out, s.StateRow(b, d) * s.hidden, s.hidden, state.data() + (d * s.batch + b) * s.hidden);
  }
  return OkStatus();
}

}  // namespace

double CellActivation::operator()(double x) const {
  return apply(clip ? std::clamp(x, -std::fabs(*clip), std::fabs(*clip)) : x, alpha, beta);
}

double CellDirection::Dot(const double* m, int64_t row, int64_t n, const double* x) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += m[row * n + i] * x[i];
  return sum;
}

Status RunRecurrent(KernelContext& ctx, const CellKind& kind, const CellStep& step) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* r, RequireInput(ctx, 2));
  if (!IsFloat(w->dtype()) || !IsFloat(r->dtype()))
    return BadInput(ctx.op_type(), " needs weights of floats, got ", NameOf(w->dtype()), " and ", NameOf(r->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const RecurrentSizes s, ReadRecurrentSizes(ctx, kind, *x, w->shape(), r->shape()));
  const std::vector<double> in = LoadAll<double>(*x), weights = LoadAll<double>(*w), recurrent = LoadAll<double>(*r);
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<CellDirection> cells, ReadDirections(ctx, kind, s, weights, recurrent));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> h, LoadState(ctx, 5, s));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> c, LoadState(ctx, kind.states == 2 ? 6 : -1, s));
  Tensor* y = nullptr;
  if (ctx.wants_output(0)) {
    SAMOYED_ASSIGN_OR_RETURN(y, ctx.AllocateOutput(0, x->dtype(), s.OutputShape()));
    StoreAll(*y, std::vector<double>(static_cast<size_t>(y->size())));  // what lies behind a sequence's end stays 0
  }
  const bool reversed = ctx.attributes().String("direction", "forward") == "reverse";
  for (int64_t d = 0; d < s.directions; ++d) {
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t length = s.Length(b);
      double* state = h.data() + (d * s.batch + b) * s.hidden;
      for (int64_t i = 0; i < length; ++i) {
        SAMOYED_RETURN_IF_ERROR(ctx.Poll());
        const int64_t t = d == 1 || reversed ? length - 1 - i : i;
        step(cells[static_cast<size_t>(d)], in.data() + s.InputRow(b, t) * s.inputs, state, c.data() + (d * s.batch + b) * s.hidden);
        if (y != nullptr) Store(*y, s.OutputRow(b, t, d) * s.hidden, s.hidden, state);
      }
    }
  }
  SAMOYED_RETURN_IF_ERROR(StoreState(ctx, 1, s, x->dtype(), h));
  return kind.states == 2 ? StoreState(ctx, 2, s, x->dtype(), c) : OkStatus();
}

Status InferRecurrent(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const int directions, DirectionsOf(ctx));
  const bool batch_first = ctx.attributes().Int("layout") != 0;
  const DType dtype = ctx.input_dtype(0);
  const Dims *x = ctx.input_shape(0), *r = ctx.input_shape(2);
  for (int i = 0; i < 3; ++i) {
    const Dims* shape = ctx.input_shape(i);
    if (shape != nullptr && shape->size() != 3) return BadInput(ctx.op_type(), ": input ", i, " has rank ", shape->size(), ", not 3");
  }
  Dim steps, batch, hidden;
  if (x != nullptr) {
    steps = (*x)[batch_first ? 1 : 0];
    batch = (*x)[batch_first ? 0 : 1];
  }
  if (ctx.attributes().Has("hidden_size")) {
    if (ctx.attributes().Int("hidden_size") < 1) return BadInput(ctx.op_type(), ": hidden_size is ", ctx.attributes().Int("hidden_size"));
    hidden = Dim(ctx.attributes().Int("hidden_size"));
  } else if (r != nullptr) {
    hidden = (*r)[2];
  }
  const Dim d(directions);
  ctx.set_output_type(0, Type::TensorOf(dtype, batch_first ? Dims{batch, steps, d, hidden} : Dims{steps, d, batch, hidden}));
  for (int i = 1; i < ctx.num_outputs(); ++i)
    ctx.set_output_type(i, Type::TensorOf(dtype, batch_first ? Dims{batch, d, hidden} : Dims{d, batch, hidden}));
  return OkStatus();
}

}  // namespace samoyed::ops
