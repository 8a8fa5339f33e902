#!/usr/bin/env python3
"""What the open window costs the training, and how soon a hover shows its picture.

Under software OpenGL on a virtual display, where drawing and training share the cores:

  speed     `zscape train` without a window, and the explorer's training with the window minimised,
            open with the pointer still, and under a pointer that never rests, in turn: each between
            two runs without, whose mean it is compared with. A machine of others' may change its
            own speed meanwhile: where the two differ by over a tenth, the run does not count.
  layers    under a pointer that never rests, with the evidence lens, the layer of forces, the
            samples or the gaps of the test inputs on show: each between two such runs without.
  profile   meanwhile, what share of the processors each kind of thread takes: the window's own and
            software OpenGL's, the training's (the engine's and those it shares with), the X
            server's, and what is left.
  hover     the real pointer moves while the model trains; from just before the move is sent to
            the X server until the buffer swap of the frame that shows its picture.

Run it by `./dev bench`, or: bench/window.py BINARY [--rounds 5] [--seconds 12] [--write FILE]
"""

import argparse
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import report

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "render"))
from window_manager import minimise  # noqa: E402

BATCH = 128
FIRST_STEP = 469   # what comes before is not counted: the first epoch
STEADY = 0.1       # by which the runs without the window may differ
STATES = ("minimised", "still", "moving")   # of the window, or of the pointer over it
EXTRAS = {   # what is on show under a pointer that never rests
    "lens": ("the evidence lens", [{"do": "key", "name": "9"}]),
    "forces": ("the layer of forces", [{"do": "key", "name": "f"}]),
    "samples": ("the samples", [{"do": "key", "name": "g"}]),
    "gaps": ("the gap ledger", [{"do": "click_widget", "name": "tab_worst"}, {"do": "wait", "seconds": 0.5},
                                {"do": "click_widget", "name": "show_gaps"}]),
}


def lines_of(path, event=None):
    if not path.exists():
        return []
    text = path.read_text()
    lines = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
    return [line for line in lines if event is None or line["event"] == event]


class Display:
    """A virtual display of its own."""

    def __enter__(self):
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x1000x24"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            self.environment = {**os.environ, "DISPLAY": f":{pipe.readline().strip()}"}
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


def speed_without_window(binary, epochs, arguments=()):
    """Inputs a second from the end of the first epoch on, test figures once an epoch included."""
    out = subprocess.run(
        [binary, "train", "--data", "synthetic", "--model", "vae", "--latent", "2", "--epochs",
         str(epochs), "--json", *arguments], check=True, capture_output=True, text=True).stdout
    reports = [json.loads(line) for line in out.splitlines()]
    first, last = reports[0], reports[-1]
    return 60000 * (last["epoch"] - first["epoch"]) / (last["seconds"] - first["seconds"])


def explore(binary, display, folder, script, during=None, arguments=()):
    """Plays a script in the explorer; during(log path) runs meanwhile. Returns the log's path."""
    log = folder / "log.jsonl"
    log.unlink(missing_ok=True)
    play = folder / "script.jsonl"
    play.write_text("".join(json.dumps(line) + "\n" for line in script))
    process = subprocess.Popen([binary, *arguments, "--script", str(play), "--log", str(log)],
                               env=display.environment)
    if during:
        during(log, process)
    if process.wait() != 0:
        sys.exit(f"{binary} ended with {process.returncode}")
    return log


def processor_seconds(process, display):
    """By what runs: ticks of all threads so far. Training is what is niced."""
    seconds = {"training": 0.0, "drawing": 0.0, "X server": 0.0}
    for pid in (process.pid, display.server.pid):
        for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:   # a thread that has ended
                continue
            kind = "X server" if pid == display.server.pid else (
                "training" if int(fields[16]) > 0 else "drawing")
            seconds[kind] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


class Profile:
    """Shares of the processors between the first and the last call of sample()."""

    def __init__(self, process, display):
        self.process, self.display = process, display
        self.first = self.last = None

    def sample(self):
        try:
            at = time.monotonic(), processor_seconds(self.process, self.display)
        except OSError:
            return
        if at[1]["training"] == 0:   # it ends
            return
        self.first = self.first or at
        self.last = at

    def shares(self):
        span = (self.last[0] - self.first[0]) * len(os.sched_getaffinity(0))
        shares = {kind: (seconds - self.first[1][kind]) / span
                  for kind, seconds in self.last[1].items()}
        shares["idle"] = 1 - sum(shares.values())
        return shares


def wait_for_step(log, process, step):
    while not any(line["step"] >= step for line in lines_of(log, "frames")):
        if process.poll() is not None:
            sys.exit(f"the explorer ended with {process.returncode} before step {step}")
        time.sleep(0.1)


def first_plot(log, process):
    """Where the plot is, once the model trains."""
    wait_for_step(log, process, 1)
    return lines_of(log, "layout")[-1]["plot"]


def speed_with_window(binary, display, folder, seconds, state, arguments=()):
    """Inputs a second, frames a second, shares of the processors, and of the lens: inputs that it
    saw and weights that it took a second, and the median milliseconds of a look."""
    profiles = []

    def handle(log, process):
        plot = first_plot(log, process)
        profile = Profile(process, display)
        profiles.append(profile)
        if state == "minimised":
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid",
                                    str(process.pid)], env=display.environment, check=True,
                                   capture_output=True, text=True).stdout
            minimise(display.environment["DISPLAY"], int(found.split()[0]))
        wait_for_step(log, process, FIRST_STEP)
        if state != "moving" and state not in EXTRAS:
            while process.poll() is None:
                profile.sample()
                time.sleep(0.25)
            return
        hand = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True,
                                env=display.environment)
        began, last = time.monotonic(), 0.0
        while process.poll() is None:   # a round a second, as a hand that looks around
            angle = 2 * math.pi * (time.monotonic() - began)
            x = plot[0] + plot[2] * (0.5 + 0.35 * math.cos(angle))
            y = plot[1] + plot[3] * (0.5 + 0.35 * math.sin(angle))
            hand.stdin.write(f"mousemove {x:.0f} {y:.0f}\n")
            hand.stdin.flush()
            # A script goes on only where no input waits: a short rest twice a second.
            rests = int(2 * (time.monotonic() - began)) % 2 != int(2 * last) % 2
            last = time.monotonic() - began
            if rests:
                profile.sample()
            time.sleep(0.08 if rests else 1 / 60)
        hand.stdin.close()
        hand.wait()

    script = [{"do": "wait", "epoch": 1}, {"do": "wait", "seconds": seconds}, {"do": "quit"}]
    if state in EXTRAS:
        script[:0] = [{"do": "wait", "step": 1}, *EXTRAS[state][1]]
    log = explore(binary, display, folder, script, handle, arguments)
    frames = [line for line in lines_of(log, "frames") if line["step"] >= FIRST_STEP]
    first, last = frames[0], frames[-1]
    speed = BATCH * (last["step"] - first["step"]) / (last["time"] - first["time"])
    rate = statistics.mean(frame["per_second"] for frame in frames)
    seen = [line for line in lines_of(log, "evidence") if line["step"] >= FIRST_STEP]
    seconds = last["time"] - first["time"]
    lens = (len(seen) / seconds, len({line["of_step"] for line in seen}) / seconds,
            statistics.median(line["milliseconds"] for line in seen)) if seen else None
    return speed, rate, profiles[0].shares(), lens


def moving_speed(options, display, folder):
    return speed_with_window(options.binary, display, folder, options.seconds, "moving")[0]


def hover_latencies(binary, display, folder, moves, arguments=()):
    """Milliseconds of each move, and how many moves a later one overtook."""
    sent = []

    def wave(log, process):
        plot = first_plot(log, process)
        hand = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True,
                                env=display.environment)
        choose = random.Random(0)
        for _ in range(moves):
            x = round(plot[0] + plot[2] * choose.uniform(0.1, 0.9))
            y = round(plot[1] + plot[3] * choose.uniform(0.1, 0.9))
            sent.append(time.monotonic())
            hand.stdin.write(f"mousemove {x} {y}\n")
            hand.stdin.flush()
            time.sleep(choose.uniform(0.05, 0.15))   # a frame's length and more: none is overtaken
        hand.stdin.close()
        hand.wait()

    seconds = 3 + moves * 0.11
    log = explore(binary, display, folder,
                  [{"do": "wait", "step": 20}, {"do": "wait", "seconds": seconds}, {"do": "quit"}],
                  wave, arguments)
    began = lines_of(log, "start")[0]
    offset = began["monotonic"] - began["time"]
    shown = [line["time"] + offset for line in lines_of(log, "picture")
             if line["latency_ms"] is not None and line["fresh"]]
    latencies = []
    for number, moment in enumerate(sent):
        until = sent[number + 1] if number + 1 < len(sent) else float("inf")
        picture = next((at for at in shown if moment < at), None)
        if picture is not None and picture < until:
            latencies.append((picture - moment) * 1000)
    return latencies, len(sent) - len(latencies)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5, help="of a run without a window")
    parser.add_argument("--seconds", type=float, default=12, help="of a run with it")
    parser.add_argument("--only", nargs="+", choices=EXTRAS, help="measure only what these cost; "
                        "writes no report")
    parser.add_argument("--moves", type=int, default=300)
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section "
                        "is written anew, the rest stays")
    options = parser.parse_args()

    load = os.getloadavg()[0]
    with Display() as display, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plain = [] if options.only else [speed_without_window(options.binary, options.epochs)]
        kept, rates, profiles = ({state: [] for state in STATES} for _ in range(3))
        for _ in range(3 * options.rounds):
            for state in STATES:
                if len(kept[state]) == options.rounds or options.only:
                    continue
                speed, rate, profile, _ = speed_with_window(options.binary, display, folder,
                                                            options.seconds, state)
                before = plain[-1]
                plain.append(speed_without_window(options.binary, options.epochs))
                counts = abs(plain[-1] - before) < STEADY * max(plain[-1], before)
                share = 2 * speed / (before + plain[-1])
                print(f"{state:9} {share:.3f} of {before:6.0f} … {plain[-1]:6.0f} inputs/s"
                      + ("" if counts else ": not counted"), flush=True)
                if counts:
                    kept[state].append(share)
                    rates[state].append(rate)
                    profiles[state].append(profile)
        shown = {name: [] for name in options.only or EXTRAS}
        lenses = []
        without = moving_speed(options, display, folder)
        for _ in range(3 * options.rounds):
            for state, ratios in shown.items():
                if len(ratios) == options.rounds:
                    continue
                speed, rate, _, lens = speed_with_window(options.binary, display, folder,
                                                         options.seconds, state)
                before, without = without, moving_speed(options, display, folder)
                counts = abs(without - before) < STEADY * max(without, before)
                share = 2 * speed / (before + without)
                print(f"{state:9} {share:.3f} of {before:6.0f} … {without:6.0f} inputs/s, "
                      f"{rate:.1f} frames/s" + (f", the lens {lens[0]:.1f} inputs/s, {lens[1]:.1f} "
                      f"weights/s, {lens[2]:.1f} ms" if lens else "")
                      + ("" if counts else ": not counted"), flush=True)
                if counts:
                    ratios.append(share)
                    if lens:
                        lenses.append(lens)
        if options.only:
            return
        few = [state for state, found in (kept | shown).items() if not found]
        if few:
            sys.exit(f"{', '.join(few)}: the machine was never steady; try again later")
        latencies, overtaken = hover_latencies(options.binary, display, folder, options.moves)

    latencies.sort()
    shares = "\n".join(
        f"| {name} | {statistics.median(kept[state]):.3f} ({min(kept[state]):.3f} … "
        f"{max(kept[state]):.3f}) | {statistics.mean(rates[state]):.1f} | "
        + " | ".join(f"{100 * statistics.median(each[kind] for each in profiles[state]):.0f} %"
                     for kind in ("training", "drawing", "X server", "idle")) + " |"
        for state, name in zip(STATES, ("minimised", "open, the pointer still",
                                        "open, the pointer always moving")))
    extras = "\n".join(f"| {EXTRAS[state][0]} | {statistics.median(found):.3f} ({min(found):.3f} … "
                       f"{max(found):.3f}) |" for state, found in shown.items())
    inputs, weights, look = (statistics.median(each[i] for each in lenses) for i in range(3))
    report.finish("Window", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}; the program says what is measured and
how); load average before, by other programs: {load:.1f}. The window is 1600×1000 under software OpenGL on a \
virtual display; the
model is the reference VAE with two latent dimensions on the synthetic digits, batch {BATCH}.

Training speed with the window, as a share of `zscape train`'s just before and after, and who has
the processors meanwhile (training: with codes and test figures; idle: a training thread waits for one that drawing
keeps from its processor); medians of {" / ".join(str(len(kept[state])) for state in STATES)} runs (least … most), of {len(plain) - 1} made:

| the window | share | frames a second | training | drawing | X server | idle |
| --- | --- | --- | --- | --- | --- | --- |
{shares}

The same under a pointer that always moves, as a share of the speed without what is on show, just before and after:

| on show | share |
| --- | --- |
{extras}

| figure | value |
| --- | --- |
| the lens: inputs a second, weights a second, a look | {inputs:.1f}, {weights:.1f}, {look:.1f} ms |
| inputs a second without the window, median | {statistics.median(plain):,.0f} |
| hover to picture while training, {len(latencies)} moves of {options.moves}: median, p99, most | \
{statistics.median(latencies):.1f}, {latencies[int(len(latencies) * 0.99)]:.1f}, \
{latencies[-1]:.1f} ms |
""", options.write)


if __name__ == "__main__":
    main()
