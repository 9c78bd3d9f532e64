// GRU: update gate z, reset gate r, candidate h~; h = (1 - z) h~ + z h. https://onnx.ai/onnx/operators/onnx__GRU.html
// linear_before_reset: the reset gate is applied after the recurrent product (with its bias) instead of before it.
#include <algorithm>

#include "ops/common/recurrent.h"
#include "ops/op.h"

namespace samoyed {
namespace {

void Step(const ops::CellDirection& cell, const double* x, double* h, bool linear_before_reset) {
  const int64_t n = cell.hidden;
  std::vector<double> z(static_cast<size_t>(n)), r(z), gated(z), next(z);
  const auto gate = [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    return cell.f[0](cell.Dot(cell.w, row, cell.inputs, x) + cell.Dot(cell.r, row, n, h) + cell.bias_w[i] + cell.bias_r[i]);
  };
  for (int64_t k = 0; k < n; ++k) {
    const auto i = static_cast<size_t>(k);
    z[i] = gate(k);
    r[i] = gate(n + k);
    gated[i] = r[i] * h[k];
  }
  for (int64_t k = 0; k < n; ++k) {
    const auto i = static_cast<size_t>(k), row = static_cast<size_t>(2 * n + k);
    const double input = cell.Dot(cell.w, 2 * n + k, cell.inputs, x) + cell.bias_w[row];
    const double state = linear_before_reset ? r[i] * (cell.Dot(cell.r, 2 * n + k, n, h) + cell.bias_r[row])
                                             : cell.Dot(cell.r, 2 * n + k, n, gated.data()) + cell.bias_r[row];
    next[i] = (1 - z[i]) * cell.f[1](input + state) + z[i] * h[k];
  }
  std::copy(next.begin(), next.end(), h);
}

Status RunGru(KernelContext& ctx) {
  const bool linear_before_reset = ctx.attributes().Int("linear_before_reset") != 0;
  return ops::RunRecurrent(ctx, ops::kGruCell, [=](const ops::CellDirection& cell, const double* x, double* h, double*) {
    Step(cell, x, h, linear_before_reset);
  });
}

}  // namespace

extern const OpDef kOp_onnx_GRU = {.infer = ops::InferRecurrent, .run = RunGru, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
