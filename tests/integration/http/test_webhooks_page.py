"""docs/webhooks.md tells the truth: its commands run, its sample accepts what we send and nothing else,
and its table of events is the API's.

SPDX-License-Identifier: Apache-2.0"""
import json
import os
import pathlib
import re
import subprocess
import sys

try:
    from receiver import Receiver
except ImportError:
    print("SKIP: python3-cryptography is not installed")
    sys.exit(77)
from server import BIN, Server

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def events_of_the_page():
    table = PAGE.split("| event |")[1].split("\n\n")[0]
    return {e for row in table.splitlines()[2:] for e in re.findall(r"`([a-z]+\.[a-z_]+)`",
                                                                   row.split("|")[1])}


def events_of_the_code():
    names = re.findall(r'CSN_NOTICE\(\w+, "([^"]+)"\)',
                       (ROOT / "server/domain/notice.def").read_text(encoding="utf-8"))
    assert len(names) > 5
    return set(names)


def run(command, environment):
    done = subprocess.run(["sh", "-ec", command], env=environment, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def main():
    assert events_of_the_page() == events_of_the_code(), events_of_the_page() ^ events_of_the_code()
    sample = {}
    exec(blocks("python")[0], sample)  # the page's own code
    commands = blocks("sh")
    assert len(commands) == 4
    with Server(options=["--outbound-allow", "127.0.0.1"]) as server, Receiver() as receiver:
        app, _ = server.make_app(use="session")
        environment = {**os.environ, "PATH": os.path.dirname(os.path.abspath(BIN)) + ":" + os.environ["PATH"],
                       "COUNTERSIGN_URL": f"http://127.0.0.1:{server.port}",
                       "COUNTERSIGN_API_KEY": server.admin, "APP": app, "URL": receiver.origin}
        made = json.loads(run(commands[0], environment))
        environment["WEBHOOK"] = made["id"]
        run(commands[1], environment)
        request, = receiver.wait(1)
        is_ours = sample["is_ours"]
        assert is_ours(request.headers, request.body, made["secret"])
        assert not is_ours(request.headers, request.body + b" ", made["secret"])
        assert not is_ours({**request.headers, "webhook-timestamp": "1614265330"}, request.body,
                           made["secret"])
        new = json.loads(run(commands[2], environment))
        run(commands[1], environment)
        _, request = receiver.wait(2)
        for secret in (made["secret"], new["secret"]):
            assert is_ours(request.headers, request.body, secret)
        assert len(json.loads(run(commands[3], environment))["public_key"]) == 87
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
