// Pad: elements added (or, with negative pads, taken away) at the ends of axes: a constant, the mirrored, the edge
// or the wrapped-around data. https://onnx.ai/onnx/operators/onnx__Pad.html
// Version 1 has attributes `paddings` and `value`, 2 `pads` and `value`; since 11 they are inputs 1 and 2, since 18 `axes` is input 3.
// Mode `wrap` came with 19, but PyTorch's exporter writes it at 18, too.
#include <algorithm>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int64_t kFarAway = -(int64_t{1} << 61);  // more than this before an axis is beyond any data

enum class PadMode : uint8_t { kConstant, kReflect, kEdge, kWrap };

Result<PadMode> ModeOf(const NodeContext& ctx) {
  const std::string_view mode = ctx.attributes().String("mode", "constant");
  if (mode == "constant") return PadMode::kConstant;
  if (mode == "reflect") return PadMode::kReflect;
  if (mode == "edge") return PadMode::kEdge;
  if (mode == "wrap") return PadMode::kWrap;
  return BadInput("Pad: no mode '", mode, "' in version ", ctx.since_version());
}

std::string_view PadsName(const NodeContext& ctx) { return ctx.since_version() == 1 ? "paddings" : "pads"; }

struct AxisPads {
  int64_t begin = 0, end = 0;
};

Result<std::vector<AxisPads>> PadsPerAxis(const ops::Ints& pads, const std::optional<ops::Ints>& given_axes, int rank) {
  std::vector<int> axes;
  if (given_axes) {
    SAMOYED_ASSIGN_OR_RETURN(axes, ops::NormalizeAxes(*given_axes, rank));
  } else {
    for (int i = 0; i < rank; ++i) axes.push_back(i);
  }
  if (pads.size() != 2 * axes.size()) return BadInput("Pad: ", pads.size(), " pads for ", axes.size(), " axes");
  std::vector<AxisPads> out(static_cast<size_t>(rank));
  for (size_t i = 0; i < axes.size(); ++i) out[static_cast<size_t>(axes[i])] = {pads[i], pads[axes.size() + i]};
  return out;
}

Result<int64_t> PaddedSize(int64_t size, const AxisPads& pads) {
  const auto first = CheckedAdd(size, pads.begin);
  const auto sum = first ? CheckedAdd(*first, pads.end) : std::nullopt;
  if (!sum || *sum < 0) return BadInput("Pad: ", pads.begin, " and ", pads.end, " around a size of ", size, " give no size");
  return *sum;
}

// Which input element each output element of an axis is; -1: the constant.
Result<std::vector<int64_t>> MapOf(PadMode mode, int64_t size, const AxisPads& pads, int64_t out_size) {
  std::vector<int64_t> map(static_cast<size_t>(out_size));
  // What is left of the axis once negative pads have been taken away; the rest continues that.
  const int64_t low = std::min(std::max<int64_t>(0, -std::max(pads.begin, -size)), size);
  const int64_t high = std::max<int64_t>(low, size - std::max<int64_t>(0, -std::max(pads.end, -size)));
  const int64_t length = high - low;
  if (mode != PadMode::kConstant && length == 0 && out_size > 0) return BadInput("Pad: nothing to continue in an axis of size ", size);
  for (int64_t i = 0; i < out_size; ++i) {
    int64_t at = i - std::max(pads.begin, kFarAway) - low;
    if (at < 0 || at >= length) {
      const int64_t period = std::max<int64_t>(1, 2 * length - 2);
      switch (mode) {
        case PadMode::kConstant:
          at = -1 - low;
          break;
        case PadMode::kEdge:
          at = at < 0 ? 0 : length - 1;
          break;
        case PadMode::kWrap:
          at = (at % length + length) % length;
          break;
        case PadMode::kReflect:
          at = (at % period + period) % period;
          if (at >= length) at = period - at;
          break;
      }
    }
    map[static_cast<size_t>(i)] = at + low;
  }
  return map;
}

Result<Tensor> FillOf(const KernelContext& ctx, DType dtype) {
  const Tensor* given = ctx.input(2);
  if (given != nullptr && given->size() == 1) {
    if (given->dtype() != dtype) return BadInput("Pad: constant_value is ", NameOf(given->dtype()), ", the data ", NameOf(dtype));
    return *given;
  }
  if (given != nullptr && given->size() > 1) return BadInput("Pad: constant_value has shape ", given->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(Tensor fill, Tensor::Allocate(dtype, {1}));
  ops::ZeroElements(fill, 0, 1);
  const double value = ctx.attributes().Float("value", 0);
  if (value != 0) Store(fill, 0, 1, &value);
  return fill;
}

Status RunPad(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const PadMode mode, ModeOf(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints given, ops::RequireInts(ctx, PadsName(ctx), 1));
  SAMOYED_ASSIGN_OR_RETURN(const std::optional<ops::Ints> axes, ops::IntsArgument(ctx, "axes", 3));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<AxisPads> pads, PadsPerAxis(given, axes, in->rank()));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor fill, FillOf(ctx, in->dtype()));
  Shape shape = in->shape();
  for (int i = 0; i < shape.rank(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(shape[i], PaddedSize(shape[i], pads[static_cast<size_t>(i)]));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  std::vector<std::vector<int64_t>> maps;
  for (int i = 0; i < shape.rank(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(std::vector<int64_t> map, MapOf(mode, in->dim(i), pads[static_cast<size_t>(i)], shape[i]));
    maps.push_back(std::move(map));
  }
  ops::GatherMapped(ctx, *in, maps, fill, *out);
  return ctx.Poll();
}

Status InferPad(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  Dims dims = *in->shape;
  const ops::KnownInts given = ops::InferInts(ctx, PadsName(ctx), 1), axes = ops::InferInts(ctx, "axes", 3);
  if (!given.values || (axes.present && !axes.values)) {
    ctx.set_output_type(0, Type::TensorOf(in->dtype, ops::UnknownDims(in->rank())));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<AxisPads> pads, PadsPerAxis(*given.values, axes.values, in->rank()));
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i].known()) {
      SAMOYED_ASSIGN_OR_RETURN(const int64_t size, PaddedSize(dims[i].value, pads[i]));
      dims[i] = Dim(size);
    } else if (pads[i].begin != 0 || pads[i].end != 0) {
      dims[i] = Dim();
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Pad = {.infer = InferPad, .run = RunPad};

}  // namespace samoyed
