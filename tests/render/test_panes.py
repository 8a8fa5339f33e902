"""Two models side by side: opened, trained together, one cursor for both, closed again."""

import numpy as np
import pytest
from seeing import (ACCENT, CLASS_COLORS, GROUND, Model, View, click_widget, difference, leave_plot,
                    like, picture_in, pixels, rgb, settle, step_now, wait_for_state,
                    wait_until_asleep, widget)

MORE_STEPS = 30


class Autoencoder(Model):
    """A kind without σ: the encoder's last layer is the code alone."""

    def encode(self, images, labels):
        hidden = self.layer("encoder.0", images)
        codes = self.layer("encoder.2", np.where(hidden > 0, hidden, 0.2 * hidden))
        self.latent = codes.shape[1]
        return codes, np.zeros_like(codes)


def lines_of(window, event, pane):
    return [line for line in window.log(event) if line.get("pane", 0) == pane]


def view_of(window, pane):
    return View.of(lines_of(window, "layout", pane)[-1])


def at_rest(window):
    """Both have encoded everything and nothing moves."""
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)


def open_beside(window, name):
    opened = len(window.log("compare"))
    window.key("b")
    click_widget(window, name)
    return window.wait_for(lambda _: window.log("compare")[opened:], what="a second pane")[0]


def choose_in_menu(window, name):
    settle(window)
    before = len(window.log())
    click_widget(window, "compare")
    window.click(*widget(window, name, before).at(0.5))


def close(window):
    closed = len(window.log("compare"))
    window.key("b")
    gone = window.wait_for(lambda _: window.log("compare")[closed:], what="one pane")[0]
    assert not gone["open"]


def train_both(window):
    window.key("space")
    wait_for_state(window, "running")
    step = step_now(window)
    window.wait_for(lambda lines: lines[-1]["step"] >= step + MORE_STEPS, what="more steps")
    window.key("space")
    at_rest(window)


def save(window, header, replaces=False):
    """Saves the model of a pane that a click on its header makes the active one. replaces: its file
    holds another model, and the window asks."""
    saved = len(window.log("notice"))
    click_widget(window, header)
    window.key("ctrl+s")
    if replaces:
        widget(window, "replace")
        settle(window)
        window.key("Tab")   # from the safe answer to this one
        window.key("Return")
    notice = window.wait_for(
        lambda _: [line for line in window.log("notice")[saved:] if "saved" in line["text"]],
        what="the saved model")[0]
    return window.folder / notice["text"].split()[-1]


def point_at(window, pane, z):
    """Points there and waits until both panes show it; what each logs about its cursor."""
    before = [len(lines_of(window, "hover", each)) for each in (0, 1)]
    window.move(*view_of(window, pane).to_screen(z))
    window.wait_for(lambda _: all(lines_of(window, "hover", each)[before[each]:]
                                  for each in (0, 1)), what="a cursor in both panes")
    settle(window)
    return [lines_of(window, "hover", each)[-1] for each in (0, 1)]


def ring_at(window, pane, z):
    """Which part of the linked cursor's ring, 8 pixels around its place, is seen there."""
    x, y = view_of(window, pane).to_screen(z)
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    places = np.floor([x + 8 * np.cos(turns), y + 8 * np.sin(turns)]).astype(int)
    screen = pixels(window)
    return like(screen[places[1], places[0]], ACCENT, 60).mean()


def seen_part(window, model, pane):
    """Which part of the codes that stand alone are seen in their class's colour."""
    seen = view_of(window, pane)
    alone = model.alone(seen)
    places = np.floor(model.on_screen(seen)[alone]).astype(int)
    colors = np.array([rgb(color) for color in CLASS_COLORS])[model.labels["train"][alone]]
    mixed = rgb(GROUND) + 0.9 * (colors - rgb(GROUND))
    screen = pixels(window)
    return (np.abs(screen[places[:, 1], places[:, 0]] - mixed).max(axis=-1) < 30).mean()


def test_two_models_have_one_cursor(training, digits):
    window = training(steps=60)
    alone = widget(window, "plot")

    # λ = 0 beside λ = 1: linked by z, and it begins to train at once.
    opened = open_beside(window, "compare_lambda_0")
    assert (opened["kind"], opened["lambda"], opened["link"]) == ("vae", 0, "linked by z")
    step = step_now(window)
    window.wait_for(lambda lines: lines[-1]["step"] >= step + MORE_STEPS, what="more steps")
    window.key("space")
    at_rest(window)
    commands = [(line["command"], line["model"]) for line in window.log("command")]
    assert {("pause", 0), ("pause", 1)} <= set(commands)
    left, right = widget(window, "plot"), widget(window, "second_plot")
    assert left.x + left.width < right.x and left.width < 0.55 * alone.width
    first = Model(save(window, "pane_header"), digits)
    second = Model(save(window, "second_pane_header"), digits)
    leave_plot(window)
    settle(window)
    # Some lie under a notice, a ring or a contour's name.
    assert seen_part(window, first, 0) > 0.7 and seen_part(window, second, 1) > 0.7

    for pane, z in ((0, (0.6, -0.8)), (1, (-0.5, 0.4))):
        here, there = (first, second) if pane == 0 else (second, first)
        hovers = point_at(window, pane, z)
        assert hovers[0]["z"] == hovers[1]["z"]
        assert hovers[pane]["inside"] and not hovers[1 - pane]["inside"]
        pictures = [picture_in(window, widget(window, name))
                    for name in ("preview_picture", "second_preview_picture")]
        assert difference(pictures[pane], here.decode(hovers[0]["z"])) < 3
        assert difference(pictures[1 - pane], there.decode(hovers[0]["z"])) < 3
        assert ring_at(window, 1 - pane, hovers[0]["z"]) > 0.6
        assert ring_at(window, pane, hovers[0]["z"]) < 0.3   # there the pointer is
    close(window)
    at_rest(window)
    assert widget(window, "plot").width == pytest.approx(alone.width, abs=1)

    # An autoencoder: the nearest input links them.
    opened = open_beside(window, "compare_ae")
    assert (opened["kind"], opened["link"]) == ("ae", "linked by input")
    train_both(window)
    second = Autoencoder(save(window, "second_pane_header", replaces=True), digits)
    hovers = point_at(window, 0, (0.3, 0.5))
    assert hovers[0]["nearest"] == hovers[1]["nearest"] != ""
    code = second.code(hovers[1]["nearest"])
    assert np.allclose(hovers[1]["z"], code, atol=0.02 * np.abs(code).max() + 0.02)
    shown = picture_in(window, widget(window, "second_preview_picture"))
    assert difference(shown, second.decode(hovers[1]["z"])) < 3
    assert ring_at(window, 1, hovers[1]["z"]) > 0.6

    wait_until_asleep(window)
    click_widget(window, "second_compare_close")
    window.wait_for(lambda _: not window.log("compare")[-1]["open"], what="one pane")


def test_what_stands_between_the_panes(training, digits):
    window = training(steps=60)
    opened = open_beside(window, "compare_ae")
    assert opened["kind"] == "ae"
    step = step_now(window)
    window.wait_for(lambda lines: lines[-1]["step"] >= step + MORE_STEPS, what="more steps")
    window.key("space")
    at_rest(window)
    added = [line for line in window.log("command") if line["command"] == "add_model"]
    assert added[-1]["likelihood"] == "bernoulli"    # as the VAE has it, so that losses compare

    # The difference of both pictures, in the colour of the brighter one.
    window.move(*view_of(window, 0).to_screen((0.3, 0.5)))
    window.wait_for(lambda _: lines_of(window, "hover", 0)[-1]["inside"], what="the cursor")
    settle(window)
    first, second = (picture_in(window, widget(window, name))
                     for name in ("preview_picture", "second_preview_picture"))
    between = widget(window, "difference_0")
    rows = (between.y + (np.arange(28) + 0.5) * between.height / 28).astype(int)
    columns = (between.x + (np.arange(28) + 0.5) * between.width / 28).astype(int)
    seen = pixels(window)[np.ix_(rows, columns)]
    brighter, darker = first - second > 0.1, second - first > 0.1
    assert brighter.sum() + darker.sum() > 5
    green, blue = seen[..., 1], seen[..., 2]
    assert (green[brighter] > blue[brighter]).mean() > 0.9 if brighter.any() else True
    assert (blue[darker] > green[darker]).mean() > 0.9 if darker.any() else True

    # The differences of their figures.
    click_widget(window, "tab_figures")
    for name in ("compared_loss", "compared_reconstruction", "compared_kl_why_0"):
        widget(window, name)

    # They swap, and get the same extent.
    choose_in_menu(window, "compare_swap")
    window.wait_for(lambda _: widget(window, "second_plot").x < widget(window, "plot").x,
                    what="swapped panes")
    choose_in_menu(window, "axes_extent")
    settle(window)
    window.key("Escape")
    leave_plot(window)
    window.wait_for(lambda _: view_of(window, 0).scale == pytest.approx(view_of(window, 1).scale,
                                                                       rel=0.01)
                    and view_of(window, 0).center == pytest.approx(view_of(window, 1).center,
                                                                   abs=0.1),
                    what="the same extent")

    # A third model.
    opened = len(window.log("compare"))
    choose_in_menu(window, "compare_pca")
    third = window.wait_for(lambda _: window.log("compare")[opened:], what="a third pane")[0]
    assert third["open"] and third["kind"] == "pca"
    assert widget(window, "pane3_plot").x > widget(window, "second_plot").x
    close(window)
    close(window)
