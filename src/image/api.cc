// The C interface of include/samoyed/image.h.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "image/decode.h"
#include "image/pipeline.h"
#include "samoyed/image.h"

namespace {

using samoyed::Result;
using samoyed::Status;
using samoyed::image::Picture;

int Report(const Status& status, char* message, size_t size) {
  if (status.ok()) return 0;
  if (size > 0) {
    const size_t n = std::min(size - 1, status.message().size());
    std::memcpy(message, status.message().data(), n);
    message[n] = '\0';
  }
  return static_cast<int>(status.code());
}

template <typename Call>
int Guard(char* message, size_t size, Call&& call) noexcept {
  try {
    return Report(call(), message, size);
  } catch (const std::bad_alloc&) {
    return Report(samoyed::LimitExceeded("out of memory"), message, size);
  }
}

// A copy that samoyed_image_free can free.
template <typename T>
Status CopyOut(const T* data, size_t count, T** out) {
  *out = static_cast<T*>(std::malloc(std::max<size_t>(1, count * sizeof(T))));
  if (*out == nullptr) return samoyed::LimitExceeded("out of memory");
  std::memcpy(*out, data, count * sizeof(T));
  return samoyed::OkStatus();
}

Status PutPicture(const Picture& picture, samoyed_pixels* out) {
  out->width = picture.width;
  out->height = picture.height;
  return CopyOut(picture.rgb.data(), picture.rgb.size(), &out->rgb);
}

Result<Picture> TakePicture(const samoyed_pixels* in) {
  SAMOYED_RETURN_IF_ERROR(samoyed::image::CheckSize(in->width, in->height, {}));
  const auto bytes = static_cast<size_t>(in->width) * static_cast<size_t>(in->height) * 3;
  return Picture{in->width, in->height, std::vector<uint8_t>(in->rgb, in->rgb + bytes)};
}

}  // namespace

int samoyed_image_decode(const void* bytes, size_t size, samoyed_pixels* out, char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, samoyed::image::Decode({static_cast<const std::byte*>(bytes), size}));
    return PutPicture(picture, out);
  });
}

int samoyed_image_resize(const samoyed_pixels* in, int32_t width, int32_t height, const char* filter, samoyed_pixels* out, char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, TakePicture(in));
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::image::Filter which, samoyed::image::FilterFromName(filter));
    SAMOYED_ASSIGN_OR_RETURN(const Picture resized, samoyed::image::Resize(picture, width, height, which));
    return PutPicture(resized, out);
  });
}

int samoyed_image_to_tensor(const samoyed_pixels* in, const char* pipeline_json, samoyed_image_tensor* out, char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, TakePicture(in));
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::image::Pipeline pipeline, samoyed::image::ParsePipeline(pipeline_json));
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::Tensor tensor, samoyed::image::RunPipeline(pipeline, picture));
    std::copy(tensor.shape().begin(), tensor.shape().end(), out->dims);
    return CopyOut(tensor.data<float>(), static_cast<size_t>(tensor.size()), &out->data);
  });
}

void samoyed_image_free(void* data) { std::free(data); }
