#!/usr/bin/env python3
# ./dev installs by name what is missing and touches nothing when nothing is. dpkg-query, apt-get
# and the services' policy are replaced by small scripts that write down how they were called.
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"
# Says that libssl-dev is installed, and that libfoo was removed but left its configuration.
DPKG = """#!/bin/sh
for name in "$@"; do case $name in
    libssl-dev) echo "installed libssl-dev" ;;
    libfoo) echo "config-files libfoo" ;;
esac; done
exit 1
"""
APT = '#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >>"$CALLS"\n'
ROOT = 'packages_as_root() { bash -s -- "$@"; }'


class Packages(unittest.TestCase):
    def need(self, listed, user=None):
        """Calls `need` with this list and returns what it printed, its code and apt's calls."""
        with tempfile.TemporaryDirectory() as folder:
            calls = pathlib.Path(folder) / "calls"
            for name, text in (("dpkg-query", DPKG), ("apt-get", APT)):
                path = pathlib.Path(folder) / name
                path.write_text(text)
                path.chmod(0o755)
            script = (f'source {TOOLS}/build.sh; source {TOOLS}/packages.sh\n'
                      f'packages[here]="{listed}"\n'
                      f'{user or ROOT}\n'
                      f'packages_policy={folder}/policy-rc.d\n'
                      'need here')
            done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True,
                                  check=False, stdin=subprocess.DEVNULL,
                                  env={**os.environ, "CALLS": str(calls),
                                       "PATH": f"{folder}:{os.environ['PATH']}"})
            left = (pathlib.Path(folder) / "policy-rc.d").exists()
            self.assertFalse(left, "the ban on starting services outlived the installation")
            return done, calls.read_text().splitlines() if calls.exists() else []

    def test_does_nothing_when_nothing_is_missing(self):
        done, calls = self.need("libssl-dev sh:sh")
        self.assertEqual((done.returncode, done.stdout, calls), (0, "", []), done.stderr)

    def test_updates_once_and_installs_only_what_is_missing(self):
        done, calls = self.need("libssl-dev libfoo libbar tool:no-such-program")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([c.split()[-1] for c in calls], ["update", "tool"])
        self.assertTrue(calls[1].startswith("noninteractive "))
        self.assertTrue(calls[1].endswith(
            "install -y --no-install-recommends libfoo libbar tool"))

    def test_a_package_whose_program_is_on_the_path_is_not_asked_for(self):
        self.assertEqual(self.need("nodejs:sh")[1], [])

    def test_says_what_to_install_when_it_may_not(self):
        done, calls = self.need("libfoo", user="packages_as_root() { return 1; }")
        self.assertEqual((done.returncode, calls), (1, []))
        self.assertIn("libfoo", done.stderr)

    def test_each_list_names_only_packages_in_plain_words(self):
        script = f'source {TOOLS}/packages.sh; echo ${{packages[@]}}'
        words = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                               check=True).stdout.split()
        self.assertGreater(len(words), 20)
        for word in words:
            self.assertRegex(word, r"^[a-z0-9][a-z0-9.+-]+(:[a-z0-9.+-]+)?$")


if __name__ == "__main__":
    unittest.main()
