// Pooling over sliding windows of any rank: MaxPool, AveragePool, LpPool, and the global forms.
#ifndef SAMOYED_OPS_COMMON_POOLING_H_
#define SAMOYED_OPS_COMMON_POOLING_H_

#include <vector>

#include "ops/common/sliding_window.h"

namespace samoyed::ops {

// Calls row(start, step, count) for each run of input elements (offsets within a plane) of the window at output `o`
// (row-major) that lie inside the input, in row-major order.
class WindowRows {
 public:
  explicit WindowRows(const std::vector<WindowAxis>& windows);
  void ForOutput(int64_t o, FunctionRef<void(int64_t start, int64_t step, int64_t count)> row);
  int64_t in_size() const { return in_size_; }
  int64_t out_size() const { return out_size_; }
  // The number of elements of the window at output `o` that lie inside the input or its padding.
  int64_t CountPadded(int64_t o) const;

 private:
  const std::vector<WindowAxis>& windows_;
  std::vector<int64_t> in_strides_, out_index_, tap_;
  std::vector<WindowAxis::Range> range_;
  int64_t in_size_ = 1, out_size_ = 1;
};

// Checks input 0 [N, C, spatial...], makes output 0 of its type, and calls plane(rows, x, y) for each of its N * C planes:
// x is the plane's input elements, y is to be filled.
Status RunPool(KernelContext& ctx, FunctionRef<void(WindowRows& rows, const std::vector<double>& x, std::vector<double>& y)> plane);

// The same with one window as large as the input: value(elements of a plane) is the only output.
Status RunGlobalPool(KernelContext& ctx, FunctionRef<double(const std::vector<double>& x)> value);

// Output 0 (and 1, as int64, where the node has it) of a pooling or global pooling.
Status InferPool(InferContext& ctx);
Status InferGlobalPool(InferContext& ctx);

// One operation an element of each window; one an input element.
double PoolFlops(const Attributes& attributes, std::span<const Shape> inputs, std::span<const Shape> outputs);
double GlobalPoolFlops(const Attributes& attributes, std::span<const Shape> inputs, std::span<const Shape> outputs);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_POOLING_H_
