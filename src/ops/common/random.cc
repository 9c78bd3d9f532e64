#include "ops/common/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "ops/common/args.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Random Random::Of(KernelContext& ctx) {
  if (!ctx.attributes().Has("seed")) return Random(ctx.NextSeed());
  return Random(std::bit_cast<uint32_t>(ctx.attributes().Float("seed")));
}

std::array<uint32_t, 4> Random::Block(uint64_t counter) const {
  std::array<uint32_t, 4> c = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0};
  uint32_t k0 = static_cast<uint32_t>(seed_), k1 = static_cast<uint32_t>(seed_ >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0], p1 = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(p1), static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1,
         static_cast<uint32_t>(p0)};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

static double ToUnit(uint32_t high, uint32_t low) { return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53; }

double Random::Uniform(uint64_t counter) const {
  const auto b = Block(counter);
  return ToUnit(b[0], b[1]);
}

double Random::Normal(uint64_t counter) const {
  const auto b = Block(counter);
  const double radius = std::sqrt(-2 * std::log(1 - ToUnit(b[0], b[1])));  // the logarithm's argument is in (0, 1]
  return radius * std::cos(2 * std::numbers::pi * ToUnit(b[2], b[3]));
}

Status FillRandom(KernelContext& ctx, DType dtype, const Shape& shape, FunctionRef<double(int64_t)> f) {
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, shape);
  for (int64_t i = 0; i < out->size(); ++i) {
    const double value = f(i);
    Store(*out, i, 1, &value);
  }
  return OkStatus();
}

Result<DType> RandomDType(const NodeContext& ctx, DType fallback) {
  if (!ctx.attributes().Has("dtype")) return fallback;
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, DTypeAttribute(ctx, "dtype", fallback));
  if (ClassOf(dtype) == DTypeClass::kString || ClassOf(dtype) == DTypeClass::kComplex) {
    return BadInput(ctx.op_type(), " does not make elements of type ", NameOf(dtype));
  }
  return dtype;
}

Result<Shape> RandomShape(const NodeContext& ctx) {
  const Shape shape(ctx.attributes().Ints("shape"));
  SAMOYED_RETURN_IF_ERROR(shape.CheckedNumElements().status());
  return shape;
}

Status InferRandom(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, RandomDType(ctx, DType::kFloat));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, RandomShape(ctx));
  ctx.set_output_type(0, Type::TensorOf(dtype, shape));
  return OkStatus();
}

Status InferRandomLike(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, RandomDType(ctx, ctx.input_dtype(0)));
  if (dtype == DType::kUndefined) return OkStatus();
  const Dims* shape = ctx.input_shape(0);
  ctx.set_output_type(0, shape != nullptr ? Type::TensorOf(dtype, *shape) : Type::TensorOf(dtype));
  return OkStatus();
}

}  // namespace samoyed::ops
