// LSTM: gates i, o, f and candidate c~ (weights in the order i, o, f, c), with peepholes; c = f c + i c~, h = o tanh(c).
// https://onnx.ai/onnx/operators/onnx__LSTM.html   input_forget: f = 1 - i.
#include <algorithm>

#include "ops/common/recurrent.h"
#include "ops/op.h"

namespace samoyed {
namespace {

void Step(const ops::CellDirection& cell, const double* x, double* h, double* c, bool input_forget) {
  const int64_t n = cell.hidden;
  std::vector<double> next(static_cast<size_t>(n));
  const auto linear = [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    return cell.Dot(cell.w, row, cell.inputs, x) + cell.Dot(cell.r, row, n, h) + cell.bias_w[i] + cell.bias_r[i];
  };
  for (int64_t k = 0; k < n; ++k) {
    const auto i = static_cast<size_t>(k), gates = static_cast<size_t>(n);  // peepholes: i, o, f
    const double input = cell.f[0](linear(k) + cell.peephole[i] * c[k]);
    const double forget = input_forget ? 1 - input : cell.f[0](linear(2 * n + k) + cell.peephole[2 * gates + i] * c[k]);
    c[k] = forget * c[k] + input * cell.f[1](linear(3 * n + k));
    const double output = cell.f[0](linear(n + k) + cell.peephole[gates + i] * c[k]);
    next[i] = output * cell.f[2](c[k]);
  }
  std::copy(next.begin(), next.end(), h);
}

Status RunLstm(KernelContext& ctx) {
  const bool input_forget = ctx.attributes().Int("input_forget") != 0;
  return ops::RunRecurrent(ctx, ops::kLstmCell, [=](const ops::CellDirection& cell, const double* x, double* h, double* c) {
    Step(cell, x, h, c, input_forget);
  });
}

}  // namespace

extern const OpDef kOp_onnx_LSTM = {.infer = ops::InferRecurrent, .run = RunLstm, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
