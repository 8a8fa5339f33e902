"""What the tests of the window need to judge what is on the screen: where things are, from the
log; which colours they have; and what the model, run in NumPy, would show there."""

import contextlib
import pathlib
import time
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load_file

# app/gui/view/frame/theme.cpp
CLASS_COLORS = ["00ccff", "f89501", "008367", "fbe748", "5d8efb",
                "c34807", "bb69b1", "caf1f4", "764cbd", "a8b09a"]
GROUND, PANEL, ACCENT, TEXT, AXIS = "121418", "191c22", "5fd3bc", "e7e9ee", "4a5160"
FORMER_RUN = "5d6675"


# By their keys, from 1.
LAYERS = ["points", "ellipses", "manifold", "density", "prior", "centroids", "paths", "pins", "lens"]


def rgb(color):
    return np.array([int(color[i:i + 2], 16) for i in (0, 2, 4)], float)


# ---- Where things are ----------------------------------------------------------------------------

@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    def at(self, across, down=0.5):
        return self.x + self.width * across, self.y + self.height * down

    @property
    def center(self):
        return self.at(0.5)

    def holds(self, other, slack=0.5):
        return (other.x >= self.x - slack and other.y >= self.y - slack
                and other.x + other.width <= self.x + self.width + slack
                and other.y + other.height <= self.y + self.height + slack)


@dataclass(frozen=True)
class View:
    """Which part of the latent plane is seen where: a `layout` event."""
    plot: Rect
    center: tuple
    scale: float   # pixels a unit

    @classmethod
    def of(cls, event):
        return cls(Rect(*event["plot"]), tuple(event["center"]), event["pixels_per_unit"])

    def to_screen(self, z):
        middle = self.plot.center
        return (middle[0] + (z[0] - self.center[0]) * self.scale,
                middle[1] - (z[1] - self.center[1]) * self.scale)

    def to_latent(self, place):
        middle = self.plot.center
        return (self.center[0] + (place[0] - middle[0]) / self.scale,
                self.center[1] - (place[1] - middle[1]) / self.scale)


def seen_codes(window, model, split="train"):
    """Of each class: which part of the codes that stand alone are seen in its colour."""
    seen = view(window)
    places = model.on_screen(seen, split)
    alone = model.alone(seen, split)
    screen = pixels(window)
    parts = []
    for label, color in enumerate(CLASS_COLORS):
        mixed = rgb(GROUND) + 0.9 * (rgb(color) - rgb(GROUND))
        own = alone[model.labels[split][alone] == label]
        middles = np.floor(places[own]).astype(int)
        found = np.abs(screen[middles[:, 1], middles[:, 0]] - mixed).max(axis=-1) < 30
        parts.append(found.mean() if len(own) else np.nan)
    return np.array(parts)


def view(window):
    return View.of(window.log("layout")[-1])


def widgets(window):
    """Every widget that was ever drawn, where it was last: name -> Rect."""
    return {line["name"]: Rect(*line["rect"]) for line in window.log("widget")}


def widget(window, name, after=0):
    """Where it is, once it was drawn; with after: drawn anew beyond so many lines of the log."""
    def found(lines):
        places = [line["rect"] for line in lines[after:]
                  if line["event"] == "widget" and line["name"] == name]
        return places and Rect(*places[-1])
    return window.wait_for(found, what=f'the widget "{name}"')


def click_widget(window, name, across=0.5):
    window.click(*widget(window, name).at(across))


def click_opened(window, opener, name):
    """Clicks the opener, and this widget in what that opens, once it is at rest: a list knows its
    place in its second frame."""
    before = len(window.log())
    click_widget(window, opener)
    widget(window, name, after=before)
    window.wait_for_frames()
    click_widget(window, name)
    window.wait_for_frames()


def layers(window):
    """What is switched on, and how points are coloured."""
    return window.log("layers")[-1]


def leave_plot(window):
    """To the status line, where nothing has a tooltip."""
    window.move(window.size[0] * 0.6, window.size[1] - 10)


def step_now(window):
    return max((line["step"] for line in window.log()[-3:]), default=0)


def save(window, name):
    """By hand: the file's name into its field, then Save. Its path."""
    click_widget(window, "path", 0.3)
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, name)
    window.key("Return")
    click_widget(window, "save")
    path = window.folder / name
    window.wait_for(lambda _: path.exists(), what=f"the file {name}")
    leave_plot(window)
    return path


def single_steps(window, count):
    """One by one, on a paused window; each leaves a moment behind, however fast the machine is."""
    for _ in range(count):
        step = window.log()[-1]["step"] + 1
        window.key("period")
        window.wait_for(lambda lines: lines[-1]["step"] == step, what=f"step {step}")


def asleep(process):
    """Whether each of its threads waits for something: one that only lacks a core does not."""
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):   # it has just ended
            if (task / "stat").read_text().rpartition(")")[2].split()[0] != "S":
                return False
    return True


def settle(window):
    """Until all that was done to the window so far is on the screen. Not while training."""
    before = None

    def is_quiet(lines):
        nonlocal before
        if not (asleep(window.process.pid) and asleep(window.display.pid)):
            before = None
            return False
        former, before = before, (len(lines), window.screen().tobytes())
        if former == before:
            return True
        time.sleep(0.25)   # more than lies between two frames of a window in motion
        return False
    window.wait_for(is_quiet, what="a window at rest")


def wait_until_asleep(window):
    """Until it sleeps, with no time set at which it would draw another frame."""
    window.wait_for(lambda _: asleep(window.process.pid) and window.log()[-1]["event"] == "rest",
                    what="a window that sleeps")


def double_click(window, place):
    """On a window at rest."""
    window.move(*place)
    settle(window)
    window.xdotool("click", "--repeat", 2, "--delay", 40, 1)


def hover(window, place):
    """Moves there and waits until the frame that saw the pointer there is on the screen."""
    z = view(window).to_latent((round(place[0]), round(place[1])))
    window.move(*place)

    def shown(lines):
        pictures = [line for line in lines if line["event"] == "picture"]
        return pictures and np.allclose(pictures[-1]["z"][:2], z, atol=1e-3) and pictures[-1]
    return window.wait_for(shown, what=f"the picture at {z}")


# ---- Which colours they have ---------------------------------------------------------------------

def pixels(window, rect=None):
    """[rows, columns, 3] of what is seen of a part of the window, or of all of it."""
    screen = np.asarray(window.screen()).astype(float)
    if rect is None:
        return screen
    x, y = round(rect.x), round(rect.y)
    return screen[y:y + round(rect.height), x:x + round(rect.width)]


def like(seen, color, tolerance=24):
    """Which pixels have this colour, roughly."""
    return np.abs(seen - rgb(color)).max(axis=-1) <= tolerance


def training_state(window):
    """By the lit button: "paused", "running", or "loading" where both are grey."""
    def lit(name):
        return like(pixels(window, widget(window, name)), ACCENT, 40).mean() > 0.4
    return "paused" if lit("play") else "running" if lit("pause") else "loading"


def wait_for_state(window, state):
    window.wait_for(lambda _: training_state(window) == state, what=f"the state {state}")


def picture_in(window, rect, shape=(28, 28)):
    """The grey picture drawn in a rectangle: [rows, columns] in [0, 1]."""
    seen = pixels(window)
    height, width = shape
    rows = (rect.y + (np.arange(height) + 0.5) * rect.height / height).astype(int)
    columns = (rect.x + (np.arange(width) + 0.5) * rect.width / width).astype(int)
    grey = seen[np.ix_(rows, columns)]
    return grey.mean(axis=-1) / 255


def difference(seen, expected):
    """Of two pictures, in grey levels of 255: the 95th percentile, since a mark may lie on a few
    of the pixels (a pin's number, a frame around the picture)."""
    return float(np.percentile(np.abs(seen - expected), 95)) * 255


# ---- What the model would show -------------------------------------------------------------------

def read_idx(path):
    data = np.frombuffer(path.read_bytes(), np.uint8)
    dimensions = data[3]
    shape = data[4:4 + 4 * dimensions].view(">u4").astype(int)
    return data[4 + 4 * dimensions:].reshape(shape)


class Model:
    """A saved model of the reference architecture, run in NumPy on a folder of IDX files."""

    def __init__(self, path, folder, conditional=False):
        self.tensors = load_file(path)
        self.folder = folder
        self.conditional = conditional
        self.latent = self.tensors["encoder.2.bias"].size // 2
        self.images, self.labels, self.codes, self.sigmas = {}, {}, {}, {}
        for split, name in (("train", "train"), ("test", "t10k")):
            images = read_idx(folder / f"{name}-images-idx3-ubyte").reshape(-1, 784) / 255
            self.labels[split] = read_idx(folder / f"{name}-labels-idx1-ubyte")
            self.images[split] = images
            self.codes[split], self.sigmas[split] = self.encode(images, self.labels[split])

    def layer(self, name, x):
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def joined(self, x, labels):
        return np.hstack([x, np.eye(10)[labels]]) if self.conditional else x

    def encode(self, images, labels):
        hidden = self.layer("encoder.0", self.joined(images, labels))
        heads = self.layer("encoder.2", np.where(hidden > 0, hidden, 0.2 * hidden))
        return heads[:, :self.latent], np.exp(heads[:, self.latent:] / 2)

    def decode(self, z, label=0):
        z = self.joined(np.atleast_2d(np.asarray(z, float)), [label])
        logits = self.layer("decoder.2", np.maximum(self.layer("decoder.0", z), 0))
        return (1 / (1 + np.exp(-logits))).reshape(28, 28)

    def code(self, source):
        """The μ of "train 12"."""
        split, index = source.split()
        return self.codes[split][int(index)]

    def on_screen(self, seen_view, split="train"):
        """[N, 2] pixels: where the split's codes are."""
        return np.stack(seen_view.to_screen(self.codes[split].T), axis=1)

    def alone(self, seen_view, split="train", gap=8, margin=12):
        """Indices of the codes with no other within gap pixels, well inside the plot."""
        places = self.on_screen(seen_view, split)
        apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        plot = seen_view.plot
        inside = ((places[:, 0] > plot.x + margin) & (places[:, 1] > plot.y + margin)
                  & (places[:, 0] < plot.x + plot.width - margin)
                  & (places[:, 1] < plot.y + plot.height - margin))
        return np.flatnonzero((apart.min(axis=1) > gap) & inside)

    def free_places(self, seen_view, gap=14, split="train"):
        """[N, 2] pixels in the plot with no code within gap pixels, on a raster."""
        plot = seen_view.plot
        rows = np.arange(plot.y + 40, plot.y + plot.height - 40, 12)
        columns = np.arange(plot.x + 60, plot.x + plot.width - 60, 12)
        raster = np.array([(x, y) for y in rows for x in columns])
        places = self.on_screen(seen_view, split)
        apart = np.hypot(*(raster[:, None] - places[None]).transpose(2, 0, 1))
        return raster[apart.min(axis=1) > gap]
