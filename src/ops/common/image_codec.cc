#include "ops/common/image_codec.h"

#include <atomic>

namespace samoyed::ops {
namespace {

std::atomic<ImageCodec> codec_in_use = nullptr;

}  // namespace

void SetImageCodec(ImageCodec codec) { codec_in_use = codec; }
ImageCodec GetImageCodec() { return codec_in_use; }

}  // namespace samoyed::ops
