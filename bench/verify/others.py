#!/usr/bin/env python3
"""bench verify, second half: other languages' libraries, each a program of its own, in turns with ours.

    others.py BENCH_VERIFY BUILD_FOLDER [--rounds N]

Programs are built by the ordinary clients (cargo, go, npm) into BUILD_FOLDER; one whose client is not
installed, or that cannot be built here, is named and left out.

SPDX-License-Identifier: Apache-2.0"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ALGORITHMS = ["HS256", "HS512", "RS256", "ES256", "EdDSA"]


def build(folder, name, client, copy, command):
    """Returns: the folder it was built in, or None after saying why not."""
    if shutil.which(client) is None:
        print(f"left out: {name}: {client} is not installed")
        return None
    where = os.path.join(folder, name)
    shutil.copytree(os.path.join(HERE, "others", copy), where, dirs_exist_ok=True)
    done = subprocess.run(command, cwd=where, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"left out: {name}: it cannot be built here: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return where


def programs(folder):
    """Yields (name, command before ALG TOKEN KEY)."""
    rust = build(folder, "rust", "cargo", "rust", ["cargo", "build", "--release", "--quiet"])
    if rust:
        yield "Rust jsonwebtoken", [os.path.join(rust, "target/release/bench-jsonwebtoken")]
    go = build(folder, "go", "go", "go", ["sh", "-c", "go mod tidy && go build -o bench ."])
    if go:
        yield "Go golang-jwt", [os.path.join(go, "bench")]
    node = build(folder, "node", "npm", "node", ["npm", "install", "--silent", "--no-audit"])
    if node:
        for library in ("jsonwebtoken", "jose"):
            yield f"Node {library}", ["node", os.path.join(node, "bench.js"), library]


def ns(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return int(done.stdout) if done.returncode == 0 else None


def compare(algorithm, ours, others, folder, rounds):
    subprocess.run([ours, "--material", algorithm, folder], check=True)
    files = [os.path.join(folder, algorithm + ".token"), os.path.join(folder, algorithm + ".key")]
    ratios = {name: [] for name, _ in others}
    times = {name: [] for name, _ in others}
    own = []
    for _ in range(rounds):
        mine = ns([ours, "--run", algorithm, folder])
        own.append(mine)
        for name, command in others:
            theirs = ns(command + [algorithm] + files)
            if theirs:
                times[name].append(theirs)
                ratios[name].append(theirs / mine)
    print(f"{algorithm:6} {'ours':20} {statistics.median(own):10.0f}")
    for name, _ in others:
        if times[name]:
            print(f"{algorithm:6} {name:20} {statistics.median(times[name]):10.0f} "
                  f"{statistics.median(ratios[name]):8.1f}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("bench_verify")
    arguments.add_argument("build_folder")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    os.makedirs(given.build_folder, exist_ok=True)
    others = list(programs(given.build_folder))
    print(f"{'alg':6} {'library':20} {'ns':>10} {'/ ours':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for algorithm in ALGORITHMS:
            compare(algorithm, given.bench_verify, others, folder, given.rounds)


if __name__ == "__main__":
    main()
