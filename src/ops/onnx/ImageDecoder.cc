// ImageDecoder: the bytes of a picture file to pixels [H, W, 3], or [H, W, 1] of luma as ITU-R 601-2 has it; no rows and columns of what
// cannot be decoded. The formats are those of the codec that the program plugged in (ops/common/image_codec.h).
// https://onnx.ai/onnx/operators/onnx__ImageDecoder.html
#include <algorithm>
#include <optional>

#include "base/checked.h"
#include "ops/common/image_codec.h"
#include "ops/op.h"

namespace samoyed {
namespace {

enum class Pixels : uint8_t { kRgb, kBgr, kGrey };

Result<Pixels> PixelFormat(const NodeContext& ctx) {
  const std::string_view name = ctx.attributes().String("pixel_format", "RGB");
  if (name == "RGB") return Pixels::kRgb;
  if (name == "BGR") return Pixels::kBgr;
  if (name == "Grayscale") return Pixels::kGrey;
  return BadInput("ImageDecoder: pixel_format is ", Quote(name), ", known are RGB, BGR, Grayscale");
}

// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, rounded.
uint8_t Luma(const uint8_t* rgb) { return static_cast<uint8_t>((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16); }

Status RunImageDecoder(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* bytes, RequireInput(ctx, 0));
  if (bytes->dtype() != DType::kUint8 || bytes->rank() != 1) {
    return BadInput("ImageDecoder needs a picture file's bytes as uint8 [n], got ", NameOf(bytes->dtype()), bytes->shape().ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(const Pixels format, PixelFormat(ctx));
  const ops::ImageCodec codec = ops::GetImageCodec();
  if (codec == nullptr) {
    return Unsupported(
        "ImageDecoder needs a codec: the program must link the library samoyed_image and give its functions to set_image_codec");
  }
  // The standard's text has an empty matrix for what cannot be decoded, its reference an error. A network that is handed no pixels answers
  // all the same, so this is an error.
  SAMOYED_ASSIGN_OR_RETURN(const ops::DecodedImage image,
                           codec({static_cast<const std::byte*>(bytes->raw()), static_cast<size_t>(bytes->size())}));
  const auto area = image.width < 0 || image.height < 0 ? std::nullopt : CheckedMul(image.width, image.height);
  if (!area || *area != static_cast<int64_t>(image.rgb.size() / 3) || image.rgb.size() % 3 != 0) {
    return Status(Code::kInternal, "ImageDecoder: the codec's pixels are not as many as it says");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kUint8, (Shape{image.height, image.width, format == Pixels::kGrey ? 1 : 3}));
  auto* to = out->mutable_data<uint8_t>();
  if (format == Pixels::kRgb) std::copy(image.rgb.begin(), image.rgb.end(), to);
  for (size_t i = 0; format != Pixels::kRgb && i < image.rgb.size(); i += 3) {
    const uint8_t* from = image.rgb.data() + i;
    if (format == Pixels::kBgr) {
      std::reverse_copy(from, from + 3, to + i);
    } else {
      to[i / 3] = Luma(from);
    }
  }
  return OkStatus();
}

Status InferImageDecoder(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Pixels format, PixelFormat(ctx));
  if (const Dims* bytes = ctx.input_shape(0); bytes != nullptr && bytes->size() != 1) {
    return BadInput("ImageDecoder needs a picture file's bytes as uint8 [n], got rank ", bytes->size());
  }
  ctx.set_output_type(0, Type::TensorOf(DType::kUint8, Dims{Dim(), Dim(), format == Pixels::kGrey ? 1 : 3}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_ImageDecoder = {.infer = InferImageDecoder, .run = RunImageDecoder};

}  // namespace samoyed
