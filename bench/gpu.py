#!/usr/bin/env python3
"""How fast zscape trains on an NVIDIA GPU, beside its peers there, in turn within one run.

  speed     `zscape train --device cuda` in fp32, TF32 and bf16, PyTorch with a plain loop, with the fused
            Adam, with torch.compile (reduce-overhead: CUDA graphs), and JAX where ZSCAPE_JAX_VENV names an
            environment that has it for CUDA: the reference VAE, batches of 128, 512 and 4,096, as
            bench/training.py has it. All data lie on the GPU.
  sanity    the same first losses by all of them; ten epochs on the CPU and on the GPU end at the same test
            loss but for the noise of seeds.
  epoch     an epoch of 60,000 at batch 128, and how soon after its first step a 2-D VAE has the test loss
            that PyTorch needs ten epochs for (155.9 nats on MNIST).
  window    the explorer's training with the window still and under a moving pointer, and how soon a
            hover shows its picture (bench/window.py), snapshots and decoding included.

    bench/gpu.py BINARY --data MNIST [--rounds 5] [--seconds 1] [--write bench/results.md]

--device cpu plays all of it on the processor, to try the program itself.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import report
import window
from members import Missing, Zscape, clean_environment, last_line
from report import count_of, number_list
from training import (LOSS_INPUTS, PEERS, Field, count_inputs, data_folder, figure, losses_text, ratio,
                      word_list)

AIM_LOSS = 155.9     # nats on MNIST: ten epochs in Python
SEEDS = 3            # of the runs that the CPU's and the GPU's ends are compared by
HEADINGS = ["batch", "", "samples/s", "× eager", "× torch.compile", "× JAX", "epoch of 60,000, ms"]


def rows_of(field, batch, rounds):
    rows = []
    for name, label in field.labels.items():
        speeds = [speeds[name] for speeds, _ in rounds if name in speeds]
        if speeds:
            speed = report.median(speeds)
            rows.append([batch, label, f"{speed:,.0f}",
                         *(figure(ratio(rounds, name, other)) for other in ("eager", "compile", "jax")),
                         f"{60_000_000 / speed:.1f}"])
    return rows


def speeds_of(options, data):
    field = Field(options, data, options.threads)
    rounds = field.measure_all()
    return [row for batch, measured in rounds.items() for row in rows_of(field, batch, measured)], field


def long_run(options, data, device, seed):
    run = Zscape(options, data, options.threads, "fp32", device)
    run.command += ["--seed", str(seed)]
    return run.train(options.inputs, 128, options.epochs)


def ends_of(options, data):
    """(text of the sanity figures, text of the time to the aim)."""
    runs = {device: [long_run(options, data, device, seed) for seed in range(SEEDS)]
            for device in dict.fromkeys(["cpu", options.device])}
    ends = {device: [run[-1]["test_loss"] for run in its] for device, its in runs.items()}
    text = "; ".join(f"{device} " + ", ".join(f"{loss:.2f}" for loss in losses)
                     + f" (mean {statistics.mean(losses):.2f})" for device, losses in ends.items())
    reached = [next((line for line in run if line["test_loss"] <= AIM_LOSS), None)
               for run in runs[options.device]]
    times = [f"{line['seconds']:.2f} s (epoch {line['epoch']})" if line else "not reached"
             for line in reached]
    return text, ", ".join(times)


def window_rows(options):
    """Speeds with the window as shares of that without, and the hover's latencies."""
    rows = []
    with window.Display() as display, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        device = ["--device", options.device]
        for state in ("still", "moving"):
            plain = window.speed_without_window(options.binary, max(options.epochs, 3), device)
            speed, rate, *_ = window.speed_with_window(options.binary, display, folder, 6, state,
                                                      device)
            rows.append([f"window, pointer {state}", f"{speed:,.0f}", f"{speed / plain:.2f}",
                         f"{rate:.0f}"])
        latencies, _ = window.hover_latencies(options.binary, display, folder, 100, device)
    latencies.sort()
    return rows, (f"{statistics.median(latencies):.1f}, "
                  f"{latencies[int(len(latencies) * 0.99)]:.1f} ms" if latencies else "not measured")


def options_of_line():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("ZSCAPE_MNIST"),
                        help="a folder of IDX files with 28×28 images; default: ZSCAPE_MNIST's, or "
                        "60,000 synthetic digits")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of a burst")
    parser.add_argument("--batch", type=number_list, default=[128, 512, 4096])
    parser.add_argument("--epochs", type=int, default=10, help="of the runs to the end")
    parser.add_argument("--threads", type=int, default=min(4, len(os.sched_getaffinity(0))))
    parser.add_argument("--precision", type=word_list, default=["fp32", "tf32", "bf16"])
    parser.add_argument("--peers", type=word_list, default=list(PEERS), help="some of "
                        f"{','.join(PEERS)}, or none")
    parser.add_argument("--torch-venv", help="an environment with PyTorch, to install none")
    parser.add_argument("--jax-venv", default=os.environ.get("ZSCAPE_JAX_VENV"),
                        help="one with JAX for CUDA and optax")
    parser.add_argument("--no-install", action="store_true", help="only peers that are there")
    parser.add_argument("--no-window", action="store_true", help="leave the window out")
    parser.add_argument("--inputs", type=int, default=0, help="use the first N images; default: all")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section is "
                        "written anew, the rest stays")
    options = parser.parse_args(namespace=argparse.Namespace(limits=None))   # the processor's
    if not options.jax_venv:   # the one that bench/training.py makes has no CUDA
        options.peers = [name for name in options.peers if name != "jax"]
    return options


def gpu_name(options):
    done = subprocess.run([options.binary, "train", "--device", options.device, "--epochs", "1",
                           "--limit", "128", "--json"], capture_output=True, text=True, check=False,
                          env=clean_environment(options.device))
    if done.returncode != 0:
        sys.exit(last_line(done.stderr))
    with contextlib.suppress(OSError):
        shown = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
                               capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            return last_line(shown.stdout)
    return report.processor()


def main():
    options = options_of_line()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # so that no stopped peer is left
    name = gpu_name(options)
    began = time.monotonic()
    with data_folder(options) as (data, what):
        count = count_inputs(data)
        options.inputs = min(options.inputs or count, count)
        rows, field = speeds_of(options, data)
        print("\n" + report.table(HEADINGS, rows), flush=True)
        try:
            ends, aim = ends_of(options, data)
        except Missing as reason:
            sys.exit(f"zscape: {reason}")
    window_text = "Left out."
    if not options.no_window:
        try:
            shares, hover = window_rows(options)
        except (OSError, SystemExit, subprocess.CalledProcessError) as reason:
            shares, hover = [["window", f"not measured: {reason}", "–", "–"]], "not measured"
        window_text = (report.table(["", "inputs/s", "of that without", "frames a second"], shares)
                       + f"\nHover to picture while training: median, p99: {hover}.")
    left_out = "; ".join(f"{label} ({reason})" for label, reason in field.missing.items())
    report.finish("Training on the GPU", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}, {time.monotonic() - began:.0f} s; the program \
says what is measured and how)
on {what}, device {options.device}: {name}. Medians of {count_of(options.rounds, "round")} of {options.seconds:g} s each; ratios are medians of those
within a round. The aims: 8 × eager and 2 × torch.compile at batch 128, an epoch of MNIST below 60 ms.
Peers: {", ".join(field.versions()) or "none"}. Left out: {left_out or "nobody"}.

{losses_text(field, min(LOSS_INPUTS, options.inputs))}

{report.table(HEADINGS, rows)}
Test loss after {count_of(options.epochs, "epoch")}, {SEEDS} seeds each: {ends}.

From the first step to a test loss of {AIM_LOSS} (test figures after each epoch included): {aim}.

{window_text}""", options.write)


if __name__ == "__main__":
    main()
