#!/usr/bin/env python3
"""A long day at the window: training and random use, hour after hour, while memory is watched.

    .venv/bin/python bench/soak.py BINARY [--minutes 60] [--actions 10000] [--seed 0] [--write FILE]

A real pointer and keyboard act on the window without rest: each action is drawn at random from ACTIONS, so
that all kinds of drags, keys, panels, dialogs, models and files come up. Training that an action has
stopped is started again. Every second the resident memory is read, and the window logs its frames. It
lasts until minutes, actions and steps are all reached.

The exit status is 1 if the window ended by itself, if its memory passed LIMIT_MB or grew by over 2 %
between the second and the last third, or if the time of a frame did (of the window's thread, by half: the
machine may be shared). Errors that the window told of are listed: a random learning rate may well break a
run. Needs Xvfb, xdotool and what the tests import (.venv).
"""

import argparse
import collections
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import report
from window import Display

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests"))
from conftest import Explorer  # noqa: E402

SIZE = (1280, 800)
LIMIT_MB = 700
MEMORY_DRIFT, FRAME_DRIFT = 0.02, 0.5
IDLE_S = 10   # without a step after which training is started again

KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "e", "p", "s", "a", "c", "d", "b", "Tab", "Home", "period",
        "Delete", "Escape", "ctrl+z", "ctrl+shift+z", "ctrl+y", "ctrl+c", "F1", "F2", "question", "Return",
        "Down", "Up"]
# These end the window, load from a network, fill the folder, or allow more memory; all else that is drawn
# may be clicked.
SPARED = ("close_", "quit", "fetch", "download", "time_line_gif", "export", "memory_")


class Visitor:
    def __init__(self, window, folder, seed):
        self.window = window
        self.folder = folder
        self.random = random.Random(seed)
        self.files = {}
        self.widgets = {}     # name -> (rect, when it was last drawn anew)
        self.plot = (330, 90, 554, 400)
        self.read = 0         # lines of the log so far
        self.steps = self.step = 0
        self.stepped_s = time.monotonic()
        self.errors = []
        self.diverged = False   # told since the last start
        self.frames = []      # (time_s, median milliseconds of the window's thread)
        self.counts = dict.fromkeys(ACTIONS, 0)
        self.commands = collections.Counter()   # that the window gave the engine

    def follow(self):
        """What the window has told since the last call; keeps only what is needed here."""
        for line in self.window.log():
            event = line["event"]
            if event == "widget":
                self.widgets[line["name"]] = line["rect"]
            elif event == "layout" and line.get("pane", 0) == 0:
                self.plot = line["plot"]
            elif event == "command":
                self.commands[line["command"]] += 1
            elif event == "error":
                self.errors.append(line["text"])
                self.diverged = self.diverged or "loss became" in line["text"]
            elif event == "frames":
                self.frames.append((line["time"], statistics.median(line["cpu_each"])))
            if line.get("pane", 0) == 0 and line["step"] != self.step:
                self.steps += max(0, line["step"] - self.step)
                self.step = line["step"]
                self.stepped_s = time.monotonic()
        self.window.log_lines.clear()

    # ---- Places ----------------------------------------------------------------------------------

    def in_plot(self):
        x, y, width, height = self.plot
        return x + self.random.uniform(4, width - 4), y + self.random.uniform(4, height - 4)

    def widget(self, prefix=""):
        names = [name for name in self.widgets if name.startswith(prefix) and not name.startswith(SPARED)]
        if not names:
            return self.in_plot()
        x, y, width, height = self.widgets[self.random.choice(sorted(names))]
        # It may be scrolled out of sight.
        return (min(max(x + width * self.random.random(), 1), SIZE[0] - 2),
                min(max(y + height / 2, 1), SIZE[1] - 2))

    def drag(self, button=1, held=(), start=None, to=None):
        hold = [word for key in held for word in ("keydown", key)]
        let_go = [word for key in held for word in ("keyup", key)]
        if hold:
            self.window.xdotool(*hold)
        self.window.drag(start or self.in_plot(), to or self.in_plot(), button, steps=6, pause_s=0.01)
        if let_go:
            self.window.xdotool(*let_go)

    def type_in(self, text):
        self.window.xdotool("key", "ctrl+a")
        self.window.xdotool("type", "--delay", "2", "--", text)
        self.window.key("Return")

    def open(self, path):
        """By the keyboard alone, as Ctrl-O lets one."""
        self.window.key("Escape")
        self.window.key("ctrl+o")
        time.sleep(0.15)
        self.type_in(str(path))

    def train_again(self):
        """Leaves whatever is open and starts training; where that does not help, with settings that can be
        trained with, and then with a model that can train: a closed form cannot."""
        idle_s = time.monotonic() - self.stepped_s
        self.window.key("Escape")
        self.window.key("Escape")
        if idle_s > 4 * IDLE_S:
            self.open(self.files["vae"])
            time.sleep(2)
            self.window.key("Escape")
        if self.diverged or idle_s > 2 * IDLE_S:
            self.diverged = False
            self.window.key("Tab")   # the panels may be hidden: every second time they are not
            time.sleep(0.3)
            if "learning_rate_value" in self.widgets:
                self.window.click(*self.widget("learning_rate_value"))
                self.type_in("0.001")
                self.window.click(*self.widget("lambda_1"))
            self.window.key("Escape")
        self.window.move(*self.in_plot())
        self.window.key("space")


def chosen_kind(visitor):
    visitor.window.click(*visitor.widget("kind_"))
    x, y, width, height = visitor.widgets["apply"]
    visitor.window.click(x + width / 2, y + height / 2)


def typed_number(visitor):
    visitor.window.click(*visitor.widget(visitor.random.choice(["batch", "learning_rate_value", "lambda_value",
                                                                "seed", "latent"])))
    visitor.type_in(visitor.random.choice(["1", "32", "64", "128", "0.001", "0,001", "-3", "abc", "1e9"]))


ACTIONS = {
    "hover": (20, lambda v: v.window.move(*v.in_plot())),
    "pin": (8, lambda v: v.window.click(*v.in_plot())),
    "pan": (6, lambda v: v.drag()),
    "path": (4, lambda v: v.drag(3)),
    "box": (3, lambda v: v.drag(1, ["shift"])),
    "lasso": (2, lambda v: v.drag(1, ["ctrl", "shift"])),
    "wheel": (8, lambda v: v.window.wheel(*v.in_plot(), v.random.choice([-3, -2, -1, 1, 2, 3]))),
    "key": (16, lambda v: v.window.key(v.random.choice(KEYS))),
    "widget": (18, lambda v: v.window.click(*v.widget())),
    "drag of a widget": (4, lambda v: v.drag(1, (), v.widget(), v.widget())),
    "λ": (4, lambda v: v.window.click(*v.widget("lambda"))),
    "number": (3, typed_number),
    "menu": (2, lambda v: v.window.click(*v.in_plot(), button=3)),
    "time line": (4, lambda v: v.drag(1, (), v.widget("time_line"), v.widget("time_line"))),
    "reset": (1, lambda v: v.window.click(*v.widget("reset"))),
    "kind": (1, chosen_kind),
    "compare": (1, lambda v: v.window.key("b")),
    "file": (1, lambda v: v.open(v.random.choice(list(v.files.values())))),
}


def resident_mb(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def prepared_files(binary, folder):
    def run(*words):
        subprocess.run([binary, *map(str, words)], check=True, capture_output=True)
    run("synthesize", "--count", 1400, "--seed", 3, "--out", folder / "digits")
    for kind in ("vae", "ae", "cvae"):
        run("train", "--data", folder / "digits", "--model", kind, "--latent", 2, "--epochs", 2, "--threads", 1,
            "--out", folder / f"{kind}.safetensors")
    run("sample", folder / "vae.safetensors", "--count", 1, "--out", folder / "own.png")
    return {"digits": folder / "digits", "synthetic": "synthetic", "vae": folder / "vae.safetensors",
            "ae": folder / "ae.safetensors", "cvae": folder / "cvae.safetensors", "picture": folder / "own.png"}


def soak(binary, folder, options):
    with Display() as display:
        window = Explorer(binary, display.environment["DISPLAY"], folder, ["--data", "synthetic"], SIZE)
        window.wait_for_window()
        visitor = Visitor(window, folder, options.seed)
        visitor.files = prepared_files(binary, folder)
        visitor.follow()
        visitor.window.click(*visitor.widget("batch"))
        visitor.type_in("32")   # the most steps an hour
        memory, began = [], time.monotonic()
        names, weights = list(ACTIONS), [weight for weight, _ in ACTIONS.values()]
        done, told = 0, 0
        while True:
            now = time.monotonic() - began
            if window.process.poll() is not None:
                break
            if now >= len(memory):
                memory.append(resident_mb(window.process))
                visitor.follow()
            if now >= told:
                told += 60
                print(f"{now / 60:.0f} min, {done} actions, {visitor.steps} steps, {memory[-1]:.0f} MB, "
                      f"{len(visitor.errors)} errors", flush=True)
            if now >= 60 * options.minutes and done >= options.actions and visitor.steps >= options.steps:
                break
            if visitor.diverged or time.monotonic() - visitor.stepped_s > IDLE_S:
                visitor.train_again()
                time.sleep(1)
            name = visitor.random.choices(names, weights)[0]
            ACTIONS[name][1](visitor)
            visitor.counts[name] += 1
            done += 1
            # So many actions in so much time.
            rest = options.minutes * 60 / options.actions * done - (time.monotonic() - began)
            time.sleep(min(max(rest, 0), 5))
        visitor.follow()
        code = window.process.poll()
        if code is None:
            window.process.send_signal(signal.SIGTERM)
            code = window.process.wait(120)
        return visitor, memory, time.monotonic() - began, code, window.errors


def thirds(values):
    """Medians of the second and the last third: the first warms up."""
    third = len(values) // 3
    return statistics.median(values[third:2 * third]), statistics.median(values[2 * third:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        visitor, memory, seconds, code, printed = soak(options.binary, pathlib.Path(folder), options)
    early, late = thirds(memory)
    frame_early, frame_late = thirds([median for _, median in visitor.frames])
    faults = []
    if code != 0:
        faults.append(f"it ended with {code}: {printed[-500:]}")
    if max(memory) > LIMIT_MB:
        faults.append(f"it took {max(memory):.0f} MB, over {LIMIT_MB}")
    if late > early * (1 + MEMORY_DRIFT):
        faults.append(f"its memory grew by {late / early - 1:.1%}")
    if frame_late > frame_early * (1 + FRAME_DRIFT):
        faults.append(f"its frames took {frame_late / frame_early - 1:.1%} longer")
    counts = ", ".join(f"{count} {name}" for name, count in visitor.counts.items())
    commands = ", ".join(f"{count} {name}" for name, count in visitor.commands.most_common())
    rows = [["wall time", f"{seconds / 60:.0f} min"], ["steps", f"{visitor.steps:,}"],
            ["actions", f"{sum(visitor.counts.values()):,}: {counts}"],
            ["commands to the engine", commands],
            ["memory, medians of the second and the last third", f"{early:.0f} and {late:.0f} MB"],
            ["memory, most", f"{max(memory):.0f} MB"],
            ["frame, median of the window's thread, likewise", f"{frame_early:.2f} and {frame_late:.2f} ms"],
            ["told of errors", f"{len(visitor.errors)}, of these texts: "
             + ("; ".join(sorted(set(visitor.errors))) or "none")],
            ["faults", "; ".join(faults) or "none"]]
    report.finish("Soak", f"`{report.command_line()}`, {time.strftime('%Y-%m-%d')}, load "
                  f"{os.getloadavg()[1]:.1f}.\n\n" + report.table(["", ""], rows), options.write)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
