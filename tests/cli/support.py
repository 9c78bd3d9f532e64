"""What the tests of the command line share: small models, pictures and arrays written byte by byte, and a way to call samoyed.

Needs nothing but Python's own library, so that the tests run where no package is installed.
"""
import ast
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

FLOAT, INT64, STRING = 1, 7, 8


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """A protobuf field: an integer as varint, text and bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(op, inputs, outputs, attributes=b"", domain=""):
    return (b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(3, "the_" + op) +
            field(4, op) + attributes + (field(7, domain) if domain else b""))


def value_info(name, dims, dtype=FLOAT):
    shape = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, dtype) + field(2, shape)))


def tensor(name, dims, values=None, external=None, dtype=FLOAT):
    """A TensorProto: with its numbers, or with what is said of a file of them."""
    out = b"".join(field(1, d) for d in dims) + field(2, dtype) + field(8, name)
    if external is not None:
        return out + b"".join(field(13, field(1, k) + field(2, v)) for k, v in external.items()) + field(14, 1)
    return out + field(9, struct.pack("<%d%s" % (len(values), "f" if dtype == FLOAT else "q"), *values))


def model(nodes, inputs, outputs, initializers=(), opset=17):
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "g") + b"".join(field(5, t) for t in initializers) +
             b"".join(field(11, v) for v in inputs) + b"".join(field(12, v) for v in outputs))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, opset))


def add_model(weight=None):
    """y = x + w, for x of shape [n, 3]."""
    return model([node("Add", ["x", "w"], ["y"])], [value_info("x", ["n", 3])], [value_info("y", ["n", 3])],
                 [weight or tensor("w", [3], [1, 2, 3])])


def sum_model():
    return model([node("Add", ["left", "right"], ["y"])], [value_info("left", [2]), value_info("right", [2])], [value_info("y", [2])])


def picture_model(side=8):
    """The mean of each channel of a picture: a classifier of three classes."""
    return model([node("GlobalAveragePool", ["image"], ["means"]), node("Flatten", ["means"], ["scores"])],
                 [value_info("image", [1, 3, side, side])], [value_info("scores", [1, 3])])


def png(width, height, rgb=(200, 30, 10), claim=None):
    """A picture of one colour; `claim` is what its header says the size is."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    w, h = claim or (width, height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress((b"\0" + bytes(rgb) * width) * height)) + chunk(b"IEND", b""))


def npy(shape, values, kind="<f4", fortran=False):
    header = str({"descr": kind, "fortran_order": fortran, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"<f4": "f", "<i8": "q"}[kind]
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + struct.pack("<%d%s" % (len(values), code), *values)


def read_npy(data):
    """Shape and numbers of a .npy file of floats."""
    end = 10 + struct.unpack("<H", data[8:10])[0]
    shape = ast.literal_eval(data[10:end].decode())["shape"]
    return shape, struct.unpack("<%df" % ((len(data) - end) // 4), data[end:])


class CliTest(unittest.TestCase):
    """Each test in a folder of its own, `self.dir`, where files are written by name and samoyed is called."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="samoyed_cli_")
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, name, data):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def read(self, name):
        with open(os.path.join(self.dir, name), "rb") as f:
            return f.read()

    def call(self, *words, env=None):
        settings = {k: v for k, v in os.environ.items() if not k.startswith("SAMOYED_") or k == "SAMOYED_CPU"}
        return subprocess.run([PROGRAM, *map(str, words)], cwd=self.dir, capture_output=True, text=True, timeout=120,
                              env={**settings, **(env or {})}, stdin=subprocess.DEVNULL)

    def ok(self, *words, env=None):
        """What a call that must succeed prints."""
        done = self.call(*words, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def fails(self, code, *words, says=(), env=None):
        """A call that must end with this code, nothing on stdout, and one line of error that holds all of `says`."""
        done = self.call(*words, env={"SAMOYED_LOG": "quiet", **(env or {})})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        errors = [line for line in done.stderr.splitlines() if line.startswith("samoyed: ")]
        self.assertEqual(len(errors), 1, done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1], errors[0])
        for text in says:
            self.assertIn(text, errors[0])
        return errors[0]


def main():
    global PROGRAM, SOURCE
    PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    CliTest.program, CliTest.source = PROGRAM, SOURCE
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[3:])
