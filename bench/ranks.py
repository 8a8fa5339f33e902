#!/usr/bin/env python3
"""When several processes pay: two ranks of one thread beside one process of two threads, and the
all-reduce that each step costs.

Speeds are `zscape train`'s own reports of its steps, the first epoch left out; the ways of training
take turns, and ratios are medians of those within a round. An all-reduce is timed by itself, in
shared memory and by TCP on this machine, as MPI's library does it.

    bench/ranks.py BINARY [--data synthetic] [--rounds 5] [--write bench/results.md]
"""

import argparse
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import time

import report
from members import clean_environment, last_line

MPIRUN = ["mpirun", "--quiet", "--allow-run-as-root", "--oversubscribe", "-n", "2"]
TCP = ["--mca", "btl", "tcp,self"]
MODELS = {"vae 784-400-(2·2)-400-784": ["--batch", 128, "--limit", 12800, "--epochs", 3],
          "vae with --hidden 2000,2000": ["--hidden", "2000,2000", "--batch", 256, "--limit", 2560, "--epochs", 2],
          "vae with --network conv": ["--network", "conv", "--batch", 128, "--limit", 1280, "--epochs", 3]}
WAYS = {"one process, one thread": ([], 1), "one process, two threads": ([], 2), "two ranks of one thread": (MPIRUN, 1)}
BYTES = 1_700_000
LINKS = {"1 Gbit/s": 117e6, "10 Gbit/s": 1170e6}   # bytes a second


def answer_of(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=clean_environment())
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {last_line(done.stderr)}")
    return done.stdout


def samples_per_second(options, way, model):
    before, threads = WAYS[way]
    lines = answer_of([*before, options.binary, "train", "--json", "--data", options.data, "--threads", threads,
                       *MODELS[model]]).splitlines()
    return report.median([json.loads(line)["samples_per_second"] for line in lines[1:]])


def parameters(options, model):
    file = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"zscape-ranks-{os.getpid()}.safetensors"
    answer_of([options.binary, "train", "--data", options.data, "--threads", 1, *MODELS[model], "--limit", 10,
               "--epochs", 1, "--out", file])
    size = file.stat().st_size
    file.unlink()
    return size / 4   # and a short text


def time_all_reduce(floats, repeats=100):
    """In each rank that mpirun starts: the least seconds of a sum in place."""
    mpi = ctypes.CDLL("libmpi.so.40", mode=ctypes.RTLD_GLOBAL)

    def constant(name):   # Open MPI's are addresses
        return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.in_dll(mpi, name)))
    world, of_floats, of_sums = map(constant, ("ompi_mpi_comm_world", "ompi_mpi_float", "ompi_mpi_op_sum"))
    mpi.MPI_Init(None, None)
    values = (ctypes.c_float * floats)()
    least = 1e9
    for _ in range(repeats):
        mpi.MPI_Barrier(world)
        began = time.perf_counter()
        mpi.MPI_Allreduce(ctypes.c_void_p(1), values, floats, of_floats, of_sums, world)
        least = min(least, time.perf_counter() - began)
    rank = ctypes.c_int()
    mpi.MPI_Comm_rank(world, ctypes.byref(rank))
    if rank.value == 0:
        print(least)
    mpi.MPI_Finalize()


def all_reduce(floats, how=()):
    return float(answer_of([*MPIRUN, *how, sys.executable, __file__, "--all-reduce", floats]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", type=pathlib.Path)
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=pathlib.Path, help="the report's place")
    parser.add_argument("--all-reduce", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.all_reduce:
        time_all_reduce(options.all_reduce)
        return
    options.binary = options.binary.resolve()
    load, began = os.getloadavg()[0], time.monotonic()
    rows = []
    for model in MODELS:
        rounds = [{way: samples_per_second(options, way, model) for way in WAYS} for _ in range(options.rounds)]
        one, two, ranks = ([speeds[way] for speeds in rounds] for way in WAYS)
        size = 4 * parameters(options, model)
        batch = MODELS[model][MODELS[model].index("--batch") + 1]
        rows.append([model, f"{size / 1e6:.1f}", *(f"{report.median(speeds):,.0f}" for speeds in (one, two, ranks)),
                     f"{report.median([a / b for a, b in zip(ranks, two)]):.2f}",
                     f"{1e3 * batch / report.median(two):.1f}",
                     f"{1e3 * all_reduce(int(size / 4)):.2f}", f"{1e3 * all_reduce(int(size / 4), TCP):.2f}",
                     *(f"{1e3 * size / speed:.1f}" for speed in LINKS.values())])
    floats = BYTES // 4
    text = report.table(["", "MB a sum", *(f"{way}, samples/s" for way in WAYS), "ranks / threads", "step of two threads, ms",
                         "sum in memory, ms", "sum by TCP here, ms", *(f"sum over {link}, ms" for link in LINKS)], rows)
    report.finish("Several processes", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}, {time.monotonic() - began:.0f} s; the program says what is measured
and how); load average before, by other programs: {load:.1f}. Medians of {report.count_of(options.rounds, "round")}. Sums over a
link are computed, not measured: the bytes of the gradient at the link's speed, once in each direction for two hosts.

{text}
An all-reduce of 1.7 MB takes {1e3 * all_reduce(floats):.2f} ms in shared memory and {1e3 * all_reduce(floats, TCP):.2f} ms by TCP here.
""", options.write)


if __name__ == "__main__":
    main()
