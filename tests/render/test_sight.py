"""What stays in sight: panels that fold up, the picture at the cursor, pins beside a path, the first
hint, and a legend of very many classes."""

import json

import numpy as np
import pytest
from seeing import (ACCENT, GROUND, click_widget, difference, hover, leave_plot, picture_in, pixels,
                    rgb, settle, view, wait_for_state, widget, widgets)

MUTED = "a3abb9"


def area(rect):
    return rect.width * rect.height


def test_folded_panels_are_rails_that_open_and_are_remembered(explorer, digits, tmp_path):
    config = tmp_path / "config"
    (config / "zscape").mkdir(parents=True)
    settings = config / "zscape" / "settings.json"
    settings.write_text('{"hint_seen": true}')

    def start(size):
        window = explorer("--data", digits, "--threads", 1, "--new", size=size,
                          env={"XDG_CONFIG_HOME": str(config)})
        wait_for_state(window, "running")
        window.key("space")
        wait_for_state(window, "paused")
        leave_plot(window)
        settle(window)
        return window

    window = start((1280, 800))
    before = view(window).plot
    click_widget(window, "fold_curves")
    widget(window, "rail_curves")
    leave_plot(window)
    settle(window)
    assert view(window).plot.height > before.height + 100
    window.wait_for(lambda _: "curves_open" in settings.read_text(), what="the settings")
    assert json.loads(settings.read_text())["curves_open"] is False
    window.stop()

    window = start((1280, 800))
    widget(window, "rail_curves")
    assert "plot_loss" not in widgets(window)
    click_widget(window, "rail_curves")
    widget(window, "plot_loss")
    window.wait_for(lambda _: json.loads(settings.read_text())["curves_open"] is True,
                    what="the settings")


@pytest.mark.parametrize("size", [(1024, 700), (1366, 768)])
def test_the_plot_has_the_room_of_a_small_window(still, size):
    window, _ = still(size=size)
    widget(window, "rail_curves")
    # The panel has half of the window; its toolbar, legend and edges are the rest of it.
    assert area(view(window).plot) > 0.4 * size[0] * size[1]
    if size == (1024, 700):
        widget(window, "rail_preview")
        click_widget(window, "rail_preview")
    widget(window, "preview_picture")


def test_without_panels_the_decoded_picture_stands_at_the_cursor(still):
    window, model = still()
    window.key("c")   # no card
    window.key("Tab")
    settle(window)
    place = view(window).plot.at(0.4, 0.45)
    hover(window, place)
    picture = widget(window, "cursor_picture")
    settle(window)
    picture = widget(window, "cursor_picture")
    x, y = window.pointer
    assert abs(picture.x - x) < 160 and abs(picture.y - y) < 160
    assert not (picture.x <= x <= picture.x + picture.width
                and picture.y <= y <= picture.y + picture.height)
    z = view(window).to_latent((x, y))
    assert difference(picture_in(window, picture), model.decode(z)) < 8
    window.key("Tab")
    window.key("c")


def test_pins_stay_in_sight_when_a_path_is_selected(still):
    window, model = still(size=(1366, 768))
    seen = view(window)
    for at in (0.3, 0.5):
        window.click(*seen.plot.at(at, 0.4))
    window.drag(seen.plot.at(0.3, 0.6), seen.plot.at(0.6, 0.6), button=3)
    widget(window, "path_scrub")
    leave_plot(window)
    settle(window)
    pins = widget(window, "list_pins")
    paths = widget(window, "list_paths")
    assert paths.y >= pins.y + pins.height
    for name in ("pin_1", "pin_2"):
        assert pins.holds(widget(window, name), slack=2), name
    # They are on the screen: the pictures are not of the panel's colour.
    assert np.ptp(pixels(window, widget(window, "pin_1"))) > 100


def test_the_first_hint_lies_in_the_status_line(explorer, digits, tmp_path):
    config = tmp_path / "new person"
    config.mkdir()
    window = explorer("--data", digits, "--threads", 1, env={"XDG_CONFIG_HOME": str(config)})
    wait_for_state(window, "running")
    hint = widget(window, "first_hint")
    for name in ("plot", "plot_loss", "plot_kl", "preview_picture"):
        place = widget(window, name)
        assert (hint.y >= place.y + place.height or hint.x >= place.x + place.width), name
    click_widget(window, "dismiss_hint")
    settings = config / "zscape" / "settings.json"
    window.wait_for(lambda _: settings.exists(), what="the settings")
    assert json.loads(settings.read_text())["hint_seen"] is True


@pytest.fixture(scope="module")
def many_classes(tmp_path_factory):
    """1,000 pictures of 200 classes with names."""
    folder = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(1)
    labels = np.arange(1000) % 200
    np.save(folder / "images.npy",
            (rng.random((1000, 12, 12)) * 80 + labels[:, None, None] * 0.8).astype(np.uint8))
    np.save(folder / "labels.npy", labels.astype(np.int64))
    (folder / "labels.txt").write_text("".join(f"species {i:03}\n" for i in range(200)))
    return folder


def test_a_legend_of_200_classes_scrolls_and_is_searched(explorer, many_classes):
    window = explorer("--data", many_classes, "--threads", 1)
    wait_for_state(window, "running")
    window.key("space")
    wait_for_state(window, "paused")
    leave_plot(window)
    settle(window)
    listed = widget(window, "legend_list")
    assert listed.height < 80
    assert "label_150" not in widgets(window)
    window.wheel(*listed.center, -100)
    last = widget(window, "label_199")
    settle(window)
    assert listed.holds(widget(window, "label_199"), slack=8), last
    click_widget(window, "legend_search")
    window.xdotool("type", "--delay", 20, "--", "150")
    widget(window, "label_150")
    window.key("Return")
    shown = window.wait_for(
        lambda lines: next((line for line in reversed(lines) if line["event"] == "layers"
                            and line["hidden"]), None), what="an isolated class")
    assert shown["hidden"] == 199   # all but the one found


def test_vectors_are_drawn_as_lines_with_the_decoded_one_over_the_input(explorer, tmp_path):
    rng = np.random.default_rng(2)
    phase = rng.random((900, 1)) * 2 * np.pi
    values = np.sin(np.linspace(0, 6, 96) + phase) * 40 + 7 + rng.normal(0, 2, (900, 96))
    path = tmp_path / "waves.npy"
    np.save(path, values.astype(np.float32))
    window = explorer("--data", path, "--model", "ae", "--threads", 1)
    window.wait_for(lambda lines: lines[-1]["step"] >= 100, what="100 steps")
    window.key("space")
    wait_for_state(window, "paused")
    leave_plot(window)
    settle(window)
    plot = pixels(window, widget(window, "preview_picture"))
    assert (np.abs(plot - rgb(ACCENT)).max(axis=-1) < 40).sum() > 60    # decoded
    assert (np.abs(plot - rgb(MUTED)).max(axis=-1) < 40).sum() > 60     # the nearest input, the axis
    ground = np.abs(plot - rgb(GROUND)).max(axis=-1) < 12
    assert ground.mean() > 0.4   # lines, no stripes
    click_widget(window, "tab_worst")
    widget(window, "worst_0")
    leave_plot(window)
    settle(window)
    cell = pixels(window, widget(window, "worst_0"))
    assert (np.abs(cell - rgb(ACCENT)).max(axis=-1) < 60).sum() > 5
    window.key("1")
    window.key("3")
    window.wait_for(lambda lines: any(line["event"] == "manifold" and line["fresh"] == line["cells"] > 0
                                      for line in lines), what="the decoded plane")
    settle(window)
    plane = pixels(window, widget(window, "plot"))
    assert (np.abs(plane - rgb(GROUND)).max(axis=-1) < 12).mean() > 0.3   # lines, no stripes
    assert (plane.mean(axis=-1) > 150).sum() > 2000


def large_text(size):
    """A script that opens everything at 150 % and takes a screenshot of each, which says whether all
    letters can be read."""
    lines = []

    def do(what, **fields):
        lines.append({"do": what, **fields})

    def shot(name):
        do("wait", seconds=0.4)
        do("screenshot", file=f"{name}.png")

    def popup(opener):
        do("click_widget", name=opener)
        shot(opener)
        do("key", name="Escape")

    do("wait", step=60)
    do("pause")
    do("wait", idle=True)
    do("click_widget", name="settings_link")
    do("click_widget", name="text_150")
    shot("settings")
    do("key", name="Escape")
    do("leave")
    shot("first")
    do("hover", z=[0.3, 0.2])
    shot("hover")
    for opener in ("layers", "compare", "color_by"):
        popup(opener)
    do("key", name="F1")
    shot("help")
    do("key", name="Escape")
    for rail in ("rail_curves", "rail_preview"):
        do("click_widget", name=rail)
        do("wait", seconds=0.3)
    for tab in ("figures", "selection", "worst", "curves"):
        do("click_widget", name=f"tab_{tab}")
        do("leave")
        do("wait", idle=True)
        shot(tab)
    do("click", z=[0.5, 0.5])
    do("right_drag", **{"from": [-0.5, -0.5], "to": [0.5, 0.5]})
    do("wait", idle=True)
    do("leave")
    shot("path")
    for more in ("training_more", "model_more"):
        do("click_widget", name=more)
        do("leave")
        shot(more)
    do("quit")
    return lines


@pytest.mark.parametrize("size", [(1024, 700)])
def test_all_text_can_be_read_at_150_percent(explorer, digits, size):
    window = explorer("--data", digits, "--threads", 1, size=size, script=large_text(size))
    assert window.wait_for_end(200) == 0, window.errors
    shots = window.log("screenshot")
    assert len(shots) == 14
    faults = {shot["file"]: shot["unreadable"] for shot in shots if shot["unreadable"]}
    assert not faults
