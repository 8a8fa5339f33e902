#!/usr/bin/env python3
"""Whether the suite is steady: the whole of it, several times over, on machines that are not alike.

    bench/steady.py BUILD [--times 5] [--on idle,busy,slow,fast] [--write FILE]

BUILD is a built folder, such as build/release. idle: as ./dev test runs it. busy: beside two processes that
never rest. slow: on one processor, where as many tests run at once. fast: one test at a time, so that each
has all processors. `idle` runs as often as --times says, each other once. The exit status is 1 if a test failed.
"""

import argparse
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

import report


@contextlib.contextmanager
def busy_processes(count):
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def run(build, condition):
    """One run of the suite: tests, names of those that failed, seconds."""
    processors = len(os.sched_getaffinity(0))
    at_once = 1 if condition == "fast" else processors * 3 // 2   # as ./dev test
    command = ["ctest", "--test-dir", build, "--parallel", str(at_once)]
    if condition == "slow":
        command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]
    began = time.monotonic()
    with busy_processes(2 if condition == "busy" else 0):
        text = subprocess.run(command, capture_output=True, text=True).stdout
    took = time.monotonic() - began
    count = re.search(r"tests failed out of (\d+)", text)
    if not count:
        sys.exit(f"ctest ran no test:\n{text[-2000:]}")
    failed = re.findall(r"^\s*\d+ - (\S+) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted|ILLEGAL)\)", text, re.M)
    return int(count[1]), failed, took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--on", default="idle,busy,slow,fast")
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()

    rows, lost = [], 0
    for condition in options.on.split(","):
        for _ in range(options.times if condition == "idle" else 1):
            count, failed, took = run(options.build, condition)
            lost += len(failed)
            rows.append([condition, count, ", ".join(failed) or "none", f"{took:.0f}"])
            print(*rows[-1], flush=True)
            body = f"By `{report.command_line()}`.\n\n" + report.table(["machine", "tests", "failed", "seconds"], rows)
            if options.write:
                report.write_section(options.write, "Steadiness of the suite", body)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
