#!/usr/bin/env python3
"""What a frame of the window costs, under software OpenGL on a virtual display.

  own time    the processor time of the window's thread for each frame, buffer swap excluded, at
              70,000 points: paused with the pointer moving, and the same while the model trains, in turn within one
              session. Medians and 99th percentiles over all rounds, and their ratio.
  whole time  of each frame, swap included, at 10 k, 70 k and 1 M points, paused: while the pointer
              moves, and while the wheel zooms, so that all points are drawn anew; without and with
              the decoded manifold beneath them.

The data are noisy 8×8 pictures of ten classes, written here; the model is the reference VAE with two
latent dimensions. A paused window shows every code.

    bench/frames.py BINARY [--rounds 6] [--seconds 6] [--write bench/results.md]
"""

import argparse
import pathlib
import os
import random
import struct
import sys
import tempfile
import time

import report
from window import Display, explore, lines_of

SIZES = [10_000, 70_000, 1_000_000]
SIDE = 8
HOVERS = 2.5   # that a script makes in a second, eight frames each


def write_data(folder, count):
    """IDX files with so many training pictures, and 1000 for the test."""
    folder.mkdir()
    draw = random.Random(0)
    patterns = [bytes(draw.choice((20, 220)) for _ in range(SIDE * SIDE)) for _ in range(10)]
    # Noise by exclusive or with random bits, a whole class at a time: quick without NumPy.
    mask = int.from_bytes(bytes([63]) * (SIDE * SIDE), "big")
    for name, rows in (("train", count), ("t10k", 1000)):
        with open(folder / f"{name}-images-idx3-ubyte", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, rows, SIDE, SIDE))
            numbers = [int.from_bytes(pattern, "big") for pattern in patterns]
            for row in range(rows):
                noise = draw.getrandbits(8 * SIDE * SIDE) & mask
                file.write((numbers[row % 10] ^ noise).to_bytes(SIDE * SIDE, "big"))
        with open(folder / f"{name}-labels-idx1-ubyte", "wb") as file:
            file.write(struct.pack(">II", 0x801, rows))
            file.write(bytes(row % 10 for row in range(rows)))


def hovers(count, draw):
    return [{"do": "hover", "z": [draw.uniform(-2, 2), draw.uniform(-2, 2)]} for _ in range(count)]


def zooms(count):
    return [{"do": "wheel", "z": [0.3, 0.2], "by": 1 if i // 4 % 2 == 0 else -1}
            for i in range(count)]


def mark(name):
    """A line in the log that tells where a phase begins: the seed of a run that never comes."""
    return {"do": "set", "seed": name}


def phases(log):
    """[(mark, frames)] of each phase; a frame: its milliseconds of processor time, in all, and whether
    the points were drawn anew. The first and the last second of a phase are left out: the log has a
    line a second."""
    lines = lines_of(log)
    marks = [(line["time"], line["seed"]) for line in lines
             if line["event"] == "command" and line.get("command") == "set_seed"]
    found = []
    for (begin, name), (end, _) in zip(marks, marks[1:]):
        frames = [line for line in lines if line["event"] == "frames"
                  and begin + 1.2 < line["time"] < end]
        found.append((name, [frame for line in frames for frame in zip(
            line["cpu_each"], line["whole_each"], line["redrawn_each"])]))
    return found


def median(values):
    return sorted(values)[len(values) // 2]


def p99(values):
    return sorted(values)[int(len(values) * 0.99)]


BEGIN = [{"do": "wait", "step": 200}, {"do": "pause"}, {"do": "wait", "idle": True},
         {"do": "wait", "seconds": 1}]


def own_times(options, display, folder, data):
    draw = random.Random(1)
    moves = round(options.seconds * HOVERS)
    script = list(BEGIN)
    for _ in range(options.rounds):
        script += [mark(1), *hovers(moves, draw), mark(9), {"do": "start"},
                   {"do": "wait", "seconds": 1}, mark(2), *hovers(moves, draw), mark(9),
                   {"do": "pause"}, {"do": "wait", "idle": True}, {"do": "wait", "seconds": 1}]
    script += [mark(9), {"do": "quit"}]
    log = explore(options.binary, display, folder, script, arguments=["--data", str(data)])
    found = phases(log)
    paused = [own for name, frames in found if name == 1 for own, _, _ in frames]
    training = [own for name, frames in found if name == 2 for own, _, _ in frames]
    return paused, training


def whole_times(options, display, folder, data):
    draw = random.Random(2)
    moves = round(options.seconds * HOVERS)
    script = list(BEGIN)
    for first in (1, 3):   # without and with the manifold
        script += [mark(first), *hovers(moves, draw), mark(9), mark(first + 1), *zooms(moves),
                   mark(9)]
        if first == 1:
            script += [{"do": "key", "name": "3"}, {"do": "wait", "seconds": 2}]
    script += [{"do": "quit"}]
    log = explore(options.binary, display, folder, script, arguments=["--data", str(data)])
    # A wheel's notch comes with moves of the pointer, in whose frames the picture is only copied.
    return {name: [whole for _, whole, redrawn in frames if redrawn or name % 2 == 1]
            for name, frames in phases(log) if name != 9}


def spread(values):
    return f"{median(values):.1f}, {p99(values):.1f}" if values else "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rounds", type=int, default=6, help="of paused and training, in turn")
    parser.add_argument("--seconds", type=float, default=6, help="of a phase")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section "
                        "is written anew, the rest stays")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with Display() as display, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for count in SIZES:
            write_data(folder / str(count), count)
        paused, training = own_times(options, display, folder, folder / "70000")
        ratio = p99(training) / p99(paused)
        print(f"own time at 70,000 points: paused {spread(paused)} ms ({len(paused)} frames), "
              f"training {spread(training)} ms ({len(training)} frames); p99 ratio {ratio:.2f}",
              flush=True)
        rows = []
        for count in SIZES:
            whole = whole_times(options, display, folder, folder / str(count))
            rows.append(f"| {count:,} | " + " | ".join(
                spread(whole.get(phase, [])) for phase in (1, 2, 3, 4)) + " |")
            print(rows[-1], flush=True)
    table = "\n".join(rows)
    report.finish("Frames", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}; the program says what is measured and how), \
under software OpenGL, window 1600×1000;
load average before, by other programs: {load:.1f}.

Own processor time of a frame, swap excluded, at 70,000 points with the pointer moving, \
{options.rounds} rounds in turn:

| | median | p99 | frames |
| --- | --- | --- | --- |
| paused | {median(paused):.2f} ms | {p99(paused):.2f} ms | {len(paused):,} |
| training | {median(training):.2f} ms | {p99(training):.2f} ms | {len(training):,} |

The p99 while training is {ratio:.2f} times the paused one.

Whole frames, swap included, paused; median, p99 in ms:

| points | pointer moves | view zooms | pointer moves, manifold | view zooms, manifold |
| --- | --- | --- | --- | --- |
{table}
""", options.write)


if __name__ == "__main__":
    sys.exit(main())
