#!/usr/bin/env python3
"""How fast zscape trains on data that do not fit into memory, against data that do.

Makes an NPY file of float32 pictures and an HDF5 file of the same, 4 GB each, and a smaller NPY file of
such pictures. In each round `zscape train` trains some seconds on each of them in turn: on the big ones
with its memory held to 1 GB by a control group (which counts the pages of files, too), on the small one
from memory. No page of a big file is in memory when its run begins. Figures are samples a second of the
training steps, what they wait for the disk included, as the checkpoint of each run has them; ratios are
medians of those within a round.

    bench/big_data.py BINARY [--rounds 3] [--seconds 20] [--gigabytes 4] [--folder DIR]
                      [--write bench/results.md]
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import report
from members import clean_environment, last_line

SHAPE = (28, 28)
SMALL = 140_000   # pictures: 0.4 GB
AT_ONCE = 20_000


def pictures(count, generator):
    for first in range(0, count, AT_ONCE):
        rows = min(AT_ONCE, count - first)
        yield first, generator.random((rows, *SHAPE), dtype=numpy.float32) ** 4


def write_npy(path, count):
    array = numpy.lib.format.open_memmap(path, "w+", numpy.float32, (count, *SHAPE))
    for first, some in pictures(count, numpy.random.default_rng(1)):
        array[first:first + len(some)] = some
    array.flush()


def write_hdf5(path, count):
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images", (count, *SHAPE), numpy.float32, chunks=(256, *SHAPE))
        for first, some in pictures(count, numpy.random.default_rng(1)):
            images[first:first + len(some)] = some


def leave_memory(path):
    """So that its pages are read from the disk again."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def held_to(limit):
    """A function that puts a process into a control group with so many bytes of memory, and the
    group's kind."""
    for base, group_file, limit_file in (("/sys/fs/cgroup/memory", "tasks", "memory.limit_in_bytes"),
                                         ("/sys/fs/cgroup", "cgroup.procs", "memory.max")):
        folder = pathlib.Path(base) / f"zscape-bench-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            (folder / limit_file).write_text(str(limit))
        except OSError:
            folder.rmdir()
            continue
        try:
            yield lambda: (folder / group_file).write_text(str(os.getpid())), limit_file
        finally:
            for _ in range(50):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.1)
        return
    sys.exit("no control group can be made here: run this as root, on a machine that lets it")


def memory_of(checkpoint):
    """What a run remembers: the JSON in its checkpoint."""
    with open(checkpoint, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    for text in header["__metadata__"].values():
        value = json.loads(text)
        run = value.get("run") if isinstance(value, dict) else None
        if isinstance(run, str):
            run = json.loads(run)
        if isinstance(run, dict) and "timed_inputs" in run:
            return run
    sys.exit(f"{checkpoint}: no memory of a run")


def train(options, data, count, enter=None):
    """One run of some seconds: its samples a second, its seconds before the first step, its most
    resident MB and what it said."""
    kept = options.folder / "run"
    shutil.rmtree(kept, ignore_errors=True)
    command = [options.binary, "train", "--data", data, "--threads", options.threads,
               "--epochs", 1000, "--seed", 1, "--checkpoint", kept, "--checkpoint-every", 1000]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                   stderr=errors, text=True, preexec_fn=enter,
                                   env={**clean_environment(), "TMPDIR": str(options.folder)})
        header = process.stdout.readline()   # when training begins
        start = time.monotonic() - began
        if header:
            time.sleep(options.seconds)
            process.send_signal(signal.SIGINT)
        epochs = process.stdout.read().splitlines()
        _, _, usage = os.wait4(process.pid, 0)
        errors.seek(0)
        said = errors.read()
        if not header or not (kept / "checkpoint.safetensors").exists():
            sys.exit(f"{' '.join(map(str, command))}: {last_line(said)}")
    run = memory_of(kept / "checkpoint.safetensors")
    inputs, seconds = run["timed_inputs"], run["timed_seconds"]
    for epoch in epochs:   # those that were complete
        rows = count - count // 7
        inputs += rows
        seconds += rows / float(epoch.split()[9].replace(",", ""))
    return {"steps": inputs / seconds, "start": start, "memory": usage.ru_maxrss / 1024,
            "read": inputs * 4 * SHAPE[0] * SHAPE[1] / 2**30, "said": said}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="of training in each run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--memory", type=float, default=1, help="GB that a run may have")
    parser.add_argument("--folder", type=pathlib.Path, default="/var/tmp", help="where the files go, "
                        "and come from: on a disk")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place")
    options = parser.parse_args()
    load, began = os.getloadavg()[0], time.monotonic()
    count = int(options.gigabytes * 2**30 / (4 * SHAPE[0] * SHAPE[1]))
    options.folder = pathlib.Path(tempfile.mkdtemp(prefix="zscape-big-", dir=options.folder))
    runs = {"NPY": [], "HDF5": [], "in memory": []}
    try:
        big = {"NPY": options.folder / "big.npy", "HDF5": options.folder / "big.h5"}
        small = options.folder / "small.npy"
        for write, path, pictures_in in ((write_npy, big["NPY"], count), (write_hdf5, big["HDF5"], count),
                                         (write_npy, small, SMALL)):
            # By itself: a program that starts another one hands on its most resident memory.
            writer = multiprocessing.Process(target=write, args=(path, pictures_in))
            writer.start()
            writer.join()
            if writer.exitcode != 0:
                sys.exit(f"{path} could not be written")
        with held_to(int(options.memory * 2**30)) as (enter, kind):
            for number in range(options.rounds):
                for name, path in big.items():
                    leave_memory(path)
                    runs[name].append(train(options, path, count, enter))
                    assert "--memory" in runs[name][-1]["said"], runs[name][-1]["said"]
                runs["in memory"].append(train(options, small, SMALL))
                for name, found in runs.items():
                    print(f"round {number + 1}, {name}: {found[-1]['steps']:,.0f} samples/s, "
                          f"{found[-1]['memory']:.0f} MB", flush=True)
    finally:
        shutil.rmtree(options.folder)
    rows = []
    for name, found in runs.items():
        images = SMALL if name == "in memory" else count
        ratios = [run["steps"] / beside["steps"] for run, beside in zip(found, runs["in memory"])]
        rows.append([name, f"{images * 4 * SHAPE[0] * SHAPE[1] / 2**30:.2f}",
                     f"{report.median([run['start'] for run in found]):.1f}",
                     f"{report.median([run['steps'] for run in found]):,.0f}",
                     f"{report.median(ratios):.2f}",
                     f"{report.median([run['read'] for run in found]):.1f}",
                     f"{report.median([run['memory'] for run in found]):.0f}"])
    headings = ["", "GB", "start-up, s", "samples/s", "× in memory", "GB trained on", "resident MB"]
    report.finish("Data beyond memory", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}, {time.monotonic() - began:.0f} s; the program \
says what is measured
and how); load average before, by other programs: {load:.1f}. The reference VAE on \
{report.count_of(options.threads, "thread")}, float32 pictures of 28×28; both big files with memory \
held to {options.memory:g} GB
({kind}), the pages of files included; medians of {report.count_of(options.rounds, "round")}. Start-up of \
HDF5 writes all of it into a scratch file first. Resident MB: the most of the process, mapped pages included.

{report.table(headings, rows)}""", options.write)


if __name__ == "__main__":
    main()
