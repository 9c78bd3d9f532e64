// How a camera was held: the Exif orientation of a picture file, and the turn that undoes it.
#ifndef SAMOYED_IMAGE_ORIENTATION_H_
#define SAMOYED_IMAGE_ORIENTATION_H_

#include <cstddef>
#include <span>

#include "image/picture.h"

namespace samoyed::image {

// Tag 0x0112 of the Exif data of a JPEG (APP1), PNG (eXIf) or WebP (EXIF) file, 1 to 8; 1 (upright) where there is none, or none that
// makes sense. Exif 2.32, section 4.6.4.
int OrientationOf(std::span<const std::byte> bytes);

// The picture upright; `orientation` from 1 to 8. As Pillow's ImageOps.exif_transpose.
Result<Picture> Upright(const Picture& in, int orientation);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_ORIENTATION_H_
