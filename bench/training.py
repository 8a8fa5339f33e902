#!/usr/bin/env python3
"""How fast zscape trains, beside its peers and the processor's limits, in turn within one run.

The reference VAE 784-400-(2·2)-400-784 in fp32: binary cross-entropy and KL, Adam at 1e-3, all 60,000
images in random order. Every member works for a second or less, then sleeps (stopped by a signal, so
that no thread of it spins) while the next one works; ratios are taken within a round, and the
medians of these over all rounds are shown.

  zscape    `zscape train --json`, the shipped program: one epoch and more each time, whose own
            speed counts, so without start and test figures.
  peers     Python programs (bench/peers/) that stay alive between their bursts: PyTorch with a plain
            loop, with the fused Adam, with torch.compile, and JAX with optax. Each in a virtual
            environment below build/peers/, made at the first run (PyTorch: 5 GB); or those that
            ZSCAPE_TORCH_VENV and ZSCAPE_JAX_VENV name. One that cannot be had is left out.
  limits    fused multiply-adds in registers, and the best fp32 matrix product at hand
            (bench/limits.cpp).

    bench/training.py BINARY [--data DIR] [--rounds 5] [--seconds 0.6] [--write bench/results.md]
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import report
from members import (ROOT, Member, Missing, Zscape, clean_environment, environment_python,
                     flop_per_sample)
from report import count_of, number_list

LOSS_INPUTS = 12_800
ALIKE = 0.03         # of losses of the same work by other random numbers


@dataclasses.dataclass
class Peer:
    label: str
    venv: str
    arguments: list


PEERS = {
    "eager": Peer("PyTorch, eager", "torch", ["torch_vae.py", "--how", "eager"]),
    "fused": Peer("PyTorch, fused Adam", "torch", ["torch_vae.py", "--how", "fused"]),
    "compile": Peer("PyTorch, torch.compile", "torch", ["torch_vae.py", "--how", "compile"]),
    "jax": Peer("JAX + optax, jit", "jax", ["jax_vae.py"]),
}


class Field:
    """All who take part with this many threads."""

    def __init__(self, options, data, threads):
        self.options, self.data, self.threads = options, data, threads
        self.members, self.labels, self.missing, self.losses = {}, {}, {}, {}
        self.limits = None

    def gather(self):
        options = self.options
        for precision in options.precision:
            name = f"zscape {precision}"
            self.add(name, name, lambda precision=precision: self.zscape(precision))
        for name in options.peers:
            self.add(name, PEERS[name].label, lambda name=name: self.peer(name))
        if options.limits is None:
            return
        try:
            if not options.limits.exists():
                raise Missing(f"{options.limits} is not built")
            self.limits = Member([options.limits, self.threads], self.threads)
        except Missing as reason:
            self.leave_out("limits", "the limits", reason)

    def zscape(self, precision):
        return Zscape(self.options, self.data, self.threads, precision, self.options.device)

    def peer(self, name):
        peer = PEERS[name]
        python = environment_python(peer.venv, self.options)
        script, *how = peer.arguments
        return Member([python, ROOT / "bench/peers" / script, "--data", self.data, "--inputs",
                       self.options.inputs, "--threads", self.threads, *how,
                       "--device", self.options.device], self.threads, self.options.device)

    def add(self, name, label, make):
        """With a warm-up: the mean loss over the first images, and a burst of each batch size."""
        began = time.monotonic()
        try:
            member = make()
            self.members[name] = member
            inputs = min(LOSS_INPUTS, self.options.inputs)
            self.losses[name] = member.ask("loss", inputs, self.options.batch[0])["loss"]
            for batch in self.options.batch:
                member.ask("burst", min(0.3, self.options.seconds), batch)
            self.labels[name] = label
            print(f"{label}: ready after {time.monotonic() - began:.0f} s, mean loss over the first "
                  f"{inputs:,} images {self.losses[name]:.1f}", flush=True)
        except Missing as reason:
            self.leave_out(name, label, reason)

    def leave_out(self, name, label, reason):
        member = self.members.pop(name, None)
        if member:
            member.end()
        self.missing[label] = str(reason)
        print(f"left out: {label}: {reason}", flush=True)

    def versions(self):
        return sorted({member.version for member in self.members.values() if member.version})

    def measure(self, batch, number):
        """One round: {member: samples a second} and {limit: GFLOP/s}, in an order that turns."""
        names = list(self.members)
        turn = number % max(len(names), 1)
        speeds, limits = {}, {}
        for name in names[turn:] + names[:turn]:
            try:
                answer = self.members[name].ask("burst", self.options.seconds, batch)
                speeds[name] = answer["samples"] / answer["seconds"]
            except Missing as reason:
                self.leave_out(name, self.labels[name], reason)
        if self.limits:
            try:
                limits["fma"] = self.limits.ask("fma", self.options.seconds / 2)
                limits["sgemm"] = self.limits.ask("sgemm", self.options.seconds * 1.5, batch)
            except Missing as reason:
                self.limits, limits = None, {}
                self.leave_out("limits", "the limits", reason)
        shown = [f"{self.labels[name]} {speeds[name]:,.0f}" for name in names if name in speeds]
        shown += [f"{name} {limit['gflops']:.0f} GFLOP/s" for name, limit in limits.items()]
        print(f"round {number + 1}, {count_of(self.threads, 'thread')}, batch {batch}: "
              f"{', '.join(shown)}", flush=True)
        return speeds, limits

    def measure_all(self):
        """{batch: [what measure() gives, of each round]}, once all are there; then they end."""
        try:
            self.gather()
            rounds = {batch: [] for batch in self.options.batch}
            for number in range(self.options.rounds):
                for batch in self.options.batch:
                    rounds[batch].append(self.measure(batch, number))
            return rounds
        finally:
            self.end()

    def end(self):
        for member in [*self.members.values(), *([self.limits] if self.limits else [])]:
            member.end()


def kernels_of(binary):
    """What this zscape computes with here, in words; empty where it does not say."""
    shown = subprocess.run([binary, "info", "--json"], capture_output=True, text=True, check=False,
                           env=clean_environment())
    with contextlib.suppress(json.JSONDecodeError, KeyError):
        return f" zscape's kernels: {json.loads(shown.stdout)['kernels']}."
    return ""


def ratio(rounds, name, other):
    return report.median([speeds[name] / speeds[other] for speeds, _ in rounds
                          if name in speeds and other in speeds])


def share(rounds, name, limit, flop):
    return report.median([speeds[name] * flop / (1e9 * limits[limit]["gflops"])
                          for speeds, limits in rounds if name in speeds and limit in limits])


def figure(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}"


def rows_of(field, batch, rounds, flop):
    rows = []
    for name, label in field.labels.items():
        speeds = [speeds[name] for speeds, _ in rounds if name in speeds]
        if speeds:
            rows.append([field.threads, batch, label, f"{report.median(speeds):,.0f}",
                         figure(ratio(rounds, name, "eager")), figure(ratio(rounds, name, "jax")),
                         figure(share(rounds, name, "fma", flop)),
                         figure(share(rounds, name, "sgemm", flop))])
    return rows


def limits_row(field, batch, rounds, flop):
    found = [limits for _, limits in rounds if limits]
    if not found:
        return []
    cells = [field.threads, batch]
    for name, what in (("fma", "FMA"), ("sgemm", "sgemm")):
        speed = report.median([limits[name]["gflops"] for limits in found])
        ways = [limits[name]["by"] for limits in found]
        cells += [f"{speed:.0f}", f"{speed * 1e9 / flop:,.0f}", max(set(ways), key=ways.count)]
    return [cells]


HEADINGS = ["threads", "batch", "", "samples/s", "× eager", "× JAX", "of FMA", "of sgemm"]
LIMIT_HEADINGS = ["threads", "batch", "FMA in registers, GFLOP/s", "samples/s at most", "by",
                  "best sgemm, GFLOP/s", "samples/s at most", "by"]


def measure_threads(options, data, threads):
    """The rows of one number of threads, those of its limits, and who took part."""
    flop = flop_per_sample()
    field = Field(options, data, threads)
    rows, limits = [], []
    for batch, measured in field.measure_all().items():
        rows += rows_of(field, batch, measured, flop)
        limits += limits_row(field, batch, measured, flop)
    return rows, limits, field


def losses_text(field, inputs):
    """That all do the same work shows in what they learn from it."""
    middle = report.median(field.losses.values())
    losses = ", ".join(f"{field.labels[name]} {loss:.1f}" for name, loss in field.losses.items()
                       if name in field.labels)
    text = f"Mean loss over the first {inputs:,} images, from fresh weights: {losses}."
    odd = [name for name, loss in field.losses.items() if abs(loss / middle - 1) > ALIKE]
    if odd:
        text += f" **Not alike: {', '.join(odd)}; their work is another.**"
    return text


def count_inputs(data):
    """Of the training images of a folder."""
    import gzip
    plain = data / "train-images-idx3-ubyte"
    with (plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz")) as file:
        return int.from_bytes(file.read(8)[4:8], "big")


def word_list(text):
    return [part for part in text.split(",") if part and part != "none"]


def options_of_line():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--data", type=pathlib.Path, help="a folder of IDX files with 28×28 images; "
                        "default: 60,000 synthetic digits")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.6, help="of a burst")
    parser.add_argument("--batch", type=number_list, default=[128, 512])
    parser.add_argument("--threads", type=number_list, default=[1, 2])
    parser.add_argument("--precision", type=word_list, default=["fp32", "bf16"], help="of zscape's "
                        "products; those that it has not are left out")
    parser.add_argument("--peers", type=word_list, default=list(PEERS), help="some of "
                        f"{','.join(PEERS)}, or none")
    parser.add_argument("--torch-venv", help="an environment with PyTorch, to install none")
    parser.add_argument("--jax-venv", help="likewise with JAX and optax")
    parser.add_argument("--no-install", action="store_true", help="only peers that are there")
    parser.add_argument("--limits", type=pathlib.Path, help="default: limits_bench beside BINARY")
    parser.add_argument("--inputs", type=int, default=0, help="use the first N images; default: all")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section is "
                        "written anew, the rest stays")
    options = parser.parse_args(namespace=argparse.Namespace(device="cpu"))
    if options.limits is None:
        options.limits = pathlib.Path(options.binary).parent / "limits_bench"
    unknown = [name for name in options.peers if name not in PEERS]
    if unknown:
        parser.error(f"--peers: no peer is called {', '.join(unknown)}; there are {', '.join(PEERS)}")
    return options


@contextlib.contextmanager
def data_folder(options):
    """(the folder, what it holds in words)"""
    if options.data:
        yield options.data.resolve(), f"the images of {options.data.name}"
        return
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([options.binary, "synthesize", "--count", "70000", "--out", name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield pathlib.Path(name), "the synthetic digits"


def main():
    options = options_of_line()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # so that no stopped peer is left
    load = os.getloadavg()[0]
    processors = len(os.sched_getaffinity(0))
    began = time.monotonic()
    with data_folder(options) as (data, what):
        count = count_inputs(data)
        options.inputs = min(options.inputs or count, count)
        rows, limits, missing, losses, versions = [], [], {}, "", []
        for threads in options.threads:
            if threads > processors:
                missing[count_of(threads, "thread")] = f"there are {processors} processors"
                continue
            more, its_limits, field = measure_threads(options, data, threads)
            print("\n" + report.table(HEADINGS, more), flush=True)
            rows += more
            limits += its_limits
            missing |= field.missing
            losses = losses or losses_text(field, min(LOSS_INPUTS, options.inputs))
            versions = versions or field.versions()
    left_out = "; ".join(f"{label} ({reason})" for label, reason in missing.items())
    report.finish("Training beside its peers", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}, {time.monotonic() - began:.0f} s; the program \
says what is measured
and how) on {what}; load average before, by other programs: {load:.1f}. The reference VAE \
784-400-(2·2)-400-784, Bernoulli, Adam, fp32 where it
is not said otherwise. Medians of {count_of(options.rounds, "round")} in which all took turns for \
{options.seconds:g} s each; ratios and shares are medians of those within a
round. Every program is pinned to as many processors as it has threads. A step's products are \
{flop_per_sample() / 1e6:.2f} MFLOP a sample, which the shares
count; all else that a step does (Adam, losses, random numbers) counts as lost. \
Shares of bf16 are of the same fp32 limits. The aim for fp32 at batch 128: \
0.72 of the best sgemm with
one thread, 0.77 with two.
Peers: {", ".join(versions) or "none"}. Left out: {left_out or "nobody"}.{kernels_of(options.binary)}

{losses}

{report.table(HEADINGS, rows)}
The limits:

{report.table(LIMIT_HEADINGS, limits) if limits else "not measured"}""", options.write)


if __name__ == "__main__":
    main()
