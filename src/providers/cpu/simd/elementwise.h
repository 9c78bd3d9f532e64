// fp32 functions of each element, for contiguous runs of elements.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_ELEMENTWISE_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_ELEMENTWISE_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// y[i] = f(x[i]) for i in [0, n); y may be x. alpha and beta as in Epilogue.
using UnaryFn = void (*)(const float* x, float* y, int64_t n, float alpha, float beta);
// y[i] = f(a[i], b[i]); y may be a or b. In the other two forms one operand is a single number.
using BinaryFn = void (*)(const float* a, const float* b, float* y, int64_t n);

enum class UnaryOp : uint8_t { kAbs, kNeg, kExp, kLog, kSqrt, kReciprocal, kErf, kFloor, kCeil, kRound, kSquare, kCount };
enum class BinaryOp : uint8_t { kAdd, kSub, kMul, kDiv, kMin, kMax, kPrelu, kCount };
enum class Operands : uint8_t { kBoth, kScalarB, kScalarA, kCount };

inline constexpr int kNumActivations = 14;  // of Activation, in its order

// y = round_half_even(clamp((a - a_zero) * a_factor + (b - b_zero) * b_factor, low, high)) + zero; of a product
// (a - a_zero) * (b - b_zero) * a_factor. low and high: the type's ends less `zero`.
struct ByteBinary {
  int32_t a_zero, b_zero, zero;
  float a_factor, b_factor, low, high;
};
// For bytes of one type; in the other two forms of Operands one operand is a single byte.
using ByteBinaryFn = void (*)(const void* a, const void* b, const ByteBinary& p, void* y, int64_t n);

struct ElementwiseFns {
  UnaryFn activation[kNumActivations];  // kNone: a copy
  UnaryFn unary[static_cast<int>(UnaryOp::kCount)];
  BinaryFn binary[static_cast<int>(BinaryOp::kCount)][static_cast<int>(Operands::kCount)];
  // y[i] = clamp(x[i] * scale[i] + shift[i], low, high)
  void (*affine)(const float* x, const float* scale, const float* shift, float low, float high, float* y, int64_t n);
  // y[i] = (q[i] - zero) * scale, and round-half-even(x[i] / scale) + zero, saturated.
  void (*dequantize_u8)(const uint8_t* q, float zero, float scale, float* y, int64_t n);
  void (*dequantize_s8)(const int8_t* q, float zero, float scale, float* y, int64_t n);
  void (*quantize_u8)(const float* x, float zero, float scale, uint8_t* q, int64_t n);
  void (*quantize_s8)(const float* x, float zero, float scale, int8_t* q, int64_t n);
  // [add, multiply][uint8, int8][operands]
  ByteBinaryFn byte_binary[2][2][static_cast<int>(Operands::kCount)];
  // Between float and float16 or bfloat16, to the nearest, ties to even; the types are those of the names.
  void (*from_half)(const void* x, void* y, int64_t n);
  void (*to_half)(const void* x, void* y, int64_t n);
  void (*from_bfloat)(const void* x, void* y, int64_t n);
  void (*to_bfloat)(const void* x, void* y, int64_t n);
  // The least and the greatest of these numbers and 0; NaN counts as 0.
  void (*range)(const float* x, int64_t n, float* low, float* high);
};

const ElementwiseFns& ElementwiseFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_ELEMENTWISE_H_
