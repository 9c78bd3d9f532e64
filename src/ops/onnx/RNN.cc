// RNN: h = f(W x + R h + b), over a sequence. https://onnx.ai/onnx/operators/onnx__RNN.html
#include <algorithm>

#include "ops/common/recurrent.h"
#include "ops/op.h"

namespace samoyed {
namespace {

void Step(const ops::CellDirection& cell, const double* x, double* h, double*) {
  std::vector<double> next(static_cast<size_t>(cell.hidden));
  for (int64_t k = 0; k < cell.hidden; ++k) {
    const auto i = static_cast<size_t>(k);
    next[i] = cell.f[0](cell.Dot(cell.w, k, cell.inputs, x) + cell.Dot(cell.r, k, cell.hidden, h) + cell.bias_w[i] + cell.bias_r[i]);
  }
  std::copy(next.begin(), next.end(), h);
}

Status RunRnn(KernelContext& ctx) { return ops::RunRecurrent(ctx, ops::kRnnCell, Step); }

}  // namespace

extern const OpDef kOp_onnx_RNN = {.infer = ops::InferRecurrent, .run = RunRnn, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
