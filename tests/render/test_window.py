"""The window itself: what is on it at each size, error lines, its fields, and its end."""

import subprocess

import numpy as np
import pytest
from seeing import (CLASS_COLORS, GROUND, PANEL, Rect, click_widget, leave_plot, like, pixels,
                    rgb, settle, training_state, view, wait_for_state, widget, widgets)
from window_manager import ask_to_close, minimise

# What a person must be able to reach at every size.
NEEDED = ["play", "pause", "step", "reset", "lambda", "lambda_0", "lambda_100", "lambda_value",
          "learning_rate", "batch", "seed", "kind_ae", "kind_vae", "kind_cvae", "latent", "hidden",
          "likelihood", "apply", "revert", "source", "load", "synthetic", "path", "save", "open",
          "split_train", "split_test", "path_tool", "fit", "plot", "preview_picture", "plot_loss",
          "plot_reconstruction", "plot_kl", "state", *(f"label_{i}" for i in range(10))]


def rest(window):
    window.key("space")
    wait_for_state(window, "paused")
    leave_plot(window)
    settle(window)


def resize(window, width, height):
    window.xdotool("windowsize", "--sync", window.window, width, height)
    window.size = (width, height)
    settle(window)


def open_all(window):
    """Panels that a small window folds up."""
    for panel in ("curves", "preview"):
        if f"rail_{panel}" in widgets(window):
            before = len(window.log())
            click_widget(window, f"rail_{panel}")
            widget(window, f"border_{panel}", after=before)
    leave_plot(window)
    settle(window)


def panels(window):
    """Each panel as it is known by what lies in it."""
    places = widgets(window)
    return {"controls": [places[name] for name in NEEDED[:25]],
            "latent": [places[name] for name in ("plot", "split_train", "fit")],
            "preview": [places["preview_picture"]],
            "curves": [places[f"plot_{name}"] for name in ("loss", "reconstruction", "kl")]}


def check_all_is_there(window):
    whole = Rect(0, 0, *window.size)
    places = widgets(window)
    for name in NEEDED:
        assert whole.holds(places[name]), f"{name} at {places[name]} leaves the window"
    inside = [name for name in NEEDED if name != "plot"]
    for a, one in enumerate(inside):   # nothing lies on something else
        for two in inside[a + 1:]:
            if one.startswith("lambda") and two.startswith("lambda"):
                continue   # the scale's numbers reach below the track
            p, q = places[one], places[two]
            apart = (p.x + p.width <= q.x + 1 or q.x + q.width <= p.x + 1
                     or p.y + p.height <= q.y + 1 or q.y + q.height <= p.y + 1)
            assert apart, f"{one} {p} lies on {two} {q}"

    seen = pixels(window)
    grounds = like(seen, GROUND, 3) | like(seen, PANEL, 3)
    for name, parts in panels(window).items():
        left = round(min(part.x for part in parts))
        top = round(min(part.y for part in parts))
        right = round(max(part.x + part.width for part in parts))
        bottom = round(max(part.y + part.height for part in parts))
        ink = 1 - grounds[top:bottom, left:right].mean()
        assert ink > 0.02, f"{name} is blank"
        assert ink < 0.98 or name == "preview", f"{name} is filled"
    colors = pixels(window, view(window).plot)
    for label, color in enumerate(CLASS_COLORS):
        mixed = rgb(GROUND) + 0.9 * (rgb(color) - rgb(GROUND))
        count = (np.abs(colors - mixed).max(axis=-1) < 16).sum()
        assert count > 30, f"label {label}: {count} pixels"


def test_at_its_smallest_every_panel_is_filled_and_nothing_overlaps(training):
    window = training(size=(1024, 700), steps=60)
    rest(window)
    open_all(window)
    check_all_is_there(window)


def test_the_window_can_be_made_smaller_and_larger(training):
    window = training(size=(1600, 1000), steps=40)
    rest(window)
    check_all_is_there(window)
    wide = view(window)
    for size in ((1024, 700), (1700, 900)):
        resize(window, *size)
        if size == (1024, 700):
            open_all(window)
        check_all_is_there(window)
        assert Rect(0, 0, *size).holds(view(window).plot)
    resize(window, 1600, 1000)
    assert view(window).plot == wide.plot
    assert view(window).scale == pytest.approx(wide.scale, rel=1e-3)


def type_into(window, name, text):
    click_widget(window, name, 0.3)
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, "--", text)


def test_an_error_is_a_line_that_can_be_dismissed(training):
    window = training()
    rest(window)
    before = pixels(window)
    type_into(window, "source", "/nowhere/digits")
    window.key("Return")
    window.wait_for_event("command", command="load_data", source="/nowhere/digits")
    error = window.wait_for_event("error")
    assert "/nowhere/digits" in error["text"] and "\n" not in error["text"]
    line = widget(window, "notice_0")
    leave_plot(window)
    settle(window)
    x, y = (round(edge) for edge in line.at(0, 0))
    box = (slice(y, y + round(line.height)), slice(x, x + round(line.width)))
    assert np.abs(pixels(window)[box] - before[box]).max(axis=-1).mean() > 0.1
    click_widget(window, "dismiss_0")
    leave_plot(window)
    settle(window)
    assert (pixels(window)[box] == before[box]).all()
    # The former data still stand, and training goes on with them.
    step = window.log()[-1]["step"]
    window.key("space")
    window.wait_for(lambda lines: lines[-1]["step"] > step + 10, what="training")


def test_letters_typed_into_a_field_are_no_shortcuts(training):
    window = training()
    rest(window)
    before = len(window.log("command"))
    type_into(window, "source", "p p")   # neither path tool nor play
    window.key("Escape")
    leave_plot(window)
    settle(window)
    assert len(window.log("command")) == before
    assert training_state(window) == "paused"
    x, y = view(window).plot.center
    window.drag((x, y), (x + 40, y))
    settle(window)
    assert not window.log("path")   # it panned


def test_a_number_can_be_typed_for_lambda(training):
    window = training()
    type_into(window, "lambda_value", "2.5")
    window.key("Return")
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 2.5})
    before = len(window.log("command"))
    type_into(window, "lambda_value", "-3")   # not below 0
    window.key("Return")
    field = widget(window, "lambda_value_refused")
    leave_plot(window)
    window.wait_for(lambda _: like(pixels(window, field), "ff8f83", 60).any(), what="the refused number in red")
    assert len(window.log("command")) == before
    type_into(window, "lambda_value", "0,5")   # as much of the world writes it
    window.key("Return")
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 0.5})
    leave_plot(window)
    window.wait_for(lambda _: not like(pixels(window, field), "ff8f83", 60).any(), what="the field as it was")


def test_the_keyboard_answers_menus(training):
    window = training()
    rest(window)
    panels = widget(window, "lambda")
    click_widget(window, "file_menu")
    widget(window, "menu_open")
    for _ in range(4):
        window.key("Tab")   # to "Start afresh", and no panel goes
    window.wait_for_frames()
    window.key("Return")
    window.wait_for_event("command", command="replace_model")
    window.wait_for_frames()
    assert widget(window, "lambda") == panels


def test_the_synthetic_digits_are_a_click_away(training):
    window = training()
    rest(window)
    x, y = view(window).plot.center
    window.click(x, y)
    window.wait_for_event("pin")
    click_widget(window, "synthetic")
    window.wait_for_event("command", command="load_data", source="synthetic")
    window.wait_for_event("scene_cleared")   # a pin in other data means nothing


def test_a_minimised_window_trains_and_hardly_draws(training):
    window = training()
    minimise(window.display, int(window.window))
    before = len(window.log("frames"))
    window.wait_for(lambda _: len(window.log("frames")) >= before + 3, what="frames nobody sees")
    first, last = window.log("frames")[-2:]
    assert last["number"] - first["number"] <= 2   # a second, at 8 frames a second else
    assert last["step"] > first["step"]
    minimise(window.display, int(window.window), away=False)
    window.wait_for(lambda _: window.log("frames")[-1]["per_second"] > 4, what="the window again")


@pytest.mark.parametrize("paused", [True, False], ids=["paused", "training"])
def test_closing_the_window_ends_the_program(training, paused):
    window = training()
    if paused:
        rest(window)
    ask_to_close(window.display, int(window.window))
    assert window.wait_for_end() == 0
    assert window.errors == ""
    assert window.log()[-1]["event"] == "quit"


def test_without_a_display_it_says_so_in_one_line(binary, tmp_path):
    for display in ("", ":987"):
        environment = {"PATH": "/usr/bin", "HOME": str(tmp_path), "DISPLAY": display}
        done = subprocess.run([binary, "--threads", "1"], env=environment, capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("zscape: ") and done.stderr.count("\n") == 1
        assert "display" in done.stderr.lower()
