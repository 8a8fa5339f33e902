"""Selecting inputs with a real pointer, the card beside it, and the list of the worst inputs.

The window shows a saved model, paused; what it must show is worked out in NumPy."""

import contextlib
import csv
import os
import pathlib
import time

import numpy as np
import pytest
from seeing import (ACCENT, CLASS_COLORS, GROUND, Rect, click_widget, difference, hover,
                    leave_plot, like, picture_in, pixels, rgb, settle, view, widget)

CLOSE = 6   # grey levels of 255


@contextlib.contextmanager
def held(window, *keys):
    for key in keys:
        window.xdotool("keydown", key)
    yield
    for key in keys:
        window.xdotool("keyup", key)


def selected(window, before, **fields):
    """The next event about the selection, once it has these fields."""
    return window.wait_for_event("selection", after=before, **fields)


def clear_box(places, plot):
    """A box in the plot with a good part of the codes, whose sides are clear of all of them."""
    inside = places[(places[:, 0] > plot.x + 60) & (places[:, 0] < plot.x + plot.width - 60)
                    & (places[:, 1] > plot.y + 60) & (places[:, 1] < plot.y + plot.height - 60)]

    def clear(values, about):
        sides = np.arange(about - 25, about + 25)
        apart = np.abs(values[:, None] - sides[None]).min(axis=0)
        return int(sides[apart.argmax()])
    left, right = (clear(places[:, 0], np.quantile(inside[:, 0], q)) for q in (0.35, 0.8))
    top, bottom = (clear(places[:, 1], np.quantile(inside[:, 1], q)) for q in (0.3, 0.75))
    return left, top, right, bottom


def held_by(box, places):
    left, top, right, bottom = box
    # A pixel's middle is half a pixel from where the pointer is.
    return ((places[:, 0] >= left) & (places[:, 0] <= right)
            & (places[:, 1] >= top) & (places[:, 1] <= bottom))


def coloured(window, model, points):
    """Which part of these codes is seen in the colour of its class."""
    places = model.on_screen(view(window))[points]
    screen = pixels(window)
    middles = np.floor(places).astype(int)
    seen = screen[middles[:, 1], middles[:, 0]]
    colors = np.array([rgb(CLASS_COLORS[label]) for label in model.labels["train"][points]])
    mixed = rgb(GROUND) + 0.9 * (colors - rgb(GROUND))
    return (np.abs(seen - mixed).max(axis=-1) < 30).mean()


def test_box_lasso_add_escape_and_the_selection_as_sheet_and_file(still):
    window, model = still()
    seen = view(window)
    places = model.on_screen(seen)
    click_widget(window, "tab_selection")
    left, top, right, bottom = box = clear_box(places, seen.plot)
    inside = held_by(box, places)
    assert 50 < inside.sum() < 400

    # By a box: what is inside keeps its colour, the rest is dimmed and still there.
    before = len(window.log())
    with held(window, "shift"):
        window.move(left, top)
        window.press()
        window.move((left + right) / 2, bottom)
        window.move(right, bottom)
        settle(window)
        edge = pixels(window, Rect(left + 3, bottom - 2, right - left - 6, 4))
        assert like(edge, ACCENT, 60).any(axis=0).mean() > 0.8, "the box's lower side"
        window.release()
    selected(window, before, count=int(inside.sum()), train=int(inside.sum()))
    leave_plot(window)
    settle(window)
    assert view(window) == seen
    assert not window.log("pin") and not window.log("path")
    alone = model.alone(seen)
    chosen = alone[inside[alone]]
    others = alone[~inside[alone]]
    assert coloured(window, model, chosen) > 0.9
    assert coloured(window, model, others) < 0.1
    middles = np.floor(places[others]).astype(int)
    dimmed = pixels(window)[middles[:, 1], middles[:, 0]]
    assert (np.abs(dimmed - rgb(GROUND)).max(axis=-1) > 12).mean() > 0.9

    # Their sheet and their mean.
    mean = model.images["train"][inside].mean(axis=0).reshape(28, 28)
    assert difference(picture_in(window, widget(window, "selection_mean")), mean) < CLOSE
    first = model.images["train"][np.flatnonzero(inside)[0]].reshape(28, 28)
    assert difference(picture_in(window, widget(window, "selection_image")), first) < CLOSE

    # By a lasso, which adds: around the codes left of the box.
    window.key("a")
    corners = [(left - 80, top), (left - 1, top), (left - 1, bottom), (left - 80, bottom)]
    wide = held_by((left - 84, top - 4, left + 3, bottom + 4), places) & ~inside
    slim = held_by((left - 76, top + 4, left - 5, bottom - 4), places)
    before = len(window.log())
    with held(window, "shift", "ctrl"):
        window.move(*corners[0])
        window.press()
        for a, b in zip(corners, corners[1:] + corners[:1]):
            for part in np.linspace(0, 1, 12)[1:]:
                window.move(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
            window.wait_for_frames(1)   # which see it at the corner
        window.release()
    both = selected(window, before)["count"]
    assert slim.sum() > 10
    assert (inside | slim).sum() <= both <= (inside | wide).sum()

    # As a file: the codes of exactly these.
    click_widget(window, "export_selection")
    settle(window)   # the popup finds its place in its second frame
    click_widget(window, "write_selection")
    window.wait_for_event("notice", text=f"wrote {both} inputs to {window.folder / 'selection.csv'}")
    with open(window.folder / "selection.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == both
    index = np.array([int(row["index"]) for row in rows])
    assert set(np.flatnonzero(inside)) <= set(index)
    assert all(row["split"] == "train" for row in rows)
    assert [int(row["label"]) for row in rows] == model.labels["train"][index].tolist()

    def column(name):
        return np.array([float(row[name]) for row in rows])
    for i in range(2):
        assert column(f"mu_{i + 1}") == pytest.approx(model.codes["train"][index, i], abs=1e-3)
        assert column(f"sigma_{i + 1}") == pytest.approx(model.sigmas["train"][index, i], rel=1e-3)
    made = np.stack([model.decode(z).ravel() for z in model.codes["train"][index[:20]]])
    error = ((made - model.images["train"][index[:20]]) ** 2).mean(axis=1)
    assert column("mse")[:20] == pytest.approx(error, rel=1e-2)

    # A click on an image flies there; Esc clears, and all have their colours again.
    before = len(window.log())
    click_widget(window, "selection_image")
    window.wait_for_event("layout", after=before)
    window.key("Escape")
    selected(window, before, count=0)
    window.key("Home")
    leave_plot(window)
    settle(window)
    assert coloured(window, model, model.alone(view(window))) > 0.9


def test_the_card_and_the_worst_reconstructed_inputs(still):
    window, model = still()
    seen = view(window)
    places = model.on_screen(seen)
    made = np.stack([model.decode(z).ravel() for z in model.codes["train"]])
    images = model.images["train"]
    errors = -(images * np.log(made) + (1 - images) * np.log1p(-made)).sum(axis=1)   # in nats

    # The card: the input, its reconstruction, beside the point and within the plot.
    alone = model.alone(seen)
    ends = alone[[places[alone, 0].argmin(), places[alone, 0].argmax(), places[alone, 1].argmax()]]
    for target in ends:
        before = len(window.log())
        hover(window, np.round(places[target]))
        event = window.log("hover")[-1]
        assert event["nearest"] == f"train {target}"
        settle(window)
        card = widget(window, "card")
        assert seen.plot.holds(card)
        x, y = places[target]
        assert (card.x > x + 8 or card.x + card.width < x - 8
                or card.y > y + 8 or card.y + card.height < y - 8)
        picture = model.images["train"][target].reshape(28, 28)
        assert difference(picture_in(window, widget(window, "card_input")), picture) < CLOSE
        shown = picture_in(window, widget(window, "card_reconstruction"))
        assert difference(shown, made[target].reshape(28, 28)) < CLOSE
    with_card = pixels(window, card)
    window.key("c")
    window.wait_for(lambda _: np.abs(pixels(window, card) - with_card).max() > 40,
                    what="the card to go")
    window.key("c")

    # The worst, as NumPy has them; a click brings the first one into the middle and marks it.
    leave_plot(window)
    click_widget(window, "tab_worst")
    worst = window.wait_for(
        lambda _: [line for line in window.log("worst") if line["inputs"]], what="the list")[-1]
    assert worst["split"] == "train"
    listed = np.array(worst["inputs"], int)
    assert len(listed) == 50
    assert worst["error"] == pytest.approx(errors[listed], rel=1e-2)
    assert errors[listed].min() >= np.sort(errors)[-50] * 0.99
    click_widget(window, "worst_0")
    code = model.codes["train"][listed[0]]
    window.wait_for(lambda _: np.hypot(*(np.array(view(window).center) - code))
                    * view(window).scale < 3, what="the view to come to the input")
    assert view(window).scale > 2 * seen.scale
    leave_plot(window)
    settle(window)
    x, y = view(window).to_screen(code)
    around = pixels(window, Rect(x - 12, y - 12, 24, 24))
    assert like(around, ACCENT, 40).sum() > 20, "a ring around the input"

    # With the list open a window at rest draws nothing.
    def busy_s():
        fields = (pathlib.Path("/proc") / str(window.process.pid) / "stat").read_text().split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    used = []
    for _ in range(10):   # another program's load may delay what was still to be done
        before = busy_s()
        time.sleep(1.5)
        used.append(busy_s() - before)
        if used[-1] < 0.3:
            break
    assert min(used) < 0.3, f"seconds of CPU in 1.5 s: {used}"
