#!/usr/bin/env python3
"""Decoded and resized pixels against Pillow's, whole pipelines against torchvision's: not one byte may differ.

    tests/interop/image_pixels.py --library build/release/lib/libsamoyed_image.so [--torchvision]

Pictures are made here in several modes and formats (and ../shared/images/dog.jpg where it is there); each is decoded, and resized
to several sizes with every filter. --torchvision (which needs the package) adds its Resize, CenterCrop, ToTensor and Normalize.
"""
import argparse
import ctypes
import io
import json
import os
import pathlib
import sys

import numpy as np
import PIL
from PIL import Image, ImageFile, ImageOps

ImageFile.MAXBLOCK = 1 << 22  # progressive JPEGs are written in one block
FILTERS = {"nearest": Image.Resampling.NEAREST, "box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "hamming": Image.Resampling.HAMMING, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
PILLOW = 13 if int(PIL.__version__.split(".")[0]) >= 13 else 12  # the order of the two passes of resizing
SIZES = [(224, 224), (256, 203), (31, 97), (1, 1), (400, 300), (640, 17)]


class Pixels(ctypes.Structure):
    _fields_ = [("width", ctypes.c_int32), ("height", ctypes.c_int32), ("rgb", ctypes.POINTER(ctypes.c_uint8))]


class TensorOut(ctypes.Structure):
    _fields_ = [("dims", ctypes.c_int64 * 4), ("dtype", ctypes.c_int32), ("data", ctypes.c_void_p)]


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
        """The resized picture; by the pipeline where the passes are to be in Pillow 13's order."""
        if PILLOW >= 13:
            return self.tensor(pixels, {"resize": [size[1], size[0]], "filter": name, "pillow": PILLOW, "dtype": "uint8", "layout": "NHWC"})[0]
        return self.array(self.call("samoyed_image_resize", ctypes.byref(pixels), size[0], size[1], name.encode()), free=True)

    def orientation(self, data):
        return self.lib.samoyed_image_orientation(data, ctypes.c_size_t(len(data)))

    def upright(self, pixels, orientation):
        return self.call("samoyed_image_upright", ctypes.byref(pixels), orientation)

    def tensor(self, pixels, pipeline):
        out, message = TensorOut(), ctypes.create_string_buffer(512)
        if self.lib.samoyed_image_to_tensor(ctypes.byref(pixels), json.dumps(pipeline).encode(), ctypes.byref(out), message, ctypes.c_size_t(512)):
            raise RuntimeError(message.value.decode())
        kind = ctypes.c_float if out.dtype == 1 else ctypes.c_uint8
        array = np.ctypeslib.as_array(ctypes.cast(out.data, ctypes.POINTER(kind)), tuple(out.dims)).copy()
        self.lib.samoyed_image_free(out.data)
        return array

    def array(self, pixels, free=False):
        out = np.ctypeslib.as_array(pixels.rgb, (pixels.height, pixels.width, 3)).copy()
        if free:
            self.lib.samoyed_image_free(pixels.rgb)
        return out


def smooth(rng, height, width, channels):
    """Structure at several scales, as pictures have it."""
    x = sum(np.kron(rng.random((-(-height // k), -(-width // k), channels)), np.ones((k, k, 1)))[:height, :width] for k in (1, 7, 40))
    return (x / 3 * 255).astype("u1")


def written_pngs(rng):
    """Every colour type and depth, interlaced (Adam7) and not, with transparency and without: Pillow writes only some of these."""
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def row_bytes(row, depth):  # each row of samples begins on a byte
        if depth == 16:
            return row.astype(">u2").tobytes()
        bits = (row.flatten()[:, None] >> np.arange(depth - 1, -1, -1)) & 1
        return np.packbits(bits.astype("u1")).tobytes()

    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    for colour, depth, interlaced, transparent in ((c, d, i, t) for c in channels for d in depths[c] for i in (0, 1) for t in (0, 1)):
        if transparent and colour >= 4:  # these have alpha itself
            continue
        height, width = 37, 45
        samples = rng.integers(0, 1 << depth, (height, width, channels[colour]))
        if colour == 0 and depth == 16:
            samples[:20] //= 200  # below and above the 255 where Pillow clips
        data = b"".join(b"\0" + row_bytes(row, depth) for x0, y0, dx, dy in (passes if interlaced else ((0, 0, 1, 1),))
                        for row in samples[y0::dy, x0::dx])
        file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
        if colour == 3:
            file += chunk(b"PLTE", rng.integers(0, 256, 3 << depth).astype("u1").tobytes())
        if transparent:
            file += chunk(b"tRNS", bytes([0, 100]) if colour == 3 else samples[3, 4].astype(">u2").tobytes())
        yield (f"png of colour type {colour}, {depth} bits{', interlaced' * interlaced}{', tRNS' * transparent}",
               file + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def bitmaps(rng):
    """Forms of BMP that Pillow reads but does not write."""
    import struct

    def file(width, height, bits, data, compression=0, palette=b"", masks=b"", header=40):
        if header == 12:
            info = struct.pack("<IHHHH", 12, width, height, 1, bits)
        else:  # from 52 on the masks are part of the header
            info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 0, 0, 0, 0)
            info, masks = (info, masks) if header == 40 else ((info + masks).ljust(header, b"\0"), b"")
        offset = 14 + len(info) + len(masks) + len(palette)
        return struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset) + info + masks + palette + data

    indices = rng.integers(0, 16, (20, 24)).astype("u1")
    palette = rng.integers(0, 256, 16 * 4).astype("u1").tobytes()
    packed = (indices[:, ::2] << 4 | indices[:, 1::2]).tobytes()
    yield "bmp 4 bits", file(24, 20, 4, packed, palette=palette)
    yield "bmp 4 bits top down", file(24, -20, 4, packed, palette=palette)
    runs = b"".join(b"".join(bytes([1, v]) for v in row) + b"\0\0" for row in indices) + b"\0\1"
    yield "bmp rle8 of runs", file(24, 20, 8, runs, compression=1, palette=palette + bytes(240 * 4))
    literal = b"".join(b"\0" + bytes([24]) + row.tobytes() + b"\0\0" for row in indices) + b"\0\1"
    yield "bmp rle8 literal", file(24, 20, 8, literal, compression=1, palette=palette + bytes(240 * 4))
    literal4 = b"".join(b"\0" + bytes([24]) + packed[12 * y:12 * y + 12] + b"\0\0" for y in range(20)) + b"\0\1"
    yield "bmp rle4 literal", file(24, 20, 4, literal4, compression=2, palette=palette)
    wide = rng.integers(0, 1 << 16, (20, 24)).astype("<u2").tobytes()
    yield "bmp 16 bits", file(24, 20, 16, wide)
    yield "bmp 16 bits 565", file(24, 20, 16, wide, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    whole = rng.integers(0, 1 << 32, (20, 24)).astype("<u4").tobytes()
    bgra, rgba = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    full = rng.integers(0, 256, 20 * 72).astype("u1").tobytes()
    for header in (40, 52, 56, 64, 108, 124):
        yield f"bmp with a header of {header}, 4 bits", file(24, 20, 4, packed, palette=palette, header=header)
        yield f"bmp with a header of {header}, 24 bits", file(24, -20, 24, full, header=header)
        yield f"bmp with a header of {header}, 32 bits", file(24, 20, 32, whole, header=header)
        if header != 64:  # OS/2: compression 3 is another one there
            yield f"bmp with a header of {header}, 565", file(24, 20, 16, wide, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F), header=header)
            yield f"bmp with a header of {header}, bit fields", file(24, 20, 32, whole, compression=3, masks=bgra[:12], header=header)
        if header >= 56 and header != 64:
            yield f"bmp with a header of {header}, alpha", file(24, 20, 32, whole, compression=3, masks=bgra, header=header)
            yield f"bmp with a header of {header}, red first", file(24, 20, 32, whole, compression=3, masks=rgba, header=header)
    yield "bmp os/2 4 bits", file(24, 20, 4, packed, palette=palette[:48], header=12)
    yield "bmp os/2 1 bit", file(24, 20, 1, rng.integers(0, 256, 80).astype("u1").tobytes(), palette=palette[:6], header=12)
    yield "bmp 1 bit, two colours", file(24, 20, 1, rng.integers(0, 256, 80).astype("u1").tobytes(), palette=palette[:8])
    yield "bmp 24 bits of odd width", file(23, 20, 24, full, header=40)
    yield "bmp rle8 that ends lines early", file(24, 20, 8, bytes([20, 3, 0, 0]) * 20 + b"\0\1", compression=1, palette=palette + bytes(240 * 4))
    yield "bmp rle4 of runs", file(24, 20, 4, bytes([24, 0x5A, 0, 0]) * 20 + b"\0\1", compression=2, palette=palette)
    yield "bmp os/2", file(24, 20, 24, rng.integers(0, 256, 20 * 72).astype("u1").tobytes(), header=12)


def portable_maps(rng):
    grey = rng.integers(0, 1000, (9, 11))
    text = " ".join(map(str, grey.flatten() % 16))
    yield "pgm plain", f"P2 # a comment\n11 9\n15\n{text}\n".encode()
    yield "ppm plain", ("P3\n3 11 15\n" + " ".join(map(str, (grey % 16).flatten())) + "\n").encode()
    yield "pbm plain", ("P1\n11 9\n" + "".join(map(str, (grey % 2).flatten())) + "\n").encode()
    yield "pgm 16 bit", b"P5 11 9 65535\n" + grey.astype(">u2").tobytes()
    yield "pgm 10 bit", b"P5 11 9 999\n" + grey.astype(">u2").tobytes()
    yield "ppm 16 bit", b"P6 3 11 65535\n" + (grey * 60).astype(">u2").tobytes()
    yield "ppm 6 bit", b"P6 3 11 63\n" + (grey % 64).astype("u1").tobytes()


def oriented(rng):
    """The same picture held in eight ways, in three formats."""
    image = Image.fromarray(smooth(rng, 40, 61, 3))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("JPEG", "PNG", "WEBP"):
            data = io.BytesIO()
            image.save(data, format=kind, exif=exif.tobytes(), **({"lossless": True} if kind == "WEBP" else {}))
            yield f"{kind} orientation {orientation}", data.getvalue()


def compare_torchvision(library, name, decoded, image, compare):
    import torchvision.transforms as T

    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    modes = {"bilinear": T.InterpolationMode.BILINEAR, "bicubic": T.InterpolationMode.BICUBIC, "nearest": T.InterpolationMode.NEAREST}
    for filter_name, mode in modes.items():
        for resize, crop, most in ((256, 224, None), (232, 224, None), ([256, 256], 224, None), (64, [200, 90], None), (100, None, 130), (None, 500, None)):
            steps, pipeline = [], {"filter": filter_name, "mean": mean, "std": std}
            if resize is not None:
                steps.append(T.Resize(resize, mode, max_size=most))
                pipeline["resize"] = resize
            if most:
                pipeline["max_size"] = most
            if crop is not None:
                steps.append(T.CenterCrop(crop))
                pipeline["crop"] = crop
            expected = T.Compose(steps + [T.ToTensor(), T.Normalize(mean, std)])(image).numpy()[None]
            compare(f"torchvision {name} {pipeline}", library.tensor(decoded, {**pipeline, "pillow": PILLOW}), expected)


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
    for name, mode in (("grey", "L"), ("grey alpha", "LA"), ("rgb", "RGB"), ("rgba", "RGBA"), ("ycc", "YCbCr"), ("16 bit grey", "I;16")):
        image = Image.fromarray(smooth(rng, 40, 50, 1)[..., 0].astype("u2") * 3) if mode == "I;16" else rgb.convert(mode)
        for way, options in (("lossless", {}), ("lossy", {"irreversible": True, "quality_layers": [20]}), ("in tiles", {"tile_size": (32, 24)}), ("a bare stream", {"no_jp2": True})):
            yield saved(f"jpeg 2000 {name} {way}", image, format="JPEG2000", **options)
    yield saved("png rgb", rgb, format="PNG")
    yield saved("png grey", rgb.convert("L"), format="PNG")
    yield saved("png 1 bit", rgb.convert("1"), format="PNG")
    yield saved("png palette", rgb.quantize(37), format="PNG")
    yield saved("png rgba", Image.fromarray(smooth(rng, 90, 60, 4)), format="PNG")
    yield saved("png grey alpha", Image.fromarray(smooth(rng, 90, 60, 2)), format="PNG")
    yield saved("png 16 bit grey", Image.fromarray((smooth(rng, 40, 50, 1)[..., 0].astype("u2") * 3)), format="PNG")
    yield saved("png palette with transparency", rgb.quantize(12), format="PNG", transparency=3)
    yield saved("png grey with transparency", rgb.convert("L"), format="PNG", transparency=90)
    yield from written_pngs(rng)
    yield saved("webp lossy", rgb, format="WEBP", quality=70)
    yield saved("webp lossless", rgb, format="WEBP", lossless=True)
    yield saved("webp alpha", Image.fromarray(smooth(rng, 90, 60, 4)), format="WEBP", quality=80)
    yield saved("webp lossless alpha", Image.fromarray(smooth(rng, 90, 60, 4)), format="WEBP", lossless=True)
    frames = [Image.fromarray(smooth(rng, 50, 40, 3)) for _ in range(2)]
    yield saved("webp animation", frames[0], format="WEBP", save_all=True, append_images=frames[1:], lossless=True)
    yield saved("bmp rgb", rgb, format="BMP")
    yield saved("bmp grey", rgb.convert("L"), format="BMP")
    yield saved("bmp 1 bit", rgb.convert("1"), format="BMP")
    yield saved("bmp palette", rgb.quantize(200), format="BMP")
    yield saved("bmp rgba", Image.fromarray(smooth(rng, 90, 61, 4)), format="BMP")
    yield from bitmaps(rng)
    for name, mode in (("ppm", "RGB"), ("pgm", "L"), ("pbm", "1")):
        yield saved(name, rgb.convert(mode), format="PPM")
    yield from portable_maps(rng)
    yield saved("png 3 x 200", Image.fromarray(smooth(rng, 200, 3, 3)), format="PNG")
    dog = pathlib.Path(__file__).resolve().parents[3] / "shared/images/dog.jpg"
    if dog.exists():
        yield "dog.jpg", dog.read_bytes()
    else:
        print("no ../shared/images/dog.jpg: done without it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True)
    parser.add_argument("--torchvision", action="store_true")
    args = parser.parse_args()
    library = Library(args.library)
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
                compare(f"{name} to {size} {filter_name}", library.resize(decoded, size, filter_name), expected.resize(size, which))
        if args.torchvision and expected.width > 20:
            compare_torchvision(library, name, decoded, expected, compare)
        library.lib.samoyed_image_free(decoded.rgb)
    for name, data in oriented(np.random.default_rng(3)):
        image = Image.open(io.BytesIO(data))
        decoded = library.decode(data)
        compare(name, library.array(library.upright(decoded, library.orientation(data)), free=True), ImageOps.exif_transpose(image).convert("RGB"))
    layouts = library.decode(next(pictures())[1])
    plain = library.tensor(layouts, {"resize": [50, 40]})
    compare("layout NHWC", library.tensor(layouts, {"resize": [50, 40], "layout": "NHWC"}), plain.transpose(0, 2, 3, 1))
    compare("channels BGR", library.tensor(layouts, {"resize": [50, 40], "channels": "BGR"}), plain[:, ::-1])
    compare("channels BGR, mean", library.tensor(layouts, {"resize": [50, 40], "channels": "BGR", "mean": [0.1, 0.2, 0.3]}),
            (plain - np.array([0.1, 0.2, 0.3], "f4").reshape(1, 3, 1, 1))[:, ::-1])
    compare("dtype uint8", library.tensor(layouts, {"resize": [50, 40], "dtype": "uint8"}), np.rint(plain * 255).astype("u1"))
    compare("range 255", library.tensor(layouts, {"resize": [50, 40], "range": 255, "mean": [1, 2, 3]}),
            np.rint(plain * 255) - np.array([1, 2, 3], "f4").reshape(1, 3, 1, 1))
    print(f"{combinations} combinations of picture, size and filter: {differing} differ from Pillow's")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
