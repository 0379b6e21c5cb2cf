"""The nine languages: what each needs, how it is built, how it runs, what its libraries can do.

A language is built in a copy of its example, in the build directory, with the versions the example
pins; the test's own program (`lines`) is put beside the example's sources and built with them.
Packages come through the language's ordinary client, and the copy is kept from run to run.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
EXAMPLES = TESTS.parent.parent / "examples" / "backends"

HMAC = ("HS256", "HS384", "HS512")
RSA = ("RS256", "RS384", "RS512")
PSS = ("PS256", "PS384", "PS512")
ECDSA = ("ES256", "ES384", "ES512")
EDDSA = ("EdDSA",)
ALL = HMAC + RSA + PSS + ECDSA + EDDSA


class Skip(Exception):
    """Something this language needs is not on this machine."""


def build_copy(copy, sources, commands):
    """Writes the sources, path -> bytes, and runs the commands, unless that was done with these very
    ones. -> the copy"""
    digest = hashlib.sha256(repr((commands, sources)).encode()).hexdigest()
    stamp = copy / ".ready"
    if stamp.exists() and stamp.read_text() == digest:
        return copy
    for name, text in sources.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(text)
    for command in commands:
        subprocess.run(command, cwd=copy, check=True, stdin=subprocess.DEVNULL)
    stamp.write_text(digest)
    return copy


@dataclass
class Language:
    """Paths in the commands are relative to the copy."""

    name: str
    programs: tuple  # on PATH, or the test is skipped
    lines: tuple  # (file of tests/interop/NAME, where it goes in the copy)
    build: tuple  # commands, run when a source changed
    backend: tuple  # starts the example
    lines_command: tuple
    libraries: dict  # library -> the algorithms it does
    least: tuple = ()  # (command that prints a version, the least one, as a tuple)
    packages: tuple = ()  # (command that succeeds when it is there, its name)
    # "library:mistake" -> the finding due, or one of several
    traps: dict = field(default_factory=dict)
    untyped: tuple = ()  # libraries that leave `typ` out unless asked
    # library -> algorithms whose signatures it makes otherwise than RFC 7518 says
    flaws: dict = field(default_factory=dict)

    def require(self):
        for program in self.programs:
            if shutil.which(program) is None:
                raise Skip(program)
        if self.least and _version(self.least[0]) < self.least[1]:
            raise Skip(f"{self.programs[0]} {'.'.join(map(str, self.least[1]))} or later")
        for command, package in self.packages:
            if subprocess.run(command, capture_output=True).returncode != 0:
                raise Skip(package)

    def prepare(self, work):
        """Copies and builds, unless that was done with these very sources. -> the copy"""
        copy = work / self.name
        sources = {path.relative_to(EXAMPLES / self.name): path.read_bytes()
                   for path in sorted((EXAMPLES / self.name).rglob("*")) if path.is_file()}
        sources[Path(self.lines[1])] = (TESTS / self.name / self.lines[0]).read_bytes()
        return build_copy(copy, sources, self.build)


def _version(command):
    said = subprocess.run(command, capture_output=True, text=True).stdout
    return tuple(int(part) for part in re.search(r"\d+(?:\.\d+)*", said).group().split("."))


def _needs(*command):
    return list(command)


_ERLANG_JOSE = (
    (_needs("erl", "-noinput", "-eval",
            "halt(case code:which(jose) of non_existing -> 1; _ -> 0 end)."), "erlang-jose"),
    (_needs("erl", "-noinput", "-eval",
            "halt(case code:which(jiffy) of non_existing -> 1; _ -> 0 end)."), "erlang-jiffy"),
)
_BASE64URL = "secret_base64url_decoded secret_base64_decoded"
_BASE64 = "secret_base64_decoded secret_base64url_decoded"
_JAVA = ("java", "-XX:TieredStopAtLevel=1", "-cp", "target/classes:target/lib/*")
_C = "cc -std=c11 -O1 -g -Wall -Wextra -Werror -o lines lines.c $(pkg-config --cflags --libs libjwt)"

LANGUAGES = {language.name: language for language in (
    Language(
        name="node", programs=("node", "npm"), lines=("lines.js", "lines.js"),
        least=(("node", "--version"), (18,)),
        build=(("npm", "ci", "--silent", "--no-audit", "--no-fund"),),
        backend=("node", "server.js"), lines_command=("node", "lines.js"),
        libraries={"jose": ALL, "jsonwebtoken": HMAC + RSA + PSS + ECDSA,
                   "jsrsasign": HMAC + RSA + PSS + ECDSA},
        traps={"jsrsasign:bare": "secret_hex_decoded", "jose:as-jwk": _BASE64URL},
        untyped=("jose", "jsrsasign"),
        flaws={"jsrsasign": ("ES512",)},  # 11.1 drops leading zeros of both r and s
    ),
    Language(
        name="python", programs=("python3",), lines=("lines.py", "lines.py"),
        packages=((_needs("python3", "-c", "import venv, ensurepip"), "python3-venv"),),
        build=(("python3", "-m", "venv", "venv"),
               ("venv/bin/pip", "install", "-q", "-r", "requirements.txt")),
        backend=("venv/bin/python", "server.py"),
        lines_command=("venv/bin/python", "-W", "ignore", "lines.py"),
        libraries={"PyJWT": ALL, "authlib": ALL, "jwcrypto": ALL},
        traps={"jwcrypto:as-jwk": _BASE64URL},
        untyped=("jwcrypto",),
    ),
    Language(
        name="ruby", programs=("ruby",), lines=("lines.rb", "lines.rb"), build=(),
        packages=((_needs("ruby", "-rjwt", "-e", ""), "ruby-jwt"),
                  (_needs("ruby", "-rwebrick", "-e", ""), "ruby-webrick")),
        backend=("ruby", "server.rb"), lines_command=("ruby", "lines.rb"),
        libraries={"jwt": HMAC + RSA + PSS + ECDSA},
        untyped=("jwt",),
    ),
    Language(
        name="go", programs=("go",), lines=("lines.go", "lines/main.go"),
        least=(("go", "version"), (1, 21)),
        build=(("go", "build", "-o", "server", "."), ("go", "build", "-o", "lines/lines", "./lines")),
        backend=("./server",), lines_command=("lines/lines",),
        libraries={"golang-jwt": ALL, "jwt-go": HMAC + RSA + PSS + ECDSA},
        flaws={"jwt-go": PSS},  # 3.2 takes the longest salt instead of the hash's length
    ),
    Language(
        name="java", programs=("java", "javac", "mvn"),
        lines=("Lines.java", "src/main/java/backend/Lines.java"),
        least=(("javac", "--version"), (17,)),
        build=(("mvn", "-q", "-B", "package"),),
        backend=(*_JAVA, "backend.TokenServer"), lines_command=(*_JAVA, "backend.Lines"),
        # jjwt 0.9 does PS256 only with BouncyCastle, which is not among its dependencies.
        libraries={"java-jwt": HMAC + RSA + ECDSA, "jjwt": HMAC + RSA + ECDSA},
        traps={"jjwt:bare": _BASE64},
        untyped=("jjwt",),
    ),
    Language(
        name="rust", programs=("cargo",), lines=("lines.rs", "src/bin/lines.rs"),
        least=(("cargo", "--version"), (1, 88)),
        build=(("cargo", "build", "--quiet"),),
        backend=("target/debug/backend",), lines_command=("target/debug/lines",),
        libraries={"jsonwebtoken": HMAC + RSA + PSS + ("ES256", "ES384") + EDDSA},
        traps={"jsonwebtoken:base64": _BASE64},
        untyped=("jsonwebtoken",),
    ),
    Language(
        name="c", programs=("cc", "make", "pkg-config"), lines=("lines.c", "lines.c"),
        packages=((_needs("pkg-config", "--exists", "libjwt"), "libjwt-dev"),
                  (_needs("pkg-config", "--exists", "libmicrohttpd"), "libmicrohttpd-dev")),
        build=(("make", "-s", "server"), ("sh", "-c", _C)),
        backend=("./server",), lines_command=("./lines",),
        libraries={"libjwt": HMAC + RSA + ECDSA},
    ),
    Language(
        name="erlang", programs=("erl", "erlc"), lines=("lines.erl", "lines.erl"),
        packages=_ERLANG_JOSE,
        build=(("sh", "-c", "erlc -Wall *.erl"),),
        backend=("erl", "-noinput", "-pa", ".", "-s", "token_server", "main"),
        lines_command=("erl", "-noshell", "-pa", ".", "-s", "lines", "main"),
        libraries={"jose": ALL},
        traps={"jose:as-jwk": _BASE64URL},
        flaws={"jose": PSS},  # 1.11 takes the longest salt instead of the hash's length
    ),
    Language(
        name="elixir", programs=("elixir",), lines=("lines.exs", "lines.exs"),
        packages=_ERLANG_JOSE, build=(),
        backend=("elixir", "token_server.exs"), lines_command=("elixir", "lines.exs"),
        libraries={"jose": ALL},
        traps={"jose:as-jwk": _BASE64URL},
        flaws={"jose": PSS},  # 1.11 takes the longest salt instead of the hash's length
    ),
)}
