"""Each command does what its help says: results on stdout, as text and as JSON, everything else on stderr."""
import json
import os
import pty
import re
import struct
import subprocess
import xml.etree.ElementTree
import zipfile

from support import INT64, CliTest, add_model, field, main, model, node, npy, picture_model, png, read_npy, sum_model, tensor, value_info

COMMANDS = ("classify", "run", "check", "inspect", "pack", "verify", "optimize", "bench", "profile", "test", "ops", "devices", "completion")


class Help(CliTest):
    def test_each_command_has_an_example(self):
        overview = self.ok("--help")
        for command in COMMANDS:
            self.assertIn("\n  " + command, overview)
            text = self.ok(command, "--help")
            self.assertIn("Example:\n  ", text)
            self.assertIn("samoyed " + command, text)
            if command != "completion":
                self.assertIn("--json", text)
            self.assertEqual(text, self.ok("help", command))
        self.assertEqual(overview, self.ok("help"))

    def test_version(self):
        self.assertRegex(self.ok("--version"), r"^samoyed \d+\.\d+")


class Run(CliTest):
    def setUp(self):
        super().setUp()
        self.write("add.onnx", add_model())
        self.write("sum.onnx", sum_model())

    def test_npy_in_and_out(self):
        self.write("x.npy", npy([2, 3], range(6)))
        self.assertEqual(self.ok("run", "add.onnx", "--input", "x=x.npy", "--output-dir", "out", "--format", "npy"), "")
        self.assertEqual(read_npy(self.read("out/y.npy")), ((2, 3), (1, 3, 5, 4, 6, 8)))

    def test_npz_in_and_out(self):
        with zipfile.ZipFile(os.path.join(self.dir, "in.npz"), "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("left.npy", npy([2], [1, 2]))
            z.writestr("right.npy", npy([2], [10, 20]))
        self.ok("run", "sum.onnx", "--input", "in.npz", "--output-dir", "out", "--format", "npz")
        with zipfile.ZipFile(os.path.join(self.dir, "out/outputs.npz")) as z:
            self.assertIsNone(z.testzip())
            self.assertEqual(read_npy(z.read("y.npy")), ((2,), (11, 22)))

    def test_pb_in_and_out(self):
        self.write("x.pb", tensor("x", [1, 3], [1, 1, 1]))
        self.ok("run", "add.onnx", "--input", "x.pb", "--output-dir", "out")
        self.assertIn(struct.pack("<3f", 2, 3, 4), self.read("out/y.pb"))

    def test_summary(self):
        self.write("x.npy", npy([1, 3], [0, 0, 0]))
        text = self.ok("run", "add.onnx", "--input", "x.npy")
        for part in ("y", "[1,3]", "min 1", "max 3", "mean 2", "1 2 3"):
            self.assertIn(part, text)
        report = json.loads(self.ok("run", "add.onnx", "--input", "x.npy", "--json"))
        self.assertEqual(report["outputs"][0]["shape"], [1, 3])
        self.assertEqual(report["outputs"][0]["first"], [1, 2, 3])
        self.assertEqual(report["outputs"][0]["argmax"], 2)

    def test_a_sum_that_is_no_number(self):
        self.write("x.npy", npy([1, 3], [float("nan"), 0, float("inf")]))
        self.assertIn("1 of them not a number", self.ok("run", "add.onnx", "--input", "x.npy"))
        json.loads(self.ok("run", "add.onnx", "--input", "x.npy", "--json"))

    def test_made_up(self):
        for words in (["--dim", "n=5"], ["--dim", "*=5"], ["--shape", "x=5x3"]):
            report = json.loads(self.ok("run", "add.onnx", "--json", *words))
            self.assertEqual(report["outputs"][0]["shape"], [5, 3])
        self.assertEqual(self.ok("run", "add.onnx"), self.ok("run", "add.onnx"))
        # An input that has a default is left to it, wherever it stands in the list.
        self.write("default.onnx", model([node("Add", ["w", "x"], ["y"])], [value_info("w", [3]), value_info("x", [3])],
                                         [value_info("y", [3])], [tensor("w", [3], [1, 2, 3])]))
        self.ok("run", "default.onnx")
        self.write("a.npy", npy([2], [1, 2]))
        self.ok("run", "sum.onnx", "--input", "left=a.npy", "--shape", "right=2")

    def test_a_picture(self):
        self.write("m.onnx", picture_model())
        self.write("p.png", png(8, 8, (255, 0, 51)))
        report = json.loads(self.ok("run", "m.onnx", "--input", "p.png", "--json"))
        for got, want in zip(report["outputs"][0]["first"], (1, 0, 0.2)):
            self.assertAlmostEqual(got, want, 5)
        self.write("half.json", '{"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}')
        report = json.loads(self.ok("run", "m.onnx", "--input", "p.png", "--pipeline", "half.json", "--json"))
        self.assertAlmostEqual(report["outputs"][0]["first"][1], -1, 5)

    def test_compared_with_a_data_folder(self):
        self.write("d/input_0.pb", tensor("x", [1, 3], [1, 1, 1]))
        self.write("d/output_0.pb", tensor("y", [1, 3], [2, 3, 4]))
        self.assertIn("as expected", self.ok("run", "add.onnx", "--data", "d"))
        self.write("d/output_0.pb", tensor("y", [1, 3], [2, 3, 5]))
        done = self.call("run", "add.onnx", "--data", "d")
        self.assertEqual(done.returncode, 1)
        self.assertIn("4 instead of 5", done.stdout)

    def test_placement_line(self):
        self.assertIn("runs on CPUExecutionProvider: 1 node", self.call("run", "add.onnx").stderr)
        self.assertIn("ReferenceExecutionProvider", self.call("run", "add.onnx", "--provider", "reference", "--strict").stderr)
        self.assertEqual(self.call("run", "add.onnx", "--dim", "n=2", env={"SAMOYED_LOG": "quiet"}).stderr.count("runs on"), 0)
        self.assertIn("the_Add: Add on CPUExecutionProvider", self.call("run", "add.onnx", env={"SAMOYED_LOG": "debug"}).stderr)


class Classify(CliTest):
    def test_labels_and_probabilities(self):
        self.write("m.onnx", picture_model())
        self.write("labels.txt", "red\ngreen\nblue\n")
        self.write("red.png", png(8, 8, (255, 0, 0)))
        self.write("plain.json", '{"resize": [8, 8]}')
        self.ok("pack", "m.onnx", "--pipeline", "plain.json", "--labels", "labels.txt", "-o", "packed.onnx")
        text = self.ok("classify", "red.png", "--model", "packed.onnx", "--top", "2")
        self.assertEqual([line.split()[0] for line in text.splitlines()], ["red.png", "red", "green"])
        report = json.loads(self.ok("classify", "red.png", "red.png", "--model", "packed.onnx", "--json"))
        self.assertEqual(len(report["pictures"]), 2)
        self.assertEqual(report["pictures"][0]["labels"][0]["label"], "red")
        self.assertAlmostEqual(sum(row["probability"] for row in report["pictures"][0]["labels"]), 1, 4)

    def test_the_default_model(self):
        text = self.ok("classify", os.path.join(self.source, "examples/data/cat.png"), "--model",
                       os.path.join(self.source, "models/efficientnet_lite0.int8.onnx"))
        self.assertIn("cat", text.splitlines()[1])


class Pack(CliTest):
    def test_a_packed_model_stands_alone_and_is_verified(self):
        self.write("a/w.bin", struct.pack("<3f", 1, 2, 3))
        self.write("a/m.onnx", add_model(tensor("w", [3], external={"location": "w.bin"})))
        os.makedirs(os.path.join(self.dir, "b"))
        self.ok("pack", "a/m.onnx", "-o", "b/packed.onnx")
        os.remove(os.path.join(self.dir, "a/w.bin"))
        self.assertIn("verified", self.ok("verify", "b/packed.onnx"))
        self.assertTrue(json.loads(self.ok("verify", "b/packed.onnx", "--json"))["verified"])
        self.assertTrue(json.loads(self.ok("verify", "b/packed.onnx", "--provider", "reference", "--json"))["verified"])

    def test_a_changed_weight_is_found(self):
        self.write("m.onnx", add_model())
        self.ok("pack", "m.onnx", "-o", "packed.onnx")
        good = self.read("packed.onnx")
        bad = good.replace(struct.pack("<3f", 1, 2, 3), struct.pack("<3f", 1, 4, 3))
        self.assertNotEqual(good, bad)
        self.write("packed.onnx", bad)
        done = self.call("verify", "packed.onnx")
        self.assertEqual(done.returncode, 1)
        self.assertIn("golden sample does not hold: y: element 1", done.stderr)
        done = self.call("verify", "packed.onnx", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertFalse(json.loads(done.stdout)["verified"])

    def test_a_changed_pipeline_is_found(self):
        self.write("m.onnx", picture_model())
        self.write("p.json", '{"resize": [8, 8], "filter": "bilinear"}')
        self.ok("pack", "m.onnx", "--pipeline", "p.json", "-o", "packed.onnx")
        self.assertIn("verified", self.ok("verify", "packed.onnx"))
        self.write("packed.onnx", self.read("packed.onnx").replace(b"bilinear", b"lanczos "))
        self.assertNotEqual(self.call("verify", "packed.onnx").returncode, 0)

    def test_a_sample_that_is_none(self):
        for text in ("[]", "{", '{"input": 3, "input_hash": "x", "outputs": []}',
                     '{"input": "numbers", "input_hash": "x", "outputs": [{"index": -1, "step": 0, "values": []}]}'):
            self.write("m.onnx", add_model() + field(14, field(1, "samoyed.golden") + field(2, text)))
            self.fails(5, "verify", "m.onnx", says=["samoyed.golden"])

    def test_json(self):
        self.write("m.onnx", add_model())
        report = json.loads(self.ok("pack", "m.onnx", "-o", "out.onnx", "--json"))
        self.assertEqual(report, {"written": "out.onnx", "keys": ["samoyed.golden"]})


class Optimize(CliTest):
    def optimised(self, data, *words):
        """The report on a model, which must be valid afterwards and give the same results."""
        self.write("m.onnx", data)
        report = json.loads(self.ok("optimize", "m.onnx", "-o", "out.onnx", "--verify", "--json", *words))
        self.assertTrue(report["verified"])
        self.ok("check", "--full", "out.onnx")
        return report

    def identities(self, name="n"):
        """y = x + (w + w), by way of a copy."""
        return model([node("Identity", ["x"], ["copy"]), node("Add", ["w", "w"], ["v"]), node("Add", ["copy", "v"], ["y"])],
                     [value_info("x", [name, 3])], [value_info("y", [name, 3])], [tensor("w", [3], [1, 2, 3])])

    def test_report_and_names(self):
        report = self.optimised(self.identities())
        self.assertEqual((report["nodes_before"], report["nodes_after"], report["written"]), (3, 1, "out.onnx"))
        self.assertEqual({p["name"] for p in report["passes"]}, {"fold-constants", "remove-no-ops"})
        inputs = json.loads(self.ok("inspect", "out.onnx", "--json"))["inputs"]
        self.assertEqual([(i["name"], i["type"]) for i in inputs], [("x", 'tensor(float)["n",3]')])
        done = self.call("optimize", "m.onnx", "-o", "out.onnx", "--verify")
        for text in ("3 nodes before, 1 after", "remove-no-ops      1 change\n", "the same results"):
            self.assertIn(text, done.stdout)
        self.assertIn("wrote out.onnx", done.stderr)

    def test_chosen_passes(self):
        self.assertEqual(self.optimised(self.identities(), "--without", "fold-constants")["nodes_after"], 2)
        self.assertEqual([p["name"] for p in self.optimised(self.identities(), "--only", "remove-no-ops")["passes"]], ["remove-no-ops"])
        self.assertIn("remove-no-ops ", self.ok("optimize", "--list-passes"))
        names = [p["name"] for p in json.loads(self.ok("optimize", "--list-passes", "--json"))]
        self.assertIn("fold-affine", names)
        self.assertNotIn("fuse-activation", names)  # not standard ONNX

    def test_a_fixed_size(self):
        shape = model([node("Shape", ["x"], ["y"])], [value_info("x", ["n", 3])], [value_info("y", [2], INT64)])
        self.assertEqual(self.optimised(shape)["nodes_after"], 1)
        self.assertEqual(self.optimised(shape, "--dim", "n=2")["nodes_after"], 0)

    def test_a_default_stays_one(self):
        data = model([node("Add", ["w", "w"], ["v"]), node("Add", ["x", "v"], ["y"])],
                     [value_info("w", [3]), value_info("x", ["n", 3])], [value_info("y", ["n", 3])], [tensor("w", [3], [1, 2, 3])])
        self.assertEqual(self.optimised(data)["nodes_after"], 2)
        inputs = json.loads(self.ok("inspect", "out.onnx", "--json"))["inputs"]
        self.assertEqual(inputs, json.loads(self.ok("inspect", "m.onnx", "--json"))["inputs"])
        old = data.replace(field(1, 8), field(1, 3), 1)  # where every initializer had to be listed
        self.assertEqual(self.optimised(old)["nodes_after"], 1)

    def test_external_data_is_brought_along(self):
        self.write("a/w.bin", struct.pack("<3f", 1, 2, 3))
        self.write("a/m.onnx", add_model(tensor("w", [3], external={"location": "w.bin"})))
        self.ok("optimize", "a/m.onnx", "-o", "out.onnx")
        os.remove(os.path.join(self.dir, "a/w.bin"))
        self.assertEqual(json.loads(self.ok("run", "out.onnx", "--shape", "x=1x3", "--json"))["outputs"][0]["shape"], [1, 3])
        self.assertIn(struct.pack("<3f", 1, 2, 3), self.read("out.onnx"))

    def test_branches(self):
        def branch(op, name):
            body = field(1, node(op, ["x", "one"], [name])) + field(2, name) + field(12, value_info(name, [3]))
            return field(5, field(1, name + "_branch") + field(6, body) + field(20, 5))
        cond = model([node("If", ["c"], ["y"], branch("Add", "then") + branch("Sub", "else"))],
                     [value_info("c", [], 9), value_info("x", [3])], [value_info("y", [3])], [tensor("one", [3], [1, 1, 1])])
        self.assertEqual(self.optimised(cond)["nodes_after"], 3)

    def test_metadata_stays(self):
        self.optimised(self.identities() + field(14, field(1, "labels") + field(2, "red")))
        self.assertIn(field(1, "labels") + field(2, "red"), self.read("out.onnx"))

    def test_the_same_bytes_each_time(self):
        self.optimised(self.identities())
        first = self.read("out.onnx")
        self.ok("optimize", "m.onnx", "-o", "out.onnx")
        self.assertEqual(self.read("out.onnx"), first)


class Inspect(CliTest):
    def test_summary_nodes_json_dot_text(self):
        self.write("m.onnx", picture_model())
        text = self.ok("inspect", "m.onnx", "--nodes")
        for part in ("IR version 8", "ai.onnx 17", "image", "tensor(float)[1,3,8,8]", "parameters", "FLOP", "MiB peak", "GlobalAveragePool"):
            self.assertIn(part, text)
        report = json.loads(self.ok("inspect", "m.onnx", "--json"))
        self.assertEqual(report["parameters"], 0)
        self.assertGreater(report["flops"], 0)
        self.assertTrue(report["memory"]["exact"])
        self.assertEqual(report["memory"]["outputs"], 12)
        self.assertEqual(report["operators"], {"Flatten": 1, "GlobalAveragePool": 1})
        self.assertRegex(self.ok("inspect", "m.onnx", "--dot"), r"(?s)^digraph .* n0 \[label=.*\}\n$")
        self.assertIn("GlobalAveragePool", self.ok("inspect", "m.onnx", "--text"))

    def test_sizes_change_the_peak(self):
        self.write("m.onnx", add_model())
        small, large = (json.loads(self.ok("inspect", "m.onnx", "--json", "--dim", "n=" + n))["memory"]["outputs"] for n in ("1", "100"))
        self.assertEqual((small, large), (12, 1200))


class Bench(CliTest):
    def test_figures(self):
        self.write("m.onnx", add_model())
        report = json.loads(self.ok("bench", "m.onnx", "--seconds", "0", "--warmup", "1", "--dim", "n=4", "--json", "-"))
        for key in ("load_ms", "first_ms", "rss_mb"):
            self.assertGreater(report[key], 0)
        self.assertGreaterEqual(len(report["lat_ms"]), 5)
        self.assertEqual(len(report["out"]), 3)
        text = self.ok("bench", "m.onnx", "--seconds", "0.05")
        for part in ("load", "first run", "MiB", "p50", "p99"):
            self.assertIn(part, text)


class Profile(CliTest):
    def test_rows(self):
        self.write("m.onnx", picture_model())
        text = self.ok("profile", "m.onnx", "--seconds", "0", "--threads", "1")
        for part in ("3 runs", "GFLOP/s", "GB/s", "GlobalAveragePool", "global mean", "the_GlobalAveragePool"):
            self.assertIn(part, text)
        report = json.loads(self.ok("profile", "m.onnx", "--seconds", "0", "--order", "--json", "-"))
        pool = next(row for row in report["rows"] if row["op"] == "GlobalAveragePool")
        self.assertEqual((pool["calls"], pool["depth"], pool["bytes"]), (1, 0, (3 * 64 + 3) * 4))
        self.assertIn(pool["bound"], ("compute", "memory"))
        self.assertGreater(report["machine"]["gflops"], 0)
        self.assertGreater(report["machine"]["gbytes_per_second"], 0)
        self.assertAlmostEqual(sum(row["percent"] for row in report["rows"]), 100, 3)
        for by, name in (("kernel", "global mean"), ("op", "GlobalAveragePool")):
            self.assertIn(name, self.ok("profile", "m.onnx", "--seconds", "0", "--by", by))

    def test_bodies_are_not_counted_twice(self):
        body = lambda op: (field(1, node(op, ["x"], ["b_" + op])) + field(2, "body_" + op) + field(12, value_info("b_" + op, [4])))
        attributes = b"".join(field(5, field(1, name) + field(6, body(op)) + field(20, 5))
                              for name, op in (("then_branch", "Exp"), ("else_branch", "Neg")))
        self.write("m.onnx", model([node("If", ["c"], ["y"], attributes)], [value_info("c", [], 9), value_info("x", [4])],
                                   [value_info("y", [4])]))
        rows = json.loads(self.ok("profile", "m.onnx", "--seconds", "0", "--json", "-"))["rows"]
        self.assertEqual({row["op"]: row["depth"] for row in rows if row["op"] not in ("Exp", "Neg")}, {"If": 0})
        self.assertEqual([row["depth"] for row in rows if row["op"] in ("Exp", "Neg")], [1])
        self.assertAlmostEqual(sum(row["percent"] for row in rows), 100, 3)

    def test_chrome_trace(self):
        self.write("m.onnx", picture_model())
        self.ok("profile", "m.onnx", "--seconds", "0", "--chrome-trace", "trace.json")
        events = [e for e in json.loads(self.read("trace.json"))["traceEvents"] if e["ph"] == "X"]
        self.assertIn("the_GlobalAveragePool", [e["name"] for e in events])
        for one, next_one in zip(events, events[1:]):
            self.assertLessEqual(one["ts"] + one["dur"], next_one["ts"] + 0.01)
        self.assertEqual(events[0]["args"]["inputs"], ["float[1,3,8,8]"])


class Test(CliTest):
    def setUp(self):
        super().setUp()
        for name, last in (("good", 4), ("bad", 5)):
            self.write("t/%s/model.onnx" % name, add_model())
            self.write("t/%s/test_data_set_0/input_0.pb" % name, tensor("x", [1, 3], [1, 1, 1]))
            self.write("t/%s/test_data_set_0/output_0.pb" % name, tensor("y", [1, 3], [2, 3, last]))
        self.write("t/strange/model.onnx", add_model().replace(b"\x22\x03Add", b"\x22\x03Foo"))

    def test_text_json_and_junit(self):
        done = self.call("test", "t", "--junit", "j.xml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAILED t/bad: ", done.stdout)
        self.assertIn("1 passed, 1 failed, 1 skipped", done.stdout)
        self.assertRegex(done.stdout, r"\nAdd +1 +1 +0\n")
        suite = xml.etree.ElementTree.fromstring(self.read("j.xml"))
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("3", "1", "1"))
        report = json.loads(self.call("test", "t", "--json").stdout)
        self.assertEqual((report["passed"], report["failed"], report["skipped"]), (1, 1, 1))
        self.assertEqual(report["operators"]["Add"], {"passed": 1, "failed": 1, "skipped": 0})
        self.assertEqual(self.call("test", "t/good").returncode, 0)

    def test_tolerances(self):
        self.ok("test", "t", "--atol", "1")
        self.write("manifest.json", '{"t/bad": {"rtol": 0, "atol": 1, "ops": ["Add"]}}')
        self.ok("test", "t", "--manifest", "manifest.json")


class Shipped(CliTest):
    """What comes with the source: the default model and its golden sample, the example, the page of operators."""

    def test_the_list_of_operators(self):
        with open(os.path.join(self.source, "docs/operators.md")) as page:
            self.assertEqual(self.ok("ops", "--markdown"), page.read(), "out of date: samoyed ops --markdown > docs/operators.md")
        self.assertEqual({op["domain"] for op in json.loads(self.ok("ops", "--json", "--domain", "ai.onnx.ml"))}, {"ai.onnx.ml"})

    def test_the_default_model(self):
        done = self.call("classify", os.path.join(self.source, "examples/data/cat.png"), "--strict", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cat", json.loads(done.stdout)["pictures"][0]["labels"][0]["label"])
        self.assertIn("runs on CPUExecutionProvider", done.stderr)

    def test_the_default_model_verifies_at_every_level(self):
        for level in json.loads(self.ok("devices", "--json"))["cpu"]["levels"]:
            self.ok("verify", os.path.join(self.source, "models/efficientnet_lite0.int8.onnx"), env={"SAMOYED_CPU": level})

    def test_the_example(self):
        affine = os.path.join(self.source, "examples/data/affine.onnx")
        self.ok("check", affine, "--full")
        self.write("x.npy", npy([1, 4], [1, 1, 1, 1]))
        for precision in ("fast", "strict"):
            report = json.loads(self.ok("run", affine, "--strict", "--input", "x.npy", "--json", "--precision", precision))
            self.assertEqual(report["outputs"][0]["first"], [2.75, 1.75, 5.25])


class Lists(CliTest):
    def test_operators_and_devices(self):
        self.assertTrue(re.search(r"(?m)^ai\.onnx +Conv +fast +1, 11", self.ok("ops")))
        self.assertTrue(any(op["name"] == "Conv" and op["kernel"] for op in json.loads(self.ok("ops", "--json"))))
        self.assertIn("providers", self.ok("devices"))
        self.assertIn("cpu", json.loads(self.ok("devices", "--json"))["providers"])


class Terminal(CliTest):
    def on_a_terminal(self, *words, env=None):
        """What a terminal shows, errors and results together."""
        try:
            parent, child = pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminals here: {error}")
        settings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "SAMOYED_LOG")}
        done = subprocess.Popen([self.program, *words], cwd=self.dir, stdout=child, stderr=child, stdin=subprocess.DEVNULL,
                                env={**settings, "TERM": "xterm", **(env or {})})
        os.close(child)
        shown = b""
        while True:
            try:
                part = os.read(parent, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(parent)
        done.wait()
        return shown.decode()

    def test_progress_and_colour(self):
        self.write("m.onnx", add_model())
        self.assertIn("\r\x1b[K####", self.on_a_terminal("bench", "m.onnx", "--seconds", "0.5"))
        self.assertNotIn("\x1b", self.on_a_terminal("bench", "m.onnx", "--seconds", "0.2", env={"TERM": "dumb"}))
        self.assertIn("\x1b[1;31m", self.on_a_terminal("run", "gone.onnx"))
        self.assertNotIn("\x1b", self.on_a_terminal("run", "gone.onnx", env={"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", self.call("run", "gone.onnx").stderr)

    def test_a_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.program, "ops"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("could not be written", done.stderr)


if __name__ == "__main__":
    main()
