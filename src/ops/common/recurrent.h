// What RNN, GRU and LSTM share: operands, directions, activations, and the walk over time.
#ifndef SAMOYED_OPS_COMMON_RECURRENT_H_
#define SAMOYED_OPS_COMMON_RECURRENT_H_

#include <functional>
#include <optional>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// An activation of a recurrent cell, with its parameters; `clip` bounds what goes in.
struct CellActivation {
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
  std::vector<std::string_view> default_activations;
};

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
