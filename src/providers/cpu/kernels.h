// The list of fast kernels: one family a file, each telling which operators it takes.
#ifndef SAMOYED_PROVIDERS_CPU_KERNELS_H_
#define SAMOYED_PROVIDERS_CPU_KERNELS_H_

#include <memory>
#include <span>
#include <string_view>

#include "base/cpu.h"
#include "providers/provider.h"

namespace samoyed::cpu {

struct KernelEntry {
  std::string_view domain, op_type;
  Support (*query)(const KernelSpec& spec);
  Result<std::unique_ptr<Kernel>> (*make)(const KernelSpec& spec, CpuLevel level);
};

std::span<const KernelEntry> ConvKernels();             // conv.cc: dense, grouped, depthwise
std::span<const KernelEntry> ConvTransposeKernels();    // conv_transpose.cc
std::span<const KernelEntry> MatMulKernels();           // matmul.cc
std::span<const KernelEntry> PoolKernels();             // pool.cc: windows and global
std::span<const KernelEntry> ElementwiseKernels();      // elementwise.cc: one input, two inputs, batch normalisation
std::span<const KernelEntry> NormaliseKernels();        // normalise.cc: softmax, layer normalisation
std::span<const KernelEntry> MoveKernels();             // move.cc: Concat, Split, Transpose
std::span<const KernelEntry> ByteConvKernels();         // byte_conv.cc: quantised convolution
std::span<const KernelEntry> ByteMatMulKernels();       // byte_matmul.cc: quantised matrix products
std::span<const KernelEntry> NBitsMatMulKernels();      // nbits_matmul.cc: products with weights of 2, 4 or 8 bits
std::span<const KernelEntry> ByteElementwiseKernels();  // byte_elementwise.cc: quantised sums and products
std::span<const KernelEntry> ByteTableKernels();        // byte_table.cc: functions of one byte
std::span<const KernelEntry> TreeKernels();             // trees.cc: tree ensembles of ai.onnx.ml
std::span<const KernelEntry> TypedKernels();            // typed.cc: Cast, comparisons, logic, Where
std::span<const KernelEntry> ReduceKernels();           // reduce.cc: sums, means and extremes over any axes
std::span<const KernelEntry> ResizeKernels();           // resize.cc: Resize in either layout
std::span<const KernelEntry> RecurrentKernels();        // recurrent.cc: RNN, GRU, LSTM
std::span<const KernelEntry> QuantizeKernels();         // quantize.cc: bytes to floats and back

// True where input i (output 0 for IsFloatOutput) is a float32 tensor.
bool IsFloatInput(const KernelSpec& spec, int i);
bool IsFloatOutput(const KernelSpec& spec);

// Where a logical axis lies in a tensor of this layout.
inline int PhysicalAxis(int axis, int rank, Layout layout) {
  if (layout == Layout::kDefault || axis == 0) return axis;
  return axis == 1 ? rank - 1 : axis - 1;
}

// What operators' rules ask of a node, answered from a spec: for reading attributes when a kernel is made.
class SpecContext final : public NodeContext {
 public:
  explicit SpecContext(const KernelSpec& spec) : spec_(spec) {}
  std::string_view op_type() const override { return spec_.node.op_type; }
  int since_version() const override { return spec_.node.since_version; }
  const Attributes& attributes() const override { return spec_.node.attributes; }
  int num_inputs() const override { return static_cast<int>(spec_.node.inputs.size()); }
  int num_outputs() const override { return static_cast<int>(spec_.node.outputs.size()); }
  bool wants_output(int i) const override { return i < num_outputs() && spec_.node.outputs[static_cast<size_t>(i)] != kNoValue; }

 private:
  const KernelSpec& spec_;
};

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_KERNELS_H_
