// The C interface of include/samoyed/image.h.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "image/decode.h"
#include "image/orientation.h"
#include "image/pipeline.h"
#include "samoyed/image.h"

namespace {

using samoyed::Result;
using samoyed::Status;
using samoyed::image::Picture;

int Report(const Status& status, char* message, size_t size) {
  if (status.ok()) return 0;
  if (message != nullptr && size > 0) {
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
  } catch (...) {  // memory is all that can run out; making a Status might need some
    constexpr char kText[] = "out of memory";
    if (message != nullptr && size > 0) {
      std::memcpy(message, kText, std::min(size - 1, sizeof kText));
      message[std::min(size - 1, sizeof kText - 1)] = '\0';
    }
    return static_cast<int>(samoyed::Code::kLimit);
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

Status NotNull(std::initializer_list<const void*> pointers) {
  for (const void* p : pointers) {
    if (p == nullptr) return samoyed::UsageError("a null pointer was given");
  }
  return samoyed::OkStatus();
}

Result<Picture> TakePicture(const samoyed_pixels* in) {
  SAMOYED_RETURN_IF_ERROR(NotNull({in->rgb}));
  SAMOYED_RETURN_IF_ERROR(samoyed::image::CheckSize(in->width, in->height, {}));
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, samoyed::image::MakePicture(in->width, in->height));
  std::memcpy(picture.rgb.data(), in->rgb, picture.rgb.size());
  return picture;
}

}  // namespace

int samoyed_image_decode(const void* bytes, size_t size, samoyed_pixels* out, char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(NotNull({bytes, out}));
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, samoyed::image::Decode({static_cast<const std::byte*>(bytes), size}));
    return PutPicture(picture, out);
  });
}

int samoyed_image_orientation(const void* bytes, size_t size) {
  return bytes == nullptr ? 1 : samoyed::image::OrientationOf({static_cast<const std::byte*>(bytes), size});
}

int samoyed_image_upright(const samoyed_pixels* in, int orientation, samoyed_pixels* out, char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(NotNull({in, out}));
    if (orientation < 1 || orientation > 8) return samoyed::UsageError("an orientation is a number from 1 to 8, not ", orientation);
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, TakePicture(in));
    SAMOYED_ASSIGN_OR_RETURN(const Picture turned, samoyed::image::Upright(picture, orientation));
    return PutPicture(turned, out);
  });
}

int samoyed_image_resize(const samoyed_pixels* in, int32_t width, int32_t height, const char* filter, samoyed_pixels* out, char* message,
                         size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(NotNull({in, filter, out}));
    SAMOYED_ASSIGN_OR_RETURN(const Picture picture, TakePicture(in));
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::image::Filter which, samoyed::image::FilterFromName(filter));
    SAMOYED_ASSIGN_OR_RETURN(const Picture resized, samoyed::image::Resize(picture, width, height, which));
    return PutPicture(resized, out);
  });
}

int samoyed_image_to_tensor(const samoyed_pixels* in, const char* pipeline_json, samoyed_image_tensor* out, char* message,
                            size_t message_size) {
  return samoyed_image_batch_to_tensor(in, 1, pipeline_json, out, message, message_size);
}

int samoyed_image_batch_to_tensor(const samoyed_pixels* in, size_t count, const char* pipeline_json, samoyed_image_tensor* out,
                                  char* message, size_t message_size) {
  return Guard(message, message_size, [&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(NotNull({in, pipeline_json, out}));
    std::vector<Picture> pictures;
    std::vector<const Picture*> pointers;
    for (size_t i = 0; i < count; ++i) {
      SAMOYED_ASSIGN_OR_RETURN(Picture picture, TakePicture(in + i));
      pictures.push_back(std::move(picture));
    }
    for (const Picture& picture : pictures) pointers.push_back(&picture);
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::image::Pipeline pipeline, samoyed::image::ParsePipeline(pipeline_json));
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::Tensor tensor, samoyed::image::RunPipeline(pipeline, pointers));
    std::copy(tensor.shape().begin(), tensor.shape().end(), out->dims);
    out->dtype = static_cast<int32_t>(tensor.dtype());
    uint8_t* data = nullptr;
    SAMOYED_RETURN_IF_ERROR(CopyOut(static_cast<const uint8_t*>(tensor.raw()), static_cast<size_t>(tensor.byte_size()), &data));
    out->data = data;
    return samoyed::OkStatus();
  });
}

void samoyed_image_free(void* data) { std::free(data); }
