// Random numbers that depend on a seed and a place alone: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011). Element i of an output uses block i, so the result does not depend on the order of the work.
#ifndef SAMOYED_OPS_COMMON_RANDOM_H_
#define SAMOYED_OPS_COMMON_RANDOM_H_

#include <array>
#include <cstdint>

#include "ops/context.h"

namespace samoyed::ops {

class Random {
 public:
  explicit Random(uint64_t seed) : seed_(seed) {}
  // The node's attribute `seed` (a float: its bits count), or the session's next one.
  static Random Of(KernelContext& ctx);

  std::array<uint32_t, 4> Block(uint64_t counter) const;
  double Uniform(uint64_t counter) const;  // in [0, 1), 53 bits
  double Normal(uint64_t counter) const;   // mean 0, deviation 1 (Box and Muller)

 private:
  uint64_t seed_;
};

// Writes f(i) into every element of output 0, of this type and shape.
Status FillRandom(KernelContext& ctx, DType dtype, const Shape& shape, FunctionRef<double(int64_t)> f);

// RandomUniform, RandomNormal: the type and shape in the attributes. The Like forms: input 0's, unless dtype is given.
Status InferRandom(InferContext& ctx);
Status InferRandomLike(InferContext& ctx);
Result<DType> RandomDType(const NodeContext& ctx, DType fallback);
Result<Shape> RandomShape(const NodeContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_RANDOM_H_
