#include "ops/common/sliding_window.h"

#include <algorithm>

namespace samoyed::ops {
namespace {

constexpr int64_t kMaxAttribute = int64_t{1} << 31;  // so that products of two stay within 64 bits

int64_t CeilDiv(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }  // b > 0
int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// An attribute of `count` numbers from `low` on, or `fallback` repeated where it is absent.
Result<std::vector<int64_t>> ReadNumbers(const NodeContext& ctx, std::string_view name, size_t count, int64_t low, int64_t fallback) {
  if (!ctx.attributes().Has(name)) return std::vector<int64_t>(count, fallback);
  const auto values = ctx.attributes().Ints(name);
  if (values.size() != count) return BadInput(ctx.op_type(), ": ", name, " needs ", count, " numbers, got ", values.size());
  for (int64_t v : values) {
    if (v < low || v >= kMaxAttribute)
      return BadInput(ctx.op_type(), ": ", name, " holds ", v, ", allowed are ", low, " to ", kMaxAttribute - 1);
  }
  return std::vector<int64_t>(values.begin(), values.end());
}

Result<AutoPad> ReadAutoPad(const NodeContext& ctx) {
  const std::string_view name = ctx.attributes().String("auto_pad", "NOTSET");
  if (name.empty() || name == "NOTSET") return AutoPad::kNotSet;
  if (name == "VALID") return AutoPad::kValid;
  if (name == "SAME_UPPER") return AutoPad::kSameUpper;
  if (name == "SAME_LOWER") return AutoPad::kSameLower;
  return BadInput(ctx.op_type(), ": auto_pad is ", Quote(name), ", known are NOTSET, VALID, SAME_UPPER, SAME_LOWER");
}

}  // namespace

Result<WindowAttributes> ReadWindow(const NodeContext& ctx, int rank, std::span<const int64_t> kernel) {
  const auto count = static_cast<size_t>(rank);
  WindowAttributes a;
  if (kernel.empty() && !ctx.attributes().Has("kernel_shape") && rank > 0) return BadInput(ctx.op_type(), " needs kernel_shape");
  SAMOYED_ASSIGN_OR_RETURN(a.kernel, ReadNumbers(ctx, "kernel_shape", count, 1, 1));
  if (!kernel.empty()) {
    if (ctx.attributes().Has("kernel_shape") && !std::ranges::equal(a.kernel, kernel)) {
      return BadInput(ctx.op_type(), ": kernel_shape ", Shape(a.kernel).ToString(), " is not the weights' ", Shape(kernel).ToString());
    }
    a.kernel.assign(kernel.begin(), kernel.end());
    for (int64_t k : a.kernel) {
      if (k < 1 || k >= kMaxAttribute) return BadInput(ctx.op_type(), ": weights with a kernel of ", k, " elements along an axis");
    }
  }
  SAMOYED_ASSIGN_OR_RETURN(a.strides, ReadNumbers(ctx, "strides", count, 1, 1));
  SAMOYED_ASSIGN_OR_RETURN(a.dilations, ReadNumbers(ctx, "dilations", count, 1, 1));
  SAMOYED_ASSIGN_OR_RETURN(a.pads, ReadNumbers(ctx, "pads", 2 * count, 0, 0));
  SAMOYED_ASSIGN_OR_RETURN(a.auto_pad, ReadAutoPad(ctx));
  a.ceil_mode = ctx.attributes().Int("ceil_mode", 0) != 0;
  return a;
}

WindowAxis::Range WindowAxis::TapsInside(int64_t o) const {
  const int64_t start = Start(o);
  const int64_t first = std::clamp<int64_t>(CeilDiv(-start, dilation), 0, kernel);
  return {first, std::clamp<int64_t>(CeilDiv(in - start, dilation), first, kernel)};
}

WindowAxis::Range WindowAxis::OutputsInside(int64_t k) const {
  const int64_t shift = pad_begin - k * dilation;
  const int64_t first = std::clamp<int64_t>(CeilDiv(shift, stride), 0, out);
  return {first, std::clamp<int64_t>(CeilDiv(in + shift, stride), first, out)};
}

Result<WindowAxis> PlaceWindow(const WindowAttributes& attributes, int axis, int64_t in) {
  const auto i = static_cast<size_t>(axis);
  WindowAxis w;
  w.in = in;
  w.kernel = attributes.kernel[i];
  w.stride = attributes.strides[i];
  w.dilation = attributes.dilations[i];
  const int64_t extent = (w.kernel - 1) * w.dilation + 1;
  if (attributes.auto_pad == AutoPad::kSameUpper || attributes.auto_pad == AutoPad::kSameLower) {
    w.out = CeilDiv(in, w.stride);
    const int64_t total = std::max<int64_t>(0, (w.out - 1) * w.stride + extent - in);
    w.pad_begin = attributes.auto_pad == AutoPad::kSameUpper ? total / 2 : total - total / 2;
    w.pad_end = total - w.pad_begin;
    return w;
  }
  const bool explicit_pads = attributes.auto_pad == AutoPad::kNotSet;
  w.pad_begin = explicit_pads ? attributes.pads[i] : 0;
  w.pad_end = explicit_pads ? attributes.pads[i + attributes.kernel.size()] : 0;
  const int64_t room = in + w.pad_begin + w.pad_end - extent;
  const bool ceil_mode = attributes.ceil_mode && explicit_pads;
  w.out = (ceil_mode ? CeilDiv(room, w.stride) : FloorDiv(room, w.stride)) + 1;
  // A window that starts behind the input and its left padding sees nothing and is left out.
  if (ceil_mode && w.out > 0 && (w.out - 1) * w.stride >= in + w.pad_begin) --w.out;
  if (w.out < 1) {
    return BadInput("a window of ", extent, " elements (kernel ", w.kernel, ", dilation ", w.dilation, ") does not fit into ", in,
                    " with padding ", w.pad_begin, " and ", w.pad_end);
  }
  return w;
}

Result<std::vector<WindowAxis>> PlaceWindows(const WindowAttributes& attributes, const Shape& shape) {
  std::vector<WindowAxis> windows;
  for (int i = 0; i < attributes.rank(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const WindowAxis w, PlaceWindow(attributes, i, shape[i + 2]));
    windows.push_back(w);
  }
  return windows;
}

Result<Dims> InferWindows(const WindowAttributes& attributes, const Dims& in, const Dim& channels) {
  Dims out = {in[0], channels};
  for (int i = 0; i < attributes.rank(); ++i) {
    const Dim& dim = in[static_cast<size_t>(i) + 2];
    if (!dim.known()) {
      out.emplace_back();
      continue;
    }
    SAMOYED_ASSIGN_OR_RETURN(const WindowAxis w, PlaceWindow(attributes, i, dim.value));
    out.emplace_back(w.out);
  }
  return out;
}

Result<TransposedWindow> ReadTransposedWindow(const NodeContext& ctx, int rank, std::span<const int64_t> kernel) {
  TransposedWindow out;
  SAMOYED_ASSIGN_OR_RETURN(out.window, ReadWindow(ctx, rank, kernel));
  const auto extra = ctx.attributes().Ints("output_padding"), wanted = ctx.attributes().Ints("output_shape");
  const auto spatial = static_cast<size_t>(rank);
  out.output_padding.assign(extra.begin(), extra.end());
  if (!extra.empty()) out.output_padding.resize(spatial);
  // The last numbers count: older exporters also write batch and channels.
  if (!wanted.empty() && wanted.size() != spatial && wanted.size() != spatial + 2)
    return BadInput("ConvTranspose: output_shape has ", wanted.size(), " numbers for ", spatial, " axes");
  if (!wanted.empty()) out.output_shape.assign(wanted.end() - rank, wanted.end());
  return out;
}

Result<WindowAxis> PlaceTransposedWindow(const TransposedWindow& attributes, int axis_index, int64_t in) {
  constexpr int64_t kLargest = int64_t{1} << 31;
  const WindowAttributes& a = attributes.window;
  const auto i = static_cast<size_t>(axis_index);
  WindowAxis axis{.out = in, .kernel = a.kernel[i], .stride = a.strides[i], .dilation = a.dilations[i]};
  const int64_t output_padding = attributes.output_padding.empty() ? 0 : attributes.output_padding[i];
  if (in < 0 || in >= kLargest || output_padding < 0 || output_padding >= kLargest)
    return BadInput("ConvTranspose: a size of ", in, " or an output_padding of ", output_padding);
  const int64_t full = axis.stride * (in - 1) + output_padding + (axis.kernel - 1) * axis.dilation + 1;
  const bool same = a.auto_pad == AutoPad::kSameUpper || a.auto_pad == AutoPad::kSameLower;
  if (!attributes.output_shape.empty() || same) {
    axis.in = attributes.output_shape.empty() ? in * axis.stride : attributes.output_shape[i];
    if (axis.in < 1 || axis.in >= kLargest) return BadInput("ConvTranspose: an output axis of ", axis.in, " elements");
    const int64_t total = std::max<int64_t>(0, full - axis.in);
    axis.pad_begin = a.auto_pad == AutoPad::kSameUpper ? total / 2 : total - total / 2;
  } else {
    const bool explicit_pads = a.auto_pad == AutoPad::kNotSet;
    axis.pad_begin = explicit_pads ? a.pads[i] : 0;
    axis.in = full - axis.pad_begin - (explicit_pads ? a.pads[i + a.kernel.size()] : 0);
  }
  if (axis.in < 1 || axis.in >= kLargest) return BadInput("ConvTranspose: an output axis of ", axis.in, " elements");
  return axis;
}

Shape OutputShape(int64_t n, int64_t channels, std::span<const WindowAxis> windows) {
  Shape shape = {n, channels};
  for (const WindowAxis& w : windows) shape.push_back(w.out);
  return shape;
}

}  // namespace samoyed::ops
