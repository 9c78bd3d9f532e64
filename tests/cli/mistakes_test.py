"""Bad input and slips of the pen: one clear line, the right exit code, no crash."""
import struct

from support import INT64, CliTest, add_model, main, model, node, npy, picture_model, png, sum_model, tensor, value_info

FAILED, USAGE, UNSUPPORTED, LIMIT, BAD_INPUT = 1, 2, 3, 4, 5


class Models(CliTest):
    def test_missing(self):
        for command in ("run", "inspect", "bench", "verify", "check"):
            self.fails(BAD_INPUT, command, "gone.onnx", says=["gone.onnx", "No such file"])

    def test_empty(self):
        self.write("empty.onnx", b"")
        self.fails(BAD_INPUT, "run", "empty.onnx", says=["empty.onnx", "empty"])

    def test_a_folder(self):
        self.fails(BAD_INPUT, "run", ".", says=["folder"])

    def test_truncated(self):
        whole = add_model()
        self.write("cut.onnx", whole[:len(whole) // 2])
        self.fails(BAD_INPUT, "run", "cut.onnx", says=["cut.onnx", "not a valid ONNX model"])

    def test_not_a_model(self):
        self.write("text.onnx", "This is no model, whatever its name says.\n")
        self.fails(BAD_INPUT, "run", "text.onnx", says=["text.onnx"])
        self.write("page.onnx", "<!DOCTYPE html><html><body>404</body></html>")
        self.fails(BAD_INPUT, "run", "page.onnx", says=["page.onnx", "HTML"])

    def test_every_cut_is_refused_or_runs(self):
        whole = add_model()
        for length in range(1, len(whole), 7):
            self.write("cut.onnx", whole[:length])
            self.assertIn(self.call("run", "cut.onnx").returncode, (0, USAGE, UNSUPPORTED, BAD_INPUT), length)

    def test_operator_without_kernel(self):
        self.write("m.onnx", model([node("NoSuchOp", ["x"], ["y"])], [value_info("x", [2])], [value_info("y", [2])]))
        self.fails(UNSUPPORTED, "run", "m.onnx", says=["the_NoSuchOp", "NoSuchOp"])

    def test_inspect_still_shows_a_model_that_cannot_run(self):
        self.write("m.onnx", model([node("NoSuchOp", ["x"], ["y"])], [value_info("x", [2])], [value_info("y", [2])]))
        done = self.call("inspect", "m.onnx")
        self.assertEqual(done.returncode, UNSUPPORTED)
        self.assertIn("1 NoSuchOp", done.stdout)

    def test_external_data_outside_the_folder(self):
        self.write("outside.bin", struct.pack("<3f", 1, 2, 3))
        for location in ("../outside.bin", "/etc/passwd", "a/../../outside.bin"):
            self.write("inner/m.onnx", add_model(tensor("w", [3], external={"location": location})))
            for command in ("run", "inspect", "bench"):
                self.fails(BAD_INPUT, command, "inner/m.onnx", says=['"w"', location])
            self.fails(BAD_INPUT, "pack", "inner/m.onnx", "-o", "out.onnx", says=['"w"', location])

    def test_external_data_missing(self):
        self.write("m.onnx", add_model(tensor("w", [3], external={"location": "w.bin"})))
        self.fails(BAD_INPUT, "run", "m.onnx", says=['"w"', "w.bin", "No such file"])

    def test_over_the_memory_limit(self):
        self.write("m.onnx", add_model())
        self.fails(LIMIT, "run", "m.onnx", "--dim", "n=100000", "--max-memory", "1KiB", says=["limit"])

    def test_a_size_beyond_reason(self):
        self.write("m.onnx", add_model())
        self.fails(LIMIT, "run", "m.onnx", "--dim", "n=999999999999", says=['"x"'])


class Inputs(CliTest):
    def setUp(self):
        super().setUp()
        self.write("add.onnx", add_model())
        self.write("sum.onnx", sum_model())

    def test_wrong_shape(self):
        self.write("x.npy", npy([2, 4], range(8)))
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=['"x"', "[2,4]", '["n",3]'])
        self.write("x.npy", npy([3], range(3)))
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=['"x"', "[3]", '["n",3]'])

    def test_wrong_type(self):
        self.write("x.npy", npy([2, 3], range(6), "<i8"))
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=['"x"', "int64", "float"])

    def test_unknown_name(self):
        self.write("a.npy", npy([2], [1, 2]))
        self.fails(USAGE, "run", "sum.onnx", "--input", "lefd=a.npy", says=['"lefd"', "did you mean left?", "right"])
        self.fails(USAGE, "run", "sum.onnx", "--input", "a.npy", says=["NAME=FILE", "left", "right"])

    def test_not_given(self):
        self.write("a.npy", npy([2], [1, 2]))
        self.fails(USAGE, "run", "sum.onnx", "--input", "left=a.npy", says=['"right"', "--input right=FILE"])

    def test_shapes(self):
        self.fails(USAGE, "run", "add.onnx", "--shape", "x=1xfour", says=["four"])

    def test_missing_file(self):
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=gone.npy", says=["gone.npy", "No such file"])

    def test_broken_arrays(self):
        whole = npy([2, 3], range(6))
        self.write("x.npy", whole[:-4])
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=["x.npy", "24", "20"])
        self.write("x.npy", whole[:20])
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=["x.npy"])
        self.write("x.npy", b"no array at all, but long enough")
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.npy", says=["x.npy", "not a .npy file"])
        self.write("x.npz", b"PK\3\4 and then nothing")
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x.npz", says=["x.npz"])
        self.write("x.pb", b"\xff\xff\xff\xff")
        self.fails(BAD_INPUT, "run", "add.onnx", "--input", "x=x.pb", says=["x.pb"])

    def test_data_folder(self):
        self.fails(BAD_INPUT, "run", "add.onnx", "--data", "gone", says=["gone", "no such folder"])
        self.fails(USAGE, "run", "add.onnx", "--data", ".", says=["input_0.pb", '"x"'])

    def test_sizes(self):
        for word in ("n=", "n=-4", "n=abc", "n", "x=1xx3"):
            self.fails(USAGE, "run", "add.onnx", "--dim", word)
        self.fails(USAGE, "run", "add.onnx", "--dim", "m=2", says=['"m"', "x, n"])
        self.fails(BAD_INPUT, "run", "add.onnx", "--shape", "x=2x4", says=['"x"', "[2,4]"])

    def test_output_cannot_be_written(self):
        self.write("file", b"")
        self.fails(USAGE, "run", "add.onnx", "--output-dir", "file/out", says=["file/out"])


class Pictures(CliTest):
    def setUp(self):
        super().setUp()
        self.write("m.onnx", picture_model())

    def classify(self, code, *words, says=()):
        return self.fails(code, "classify", *words, "--model", "m.onnx", says=says)

    def test_missing(self):
        self.classify(BAD_INPUT, "gone.png", says=["gone.png", "No such file"])

    def test_a_folder(self):
        self.classify(BAD_INPUT, ".", says=["folder"])

    def test_empty(self):
        self.write("p.png", b"")
        self.classify(BAD_INPUT, "p.png", says=["p.png", "empty"])

    def test_not_an_image(self):
        self.write("p.png", "hello")
        self.classify(BAD_INPUT, "p.png", says=["p.png"])

    def test_truncated(self):
        whole = png(64, 64)
        self.write("p.png", whole[:len(whole) - 20])
        self.classify(BAD_INPUT, "p.png", says=["p.png"])

    def test_a_header_that_claims_too_much(self):
        self.write("p.png", png(4, 4, claim=(60000, 60000)))
        self.assertIn(self.call("classify", "p.png", "--model", "m.onnx").returncode, (LIMIT, BAD_INPUT))
        self.assertIn("60000", self.call("classify", "p.png", "--model", "m.onnx").stderr)

    def test_a_shape_the_model_does_not_take(self):
        self.write("p.png", png(64, 64))
        self.classify(BAD_INPUT, "p.png", "--resize", "16", "--crop", "16", says=['"image"', "[1,3,16,16]", "[1,3,8,8]"])

    def test_options(self):
        self.write("p.png", png(64, 64))
        for words in (["--resize", "abc"], ["--resize", "0"], ["--crop", "99999"], ["--top", "-3"], ["--top", "x"], ["--std", "0", "0", "0"],
                      ["--mean", "1", "2"], ["--filter", "cubist"]):
            self.classify(USAGE, "p.png", *words)
        self.classify(BAD_INPUT, "p.png", "--labels", "gone.txt", says=["gone.txt"])

    def test_pipeline_that_is_none(self):
        self.write("p.json", "not JSON")
        self.fails(BAD_INPUT, "pack", "m.onnx", "--pipeline", "p.json", "-o", "out.onnx", says=["p.json"])
        self.write("p.json", '{"rezise": 8}')
        self.fails(BAD_INPUT, "pack", "m.onnx", "--pipeline", "p.json", "-o", "out.onnx", says=["p.json", "rezise"])


class Words(CliTest):
    def test_commands(self):
        self.fails(USAGE, says=["--help"])
        self.fails(USAGE, "classfy", "x.jpg", says=['"classfy"', "did you mean classify?"])
        self.fails(USAGE, "xyzzy", says=['"xyzzy"'])
        self.fails(USAGE, "--versoin", says=["--version"])

    def test_options(self):
        self.fails(USAGE, "bench", "m.onnx", "--secnds", "1", says=["--secnds", "did you mean --seconds?"])
        self.fails(USAGE, "bench", "m.onnx", "--threads", "many", says=["--threads", "many"])
        self.fails(USAGE, "bench", "m.onnx", "--seconds", "-1", says=["--seconds"])
        self.fails(USAGE, "bench", says=["MODEL"])
        self.fails(USAGE, "run", "m.onnx", "--format", "xml", says=["pb", "npy", "npz"])

    def test_providers(self):
        self.write("m.onnx", add_model())
        for command in ("run", "inspect", "bench", "verify"):
            self.fails(USAGE, command, "m.onnx", "--provider", "cdua", says=['"cdua"', "cpu", "reference"])

    def test_strict(self):
        self.write("m.onnx", model([node("Det", ["x"], ["y"])], [value_info("x", [2, 2])], [value_info("y", [])]))
        self.assertIn(self.call("run", "m.onnx").returncode, (0, UNSUPPORTED))
        self.write("m.onnx", model([node("NonZero", ["x"], ["y"])], [value_info("x", [2, 2])], [value_info("y", [2, "k"], INT64)]))
        if "ReferenceExecutionProvider" not in self.call("run", "m.onnx").stderr:
            self.skipTest("every node has a fast kernel")
        self.fails(UNSUPPORTED, "run", "m.onnx", "--strict", says=["NonZero"])

    def test_environment(self):
        self.write("m.onnx", add_model())
        self.fails(USAGE, "run", "m.onnx", env={"SAMOYED_NUM_THREADS": "lots"}, says=["threads"])
        self.fails(USAGE, "run", "m.onnx", env={"SAMOYED_CPU": "avx1024"}, says=["avx1024"])

    def test_precision(self):
        self.fails(USAGE, "run", "m.onnx", "--precision", "lax", says=["--precision", "fast", "strict"])

    def test_domains(self):
        self.fails(USAGE, "ops", "--domain", "ai.onx", says=["ai.onx"])

    def test_nowhere_to_write(self):
        self.fails(USAGE, "pack", self.write("m.onnx", add_model()), "-o", "gone/out.onnx", says=["gone/out.onnx"])
        self.fails(USAGE, "bench", "m.onnx", "--seconds", "0", "--json", "gone/out.json", says=["gone/out.json"])
        self.fails(USAGE, "pack", "m.onnx", "-o", "m.onnx", says=["m.onnx"])

    def test_profile(self):
        self.write("m.onnx", add_model())
        self.fails(USAGE, "profile", "m.onnx", "--by", "colour", says=["--by", "kernel"])
        self.fails(USAGE, "profile", "m.onnx", "--seconds", "0", "--chrome-trace", "gone/t.json", says=["gone/t.json"])
        self.fails(USAGE, "profile", "m.onnx", "--dim", "m=2", says=['"m"'])

    def test_optimize(self):
        self.write("m.onnx", add_model())
        for words, says in (([], "-o"), (["-o", "m.onnx"], "another file"), (["-o", "gone/out.onnx"], "gone/out.onnx"),
                            (["-o", "o.onnx", "--without", "remove-ded"], "remove-dead"), (["-o", "o.onnx", "--only", "?"], "fold-pad"),
                            (["-o", "o.onnx", "--dim", "m=2"], '"m"')):
            self.fails(USAGE, "optimize", "m.onnx", *words, says=[says])
        self.fails(USAGE, "optimize", says=["MODEL"])
        self.write("bad.onnx", b"bad")
        self.fails(BAD_INPUT, "optimize", "bad.onnx", "-o", "o.onnx", says=["bad.onnx"])

    def test_verify_without_a_sample(self):
        self.write("m.onnx", add_model())
        self.fails(USAGE, "verify", "m.onnx", says=["m.onnx", "samoyed pack"])

    def test_test_folders(self):
        self.fails(USAGE, "test", "gone", says=["gone"])
        self.fails(USAGE, "test", ".", says=["model.onnx"])


if __name__ == "__main__":
    main()
