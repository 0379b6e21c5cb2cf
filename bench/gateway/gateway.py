#!/usr/bin/env python3
"""bench gateway: one verified request, ours in turns with HAProxy's jwt_verify and plain nginx.

Each server has one worker on processor 0; wrk has processor 1. For each algorithm the servers take
turns, several rounds; shown are the medians of requests a second and of the server's own CPU time a
request (from the kernel's accounting), and the median ratio to HAProxy round by round. nginx verifies
nothing: it answers 200 at once, as the floor of a good HTTP server.

    gateway.py COUNTERSIGN [--rounds N] [--seconds N] [--algorithms HS256,RS256,ES256]

SPDX-License-Identifier: Apache-2.0"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
CLAIMS = {"iss": "https://shop.example", "aud": "countersign", "sub": "user-1001"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process):
    for _ in range(500):
        if process.poll() is not None:
            sys.exit(f"a server ended at once: {process.args[0]}")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit("a server does not answer")


def cpu_seconds(pid):
    """User and system time of a process and of the children it has now."""
    pids = [pid]
    children = f"/proc/{pid}/task/{pid}/children"
    with open(children) as f:
        pids += [int(p) for p in f.read().split()]
    total = 0
    for p in pids:
        with open(f"/proc/{p}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / CLOCK_TICKS


class Server:
    def __init__(self, name, command, port, path, env=None):
        self.name, self.port, self.path = name, port, path
        self.process = subprocess.Popen(["taskset", "-c", "0", *command], env=env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(port, self.process)

    def turn(self, token, seconds):
        """Returns (requests a second, CPU microseconds a request)."""
        url = f"http://127.0.0.1:{self.port}{self.path}"
        before = cpu_seconds(self.process.pid)
        out = subprocess.run(
            ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s",
             "-H", f"Authorization: Bearer {token}", url],
            capture_output=True, text=True, check=True).stdout
        used = cpu_seconds(self.process.pid) - before
        if "Non-2xx" in out:
            sys.exit(f"{self.name} refused the token:\n{out}")
        requests = int(re.search(r"(\d+) requests in", out).group(1))
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        return rate, used / requests * 1e6

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()


def call(port, key, method, path, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", method=method, data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def start_ours(program, folder, algorithm, key_body):
    port = free_port()
    data = os.path.join(folder, "data-" + algorithm)
    admin = os.path.join(folder, "admin-" + algorithm)
    server = Server("countersign", [program, "serve", "--data", data, "--listen",
                                    f"127.0.0.1:{port}", "--workers", "1", "--cache", "0",
                                    "--admin-key-file", admin], port, "")
    key = open(admin).read().strip()
    app = call(port, key, "POST", "/api/v1/apps", {
        "name": "bench", "policy": {
            "algorithms": [algorithm], "identity": ["sub"], "required": ["sub", "exp"],
            "issuer": CLAIMS["iss"], "audience": CLAIMS["aud"], "use": "every_request"}})
    call(port, key, "POST", f"/api/v1/apps/{app['id']}/keys", dict(key_body, algorithm=algorithm))
    server.path = f"/gateway/v1/apps/{app['id']}/verify"
    return server


HAPROXY = """
global
    nbthread 1
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend f
    bind 127.0.0.1:{port}
    http-request set-var(txn.bearer) http_auth_bearer
    http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
    http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
    http-request set-var(txn.aud) var(txn.bearer),jwt_payload_query('$.aud')
    http-request set-var(txn.sub) var(txn.bearer),jwt_payload_query('$.sub')
    http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
    http-request set-var(txn.now) date()
    http-request deny unless {{ var(txn.alg) -m str {algorithm} }}
    http-request deny unless {{ var(txn.iss) -m str {iss} }}
    http-request deny unless {{ var(txn.aud) -m str {aud} }}
    http-request deny if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
    http-request deny unless {{ var(txn.bearer),jwt_verify(txn.alg,"{key}") -m int 1 }}
    http-request return status 200 hdr Countersign-Customer %[var(txn.sub)]
"""

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; location / {{ add_header Countersign-Customer user-1001; return 200; }} }} }}
"""


def start_haproxy(folder, algorithm, key):
    port = free_port()
    path = os.path.join(folder, f"haproxy-{algorithm}.cfg")
    with open(path, "w") as f:
        f.write(HAPROXY.format(port=port, algorithm=algorithm, key=key, iss=CLAIMS["iss"],
                               aud=CLAIMS["aud"]))
    return Server("haproxy", ["haproxy", "-f", path, "-db"], port, "/")


def start_nginx(folder):
    port = free_port()
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as f:
        f.write(NGINX.format(folder=folder, port=port))
    return Server("nginx", ["nginx", "-c", path, "-p", folder], port, "/")


def make_key(program, folder, algorithm):
    """Returns (the key as our API takes it, as HAProxy takes it, the option for `mint`)."""
    private = os.path.join(folder, algorithm + ".key")
    out = subprocess.run([program, "key", "generate", "--alg", algorithm, "--out", private],
                         capture_output=True, text=True, check=True).stdout
    if algorithm.startswith("HS"):
        secret = open(private).read()
        return {"secret": secret, "encoding": "utf8"}, secret, ["--secret-file", private]
    public = os.path.join(folder, algorithm + ".pem")
    with open(public, "w") as f:
        f.write(out)
    return {"pem": out}, public, ["--key-file", private]


def compare(program, folder, algorithm, rounds, seconds):
    body, haproxy_key, option = make_key(program, folder, algorithm)
    token = subprocess.run([program, "mint", "--alg", algorithm, *option, "--typ", "JWT",
                            "--expires-in", "86400", "--claims", json.dumps(CLAIMS)],
                           capture_output=True, text=True, check=True).stdout.strip()
    servers = [start_ours(program, folder, algorithm, body)]
    if shutil.which("haproxy"):
        servers.append(start_haproxy(folder, algorithm, haproxy_key))
    if shutil.which("nginx"):
        servers.append(start_nginx(folder))
    turns = {s.name: [] for s in servers}
    try:
        for s in servers:
            s.turn(token, 1)
        for _ in range(rounds):
            for s in servers:
                turns[s.name].append(s.turn(token, seconds))
    finally:
        for s in servers:
            s.stop()
    for name, results in turns.items():
        rate = statistics.median(r for r, _ in results)
        cpu = statistics.median(c for _, c in results)
        row = f"{algorithm:6} {name:12} {rate:12.0f} {cpu:10.1f}"
        if "haproxy" in turns:
            ratio = statistics.median(
                r / h for (r, _), (h, _) in zip(results, turns["haproxy"]))
            row += f" {ratio:10.2f}"
        print(row, flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--algorithms", default="HS256,RS256,ES256")
    given = arguments.parse_args()
    print(f"{'alg':6} {'server':12} {'requests/s':>12} {'CPU us/req':>10} {'/ haproxy':>10}")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for algorithm in given.algorithms.split(","):
            compare(os.path.abspath(given.program), folder, algorithm, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
