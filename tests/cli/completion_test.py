"""The completions, asked of the shells that are installed."""
import shutil
import subprocess

from support import CliTest, main


class Completion(CliTest):
    def bash(self, *words):
        """What bash offers for the last word of a line."""
        script = ('source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _samoyed; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, self.program, *words], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split("\n")[:-1]

    def test_bash(self):
        if not shutil.which("bash"):
            self.skipTest("no bash")
        self.assertEqual(self.bash("samoyed", "cl"), ["classify"])
        self.assertIn("verify", self.bash("samoyed", ""))
        self.assertEqual(self.bash("samoyed", "bench", "--sec"), ["--seconds"])
        self.assertEqual(sorted(self.bash("samoyed", "run", "--format", "np")), ["npy", "npz"])
        self.assertEqual(self.bash("samoyed", "completion", "f"), ["fish"])
        self.assertEqual(self.bash("samoyed", "optimize", "--list"), ["--list-passes"])
        self.assertEqual(self.bash("samoyed", "optimize", "--without", "remove-d"), ["remove-dead"])
        self.write("a model.onnx", b"")
        self.assertEqual(self.bash("samoyed", "run", "a"), ["a model.onnx"])

    def test_zsh(self):
        text = self.ok("completion", "zsh")
        self.assertTrue(text.startswith("#compdef samoyed\n"))
        self.write("_samoyed", text)
        if not shutil.which("zsh"):
            return
        for words, offered in (("samoyed run --format n", "-- pb npy npz"), ("samoyed run m", "files"), ("samoyed ben", "-- classify run")):
            count = len(words.split())
            script = ('compdef() { }; compadd() { print -- "$@" }; _files() { print files }; source ./_samoyed; '
                      "words=(%s); CURRENT=%d; PREFIX=${words[-1]}; _samoyed" % (words, count))
            done = subprocess.run(["zsh", "-fc", script], cwd=self.dir, capture_output=True, text=True)
            self.assertTrue(done.stdout.startswith(offered), done.stdout + done.stderr)

    def test_fish(self):
        text = self.ok("completion", "fish")
        self.assertIn("-a classify", text)
        if shutil.which("fish"):
            script = text + '\ncomplete -C "samoyed run --form"\ncomplete -C "samoyed cl"'
            done = subprocess.run(["fish", "--no-config"], input=script, text=True, capture_output=True, cwd=self.dir)
            self.assertIn("--format", done.stdout)
            self.assertIn("classify", done.stdout)


if __name__ == "__main__":
    main()
