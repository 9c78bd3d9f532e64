// Col2Im: columns of blocks [N, C * block, L] added back to where they lie in an image [N, C, image...].
// https://onnx.ai/onnx/operators/onnx__Col2Im.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/scatter.h"
#include "ops/op.h"

namespace samoyed {
namespace {

struct Geometry {
  ops::Ints image, block, dilations, pads, strides;
  Shape blocks;  // how many blocks along each axis
  size_t axes() const { return image.size(); }
};

Result<ops::Ints> ListOf(const NodeContext& ctx, std::string_view name, size_t count, int64_t fallback, int64_t lowest) {
  const auto given = ctx.attributes().Ints(name);
  ops::Ints list(given.begin(), given.end());
  if (list.empty()) list.assign(count, fallback);
  if (list.size() != count) return BadInput("Col2Im: ", list.size(), " ", name, " instead of ", count);
  for (int64_t v : list) {
    if (v < lowest || v > INT32_MAX) return BadInput("Col2Im: ", name, " of ", v);
  }
  return list;
}

Result<Geometry> GeometryOf(const KernelContext& ctx) {
  Geometry g;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* image, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* block, RequireInput(ctx, 2));
  SAMOYED_ASSIGN_OR_RETURN(g.image, ops::ReadInts(*image, "Col2Im: image_shape"));
  SAMOYED_ASSIGN_OR_RETURN(g.block, ops::ReadInts(*block, "Col2Im: block_shape"));
  if (g.image.empty() || g.image.size() != g.block.size())
    return BadInput("Col2Im: an image of ", g.image.size(), " axes, blocks of ", g.block.size());
  SAMOYED_ASSIGN_OR_RETURN(g.dilations, ListOf(ctx, "dilations", g.axes(), 1, 1));
  SAMOYED_ASSIGN_OR_RETURN(g.strides, ListOf(ctx, "strides", g.axes(), 1, 1));
  SAMOYED_ASSIGN_OR_RETURN(g.pads, ListOf(ctx, "pads", 2 * g.axes(), 0, 0));
  for (size_t i = 0; i < g.axes(); ++i) {
    if (g.image[i] < 1 || g.image[i] > INT32_MAX || g.block[i] < 1 || g.block[i] > INT32_MAX) {
      return BadInput("Col2Im: an image axis of ", g.image[i], ", a block axis of ", g.block[i]);
    }
    const int64_t room = g.image[i] + g.pads[i] + g.pads[g.axes() + i] - g.dilations[i] * (g.block[i] - 1) - 1;
    if (room < 0) return BadInput("Col2Im: blocks of ", g.block[i], " do not fit an image axis of ", g.image[i]);
    g.blocks.push_back(room / g.strides[i] + 1);
  }
  return g;
}

// The coordinates of the next row-major place.
void Advance(ops::Ints& at, std::span<const int64_t> shape) {
  for (size_t i = shape.size(); i-- > 0;) {
    if (++at[i] < shape[i]) return;
    at[i] = 0;
  }
}

// Adds one channel's columns to its image.
Status AddColumns(const Tensor& in, int64_t from, Tensor& out, int64_t to, const Geometry& g, int64_t block_size, int64_t count) {
  ops::Ints offset(g.axes(), 0);
  for (int64_t k = 0; k < block_size; ++k, Advance(offset, g.block)) {
    ops::Ints block(g.axes(), 0);
    for (int64_t b = 0; b < count; ++b, Advance(block, g.blocks.dims())) {
      int64_t place = 0;
      bool inside = true;
      for (size_t i = 0; i < g.axes() && inside; ++i) {
        const int64_t at = block[i] * g.strides[i] - g.pads[i] + offset[i] * g.dilations[i];
        inside = at >= 0 && at < g.image[i];
        place = place * g.image[i] + at;
      }
      if (inside) SAMOYED_RETURN_IF_ERROR(ops::ReduceElements(ops::Reduction::kAdd, in, from + k * count + b, out, to + place, 1));
    }
  }
  return OkStatus();
}

Status RunCol2Im(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Geometry g, GeometryOf(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t block_size, Shape(std::span<const int64_t>(g.block)).CheckedNumElements());
  SAMOYED_ASSIGN_OR_RETURN(const int64_t count, g.blocks.CheckedNumElements());
  if (in->rank() != 3 || in->dim(1) % block_size != 0 || in->dim(2) != count) {
    return BadInput("Col2Im: input ", in->shape().ToString(), " instead of [N, C * ", block_size, ", ", count, "]");
  }
  if (ClassOf(in->dtype()) == DTypeClass::kString) return BadInput("Col2Im cannot add strings");
  const int64_t channels = in->dim(1) / block_size;
  Shape shape = {in->dim(0), channels};
  for (int64_t d : g.image) shape.push_back(d);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  ops::ZeroElements(*out, 0, out->size());
  if (out->size() == 0) return OkStatus();
  const int64_t image_size = shape.Product(2, shape.rank());
  for (int64_t c = 0; c < in->dim(0) * channels; ++c) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    SAMOYED_RETURN_IF_ERROR(AddColumns(*in, c * block_size * count, *out, c * image_size, g, block_size, count));
  }
  return OkStatus();
}

Status InferCol2Im(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  const Dims* image_length = ctx.input_shape(1);
  const ops::KnownInts image = ops::InferInts(ctx, "", 1), block = ops::InferInts(ctx, "", 2);
  Dims dims = {Dim(), Dim()};
  if (image.values) {
    for (int64_t d : *image.values) dims.push_back(d >= 0 ? Dim(d) : Dim());
  } else if (image_length != nullptr && image_length->size() == 1 && (*image_length)[0].known() && (*image_length)[0].value <= 1024) {
    dims.resize(2 + static_cast<size_t>((*image_length)[0].value));
  } else {
    return OkStatus();
  }
  if (in->shape && in->rank() == 3) {
    dims[0] = (*in->shape)[0];
    if (block.values && (*in->shape)[1].known()) {
      const auto size = Shape(std::span<const int64_t>(*block.values)).CheckedNumElements();
      if (size.ok() && *size > 0) dims[1] = Dim((*in->shape)[1].value / *size);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Col2Im = {.infer = InferCol2Im, .run = RunCol2Im};

}  // namespace samoyed
