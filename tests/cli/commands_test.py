#!/usr/bin/env python3
"""The command as a person meets it: what it prints, and what a mistake gets: one clear line on stderr and the right exit code.

    tests/cli/commands_test.py SAMOYED SOURCE_ROOT      (standard library only)
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zlib

SAMOYED, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
MODEL, AFFINE, CAT = ROOT / "models/efficientnet_lite0.int8.onnx", ROOT / "examples/data/affine.onnx", ROOT / "examples/data/cat.png"
OK, FAILED_CHECK, USAGE, UNSUPPORTED, LIMIT, BAD_INPUT = range(6)


def run(*args, **environment):
    done = subprocess.run([SAMOYED, *map(str, args)], capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, payload):
    """A protobuf field: bytes, text, or a number."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def value_info(name, dims):
    shape = b"".join(field(1, field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def model(op="Relu", initializers=b"", inputs=("x",), opset=17):
    node = b"".join(field(1, i) for i in inputs) + field(2, "y") + field(3, "the_node") + field(4, op)
    graph = field(1, node) + field(2, "g") + initializers + field(11, value_info("x", [3])) + field(12, value_info("y", [3]))
    return field(1, 8) + field(7, graph) + field(8, field(2, opset))


def external_weights(location):
    entry = field(1, "location") + field(2, location)
    return field(5, field(1, 3) + field(2, 1) + field(8, "w") + field(13, entry) + field(14, 1))


def npy(values, shape, kind="<f4"):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}" + {"<f4": "f", "<i8": "q"}[kind], *values)


def png_header(width, height):
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"\x78\x9c")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(content)
        return path

    def fails(self, code, *args, says=()):
        """The command ends with this code and one line that holds these words."""
        got, out, err = run(*args, SAMOYED_LOG="quiet")
        self.assertEqual(got, code, err)
        lines = [line for line in err.splitlines() if line]
        self.assertEqual(len(lines), 1, err)
        self.assertTrue(lines[0].startswith("samoyed: "), err)
        for word in says:
            self.assertIn(word, lines[0])


class BadInput(Case):
    def test_files_that_are_no_models(self):
        self.fails(BAD_INPUT, "inspect", "nowhere.onnx", says=["nowhere.onnx"])
        self.fails(BAD_INPUT, "run", self.file("empty.onnx", b""))
        self.fails(BAD_INPUT, "run", self.file("text.onnx", b"this is a letter, not a model\n" * 20))
        whole = MODEL.read_bytes()
        self.fails(BAD_INPUT, "run", self.file("cut.onnx", whole[: len(whole) // 2]))

    def test_operators_without_a_kernel(self):
        self.fails(UNSUPPORTED, "run", self.file("m.onnx", model("NoSuchOperator")), says=["the_node", "NoSuchOperator"])

    def test_external_data_stays_in_the_folder(self):
        self.file("secret.bin", b"\0" * 12)
        inside = pathlib.Path(self.folder.name) / "inside"
        inside.mkdir()
        for location in ("../secret.bin", str(pathlib.Path(self.folder.name) / "secret.bin"), "missing.bin"):
            (inside / "m.onnx").write_bytes(model("Add", external_weights(location), ("x", "w")))
            self.fails(BAD_INPUT, "run", inside / "m.onnx", says=[location.split("/")[-1]])

    def test_inputs(self):
        good = self.file("x.npy", npy([1, 2, 3, 4], [1, 4]))
        self.assertEqual(run("run", AFFINE, "--input", f"x={good}")[0], OK)
        self.fails(USAGE, "run", AFFINE, "--input", f"z={good}", says=['"z"', "x"])
        self.fails(BAD_INPUT, "run", AFFINE, "--input", "x=nowhere.npy", says=["nowhere.npy"])
        wrong_shape = self.file("s.npy", npy([1, 2, 3], [1, 3]))
        self.fails(BAD_INPUT, "run", AFFINE, "--input", f"x={wrong_shape}", says=["x", "[1,3]", "4"])
        wrong_type = self.file("t.npy", npy([1, 2, 3, 4], [1, 4], "<i8"))
        self.fails(BAD_INPUT, "run", AFFINE, "--input", f"x={wrong_type}", says=["x", "int64", "float"])
        self.fails(USAGE, "run", AFFINE, "--shape", "x=1xfour", says=["four"])

    def test_pictures(self):
        self.fails(BAD_INPUT, "classify", "nowhere.jpg", says=["nowhere.jpg"])
        self.fails(BAD_INPUT, "classify", self.file("text.jpg", b"not a picture"), says=["text.jpg"])
        self.fails(BAD_INPUT, "classify", self.file("cut.png", CAT.read_bytes()[:5000]), says=["cut.png"])
        self.fails(LIMIT, "classify", self.file("huge.png", png_header(60000, 60000)), says=["huge.png", "60000 x 60000"])
        self.fails(LIMIT, "classify", self.file("huge.ppm", b"P6 60000 60000 255\n"), says=["huge.ppm", "60000 x 60000"])


class Mistakes(Case):
    def test_suggestions(self):
        self.fails(USAGE, "clasify", says=["clasify", "classify?"])
        self.fails(USAGE, "bench", AFFINE, "--thraeds", "2", says=["--thraeds", "--threads?"])
        self.fails(USAGE, "run", AFFINE, "--provider", "gpu", says=["gpu", "cpu, reference"])
        self.fails(USAGE, says=["--help"])

    def test_numbers_and_names_out_of_range(self):
        self.fails(USAGE, "classify", CAT, "--top", "-3", says=["--top"])
        self.fails(USAGE, "bench", AFFINE, "--seconds", "-1", says=["--seconds"])
        self.fails(USAGE, "run", AFFINE, "--dim", "typo=3", says=["typo", "x, n"])

    def test_levels(self):
        got, _, err = run("run", AFFINE, SAMOYED_CPU="avx1024", SAMOYED_LOG="quiet")
        self.assertEqual(got, USAGE)
        self.assertIn("avx1024", err)


class Commands(Case):
    def test_every_command_has_help_with_an_example(self):
        code, out, _ = run("--help")
        self.assertEqual(code, OK)
        for name in ("classify", "run", "check", "inspect", "pack", "verify", "bench", "test", "ops", "devices", "completion"):
            self.assertIn(name, out)
            code, out_of_command, _ = run(name, "--help")
            self.assertEqual(code, OK)
            self.assertIn("Example", out_of_command)

    def test_the_list_of_operators(self):
        code, out, err = run("ops", "--markdown")
        self.assertEqual(code, OK, err)
        page = (ROOT / "docs" / "operators.md").read_text()
        self.assertEqual(out, page, "docs/operators.md is out of date: samoyed ops --markdown > docs/operators.md")
        operators = json.loads(run("ops", "--json", "--domain", "ai.onnx.ml")[1])
        self.assertEqual({op["domain"] for op in operators}, {"ai.onnx.ml"})
        self.fails(USAGE, "ops", "--domain", "ai.onx", says=["ai.onx"])

    def test_classify(self):
        code, out, err = run("classify", "--json", CAT)
        self.assertEqual(code, OK, err)
        labels = json.loads(out)["pictures"][0]["labels"]
        self.assertIn("cat", labels[0]["label"])
        self.assertIn("runs on CPUExecutionProvider", err)

    def test_the_default_model_verifies_at_every_level(self):
        levels = json.loads(run("devices", "--json")[1])["cpu"]["levels"]
        for level in levels:
            code, _, err = run("verify", MODEL, SAMOYED_CPU=level)
            self.assertEqual(code, OK, f"{level}: {err}")

    def test_a_packed_model_is_verified_and_a_damaged_one_is_not(self):
        packed = pathlib.Path(self.folder.name) / "packed.onnx"
        self.assertEqual(run("pack", AFFINE, "-o", packed)[0], OK)
        self.assertEqual(run("verify", packed)[0], OK)
        weights = struct.pack("<12f", *(i / 8 for i in range(12)))
        content = packed.read_bytes()
        self.assertIn(weights, content)
        packed.write_bytes(content.replace(weights, weights[::-1]))
        self.assertEqual(run("verify", packed)[0], FAILED_CHECK)
        self.assertEqual(run("verify", AFFINE)[0], USAGE)
        self.assertEqual(run("pack", AFFINE, "-o", AFFINE)[0], USAGE)

    def test_check(self):
        self.assertEqual(run("check", AFFINE, "--full")[0], OK)
        code, out, _ = run("check", self.file("m.onnx", model("Relu", inputs=("x", "x"))), "--json")
        self.assertEqual(code, FAILED_CHECK)
        self.assertIn("the_node", json.loads(out)["findings"][0]["place"])

    def test_run_writes_what_it_reads(self):
        x = self.file("x.npy", npy([1, 1, 1, 1], [1, 4]))
        out = pathlib.Path(self.folder.name) / "out"
        for form in ("npy", "npz", "pb"):
            code, _, err = run("run", AFFINE, "--input", x, "--output-dir", out, "--format", form)
            self.assertEqual(code, OK, err)
        self.assertEqual(struct.unpack("<3f", (out / "y.npy").read_bytes()[-12:]), (2.75, 1.75, 5.25))
        code, text, _ = run("run", AFFINE, "--input", x, "--json")
        self.assertEqual(json.loads(text)["outputs"][0]["first"], [2.75, 1.75, 5.25])

    def test_inspect(self):
        report = json.loads(run("inspect", AFFINE, "--json")[1])
        self.assertEqual(report["parameters"], 15)
        self.assertEqual(report["inputs"][0]["name"], "x")
        self.assertIn("digraph", run("inspect", AFFINE, "--dot")[1])
        self.assertIn("MatMul", run("inspect", AFFINE, "--text")[1])

    def test_bench(self):
        report = json.loads(run("bench", AFFINE, "--seconds", "0.01", "--json", "-")[1])
        for key in ("load_ms", "first_ms", "lat_ms", "rss_mb"):
            self.assertIn(key, report)

    def test_test(self):
        case = pathlib.Path(self.folder.name) / "suite/affine"
        data = case / "test_data_set_0"
        data.mkdir(parents=True)
        (case / "model.onnx").write_bytes(AFFINE.read_bytes())
        tensor = lambda dims, values: b"".join(field(1, d) for d in dims) + field(2, 1) + field(9, struct.pack(f"<{len(values)}f", *values))
        (data / "input_0.pb").write_bytes(tensor([1, 4], [1, 1, 1, 1]))
        (data / "output_0.pb").write_bytes(tensor([1, 3], [2.75, 1.75, 5.25]))
        junit = pathlib.Path(self.folder.name) / "results.xml"
        code, out, err = run("test", case.parent, "--junit", junit)
        self.assertEqual(code, OK, out + err)
        self.assertEqual(xml.etree.ElementTree.parse(junit).getroot().get("tests"), "1")
        (data / "output_0.pb").write_bytes(tensor([1, 3], [2.75, 1.75, 6]))
        code, out, _ = run("test", case.parent, "--json")
        self.assertEqual(code, FAILED_CHECK)
        self.assertEqual(json.loads(out)["failed"], 1)
        self.assertEqual(run("run", AFFINE, "--data", data)[0], FAILED_CHECK)

    def test_completion(self):
        for shell in ("bash", "zsh", "fish"):
            code, out, _ = run("completion", shell)
            self.assertEqual(code, OK)
            self.assertIn("classify", out)
        self.assertEqual(subprocess.run(["bash", "-n"], input=run("completion", "bash")[1], text=True).returncode, 0)

    def test_strict_placement(self):
        self.assertEqual(run("run", AFFINE, "--strict")[0], OK)
        self.assertEqual(run("classify", CAT, "--strict")[0], OK)

    def test_precision(self):
        self.assertEqual(run("run", AFFINE, "--precision", "strict")[0], OK)
        self.assertNotEqual(run("run", AFFINE, "--precision", "lax")[0], OK)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
