#!/usr/bin/env python3
"""How the cost of training grows with the batch, the layers, the code and the data.

Each point is `zscape train` on one thread, by its own report: time for a training sample, held
against the products that the sample needs (its FLOP), and the most memory that the process had.
Growth is against the reference 784-400-(2·2)-400-784 at batch 128, which runs just before each point
of each round: the median of these ratios. The data grow from 1,000 to 1,000,000 synthetic training images, with the
start-up and the test figures at an epoch's end; each size is trained for one epoch and more.

    bench/scaling.py BINARY [--rounds 3] [--seconds 0.6] [--write bench/results.md]
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import report
from members import clean_environment, flop_per_sample, last_line, pinned
from report import count_of, number_list

PIXELS = 784
LONG_EPOCH = 300_000
ROUGH_SPEED = 120e9   # FLOP a second: how many samples a burst takes, before anything is measured


@dataclasses.dataclass(frozen=True)
class Point:
    batch: int = 128
    hidden: int = 400
    latent: int = 2

    def flop(self):
        return flop_per_sample(PIXELS, self.hidden, self.latent)

    def parameters(self):
        widths = [(PIXELS, self.hidden), (self.hidden, 2 * self.latent),
                  (self.latent, self.hidden), (self.hidden, PIXELS)]
        return sum((inputs + 1) * outputs for inputs, outputs in widths)

    def arguments(self):
        return ["--batch", self.batch, "--hidden", self.hidden, "--latent", self.latent]


@dataclasses.dataclass
class Run:
    microseconds: float   # of one training sample
    memory: float         # MB at most
    start: float          # seconds before the first step and after the last
    evaluation: float     # microseconds of one test image at an epoch's end


def train(options, data, inputs, tests, epochs, point):
    """One process; figures are means over its epochs."""
    command = [*pinned(options.threads), options.binary, "train", "--data", data, "--json",
               "--threads", options.threads, "--limit", inputs, "--epochs", epochs,
               *point.arguments()]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                   stderr=errors, text=True, env=clean_environment())
        lines = [json.loads(line) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))}: {last_line(errors.read())}")
    wall = time.monotonic() - began
    training = sum(inputs / line["samples_per_second"] for line in lines)
    seconds = lines[-1]["seconds"]
    return Run(1e6 * training / (inputs * epochs), usage.ru_maxrss / 1024, wall - seconds,
               1e6 * (seconds - training) / (tests * epochs))


def synthesize(options, count, folder):
    """A folder of so many training images; how many test images it has."""
    subprocess.run([options.binary, "synthesize", "--count", str(count * 7 // 6), "--out", folder],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(pathlib.Path(folder) / "t10k-images-idx3-ubyte", "rb") as file:
        return int.from_bytes(file.read(8)[4:8], "big")


def inputs_for(options, point):
    """Whole batches for about so long, five at least where there are as many images."""
    wanted = max(int(options.seconds * ROUGH_SPEED / point.flop()) // point.batch, 5)
    return min(wanted, max(options.inputs // point.batch, 1)) * point.batch


def growth(options, data, tests, points):
    """{point: [(its run, the reference's just before)]}, all points in turn."""
    runs = {point: [] for point in dict.fromkeys([Point(), *points])}
    for number in range(options.rounds):
        for point, found in runs.items():
            beside, run = (train(options, data, inputs_for(options, each), tests, 1, each)
                           for each in (Point(), point))
            found.append((run, beside))
            print(f"round {number + 1}, batch {point.batch}, hidden {point.hidden}, latent "
                  f"{point.latent}: {run.microseconds:.1f} µs a sample, {run.memory:.0f} MB; the "
                  f"reference {beside.microseconds:.1f} µs", flush=True)
    return runs


def growth_table(options, runs):
    rows, worst = [], 0
    for name, values in (("batch", options.batch), ("hidden", options.hidden),
                         ("latent", options.latent)):
        for value in values:
            point = dataclasses.replace(Point(), **{name: value})
            time_growth = report.median([run.microseconds / beside.microseconds
                                         for run, beside in runs[point]])
            found = [run for run, _ in runs[point]]
            flop_growth = point.flop() / Point().flop()
            speed = point.flop() / report.median([run.microseconds for run in found]) / 1e3
            if value > getattr(Point(), name):
                worst = max(worst, time_growth / flop_growth)
            rows.append([f"{name} {value:,}", f"{point.flop() / 1e6:.2f}",
                         f"{point.parameters():,}",
                         f"{report.median([run.microseconds for run in found]):.1f}",
                         f"{flop_growth:.2f}", f"{time_growth:.2f}",
                         f"{time_growth / flop_growth:.2f}", f"{speed:.0f}",
                         f"{report.median([run.memory for run in found]):.0f}"])
    headings = ["", "MFLOP a sample", "parameters", "µs a sample", "× FLOP", "× time",
                "time ÷ FLOP", "GFLOP/s", "MB"]
    return report.table(headings, rows), worst


def by_data(options, folder):
    """{(training images, test images): runs}, in turn; one of the largest, which is long enough."""
    folders = {count: f"{folder}/{count}" for count in options.data}
    tests = {count: synthesize(options, count, folders[count]) for count in options.data}
    runs = {(count, tests[count]): [] for count in options.data}
    for number in range(options.rounds):
        for (count, test), found in runs.items():
            if number > 0 and count > LONG_EPOCH:
                continue
            epochs = int(options.seconds * ROUGH_SPEED / Point().flop() / count)
            found.append(train(options, folders[count], count, test, min(max(epochs, 1), 20),
                               Point()))
            print(f"round {number + 1}, {count:,} training images: {found[-1].microseconds:.1f} µs a "
                  f"sample, start-up {found[-1].start:.2f} s, {found[-1].memory:.0f} MB", flush=True)
    return runs


def data_table(runs):
    """Also how many bytes an image takes of the process, between the smallest and the largest."""
    rows, sizes = [], []
    for (count, tests), found in runs.items():
        time_, evaluation, start, memory = (
            report.median([getattr(run, name) for run in found])
            for name in ("microseconds", "evaluation", "start", "memory"))
        sizes.append((count + tests, memory * 2**20))
        rows.append([f"{count:,} + {tests:,}", f"{time_:.1f}", f"{evaluation:.1f}", f"{start:.2f}",
                     f"{memory:.0f}", f"{(count + tests) * PIXELS / 2**20:.0f}"])
    headings = ["training + test images", "µs a training sample", "µs a test image",
                "start-up, s", "MB", "MB of images"]
    (few, little), (many, much) = sizes[0], sizes[-1]
    each = (much - little) / (many - few) if many > few else 0
    return report.table(headings, rows), each


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.6, help="of a burst, about")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=number_list, default=[32, 128, 512, 2048, 8192])
    parser.add_argument("--hidden", type=number_list, default=[100, 200, 400, 800, 2048])
    parser.add_argument("--latent", type=number_list, default=[2, 8, 32, 128])
    parser.add_argument("--data", type=number_list, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--inputs", type=int, default=60_000, help="images for all but the data's "
                        "growth")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section is "
                        "written anew, the rest stays")
    options = parser.parse_args()
    load, began = os.getloadavg()[0], time.monotonic()
    points = [dataclasses.replace(Point(), **{name: value}) for name in ("batch", "hidden", "latent")
              for value in getattr(options, name)]
    with tempfile.TemporaryDirectory() as folder:
        tests = synthesize(options, options.inputs, folder)
        text, worst = growth_table(options, growth(options, folder, tests, points))
    print("\n" + text, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        data, each = data_table(by_data(options, folder))
    report.finish("How cost grows", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}, {time.monotonic() - began:.0f} s; the program \
says what is measured
and how); load average before, by other programs: {load:.1f}. `zscape train` on \
{count_of(options.threads, "thread")}; growth against 784-400-(2·2)-400-784 at batch 128
just before, medians of {count_of(options.rounds, "round")}. Adam's update of all parameters and their moments \
comes once a step, so small batches pay more of it a sample.
MB: the most memory of the whole process, LibTorch's libraries and the images included.

{text}
Above the reference, time grows at most {worst:.2f} times as fast as the products that it is for.

The data, one epoch and more of each; the images lie in memory once, as bytes. Start-up: the process \
without its training and test
figures, so reading the files above all.

{data}
From the smallest to the largest, the process grows by {each:.0f} bytes an image of {PIXELS} bytes.
""", options.write)


if __name__ == "__main__":
    main()
