#!/usr/bin/env python3
"""How long the window takes to open a million codes of 64 dimensions, and how much memory.

Writes them as float32 into a .npy file, opens them in the real window under software OpenGL on a
virtual display, and reads from its log when all of them were drawn along their principal axes. Then
the pointer rests on a code and the neighbours of that input are looked for. The memory is the most
that the process ever had (VmHWM), mapped files included.

    bench/codes.py BINARY [--count 1000000] [--latent 64] [--write FILE]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import report
from window import Display, lines_of

MOST_SECONDS, MOST_MB = 10, 1000   # what is promised for a million codes of 64 dimensions
CLUSTERS = 20


def write_codes(path, count, latent):
    """Clusters along a few directions, as an embedding has them; in pieces."""
    draw = np.random.default_rng(0)
    middles = 4 * draw.standard_normal((CLUSTERS, latent)).astype(np.float32)
    spread = (1 / np.sqrt(1 + np.arange(latent))).astype(np.float32)
    codes = np.lib.format.open_memmap(path, "w+", np.float32, (count, latent))
    for first in range(0, count, 65536):
        rows = min(65536, count - first)
        noise = draw.standard_normal((rows, latent), np.float32)
        codes[first:first + rows] = middles[draw.integers(CLUSTERS, size=rows)] + noise * spread
    codes.flush()


def most_memory(process):
    """In MB; 0 once it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1000 for line in status.splitlines()
                 if line.startswith("VmHWM")), 0)


def wait_for(log, process, found, what):
    """The first true value of found(log lines)."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"the explorer ended with {process.returncode} before {what}")
        value = found(lines_of(log))
        if value:
            return value
        time.sleep(0.02)
    sys.exit(f"{what} did not come")


def pointed_at(display, log, process):
    """Opens the tab of neighbours and moves to the plot's middle; seconds until they are there."""
    def rect(name):
        return wait_for(log, process, lambda lines: next(
            (line["rect"] for line in reversed(lines)
             if line["event"] == "widget" and line["name"] == name), None), name)

    def hand(*words):
        subprocess.run(["xdotool", *map(str, words)], env=display.environment, check=True)
    x, y, width, height = rect("tab_neighbours")
    hand("mousemove", round(x + width / 2), round(y + height / 2), "click", 1)
    time.sleep(1)   # the click's frame
    layout = lines_of(log, "layout")[-1]["plot"]
    middle = layout[0] + layout[2] / 2, layout[1] + layout[3] / 2
    for step in range(400):   # outwards, until it meets a code
        if lines_of(log, "neighbours"):
            break
        began = time.monotonic()
        hand("mousemove", round(middle[0] + 3 * step ** 0.7 * np.cos(step)),
             round(middle[1] + 3 * step ** 0.7 * np.sin(step)))
        until = began + 5
        while time.monotonic() < until and not lines_of(log, "neighbours"):
            time.sleep(0.02)
    found = lines_of(log, "neighbours")
    return time.monotonic() - began if found else None


def measure(binary, display, folder, path):
    log = folder / "log.jsonl"
    environment = {**display.environment, "XDG_CONFIG_HOME": str(folder / "config"),
                   "XDG_STATE_HOME": str(folder / "state")}
    began = time.monotonic()
    process = subprocess.Popen([binary, "--codes", str(path), "--log", str(log)], env=environment,
                               cwd=folder)
    try:
        def drawn(lines):
            counts = [line for line in lines if line["event"] == "points"]
            axes = [line for line in lines if line["event"] == "axes" and line["principal"]]
            return counts and counts[-1]["count"] and axes and (counts[-1], axes[-1])
        points, axes = wait_for(log, process, drawn, "the points")
        start = lines_of(log, "start")[0]
        offset = start["monotonic"] - start["time"]
        opened = max(points["time"], axes["time"]) + offset - began
        opened_mb = most_memory(process)
        neighbours = pointed_at(display, log, process)
        return points["count"], opened, opened_mb, neighbours, most_memory(process)
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--latent", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section "
                        "is written anew, the rest stays")
    options = parser.parse_args()

    load = os.getloadavg()[0]
    rows, all_pass = [], True
    with Display() as display, tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "codes.npy"
        write_codes(path, options.count, options.latent)
        for number in range(options.rounds):
            folder = pathlib.Path(name) / f"round{number}"
            folder.mkdir()
            drawn, seconds, memory, neighbours, most = measure(options.binary, display, folder,
                                                               path)
            found = "–" if neighbours is None else f"{neighbours:.1f}"
            rows.append([f"{drawn:,}", f"{seconds:.1f}", f"{memory:.0f}", found, f"{most:.0f}"])
            all_pass = all_pass and seconds < MOST_SECONDS and most < MOST_MB
    table = report.table(["points drawn (training part)", "seconds until then", "most MB then",
                          "seconds to neighbours", "most MB in all"], rows)
    report.finish("Codes", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}; the program says what is measured and
how); load average before, by other programs: {load:.1f}. A file of {options.count:,} × {options.latent} float32 \
({options.count * options.latent * 4 / 1e6:.0f} MB), opened from the
command line; under {MOST_SECONDS} s and {MOST_MB} MB are promised: {"kept" if all_pass else "not kept"}.

{table}""", options.write)


if __name__ == "__main__":
    main()
