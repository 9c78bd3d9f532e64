// MelWeightMatrix: triangular filters that gather the bins of a spectrum into mel bands: [dft_length / 2 + 1, bands].
// https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

double ToMel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double ToHertz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

struct MelArguments {
  int64_t bands, length, rate;
  double low, high;
};

Result<MelArguments> ArgumentsOf(const KernelContext& ctx) {
  int64_t ints[3];
  double edges[2];
  for (int i = 0; i < 5; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
    if (i < 3) {
      SAMOYED_ASSIGN_OR_RETURN(ints[i], ops::ReadInt(*t, "MelWeightMatrix: an argument"));
    } else {
      if (t->size() != 1 || !IsFloat(t->dtype())) return BadInput("MelWeightMatrix: an edge must be one number");
      edges[i - 3] = At<double>(*t);
    }
  }
  const MelArguments args = {ints[0], ints[1], ints[2], edges[0], edges[1]};
  if (args.bands < 0 || args.bands > (1 << 24) || args.length < 0 || args.rate <= 0) {
    return BadInput("MelWeightMatrix: ", args.bands, " bands, dft_length ", args.length, ", sample_rate ", args.rate);
  }
  if (!(args.low >= 0) || !(args.high >= args.low) || !std::isfinite(args.high))
    return BadInput("MelWeightMatrix: edges ", args.low, " and ", args.high);
  return args;
}

Status RunMelWeightMatrix(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const MelArguments args, ArgumentsOf(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "output_datatype", DType::kFloat));
  const int64_t bins = args.length / 2 + 1;
  SAMOYED_ASSIGN_OR_RETURN(Tensor wide, Tensor::Allocate(DType::kDouble, {bins, args.bands}));
  std::fill_n(wide.mutable_data<double>(), wide.size(), 0.0);
  // The bins of the triangles' corners; a corner above the spectrum counts as its end.
  const double low = ToMel(args.low), step = (ToMel(args.high) - low) / static_cast<double>(args.bands + 2);
  std::vector<int64_t> corner;
  for (int64_t i = 0; i < args.bands + 2; ++i) {
    const double bin =
        std::floor((static_cast<double>(args.length) + 1) * ToHertz(low + static_cast<double>(i) * step) / static_cast<double>(args.rate));
    corner.push_back(static_cast<int64_t>(std::clamp(bin, 0.0, static_cast<double>(bins))));
  }
  for (int64_t band = 0; band < args.bands; ++band) {
    const int64_t left = corner[static_cast<size_t>(band)], top = corner[static_cast<size_t>(band) + 1],
                  right = corner[static_cast<size_t>(band) + 2];
    const auto set = [&](int64_t bin, double value) {
      if (bin < bins) wide.mutable_data<double>()[bin * args.bands + band] = value;
    };
    if (left == top) set(top, 1);
    for (int64_t j = left; j <= top && left < top; ++j) set(j, static_cast<double>(j - left) / static_cast<double>(top - left));
    for (int64_t j = top; j < right; ++j) set(j, static_cast<double>(right - j) / static_cast<double>(right - top));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, wide.shape());
  Store(*out, 0, out->size(), wide.data<double>());
  return OkStatus();
}

Status InferMelWeightMatrix(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "output_datatype", DType::kFloat));
  const auto bands = ops::InferInt(ctx, 0), length = ops::InferInt(ctx, 1);
  ctx.set_output_type(
      0, Type::TensorOf(dtype, Dims{length && *length >= 0 ? Dim(*length / 2 + 1) : Dim(), bands && *bands >= 0 ? Dim(*bands) : Dim()}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_MelWeightMatrix = {.infer = InferMelWeightMatrix, .run = RunMelWeightMatrix};

}  // namespace samoyed
