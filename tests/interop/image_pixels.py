#!/usr/bin/env python3
"""Decoded and resized pixels against Pillow's: not one byte may differ.

    tests/interop/image_pixels.py --library build/release/lib/libsamoyed_image.so

Pictures are made here in several modes and formats (and ../shared/images/dog.jpg where it is there); each is decoded, and resized
to several sizes with every filter.
"""
import argparse
import ctypes
import io
import os
import pathlib
import sys

import numpy as np
from PIL import Image, ImageFile

ImageFile.MAXBLOCK = 1 << 22  # progressive JPEGs are written in one block
FILTERS = {"nearest": Image.Resampling.NEAREST, "box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "hamming": Image.Resampling.HAMMING, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
SIZES = [(224, 224), (256, 203), (31, 97), (1, 1), (400, 300), (640, 17)]


class Pixels(ctypes.Structure):
    _fields_ = [("width", ctypes.c_int32), ("height", ctypes.c_int32), ("rgb", ctypes.POINTER(ctypes.c_uint8))]


class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(os.path.abspath(path))
        self.lib.samoyed_image_free.argtypes = [ctypes.c_void_p]

    def call(self, function, *args):
        out, message = Pixels(), ctypes.create_string_buffer(512)
        if getattr(self.lib, function)(*args, ctypes.byref(out), message, ctypes.c_size_t(512)):
            raise RuntimeError(message.value.decode())
        return out

    def decode(self, data):
        return self.call("samoyed_image_decode", data, ctypes.c_size_t(len(data)))

    def resize(self, pixels, size, name):
        return self.call("samoyed_image_resize", ctypes.byref(pixels), size[0], size[1], name.encode())

    def array(self, pixels, free=False):
        out = np.ctypeslib.as_array(pixels.rgb, (pixels.height, pixels.width, 3)).copy()
        if free:
            self.lib.samoyed_image_free(pixels.rgb)
        return out


def smooth(rng, height, width, channels):
    """Structure at several scales, as pictures have it."""
    x = sum(np.kron(rng.random((-(-height // k), -(-width // k), channels)), np.ones((k, k, 1)))[:height, :width] for k in (1, 7, 40))
    return (x / 3 * 255).astype("u1")


def pictures():
    """(name, bytes of a file)."""
    rng = np.random.default_rng(1)

    def saved(name, image, **options):
        data = io.BytesIO()
        image.save(data, **options)
        return name, data.getvalue()

    rgb = Image.fromarray(smooth(rng, 211, 317, 3))
    yield saved("jpeg 4:2:0", rgb, format="JPEG", quality=85)
    yield saved("jpeg 4:4:4 progressive", rgb, format="JPEG", quality=92, subsampling=0, progressive=True)
    yield saved("jpeg 4:2:2", rgb, format="JPEG", quality=50, subsampling=1)
    yield saved("jpeg grey", rgb.convert("L"), format="JPEG")
    yield saved("jpeg cmyk", rgb.convert("CMYK"), format="JPEG")
    yield saved("png rgb", rgb, format="PNG")
    yield saved("png grey", rgb.convert("L"), format="PNG")
    yield saved("png 1 bit", rgb.convert("1"), format="PNG")
    yield saved("png palette", rgb.quantize(37), format="PNG")
    yield saved("png rgba", Image.fromarray(smooth(rng, 90, 60, 4), "RGBA"), format="PNG")
    yield saved("png grey alpha", Image.fromarray(smooth(rng, 90, 60, 2), "LA"), format="PNG")
    yield saved("png 3 x 200", Image.fromarray(smooth(rng, 200, 3, 3)), format="PNG")
    dog = pathlib.Path(__file__).resolve().parents[3] / "shared/images/dog.jpg"
    if dog.exists():
        yield "dog.jpg", dog.read_bytes()
    else:
        print("no ../shared/images/dog.jpg: done without it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True)
    library = Library(parser.parse_args().library)
    combinations = differing = 0

    def compare(what, actual, expected):
        nonlocal combinations, differing
        combinations += 1
        count = int((actual != np.asarray(expected)).sum()) if actual.shape == np.asarray(expected).shape else -1
        if count:
            differing += 1
            print(f"DIFFERS: {what}: {count} bytes")

    for name, data in pictures():
        expected = Image.open(io.BytesIO(data)).convert("RGB")
        decoded = library.decode(data)
        compare(name, library.array(decoded), expected)
        for size in SIZES:
            for filter_name, which in FILTERS.items():
                compare(f"{name} to {size} {filter_name}", library.array(library.resize(decoded, size, filter_name), free=True), expected.resize(size, which))
        library.lib.samoyed_image_free(decoded.rgb)
    print(f"{combinations} combinations of picture, size and filter: {differing} differ from Pillow's")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
