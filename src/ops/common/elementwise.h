// Reference kernels of elementwise operators: a function of wide numbers, and the type the node has.
//
// Elements are loaded in chunks as double, int64_t or uint64_t (tensor/convert.h), computed, and
// rounded once on the way out, so a kernel is one lambda a class of types and is right for all of them.
#ifndef SAMOYED_OPS_COMMON_ELEMENTWISE_H_
#define SAMOYED_OPS_COMMON_ELEMENTWISE_H_

#include <complex>
#include <cstdint>
#include <string>

#include "ops/context.h"
#include "tensor/convert.h"

namespace samoyed::ops {

using Complex = std::complex<double>;

// A function per class of element types; the classes that an operator does not take stay null.
struct UnaryFns {
  double (*on_float)(double, const Attributes&) = nullptr;
  int64_t (*on_signed)(int64_t, const Attributes&) = nullptr;
  uint64_t (*on_unsigned)(uint64_t, const Attributes&) = nullptr;
  bool (*on_bool)(bool, const Attributes&) = nullptr;
};
// Output 0 = f(input 0), of the same type.
Status RunUnary(KernelContext& ctx, const UnaryFns& fns);

// Output 0 = fn(input 0) for operators on floats whose function holds parameters.
Status RunUnaryFloat(KernelContext& ctx, FunctionRef<double(double)> fn);
// Output 0 = bool: fn(input 0), floats alone.
Status RunFloatTest(KernelContext& ctx, FunctionRef<bool(double)> fn);

struct BinaryFns {
  double (*on_float)(double, double) = nullptr;
  int64_t (*on_signed)(int64_t, int64_t) = nullptr;
  uint64_t (*on_unsigned)(uint64_t, uint64_t) = nullptr;
  bool (*on_bool)(bool, bool) = nullptr;
  Complex (*on_complex)(Complex, Complex) = nullptr;
};
// Output 0 = f(input 0, input 1) with numpy's broadcasting, of input 0's type. Below version 7: with the broadcasting
// that attributes `broadcast` and `axis` ask for (input 1 to input 0's shape).
Status RunBinary(KernelContext& ctx, const BinaryFns& fns);
// Output 0 = f(... f(f(input 0, input 1), input 2) ...), rounded once; floats are divided by the number of inputs for a mean.
Status RunVariadic(KernelContext& ctx, const BinaryFns& fns, bool mean = false);

struct CompareFns {
  bool (*on_float)(double, double) = nullptr;
  bool (*on_signed)(int64_t, int64_t) = nullptr;
  bool (*on_unsigned)(uint64_t, uint64_t) = nullptr;
  bool (*on_bool)(bool, bool) = nullptr;
  bool (*on_string)(const std::string&, const std::string&) = nullptr;
};
// Output 0 = bool: f(input 0, input 1), broadcast as in RunBinary.
Status RunCompare(KernelContext& ctx, const CompareFns& fns);

// Input 1 of a binary operator in a shape that broadcasts to input 0's by numpy's rule: below version 7 that
// depends on the attributes, from then on it is the shape it has.
Result<Tensor> BroadcastOperand(const NodeContext& ctx, const Tensor& a, const Tensor& b);

// Row-major strides of `shape` as seen from the `out` shape that it broadcasts to: 0 where it repeats.
Shape BroadcastStrides(const Shape& shape, const Shape& out);

// Calls row(out_offset, offsets) once for each run of the last axis of `out`; `offsets[k]` is where operand k's
// run begins, given its BroadcastStrides. Scalars (rank 0) are one run of one element.
void ForEachRow(const Shape& out, std::span<const Shape> strides, FunctionRef<void(int64_t, std::span<const int64_t>)> row);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_ELEMENTWISE_H_
