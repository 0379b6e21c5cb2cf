"""A real browser follows a log: from an allowed origin it logs in, gets what is sent meanwhile and goes on
after a break; to a page of another origin it gives nothing.

SPDX-License-Identifier: Apache-2.0"""
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from server import Server, good_claims, mint

PATIENCE_S = 60  # what comes, comes long before
# It speaks to this machine alone. No sandbox: it would need rights that a container lacks, and the only
# page it opens is ours.
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "browser.html")


class Pages:
    """The web server of the page: an origin of its own. It hears what the page tells."""

    def __init__(self):
        self.scene, self.told = {}, []
        self.changed, self.go = threading.Condition(), threading.Event()
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, kind="text/plain", status=200):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/":
                    with open(PAGE, "rb") as f:
                        self.answer(f.read(), "text/html")
                elif self.path == "/scene":
                    self.answer(json.dumps(pages.scene).encode(), "application/json")
                elif self.path == "/go":
                    pages.go.wait(PATIENCE_S)
                    self.answer(b"")
                else:
                    self.answer(b"", status=404)

            def do_POST(self):
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with pages.changed:
                    pages.told.append(said)
                    pages.changed.notify_all()
                self.answer(b"")

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def wait(self, what, count=1):
        """Returns the `count`th that the page told of that name, once it has."""
        def those():
            return [t for t in self.told if t["what"] == what]
        with self.changed:
            there = self.changed.wait_for(
                lambda: len(those()) >= count or any(t["what"] == "failed" for t in self.told), PATIENCE_S)
            assert there and len(those()) >= count, (what, self.told)
            return those()[count - 1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """with Browser(url): it has that page open."""

    def __init__(self, url):
        self.folder = tempfile.mkdtemp(prefix="countersign-browser-")
        self.command = ["chromium", *OPTIONS, f"--user-data-dir={self.folder}", url]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *unused):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def make_app(server, pages):
    """An app that this origin alone may call from a browser."""
    app, _ = server.make_app(use="session")
    server.manage("PATCH", f"/apps/{app}", {"origins": [pages.origin]})
    return app


def scene(server, app, **more):
    return {"server": f"http://127.0.0.1:{server.port}", "app": app, "token": mint(good_claims("alice")), **more}


def send(server, app, customer, name):
    server.manage("POST", f"/apps/{app}/customers/{customer}/items",
                  {"kind": "message", "id": name, "body": {"text": "hello"}})


def a_page_of_an_allowed_origin_gets_what_is_sent_meanwhile(server, pages, stranger):
    app = make_app(server, pages)
    pages.scene = scene(server, app)
    with Browser(pages.origin + "/"):
        customer = pages.wait("logged_in")["customer"]
        pages.wait("hello")
        send(server, app, customer, "one")
        assert json.loads(pages.wait("item")["data"])["id"] == "one"
        pages.wait("left")
        send(server, app, customer, "two")
        pages.go.set()
        assert json.loads(pages.wait("item", 2)["data"])["id"] == "two"


def a_page_of_another_origin_gets_nothing(server, pages, stranger):
    app = make_app(server, pages)
    session = server.login(app, mint(good_claims("bob"))).json["session"]["token"]
    stranger.scene = scene(server, app, session=session)
    with Browser(stranger.origin + "/"):
        tried = stranger.wait("tried")
    assert tried["answer"] == "opaque", tried
    assert tried["refusals"] == ["TypeError: Failed to fetch"] * 2, tried
    customers = server.manage("GET", f"/apps/{app}/customers")["items"]
    assert [c["identity"] for c in customers] == ["bob"], "its preflight was no login"


def main():
    if shutil.which("chromium") is None:
        print("SKIP: chromium is not installed")
        return 77
    with Server() as server:
        for test in (a_page_of_an_allowed_origin_gets_what_is_sent_meanwhile,
                     a_page_of_another_origin_gets_nothing):
            with Pages() as pages, Pages() as stranger:
                test(server, pages, stranger)
                print("ok", test.__name__, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
