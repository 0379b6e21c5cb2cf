"""What the command line takes, refuses and says. SPDX-License-Identifier: Apache-2.0"""
import os
import subprocess
import tempfile
import unittest

BIN = os.environ.get("COUNTERSIGN_BIN", "build/dev/cli/countersign")
UNREAD = ("serve", "config")  # their options are the server's settings


def run(*words, stdin="", **environment):
    done = subprocess.run([BIN, *words], input=stdin, capture_output=True, text=True, timeout=30,
                          env={"PATH": os.environ["PATH"], **environment})
    return done.returncode, done.stdout, done.stderr


def commands():
    """The table, out of the manual: name and arguments."""
    for line in run("man")[1].splitlines():
        if line.startswith('.SS "'):
            words = line[5:-1].split(" ")
            name = [w for w in words if w.islower() and "|" not in w and "[" not in w]
            yield " ".join(name), [w for w in words[len(name):] if w]


class Cli(unittest.TestCase):
    def usage(self, says, *words, **more):
        code, out, err = run(*words, **more)
        self.assertEqual((code, out), (2, ""), (words, err))
        self.assertIn(says, err, words)

    def test_the_table_is_found(self):
        self.assertIn(("enforcement set", ["APP", "[MODE]"]), list(commands()))
        self.assertGreater(len(list(commands())), 25)

    def test_too_many_arguments_are_refused_by_every_command(self):
        for name, arguments in commands():
            if name in UNREAD:
                self.usage("unknown option", *name.split(), "garbage")
            elif not any("..." in a for a in arguments):
                expected = " ".join(arguments) or "none"
                self.usage("too many arguments, expected: " + expected,
                           *name.split(), *["x"] * (len(arguments) + 1))

    def test_too_few_arguments_are_refused_by_every_command(self):
        for name, arguments in commands():
            needed = [a for a in arguments if "[" not in a]
            if needed:
                self.usage("too few arguments, expected: " + " ".join(arguments),
                           *name.split(), *["x"] * (len(needed) - 1))

    def test_an_argument_too_many_is_not_repeated(self):
        self.assertNotIn("eyJ-a-token", run("diagnose", "APP", "eyJ-a-token")[2])

    def test_every_command_and_every_group_has_help(self):
        for name, _ in commands():
            for call in ((*name.split(), "--help"), (*name.split(), "-h"), ("help", *name.split())):
                code, out, err = run(*call)
                self.assertEqual((code, err), (0, ""), call)
                self.assertIn("countersign " + name, out)
        for group in {name.split()[0] for name, _ in commands() if " " in name}:
            listed = [name for name, _ in commands() if name.startswith(group + " ")]
            for call in ((group, "--help"), (group, "-h"), ("help", group)):
                code, out, err = run(*call)
                self.assertEqual((code, err), (0, ""), call)
                self.assertEqual([line[2:21].strip() for line in out.splitlines()
                                  if line.startswith("  ")], listed)
            self.usage(listed[0], group)
            self.usage(listed[-1], group, "nonsense")
            self.usage(f"unknown command: {group} nonsense", group, "nonsense")

    def test_what_is_no_command_is_said_so(self):
        self.usage("unknown command: nonsense", "nonsense")
        self.usage("unknown command: nonsense", "nonsense", "--help")
        self.usage("no such command: nonsense", "help", "nonsense")

    def test_presets_are_completed(self):
        presets = [line.split()[0] for line in run("preset", "list")[1].splitlines()]
        said = subprocess.run(
            ["bash", "-c", run("completion", "bash")[1] + "COMP_WORDS=(countersign verify --preset '')\n"
             "COMP_CWORD=3\n_countersign\necho ${COMPREPLY[@]}"], capture_output=True, text=True)
        self.assertEqual((said.stdout.split(), said.stderr), (presets, ""))


class Key(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.secret = os.path.join(self.folder.name, "secret")
        self.public = os.path.join(self.folder.name, "public.pem")
        with open(self.secret, "w") as f:
            f.write("a-secret-of-the-tests-0123456789abcdef\n")
        with open(self.public, "w") as f:
            f.write(run("key", "generate", "--alg", "ES256", "--out", self.secret + ".pem")[1])

    def tearDown(self):
        self.folder.cleanup()

    def test_a_key_file_is_named_as_everywhere(self):
        for command in ("show", "fingerprint"):
            by_option = run("key", command, "--key-file", self.public)
            self.assertEqual(by_option, run("key", command, self.public))
            self.assertEqual(by_option[0], 0)

    def test_one_key_is_looked_at(self):
        for command in ("show", "fingerprint"):
            for call in ((), ("--key-file", self.public, "--secret-file", self.secret),
                         ("--key-file", self.public, self.public), ("--secret-file", self.secret, self.public)):
                code, out, err = run("key", command, *call)
                self.assertEqual((code, out), (2, ""), call)

    def test_a_secret_has_an_algorithm_only_where_it_is_said(self):
        self.assertNotIn("algorithm", run("key", "show", "--secret-file", self.secret)[1])
        said = run("key", "show", "--secret-file", self.secret, "--alg", "HS384")[1]
        self.assertRegex(said, r"algorithm: +HS384")
        self.assertRegex(run("key", "show", "--key-file", self.public)[1], r"algorithm: +ES256")


class Config(unittest.TestCase):
    def line(self, name, *words, **environment):
        code, out, err = run("config", *words, **environment)
        self.assertEqual((code, err), (0, ""))
        return [" ".join(line.split()) for line in out.splitlines() if line.startswith(name + " ")]

    def test_every_value_that_serve_refuses_is_named_below_the_table(self):
        for option, value in (("--workers", "abc"), ("--workers", "0"), ("--cache", "-1"), ("--log", "all"),
                              ("--trusted-proxy", "x"), ("--listen", "8080"),
                              ("--connections-per-address", "many")):
            code, out, err = run("config", option, value)
            self.assertEqual((code, err), (2, f"countersign: {option}: not a valid value\n"))
            self.assertIn(value, out)
        code, _, err = run("config", "--workers", "abc", "--trusted-proxy", "x")
        self.assertEqual((code, len(err.splitlines())), (2, 2))

    def test_quotes_around_a_value_of_the_file_are_not_part_of_it(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            for text, value in (('"127.0.0.1:7"', "127.0.0.1:7"), (' "127.0.0.1:7" ', "127.0.0.1:7"),
                                ("127.0.0.1:7", "127.0.0.1:7"), ('"127.0.0.1:7', '"127.0.0.1:7')):
                file.seek(0)
                file.truncate()
                file.write(f"listen = {text}\n")
                file.flush()
                self.assertEqual(self.line("listen", "--config", file.name), [f"listen = {value} (file)"])

    def test_a_master_key_of_the_environment_is_told_but_not_shown(self):
        key = "A" * 43
        self.assertEqual(self.line("master-key"), [])
        self.assertEqual(self.line("master-key", COUNTERSIGN_MASTER_KEY=key),
                         ["master-key = *** (environment)"])
        both = self.line("master-key", "--master-key-file", "f", COUNTERSIGN_MASTER_KEY=key)
        self.assertIn("not used", both[0])


if __name__ == "__main__":
    unittest.main()
