#!/usr/bin/env python3
# tools/layers must go red for every rule it claims to hold: each test breaks one thing in a small
# sound tree and expects the file, the line and the rule. SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parents[2] / "tools" / "layers"
LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
DOCUMENT = """
| layer | may include |
|---|---|
| `include` | |
| `base` | `include` |
| `core` | `include` `base` |
| `crypto` | `include` `core/crypto.h` `core/*_rows.h` |
| `tests` | `*` |

| outside header | only in |
|---|---|
| `openssl/` | `crypto` |
| `sqlite3.h` | `core/kept.c` |

| archive | may need | and functions of |
|---|---|---|
| `csn_base` | `memcpy` | |
| `csn_core` | `memcpy` | `csn_base` `core/crypto.h` |
"""
SOUND = {
    "docs/architecture.md": DOCUMENT,
    "include/csn/a.h": LICENCE,
    "base/b.h": LICENCE + '#include "csn/a.h"\nint csn_b(void);\n',
    "base/b.c": LICENCE + '#include "base/b.h"\nint csn_b(void)\n{\n    return 1;\n}\n',
    "core/crypto.h": LICENCE + "int csn_hash(void);\n",
    "core/c.c": LICENCE + '#include "b.h"\n#include "base/b.h"\nint csn_hash(void);\n'
                          "int csn_c(void);\n"
                          "int csn_c(void)\n{\n    return csn_b() + csn_hash();\n}\n",
    "core/b.h": LICENCE,
    "core/kept.c": LICENCE + "#include <sqlite3.h>\n",
    "crypto/d.c": LICENCE + '#include "core/crypto.h"\n#include <openssl/evp.h>\n',
    "tests/e.c": LICENCE + '#include "crypto/d.c"\n#include <openssl/evp.h>\n',
}


class Fixture(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        for name, text in SOUND.items():
            self.write(name, text)
        for folder in ("docs", "include", "base", "core", "crypto", "tests"):
            self.write(f"{folder}/README.md", "# folder\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_checker(self, *arguments):
        return subprocess.run([sys.executable, CHECKER, "--root", self.root, *arguments],
                              capture_output=True, text=True, check=False)

    def refuses(self, fault, *arguments):
        done = self.run_checker(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(fault, done.stdout)
        self.assertIn(" 1 faults", done.stdout)


class Layers(Fixture):
    def test_accepts_a_sound_tree(self):
        done = self.run_checker()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_refuses_an_include_upwards(self):
        self.write("base/up.c", LICENCE + '\n#include "core/crypto.h"\n')
        self.refuses("base/up.c:3: layer base may not include core/crypto.h (it may: include)")

    def test_refuses_a_header_beside_the_one_that_is_allowed(self):
        self.write("crypto/side.c", LICENCE + '#include "core/b.h"\n')
        self.refuses("crypto/side.c:2: layer crypto may not include core/b.h")

    def test_accepts_a_header_that_a_pattern_allows_and_no_other(self):
        self.write("core/key_rows.h", LICENCE)
        self.write("crypto/rows.c", LICENCE + '#include "core/key_rows.h"\n')
        self.assertEqual(self.run_checker().returncode, 0)
        self.write("core/rows.h", LICENCE)
        self.write("crypto/rows.c", LICENCE + '#include "core/rows.h"\n')
        self.refuses("crypto/rows.c:2: layer crypto may not include core/rows.h")

    def test_refuses_an_include_that_climbs_out_by_dots(self):
        self.write("base/dots.c", LICENCE + '#include "../core/crypto.h"\n')
        self.refuses("base/dots.c:2:")

    def test_refuses_a_header_that_is_nowhere(self):
        self.write("base/gone.c", LICENCE + '#include "base/gone.h"\n')
        self.refuses('base/gone.c:2: "base/gone.h" is no file of this repository')

    def test_refuses_a_library_outside_its_owner(self):
        self.write("core/ssl.c", LICENCE + "#  include <openssl/evp.h>\n")
        self.refuses("core/ssl.c:2: <openssl/evp.h> belongs to crypto alone")

    def test_refuses_a_library_beside_the_one_file_that_owns_it(self):
        self.write("core/sql.c", LICENCE + "#include <sqlite3.h>\n")
        self.refuses("core/sql.c:2: <sqlite3.h> belongs to core/kept.c alone")

    def test_refuses_a_file_in_no_layer(self):
        self.write("utils/README.md", "# utils\n")
        self.write("utils/x.h", LICENCE)
        self.refuses("utils/x.h:1: lies in no layer")

    def test_refuses_a_file_of_501_lines_and_accepts_500(self):
        self.write("base/long.h", LICENCE + "\n" * 499)
        self.assertEqual(self.run_checker().returncode, 0)
        self.write("base/long.h", LICENCE + "\n" * 500)
        self.refuses("base/long.h:501: has 501 lines")

    def test_refuses_a_function_of_71_lines_and_accepts_70(self):
        body = "    ;\n"
        self.write("base/f.c", LICENCE + "void csn_f(void)\n{\n" + body * 67 + "}\n")
        self.assertEqual(self.run_checker().returncode, 0)
        self.write("base/f.c", LICENCE + "void csn_f(void)\n{\n" + body * 68 + "}\n")
        self.refuses("base/f.c:2: csn_f has 71 lines")

    def test_refuses_a_folder_readme_of_31_lines(self):
        self.write("base/README.md", "x\n" * 31)
        self.refuses("base/README.md:31: is longer than 30 lines")

    def test_refuses_a_folder_without_readme(self):
        (self.root / "base/README.md").unlink()
        self.refuses("base:0: has no README.md")

    def test_refuses_a_source_without_licence(self):
        self.write("base/bare.h", "int x;\n")
        self.refuses("base/bare.h:1: does not say SPDX-License-Identifier")

    def test_refuses_a_document_without_its_tables(self):
        self.write("docs/architecture.md", "# nothing\n")
        done = self.run_checker()
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no table that begins with 'layer'", done.stderr)


class Archives(Fixture):
    def archive(self, name, *sources):
        build = self.root / ".git" / "build"  # inside .git: no file of the tree
        build.mkdir(exist_ok=True)
        objects = []
        for source in sources:
            objects.append(str(build / (source.replace("/", "_") + ".o")))
            subprocess.run(["cc", "-O1", "-fno-stack-protector", "-I.", "-Iinclude", "-c", source,
                            "-o", objects[-1]], cwd=self.root, check=True)
        subprocess.run(["ar", "rcs", build / f"lib{name}.a", *objects], check=True)
        return "--archives", str(build)

    def test_accepts_what_the_lists_and_headers_allow(self):
        self.archive("csn_base", "base/b.c")
        done = self.run_checker(*self.archive("csn_core", "core/c.c"))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_refuses_a_heap_in_base(self):
        self.write("base/heap.c", LICENCE + "void *malloc(unsigned long n);\nvoid *csn_h(void);\n"
                                            "void *csn_h(void)\n{\n    return malloc(3);\n}\n")
        self.archive("csn_base", "base/b.c", "base/heap.c")
        self.refuses("libcsn_base.a(base_heap.c.o):0: needs malloc",
                     *self.archive("csn_core", "core/c.c"))

    def test_refuses_core_calling_a_function_no_header_of_crypto_declares(self):
        self.write("core/crypto.h", LICENCE)
        self.archive("csn_base", "base/b.c")
        self.refuses("needs csn_hash", *self.archive("csn_core", "core/c.c"))

    def test_refuses_an_archive_that_was_not_built(self):
        self.refuses("libcsn_core.a was not built", *self.archive("csn_base", "base/b.c"))


if __name__ == "__main__":
    unittest.main()
