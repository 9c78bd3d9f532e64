// What RNN, GRU and LSTM share: operands, directions, activations, and the walk over time.
#ifndef SAMOYED_OPS_COMMON_RECURRENT_H_
#define SAMOYED_OPS_COMMON_RECURRENT_H_

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// An activation of a recurrent cell, with its parameters; `clip` bounds what goes in.
struct CellActivation {
  std::string_view name;  // as the standard spells it
  double (*apply)(double x, double alpha, double beta) = nullptr;
  double alpha = 0, beta = 0;
  std::optional<double> clip;
  double operator()(double x) const;
};

// A cell with `gates` gates: weights of input 1 [D, gates * H, I], 2 [D, gates * H, H], bias of input 3 [D, 2 * gates * H].
struct CellKind {
  int gates = 1;
  int states = 1;  // H, or H and C
  int activations = 1;
  std::string_view default_activations[3];
};
inline constexpr CellKind kRnnCell{1, 1, 1, {"Tanh"}};
inline constexpr CellKind kGruCell{3, 1, 2, {"Sigmoid", "Tanh"}};           // z, r, h
inline constexpr CellKind kLstmCell{4, 2, 3, {"Sigmoid", "Tanh", "Tanh"}};  // i, o, f, c

// The activations of all directions, `kind.activations` each. Parameters are listed in the order of the activations that take them.
Result<std::vector<CellActivation>> ReadActivations(const NodeContext& ctx, const CellKind& kind, int directions);
// 1 or 2 (bidirectional).
Result<int> DirectionsOf(const NodeContext& ctx);

// The sizes of a node, checked against each other.
struct RecurrentSizes {
  int64_t steps = 0, batch = 0, inputs = 0, hidden = 0;
  int directions = 1;
  bool batch_first = false;         // attribute layout
  const Tensor* lengths = nullptr;  // of the items' sequences, each in [0, steps]; null: all have `steps`
  int64_t Length(int64_t item) const;
  // Place of an item's input at step t among the rows of X; of its row of Y for direction d; and of its state among those of Y_h.
  int64_t InputRow(int64_t item, int64_t t) const { return batch_first ? item * steps + t : t * batch + item; }
  int64_t OutputRow(int64_t item, int64_t t, int64_t d) const {
    return batch_first ? (item * steps + t) * directions + d : (t * directions + d) * batch + item;
  }
  int64_t StateRow(int64_t item, int64_t d) const { return batch_first ? item * directions + d : d * batch + item; }
  Shape OutputShape() const { return batch_first ? Shape({batch, steps, directions, hidden}) : Shape({steps, directions, batch, hidden}); }
  Shape StateShape() const { return batch_first ? Shape({batch, directions, hidden}) : Shape({directions, batch, hidden}); }
};
// For weights of these shapes.
Result<RecurrentSizes> ReadRecurrentSizes(const KernelContext& ctx, const CellKind& kind, const Tensor& x, const Shape& w, const Shape& r);
// The initial state at input i, of StateShape(); null where absent.
Result<const Tensor*> InitialState(const KernelContext& ctx, int i, const RecurrentSizes& sizes);

// One direction of a cell, while it runs.
struct CellDirection {
  int64_t hidden = 0, inputs = 0;
  const double* w = nullptr;           // [gates * H, I]
  const double* r = nullptr;           // [gates * H, H]
  std::vector<double> bias_w, bias_r;  // [gates * H]
  std::vector<double> peephole;        // LSTM: [3 * H]
  std::vector<CellActivation> f;
  // sum over i of m[row, i] * x[i]
  static double Dot(const double* m, int64_t row, int64_t n, const double* x);
};

// One step of one item: x [I], and the states h [H] (and c [H]), which are replaced.
using CellStep = std::function<void(const CellDirection& cell, const double* x, double* h, double* c)>;

// Runs the node: all directions, sequence lengths, initial states and layouts. Peepholes are input 7 where states is 2.
Status RunRecurrent(KernelContext& ctx, const CellKind& kind, const CellStep& step);
// Outputs Y, Y_h (and Y_c).
Status InferRecurrent(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_RECURRENT_H_
