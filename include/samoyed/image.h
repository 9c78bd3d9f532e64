/* Pictures to tensors: samoyed's second library, so that the core needs no codec.
 *
 * Calls return 0, or a code of samoyed.h (1 to 6) with a line of text in `message`.
 */
#ifndef SAMOYED_IMAGE_H_
#define SAMOYED_IMAGE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAMOYED_IMAGE_EXPORT __attribute__((visibility("default")))
#else
#define SAMOYED_IMAGE_EXPORT
#endif

typedef struct samoyed_pixels {
  int32_t width, height;
  uint8_t* rgb; /* height * width * 3; freed by samoyed_image_free */
} samoyed_pixels;

typedef struct samoyed_image_tensor {
  int64_t dims[4]; /* [N, 3, H, W] or [N, H, W, 3] */
  int32_t dtype;   /* as in onnx.TensorProto: 1 float, 2 uint8 */
  void* data;      /* freed by samoyed_image_free */
} samoyed_image_tensor;

/* The bytes of a JPEG, JPEG 2000, PNG, WebP, BMP, TIFF or PNM file as RGB, equal to Pillow's convert("RGB"). */
SAMOYED_IMAGE_EXPORT int samoyed_image_decode(const void* bytes, size_t size, samoyed_pixels* out, char* message, size_t message_size);
/* How the camera was held: Exif's orientation in a JPEG, PNG or WebP file, 1 (upright) to 8; 1 where the file does not say. */
SAMOYED_IMAGE_EXPORT int samoyed_image_orientation(const void* bytes, size_t size);
/* The picture upright, as Pillow's ImageOps.exif_transpose turns it. */
SAMOYED_IMAGE_EXPORT int samoyed_image_upright(const samoyed_pixels* in, int orientation, samoyed_pixels* out, char* message, size_t message_size);
/* Resized by a filter of Pillow: nearest, box, bilinear, hamming, bicubic, lanczos. */
SAMOYED_IMAGE_EXPORT int samoyed_image_resize(const samoyed_pixels* in, int32_t width, int32_t height, const char* filter, samoyed_pixels* out, char* message,
                                              size_t message_size);
/* The whole pipeline; its JSON is described in docs/pipeline.md. */
SAMOYED_IMAGE_EXPORT int samoyed_image_to_tensor(const samoyed_pixels* in, const char* pipeline_json, samoyed_image_tensor* out, char* message, size_t message_size);
/* The same for a batch: `count` pictures that come out of one size. */
SAMOYED_IMAGE_EXPORT int samoyed_image_batch_to_tensor(const samoyed_pixels* in, size_t count, const char* pipeline_json, samoyed_image_tensor* out, char* message,
                                                       size_t message_size);
SAMOYED_IMAGE_EXPORT void samoyed_image_free(void* data);

#ifdef __cplusplus
}
#endif

#endif /* SAMOYED_IMAGE_H_ */
