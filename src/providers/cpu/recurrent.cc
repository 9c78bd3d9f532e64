// RNN, GRU and LSTM with constant weights: the inputs of all steps are projected by one product, then each step adds the product of the
// states and goes through the cell's gates.
#include "ops/common/recurrent.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "providers/cpu/kernels.h"
#include "providers/cpu/product.h"
#include "providers/cpu/simd/elementwise.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 8 << 10;  // gates a piece of work

enum Inputs { kX, kW, kR, kBias, kLengths, kInitialH, kInitialC, kPeephole };
enum class Cell : uint8_t { kRnn, kGru, kLstm };

const ops::CellKind& KindOf(Cell cell) { return cell == Cell::kRnn ? ops::kRnnCell : cell == Cell::kGru ? ops::kGruCell : ops::kLstmCell; }
Cell CellOf(const Node& node) { return node.op_type == "RNN" ? Cell::kRnn : node.op_type == "GRU" ? Cell::kGru : Cell::kLstm; }

// An activation in place; clip: what bounds its input.
struct Gate {
  UnaryFn clip = nullptr, apply = nullptr;
  float bound = 0, alpha = 0, beta = 0;
  void operator()(float* x, int64_t n) const {
    if (clip != nullptr) clip(x, x, n, -bound, bound);
    apply(x, x, n, alpha, beta);
  }
};

struct GateName {
  std::string_view name;
  Activation activation;
};
constexpr GateName kGateNames[] = {
    {"Relu", Activation::kRelu},
    {"Tanh", Activation::kTanh},
    {"Sigmoid", Activation::kSigmoid},
    {"LeakyRelu", Activation::kLeakyRelu},
    {"HardSigmoid", Activation::kHardSigmoid},
    {"Elu", Activation::kElu},
    {"Softplus", Activation::kSoftplus},
};

// The gates' activations in all directions; nullopt where one has no fast form.
std::optional<std::vector<Gate>> GatesOf(const KernelSpec& spec, CpuLevel level) {
  const SpecContext ctx(spec);
  const auto directions = ops::DirectionsOf(ctx);
  if (!directions.ok()) return std::nullopt;
  const auto given = ops::ReadActivations(ctx, KindOf(CellOf(spec.node)), *directions);
  if (!given.ok()) return std::nullopt;
  const auto& fns = ElementwiseFnsFor(level).activation;
  std::vector<Gate> gates;
  for (const ops::CellActivation& f : *given) {
    const auto* row = std::ranges::find(kGateNames, f.name, &GateName::name);
    if (row == std::end(kGateNames)) return std::nullopt;
    Gate gate{nullptr, fns[static_cast<int>(row->activation)], 0, static_cast<float>(f.alpha), static_cast<float>(f.beta)};
    if (f.clip) {
      gate.clip = fns[static_cast<int>(Activation::kClip)];
      gate.bound = static_cast<float>(std::fabs(*f.clip));
    }
    gates.push_back(gate);
  }
  return gates;
}

// One direction's weights.
struct Direction {
  PackedMatrix w;         // [I, gates * H], with all biases that can be added at once
  PackedMatrix r;         // [H, gates * H]; GRU: of z and r alone
  PackedMatrix r_hidden;  // GRU: [H, H] of h, with its bias where that comes before the reset gate
  std::vector<float> peephole;
  std::vector<Gate> f;
};

// Where the parts of a run's scratch memory begin, in bytes.
struct Layout {
  int64_t gates, h, c, extra, copies, end;  // extra: GRU's reset states or hidden product
};

class RecurrentKernel final : public Kernel {
 public:
  RecurrentKernel(Cell cell, std::vector<Direction> directions, const KernelSpec& spec, CpuLevel level)
      : cell_(cell),
        directions_(std::move(directions)),
        w_shape_(*spec.input_type(kW).concrete_shape()),
        r_shape_(*spec.input_type(kR).concrete_shape()),
        batch_first_(spec.node.attributes.Int("layout", 0) != 0),
        reversed_(spec.node.attributes.String("direction", "forward") == "reverse"),
        linear_before_reset_(spec.node.attributes.Int("linear_before_reset", 0) != 0),
        input_forget_(spec.node.attributes.Int("input_forget", 0) != 0),
        tile_(TileFnsFor(level)),
        name_(StrCat(spec.node.op_type, " ", NameOf(level))) {}
  std::string_view name() const override { return name_; }
  bool OwnsConstant(int input) const override { return input == kW || input == kR || input == kBias || input == kPeephole; }
  int64_t PackedBytes() const override {
    int64_t bytes = 0;
    for (const Direction& d : directions_)
      bytes += d.w.bytes() + d.r.bytes() + d.r_hidden.bytes() + static_cast<int64_t>(d.peephole.size() * sizeof(float));
    return bytes;
  }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty() || inputs[kX].rank() != 3) return 0;
    return LayoutOf(ScratchProduct(inputs[kX][0], inputs[kX][1]), inputs[kX][batch_first_ ? 0 : 1], threads).end;
  }
  Status Run(KernelContext& ctx) const override;

 private:
  // One direction of a run.
  struct Walk {
    const ops::RecurrentSizes& s;
    const Direction& weights;
    int64_t direction;
    float *gates, *h, *c, *extra;  // c: null without cell states
    float* y;                      // null where it is not wanted
  };

  int64_t hidden() const { return r_shape_[2]; }
  int64_t width() const { return KindOf(cell_).gates * hidden(); }
  // Between rows of states: not a multiple of the first cache's set size, so that a product reads them where they lie.
  int64_t state_stride() const { return hidden() % 1024 == 0 ? hidden() + kScratchAlign / 4 : hidden(); }

  Layout LayoutOf(int64_t rows, int64_t batch, int threads) const {
    const int64_t states = AlignScratch(ScratchProduct(ScratchProduct(batch, state_stride()), sizeof(float)));
    Layout at{};
    at.h = AlignScratch(ScratchProduct(ScratchProduct(rows, width()), sizeof(float)));
    at.c = at.h + states;
    at.extra = at.c + (cell_ == Cell::kLstm ? states : 0);
    at.copies = at.extra + (cell_ == Cell::kGru ? states : 0);
    const ProductPlan plan = ProductPlan::Of(tile_, 1, rows, w_shape_[2], w_shape_[2], width(), threads);
    at.end = std::min(at.copies + ScratchSlots::Bytes(plan.CopyBytes(), threads), kTooMuchScratch);
    return at;
  }

  Status RunDirection(KernelContext& ctx, const Walk& walk) const;
  // A step of the items [first, first + items), whose inputs are those of step t.
  void RunStep(KernelContext& ctx, const Walk& walk, int64_t first, int64_t items, int64_t t) const;
  // c += h * r for so many rows, c `c_stride` floats apart.
  void AddProduct(KernelContext& ctx, const float* h, const PackedMatrix& r, int64_t rows, float* c, int64_t c_stride, bool add) const;
  void GruRow(const Direction& d, float* gates, float* h, const float* extra) const;
  void LstmRow(const Direction& d, float* gates, float* h, float* c) const;

  Cell cell_;
  std::vector<Direction> directions_;
  Shape w_shape_, r_shape_;
  bool batch_first_, reversed_, linear_before_reset_, input_forget_;
  const TileFns& tile_;
  std::string name_;
};

// Initial states [batch, H] of a direction, zeros where there are none.
void LoadState(const ops::RecurrentSizes& s, const Tensor* initial, int64_t direction, int64_t stride, float* to) {
  for (int64_t b = 0; b < s.batch; ++b, to += stride) {
    if (initial == nullptr) {
      std::fill_n(to, s.hidden, 0.0f);
    } else {
      std::copy_n(initial->data<float>() + s.StateRow(b, direction) * s.hidden, s.hidden, to);
    }
  }
}

Status RecurrentKernel::Run(KernelContext& ctx) const {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, kX));
  if (x->dtype() != DType::kFloat) return BadInput(ctx.op_type(), " was made for float, not ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::RecurrentSizes s, ops::ReadRecurrentSizes(ctx, KindOf(cell_), *x, w_shape_, r_shape_));
  const Tensor* initial[2] = {nullptr, nullptr};
  for (int i = 0; i < KindOf(cell_).states; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(initial[i], ops::InitialState(ctx, kInitialH + i, s));
    if (initial[i] != nullptr && initial[i]->dtype() != DType::kFloat)
      return BadInput(ctx.op_type(), ": an initial state of ", NameOf(initial[i]->dtype()), " for inputs of float");
  }
  float* outputs[3] = {nullptr, nullptr, nullptr};
  for (int i = 0; i <= KindOf(cell_).states; ++i) {
    if (!ctx.wants_output(i)) continue;
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, DType::kFloat, i == 0 ? s.OutputShape() : s.StateShape());
    outputs[i] = out->mutable_data<float>();
  }
  if (outputs[0] != nullptr && s.lengths != nullptr) std::fill_n(outputs[0], s.OutputShape().NumElements(), 0.0f);  // behind the ends
  const int64_t rows = s.steps * s.batch;
  const Layout at = LayoutOf(rows, s.batch, ctx.threads());
  const std::span<std::byte> scratch = ctx.scratch();
  const auto floats = [&](int64_t offset) { return reinterpret_cast<float*>(scratch.data() + offset); };
  for (int64_t d = 0; d < s.directions; ++d) {
    const Direction& weights = directions_[static_cast<size_t>(d)];
    Walk walk{s, weights, d, floats(at.gates), floats(at.h), cell_ == Cell::kLstm ? floats(at.c) : nullptr, floats(at.extra), outputs[0]};
    LoadState(s, initial[0], d, state_stride(), walk.h);
    if (walk.c != nullptr) LoadState(s, initial[1], d, state_stride(), walk.c);
    Strips strips;
    strips.a = x->data<float>();
    strips.a_stride = s.inputs;
    strips.c = walk.gates;
    strips.c_stride = width();
    strips.rows = rows;
    MultiplyParallel(ctx, tile_, strips, weights.w, Finish(), scratch.subspan(static_cast<size_t>(at.copies)));
    SAMOYED_RETURN_IF_ERROR(RunDirection(ctx, walk));
    const float* states[] = {walk.h, walk.c};
    for (int i = 0; i < KindOf(cell_).states; ++i) {
      for (int64_t b = 0; b < s.batch && outputs[1 + i] != nullptr; ++b)
        std::copy_n(states[i] + b * state_stride(), s.hidden, outputs[1 + i] + s.StateRow(b, d) * s.hidden);
    }
  }
  return ctx.Poll();
}

// All items at once where their sequences are of one length, else one after the other.
Status RecurrentKernel::RunDirection(KernelContext& ctx, const Walk& walk) const {
  const ops::RecurrentSizes& s = walk.s;
  bool alike = true;
  for (int64_t b = 1; b < s.batch && alike; ++b) alike = s.Length(b) == s.Length(0);
  const int64_t items = alike ? s.batch : 1;
  for (int64_t first = 0; first < s.batch; first += items) {
    const int64_t length = s.Length(first);
    for (int64_t i = 0; i < length; ++i) {
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      RunStep(ctx, walk, first, items, walk.direction == 1 || reversed_ ? length - 1 - i : i);
    }
  }
  return OkStatus();
}

void RecurrentKernel::AddProduct(KernelContext& ctx, const float* h, const PackedMatrix& r, int64_t rows, float* c, int64_t c_stride,
                                 bool add) const {
  Strips strips;
  strips.a = h;
  strips.a_stride = state_stride();
  strips.c = c;
  strips.c_stride = c_stride;
  strips.rows = rows;
  if (add) {
    strips.residual = c;
    strips.residual_stride = c_stride;
  }
  MultiplyParallel(ctx, tile_, strips, r, Finish(), {});
}

void RecurrentKernel::RunStep(KernelContext& ctx, const Walk& walk, int64_t first, int64_t items, int64_t t) const {
  const ops::RecurrentSizes& s = walk.s;
  const Direction& d = walk.weights;
  const int64_t n = s.hidden, step = state_stride();
  const int64_t row_step = (s.batch_first ? s.steps : 1) * width();  // from one item's gates to the next's
  float* gates = walk.gates + s.InputRow(first, t) * width();
  float *h = walk.h + first * step, *extra = walk.extra + first * step;
  AddProduct(ctx, h, d.r, items, gates, row_step, true);
  const int64_t grain = std::max<int64_t>(1, kGrain / width());
  if (cell_ == Cell::kGru) {
    ctx.ParallelFor(items, grain, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        float* g = gates + b * row_step;
        d.f[0](g, 2 * n);
        if (linear_before_reset_) continue;
        for (int64_t k = 0; k < n; ++k) extra[b * step + k] = g[n + k] * h[b * step + k];
      }
    });
    if (linear_before_reset_) {
      AddProduct(ctx, h, d.r_hidden, items, extra, step, false);
    } else {
      AddProduct(ctx, extra, d.r_hidden, items, gates + 2 * n, row_step, true);
    }
  }
  ctx.ParallelFor(items, grain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      float *g = gates + b * row_step, *state = h + b * step;
      switch (cell_) {
        case Cell::kRnn:
          d.f[0](g, n);
          std::copy_n(g, n, state);
          break;
        case Cell::kGru:
          GruRow(d, g, state, extra + b * step);
          break;
        case Cell::kLstm:
          LstmRow(d, g, state, walk.c + (first + b) * step);
          break;
      }
      if (walk.y != nullptr) std::copy_n(state, n, walk.y + s.OutputRow(first + b, t, walk.direction) * n);
    }
  });
}

// Gates z and r are done; h's has the input's part, and without linear_before_reset the states'.
void RecurrentKernel::GruRow(const Direction& d, float* gates, float* h, const float* extra) const {
  const int64_t n = hidden();
  const float *z = gates, *r = gates + n;
  float* next = gates + 2 * n;
  if (linear_before_reset_) {
    for (int64_t k = 0; k < n; ++k) next[k] += r[k] * extra[k];
  }
  d.f[1](next, n);
  for (int64_t k = 0; k < n; ++k) h[k] = (1 - z[k]) * next[k] + z[k] * h[k];
}

void RecurrentKernel::LstmRow(const Direction& d, float* gates, float* h, float* c) const {
  const int64_t n = hidden();
  float *input = gates, *output = gates + n, *forget = gates + 2 * n, *next = gates + 3 * n;
  const float* peephole = d.peephole.empty() ? nullptr : d.peephole.data();  // of input, output, forget
  const auto look = [&](float* gate, int64_t i) {
    for (int64_t k = 0; k < n && peephole != nullptr; ++k) gate[k] += peephole[i * n + k] * c[k];
  };
  look(input, 0);
  d.f[0](input, n);
  if (input_forget_) {
    for (int64_t k = 0; k < n; ++k) forget[k] = 1 - input[k];
  } else {
    look(forget, 2);
    d.f[0](forget, n);
  }
  d.f[1](next, n);
  for (int64_t k = 0; k < n; ++k) c[k] = forget[k] * c[k] + input[k] * next[k];
  look(output, 1);
  d.f[0](output, n);
  std::copy_n(c, n, next);
  d.f[2](next, n);
  for (int64_t k = 0; k < n; ++k) h[k] = output[k] * next[k];
}

// True where input i is absent or a constant of floats of this shape.
bool IsConstant(const KernelSpec& spec, int i, const Shape& shape) {
  if (!spec.has_input(i)) return true;
  const Tensor* t = spec.constant(i);
  return t != nullptr && t->dtype() == DType::kFloat && t->shape() == shape;
}

Support QueryRecurrent(const KernelSpec& spec) {
  const Tensor *w = spec.constant(kW), *r = spec.constant(kR);
  if (!IsFloatInput(spec, kX) || w == nullptr || r == nullptr || w->dtype() != DType::kFloat || r->dtype() != DType::kFloat)
    return Support::No("only constant weights of float are vectorised");
  const Cell cell = CellOf(spec.node);
  const auto directions = ops::DirectionsOf(SpecContext(spec));
  if (w->rank() != 3 || r->rank() != 3 || !directions.ok() || r->dim(2) < 1) return Support::No("the weights do not fit");
  const int64_t gates = KindOf(cell).gates, hidden = r->dim(2), rows = r->dim(1);
  if (rows % gates != 0 || rows / gates != hidden || w->dim(1) != rows || w->dim(0) != *directions || r->dim(0) != *directions)
    return Support::No("the weights do not fit");
  if (!IsConstant(spec, kBias, {*directions, 2 * rows}) || (cell == Cell::kLstm && !IsConstant(spec, kPeephole, {*directions, 3 * hidden})))
    return Support::No("biases and peepholes are not constant floats");
  return GatesOf(spec, CpuLevel::kBaseline) ? Support::Yes() : Support::No("an activation has no fast form");
}

Result<std::unique_ptr<Kernel>> MakeRecurrent(const KernelSpec& spec, CpuLevel level) {
  const Cell cell = CellOf(spec.node);
  const Tensor &w = *spec.constant(kW), &r = *spec.constant(kR);
  const Tensor* bias = spec.has_input(kBias) ? spec.constant(kBias) : nullptr;
  const Tensor* peephole = cell == Cell::kLstm && spec.has_input(kPeephole) ? spec.constant(kPeephole) : nullptr;
  const std::vector<Gate> gates = *GatesOf(spec, level);
  const TileFns& tile = TileFnsFor(level);
  const int64_t inputs = w.dim(2), rows = w.dim(1), hidden = r.dim(2);
  const bool apart = cell == Cell::kGru && spec.node.attributes.Int("linear_before_reset", 0) != 0;  // h's recurrent bias
  std::vector<Direction> directions;
  for (int64_t d = 0; d < w.dim(0); ++d) {
    Direction out;
    std::vector<float> sums(static_cast<size_t>(rows)), of_hidden(static_cast<size_t>(hidden));
    if (bias != nullptr) {
      const float *of_w = bias->data<float>() + d * 2 * rows, *of_r = of_w + rows;
      for (int64_t i = 0; i < rows; ++i) sums[static_cast<size_t>(i)] = of_w[i] + (apart && i >= 2 * hidden ? 0 : of_r[i]);
      if (apart) std::copy_n(of_r + 2 * hidden, hidden, of_hidden.data());
    }
    const auto pack = [&](const float* from, int64_t k, int64_t n, const float* with) {
      return PackedMatrix::Pack(tile, from, {{{1, 0}, {1, 0}, {k, 1}}}, n, k, with);
    };
    const float* of_r = r.data<float>() + d * rows * hidden;
    SAMOYED_ASSIGN_OR_RETURN(out.w, pack(w.data<float>() + d * rows * inputs, inputs, rows, sums.data()));
    SAMOYED_ASSIGN_OR_RETURN(out.r, pack(of_r, hidden, cell == Cell::kGru ? 2 * hidden : rows, nullptr));
    if (cell == Cell::kGru) {
      SAMOYED_ASSIGN_OR_RETURN(out.r_hidden, pack(of_r + 2 * hidden * hidden, hidden, hidden, apart ? of_hidden.data() : nullptr));
    }
    if (peephole != nullptr) out.peephole.assign(peephole->data<float>() + d * 3 * hidden, peephole->data<float>() + (d + 1) * 3 * hidden);
    const auto first = gates.begin() + d * KindOf(cell).activations;
    out.f.assign(first, first + KindOf(cell).activations);
    directions.push_back(std::move(out));
  }
  return std::unique_ptr<Kernel>(std::make_unique<RecurrentKernel>(cell, std::move(directions), spec, level));
}

constexpr KernelEntry kEntries[] = {
    {"", "RNN", QueryRecurrent, MakeRecurrent}, {"", "GRU", QueryRecurrent, MakeRecurrent}, {"", "LSTM", QueryRecurrent, MakeRecurrent}};

}  // namespace

std::span<const KernelEntry> RecurrentKernels() { return kEntries; }

}  // namespace samoyed::cpu
