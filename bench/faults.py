#!/usr/bin/env python3
"""What breaks off, and what is left: kills, signals, full disks, folders that cannot be written.

    bench/faults.py BINARY [--moments 200] [--seed 0] [--write FILE]

Each command is broken at random moments between its start and its end. Afterwards every file that it
writes must be whole or absent, no temporary file may outlive the next start, and a resumed run must end
with the bytes of the unbroken one. The moments are shared out among the cases. The window needs Xvfb;
full and read-only disks need root. The exit status is 1 if anything was lost.
"""

import argparse
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import report

TINY = ["--epochs", "5", "--batch", "50", "--threads", "1", "--seed", "3"]


class Lost(Exception):
    """Something that a fault must not cause."""


class Bench:
    def __init__(self, binary, folder, seed):
        self.binary = binary
        self.folder = folder
        self.random = random.Random(seed)
        self.digits = folder / "digits"
        self.run("synthesize", "--count", 1400, "--seed", 3, "--out", self.digits)

    def run(self, *args, code=0, env=None):
        done = subprocess.run([self.binary, *map(str, args)], capture_output=True, text=True, env=env)
        if done.returncode != code:
            raise Lost(f"{' '.join(map(str, args))} ended with {done.returncode}, not {code}: {done.stderr.strip()}")
        return done

    def timed(self, *args):
        began = time.monotonic()
        self.run(*args)
        return time.monotonic() - began

    def broken(self, args, after_s, number, env=None):
        """Starts it and sends the signal; its exit status, negative where the signal ended it."""
        process = subprocess.Popen([self.binary, *map(str, args)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=env)
        time.sleep(after_s)
        process.send_signal(number)
        return process.wait(timeout=300)

    def check_model(self, path):
        if path.exists():
            self.run("info", path)   # says what is wrong with a file that is not whole


def temporary_files(folder):
    return sorted(path.name for path in folder.rglob(".zscape-*.tmp"))


def runs(bench, number, moments):
    """A run broken again and again, each time continued from its checkpoint."""
    whole = bench.folder / "whole.safetensors"
    args = ["train", "--data", bench.digits, *TINY]
    length = bench.timed(*args, "--out", whole)
    folder = bench.folder / f"run-{signal.Signals(number).name}"
    done = chains = 0
    while done < moments:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        chains += 1
        line = [*args, "--out", folder / "out.safetensors", "--checkpoint", folder / "kept"]
        ended = False
        while done < moments and not ended:
            ended = bench.broken(line, bench.random.uniform(0, length), number) == 0
            done += not ended
            for file in ("out.safetensors", "kept/checkpoint.safetensors", "kept/model.safetensors"):
                bench.check_model(folder / file)
            if (folder / "kept/checkpoint.safetensors").exists():
                line = ["train", "--resume", folder / "kept"]
        if not ended:
            bench.run(*line)
        if (folder / "out.safetensors").read_bytes() != whole.read_bytes():
            raise Lost("the resumed run ended with other bytes")
        if left := temporary_files(folder):
            raise Lost(f"left behind: {left}")
    return done, f"{chains} runs ended with the bytes of the unbroken one"


def exports(bench, number, moments):
    """Commands that write one file: it is absent or whole."""
    model = bench.folder / "model.safetensors"
    bench.run("train", "--data", bench.digits, *TINY, "--out", model)
    data = ["--data", bench.digits, "--threads", 1]
    commands = {"codes.csv": ["encode", model, *data], "codes.npy": ["encode", model, *data],
                "manifold.png": ["manifold", model, "--grid", 30], "samples.png": ["sample", model, "--count", 400],
                "pairs.png": ["reconstruct", model, *data[:2], "--count", 64],
                "walk.gif": ["interpolate", model, *data[:2], "--from", "test:1", "--to", "test:2"]}
    expected, folder = bench.folder / "expected", bench.folder / "exports"
    expected.mkdir()
    folder.mkdir()
    length = {name: bench.timed(*line, "--out", expected / name) for name, line in commands.items()}
    whole = 0
    for moment in range(moments):
        name = list(commands)[moment % len(commands)]
        out = folder / name
        out.unlink(missing_ok=True)
        bench.broken([*commands[name], "--out", out], bench.random.uniform(0, 1.2 * length[name]), number)
        if out.exists():
            whole += 1
            if out.read_bytes() != (expected / name).read_bytes():
                raise Lost(f"{name} is not whole")
    # The next start clears up.
    bench.run("sample", model, "--count", 1, "--out", folder / "last.png")
    if left := temporary_files(folder):
        raise Lost(f"left behind: {left}")
    return moments, f"{whole} files were whole, {moments - whole} absent"


def downloads(bench, number, moments):
    """A download broken again and again goes on and ends with the server's bytes."""
    source = os.environ.get("ZSCAPE_MNIST")
    if not source:
        return 0, "skipped: ZSCAPE_MNIST does not name a folder with MNIST"

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            content = (pathlib.Path(source) / self.path.lstrip("/")).read_bytes()
            start = int(self.headers["Range"][6:-1]) if self.headers["Range"] else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            with contextlib.suppress(OSError):
                for at in range(start, len(content), 1 << 19):   # slow enough to be broken
                    self.wfile.write(content[at:at + (1 << 19)])
                    time.sleep(0.02)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = bench.folder / "home"
    env = {**os.environ, "XDG_DATA_HOME": str(home)}
    line = ["fetch", "mnist", "--from", f"http://127.0.0.1:{server.server_address[1]}/"]
    done = chains = 0
    while done < moments:
        shutil.rmtree(home, ignore_errors=True)
        chains += 1
        ended = False
        while done < moments and not ended:
            ended = bench.broken(line, bench.random.uniform(0.05, 0.6), number, env) == 0
            done += not ended
        bench.run(*line, env=env)
        for file in (home / "zscape/mnist").iterdir():
            served = pathlib.Path(source) / file.name
            if hashlib.sha256(file.read_bytes()).digest() != hashlib.sha256(served.read_bytes()).digest():
                raise Lost(f"{file.name} is not what the server has")
    server.shutdown()
    return done, f"{chains} sets came whole"


def windows(bench, number, moments):
    """The window: its session is absent or whole, and the next start opens."""
    if shutil.which("xvfb-run") is None:
        return 0, "skipped: xvfb-run is not installed"
    state = bench.folder / f"state-{signal.Signals(number).name}"
    env = {**os.environ, "XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(bench.folder / "config")}
    read_end, write_end = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1300x900x24", "-noreset"],
                              pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        env["DISPLAY"] = f":{pipe.readline().strip()}"
    found = 0
    try:
        for _ in range(moments):
            log = bench.folder / "window.jsonl"
            log.unlink(missing_ok=True)
            code = bench.broken(["--threads", 1, "--log", log], bench.random.uniform(0.3, 3), number, env)
            if code not in (0, -number, 128 + number):
                raise Lost(f"the window ended with {code}")
            sessions = list(state.rglob("sessions/*.json"))
            found += bool(sessions)
            for session in sessions:
                if not isinstance(json.loads(session.read_text()), dict):
                    raise Lost(f"{session.name} is not whole")
            for file in state.rglob("*.safetensors"):
                bench.check_model(file)
            if list(state.rglob("*.broken")):
                raise Lost("a session was set aside as broken")
    finally:
        server.terminate()
        server.wait()
    return moments, f"a whole session was there after {found} of them"


@contextlib.contextmanager
def small_disk(bench, size, read_only=False):
    place = bench.folder / "disk"
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def disks(bench, *_):
    """A full disk and a read-only one: one line, status 1, and the former file stays."""
    if os.geteuid() != 0:
        return 0, "skipped: this needs root"
    model = bench.folder / "model.safetensors"
    train = ["train", "--data", bench.digits, *TINY]
    if not model.exists():
        bench.run(*train, "--out", model)
    data = ["--data", bench.digits]
    cases = 0
    with small_disk(bench, "200k") as disk:
        (disk / "codes.csv").write_text("former")
        for line in ([*train, "--out", disk / "m.safetensors"], [*train, "--checkpoint", disk / "kept"],
                     ["encode", model, *data, "--split", "train", "--out", disk / "codes.csv"],
                     ["synthesize", "--count", 1400, "--out", disk / "digits"]):
            done = subprocess.run([bench.binary, *map(str, line)], capture_output=True, text=True)
            cases += 1
            if done.returncode == 0:   # it fitted
                continue
            errors = [text for text in done.stderr.splitlines() if text.startswith("zscape: ")]
            if done.returncode != 1 or len(errors) != 1 or "No space left" not in errors[0]:
                raise Lost(f"{line[0]} on a full disk: {done.returncode}, {done.stderr.strip()[-300:]}")
            bench.check_model(disk / "m.safetensors")
            if temporary_files(disk):
                raise Lost(f"{line[0]} left {temporary_files(disk)}")
    with small_disk(bench, "4m", read_only=True) as disk:
        for line in ([*train, "--out", disk / "m.safetensors"], ["encode", model, *data, "--out", disk / "c.csv"],
                     ["sample", model, "--out", disk / "s.png"]):
            done = bench.run(*line, code=1)
            cases += 1
            if "Read-only file system" not in done.stderr:
                raise Lost(f"{line[0]} on a read-only disk says: {done.stderr.strip()}")
    return cases, "each said so in one line; nothing was left half written"


def lost_data(bench, *_):
    """The data go while the run is away: it says so, and goes on once they are found."""
    data, folder = bench.folder / "lost", bench.folder / "lost-run"
    shutil.copytree(bench.digits, data)
    bench.run("train", "--data", data, *TINY[2:], "--epochs", 1, "--checkpoint", folder)
    (data / "train-images-idx3-ubyte").rename(bench.folder / "aside")
    done = bench.run("train", "--resume", folder, "--epochs", 2, code=1)
    if "--data" not in done.stderr:
        raise Lost(f"it says: {done.stderr.strip()}")
    (bench.folder / "aside").rename(data / "train-images-idx3-ubyte")
    bench.run("train", "--resume", folder, "--epochs", 2)
    return 2, "refused in one line, then continued"


# What, its signal, and its share of the moments.
CASES = [("train", runs, signal.SIGKILL, 0.35), ("train", runs, signal.SIGTERM, 0.05),
         ("train", runs, signal.SIGINT, 0.05), ("encode, manifold, sample, reconstruct, interpolate", exports,
                                                 signal.SIGKILL, 0.3),
         ("fetch", downloads, signal.SIGKILL, 0.1), ("window", windows, signal.SIGKILL, 0.1),
         ("window", windows, signal.SIGTERM, 0.05), ("full and read-only disks", disks, None, 0),
         ("lost data", lost_data, None, 0)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=pathlib.Path, help="puts the table into this file (bench/results.md)")
    given = parser.parse_args()
    rows, failed = [], False
    with tempfile.TemporaryDirectory(prefix="zscape-faults-") as folder:
        bench = Bench(given.binary.resolve(), pathlib.Path(folder), given.seed)
        for what, case, number, share in CASES:
            by = signal.Signals(number).name if number else "–"
            try:
                count, result = case(bench, number, max(1, round(share * given.moments)))
            except Lost as lost:
                count, result, failed = "?", f"**lost**: {lost}", True
            rows.append([what, by, count, result])
            print(*rows[-1], sep=" · ", flush=True)
    body = f"By `{report.command_line()}`.\n\n" + report.table(["what", "fault", "times", "what was found"], rows)
    report.finish("Faults", body, given.write)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
