"""What the tests of the real program share: a display of their own and the explorer on it."""

import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest
from PIL import ImageGrab


# What is waited for comes; this ends a test where it does not, on however slow a machine.
PATIENCE_S = 120


@pytest.fixture(scope="session")
def binary():
    """The program under test."""
    path = os.environ.get("ZSCAPE_BINARY")
    if not path:
        pytest.fail("ZSCAPE_BINARY is not set: run ./dev test, or set it to the program, for "
                    "example build/release/zscape")
    return pathlib.Path(path).resolve()


class Display(str):
    """Its name (":1"), and the process that serves it."""

    def __new__(cls, name, pid):
        display = super().__new__(cls, name)
        display.pid = pid
        return display


@pytest.fixture(scope="session")
def xvfb():
    """A display of 1920×1200 that nobody else uses, for the whole session."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.fail("Xvfb and xdotool are needed: run ./dev test, which installs them")
    # Xvfb picks a free number itself and writes it to this pipe once it listens.
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        # By itself it begins anew after its last client, and refuses who comes at that moment.
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1920x1200x24", "-nolisten", "tcp",
         "-noreset"],
        pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()   # empty where the server ended at once
    if not number:
        pytest.fail(f"Xvfb ended with {server.wait()} before it had a display")
    yield Display(f":{number}", server.pid)
    server.terminate()
    server.wait(10)


class Explorer:
    """A running explorer, its log, and a visitor's hands on it. Places are pixels of the window.

    wait_for and friends fail the test at once where the program has ended.
    """

    def __init__(self, binary, display, folder, args=(), size=(1280, 800), script=None, env=None):
        self.display = display
        self.folder = folder
        self.size = size
        self.log_path = folder / "log.jsonl"
        self.error_path = folder / "stderr.txt"
        # Settings and sessions of its own, and no hint for beginners in the way.
        config = folder / "config" / "zscape"
        config.mkdir(parents=True, exist_ok=True)
        if not (config / "settings.json").exists():
            (config / "settings.json").write_text('{"hint_seen": true}')
        self.environment = {**os.environ, "DISPLAY": display,
                            "XDG_CONFIG_HOME": str(config.parent),
                            "XDG_STATE_HOME": str(folder / "state"), **(env or {})}
        self.environment.pop("WAYLAND_DISPLAY", None)
        command = [str(binary), *map(str, args), "--size", f"{size[0]}x{size[1]}",
                   "--log", str(self.log_path)]
        if script is not None:
            script_path = folder / "script.jsonl"
            script_path.write_text("".join(json.dumps(line) + "\n" for line in script))
            command += ["--script", str(script_path)]
        with open(self.error_path, "wb") as errors:
            self.process = subprocess.Popen(command, cwd=folder, env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=errors,
                                            stderr=errors)
        self.window = None
        self.pointer = (2, 2)   # GLFW takes a move to (0, 0) for one of its own
        self.log_lines, self.log_read = [], 0   # parsed so far, of so many bytes

    # ---- What it wrote ---------------------------------------------------------------------------

    @property
    def errors(self):
        """What it has printed."""
        return self.error_path.read_text(errors="replace")

    def log(self, event=None):
        """The log's lines so far, parsed; of one kind of event where it is named."""
        if self.log_path.exists():
            with open(self.log_path, "rb") as file:
                file.seek(self.log_read)
                text = file.read()
            whole = text[:text.rfind(b"\n") + 1]   # the last line may be half written
            self.log_read += len(whole)
            self.log_lines += map(json.loads, whole.splitlines())
        return [line for line in self.log_lines if event is None or line["event"] == event]

    def wait_for(self, predicate, timeout=PATIENCE_S, what="what the test waits for"):
        """The first true value of predicate(log lines); fails after timeout seconds."""
        end = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None   # before the log, so that none is missed
            lines = self.log()
            try:
                found = lines and predicate(lines)   # it has only begun to start
            except IndexError:   # the newest line of a kind that has none yet
                found = None
            if found:
                return found
            last = "\n".join(map(json.dumps, lines[-5:]))
            if ended:
                pytest.fail(f"zscape ended with {self.process.returncode} before {what}.\n"
                            f"Its log ends:\n{last}\nIt printed:\n{self.errors}")
            if time.monotonic() > end:
                pytest.fail(f"{what} did not come in {timeout} s.\nThe log ends:\n{last}\n"
                            f"It printed:\n{self.errors}")
            time.sleep(0.02)

    def wait_for_event(self, event, after=0, timeout=PATIENCE_S, **fields):
        """The first line of that event, beyond the first `after` lines, that has these fields."""
        def matches(line):
            return line["event"] == event and all(line.get(k) == v for k, v in fields.items())
        return self.wait_for(lambda lines: next(filter(matches, lines[after:]), None), timeout,
                             f"the event {event} {fields or ''}".strip())

    # ---- The visitor's hands ---------------------------------------------------------------------

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.environment, check=True,
                              capture_output=True, text=True, timeout=PATIENCE_S).stdout

    def wait_for_window(self, timeout=PATIENCE_S):
        """Waits until the window is on the screen, and gives it the keyboard."""
        def find(_):
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
                env=self.environment, capture_output=True, text=True,
                timeout=PATIENCE_S).stdout.split()
            return found[0] if found else None
        self.window = self.wait_for(find, timeout, "the window")
        # There is no window manager that would do it.
        self.xdotool("windowmove", "--sync", self.window, 0, 0)
        self.xdotool("windowfocus", self.window)
        return self

    def move(self, x, y):
        self.pointer = round(x), round(y)
        self.xdotool("mousemove", "--window", self.window, *self.pointer)

    def wait_for_frames(self, count=2):
        """Until so many frames have followed all input so far: each sees the pointer move."""
        x, y = self.pointer

        def seen(lines):   # frames that saw it move
            return sum(line["event"] == "picture" and line["latency_ms"] is not None
                       and line.get("pane", 0) == 0 for line in lines)
        for turn in range(count + 1):   # the first may be one that earlier moves have brought
            before = seen(self.log())
            self.move(x + (turn + 1) % 2, y)
            self.wait_for(lambda lines: seen(lines) > before, what="a frame")
        self.move(x, y)

    def press(self, button=1):
        self.xdotool("mousedown", button)

    def release(self, button=1):
        self.xdotool("mouseup", button)

    def click(self, x, y, button=1):
        self.move(x, y)
        time.sleep(0.05)
        self.press(button)
        self.release(button)

    def drag(self, start, end, button=1, steps=20, pause_s=0.02):
        """At a hand's speed: a whole drag in one xdotool command is over within a frame."""
        self.move(*start)
        time.sleep(0.1)
        self.press(button)
        for step in range(1, steps + 1):
            self.move(*(a + (b - a) * step / steps for a, b in zip(start, end)))
            time.sleep(pause_s)
        self.release(button)

    def wheel(self, x, y, clicks):
        """Up where clicks is positive."""
        self.move(x, y)
        for _ in range(abs(clicks)):
            self.xdotool("click", 4 if clicks > 0 else 5)
            time.sleep(0.02)

    def key(self, name):
        """By X's names: "p", "Home", "Escape", "ctrl+s"."""
        self.xdotool("key", name)

    def screen(self):
        """What is seen of the window now, as an RGB picture."""
        box = (0, 0, *self.size)
        return ImageGrab.grab(bbox=box, xdisplay=self.display).convert("RGB")

    # ---- Its end ---------------------------------------------------------------------------------

    def wait_for_end(self, timeout=PATIENCE_S):
        """Its exit code."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"zscape was still running after {timeout} s. It printed:\n{self.errors}")

    def stop(self):
        """At once: a polite signal would make it save its session first."""
        self.process.kill()
        self.process.wait()


def start_explorers(binary, display, parent):
    started = []

    def start(*args, **options):
        folder = parent / f"explorer{len(started)}"
        folder.mkdir()
        one = Explorer(binary, display, folder, args, **options)
        started.append(one)
        return one if options.get("script") else one.wait_for_window()

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def explorer(binary, xvfb, tmp_path):
    """explorer("--data", "synthetic", size=…, script=[{"do": …}, …]) starts one; all end with
    the test. Without a script it has its window when the call returns."""
    yield from start_explorers(binary, xvfb, tmp_path)


@pytest.fixture(scope="module")
def shared_explorer(binary, xvfb, tmp_path_factory):
    """Likewise, for all tests of a file."""
    yield from start_explorers(binary, xvfb, tmp_path_factory.mktemp("shared"))
