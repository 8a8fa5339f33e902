"""Paths with a real pointer: control points, modes, the player, undo, names and the export.

The window shows a saved model, paused; what it must show is worked out in NumPy or by the program
itself without a window."""

import numpy as np
import pytest
from PIL import Image
from seeing import (PANEL, Rect, click_widget, difference, double_click, leave_plot, like,
                    picture_in, pixels, settle, view, wait_for_state, wait_until_asleep, widget)

CLOSE = 4   # grey levels of 255 by which a picture on the screen may differ from NumPy's


def points_of(event):
    return np.array(event["points"]).reshape(-1, 2)


def far_apart(model, seen):
    """Two codes that stand alone, far from one another, and an empty place off the line."""
    places = model.on_screen(seen)
    codes = model.alone(seen, gap=16)
    start = codes[0]
    end = max(codes, key=lambda code: np.hypot(*(places[code] - places[start])))
    return start, end


def draw_path(window, model):
    """A path between two inputs; its event."""
    seen = view(window)
    places = model.on_screen(seen)
    start, end = far_apart(model, seen)
    window.drag(np.round(places[start]), np.round(places[end]), button=3)
    path = window.wait_for_event("path")
    assert (path["from_source"], path["to_source"]) == (f"train {start}", f"train {end}")
    leave_plot(window)
    settle(window)
    return path


def along(stops, frames):
    """The frames of a straight path in NumPy, each leg the same share."""
    places = np.linspace(0, len(stops) - 1, frames)
    return np.stack([np.interp(places, np.arange(len(stops)), column) for column in stops.T], 1)


def check_strip(window, model, name, codes):
    for frame, z in enumerate(codes):
        seen = picture_in(window, widget(window, f"{name}_frame_{frame}"))
        assert difference(seen, model.decode(z)) < CLOSE, f"{name}, frame {frame}"


def bent(window, path, by=(30, -90)):
    """Adds a control point in the middle by a Ctrl-drag; the path's new event."""
    seen = view(window)
    middle = np.array(seen.to_screen(points_of(path).mean(axis=0)))
    window.xdotool("keydown", "ctrl")
    window.drag(middle, middle + by)
    window.xdotool("keyup", "ctrl")
    return window.wait_for_event("path_changed")


def changed(window, count):
    """The newest of so many changes of paths."""
    return window.wait_for(lambda _: len(window.log("path_changed")) >= count
                           and window.log("path_changed")[-1], what=f"change {count} of the path")


def test_control_points_are_added_dragged_removed_undone_and_redone(still):
    window, model = still(size=(1600, 1000))
    path = draw_path(window, model)
    first = points_of(path)
    check_strip(window, model, "path_1", along(first, 12))

    event = bent(window, path)
    with_point = points_of(event)
    assert with_point.shape == (3, 2)
    assert np.allclose(with_point[[0, 2]], first, atol=1e-4)
    assert event["frames"] == 11
    leave_plot(window)
    settle(window)
    check_strip(window, model, "path_1", along(with_point, 11))

    # An end is dragged off its input.
    seen = view(window)
    free = model.free_places(seen)
    target = free[np.hypot(*(free - seen.to_screen(first[1])).T).argmin()]
    window.drag(widget(window, "path_1_point_2").center, target)
    moved = points_of(changed(window, 2))
    assert np.allclose(moved[:2], with_point[:2])
    assert moved[2] == pytest.approx(seen.to_latent(target), abs=2 / seen.scale)
    assert view(window) == seen   # it did not pan

    window.key("ctrl+z")
    assert np.allclose(points_of(changed(window, 3)), with_point)
    window.key("ctrl+z")
    assert np.allclose(points_of(changed(window, 4)), first)
    window.key("ctrl+shift+z")
    assert np.allclose(points_of(changed(window, 5)), with_point)
    window.key("ctrl+y")
    assert np.allclose(points_of(changed(window, 6)), moved)
    leave_plot(window)
    settle(window)
    check_strip(window, model, "path_1", along(moved, 11))

    window.click(*widget(window, "path_1_point_1").center)
    window.key("Delete")
    assert np.allclose(points_of(changed(window, 7)), moved[[0, 2]])
    window.key("Delete")
    window.wait_for_event("path_removed", id=1)
    window.key("ctrl+z")
    window.wait_for(lambda _: len(window.log("path")) == 2, what="the path is back")
    assert not window.log("pin")


def test_a_double_click_on_the_line_adds_a_control_point_and_the_menu_removes_it(still):
    window, model = still(size=(1600, 1000))
    path = draw_path(window, model)
    double_click(window, view(window).to_screen(points_of(path).mean(axis=0)))
    assert points_of(window.wait_for_event("path_changed")).shape == (3, 2)
    window.click(*widget(window, "path_1_point_1").center, button=3)
    click_widget(window, "menu_remove_point")
    assert points_of(changed(window, 2)).shape == (2, 2)
    assert not window.log("pin")


def test_the_modes_stand_above_one_another_and_the_inputs_at_the_ends(still):
    window, model = still(size=(1600, 1000))
    path = draw_path(window, model)
    start, end = points_of(path)
    check_strip(window, model, "path_1_linear", along(np.stack([start, end]), 12))

    lengths = np.linalg.norm([start, end], axis=1)
    angle = np.arccos(np.dot(start, end) / lengths.prod())
    arc = [(lengths[0] * (1 - t) + lengths[1] * t)
           * (np.sin((1 - t) * angle) * start / lengths[0] + np.sin(t * angle) * end / lengths[1])
           / np.sin(angle) for t in np.linspace(0, 1, 12)]
    check_strip(window, model, "path_1_spherical", arc)

    ends = model.decode(start), model.decode(end)
    for frame in range(12):
        fade = picture_in(window, widget(window, f"path_1_fade_frame_{frame}"))
        share = frame / 11
        assert difference(fade, (1 - share) * ends[0] + share * ends[1]) < CLOSE
    # The geodesic shares the ends, and nowhere is it the cross-fade.
    geodesic = [picture_in(window, widget(window, f"path_1_geodesic_frame_{frame}"))
                for frame in range(12)]
    assert difference(geodesic[0], ends[0]) < CLOSE and difference(geodesic[11], ends[1]) < CLOSE
    fade = picture_in(window, widget(window, "path_1_fade_frame_6"))
    assert difference(geodesic[6], fade) > CLOSE

    def energy(strip):
        return (np.diff(np.stack(strip), axis=0) ** 2).sum()
    straight = [model.decode(z) for z in along(np.stack([start, end]), 12)]
    assert energy(geodesic) < energy(straight) * 1.02   # 1.02: 8 bits on the screen

    images = {}
    for side, name in (("from", path["from_source"]), ("to", path["to_source"])):
        images[side] = picture_in(window, widget(window, f"path_1_input_{side}"))
        index = int(name.split()[1])
        raw = (model.folder / "train-images-idx3-ubyte").read_bytes()[16:]
        image = np.frombuffer(raw, np.uint8).reshape(-1, 28, 28)[index] / 255
        assert difference(images[side], image) < CLOSE


def test_playing_moves_the_marker_and_the_large_picture_and_then_rests(still):
    window, model = still(size=(1600, 1000))
    path = draw_path(window, model)
    stops = points_of(path)
    way = stops[1] - stops[0]
    length = np.hypot(*way) * view(window).scale

    def share(marker):   # of the way, where it is
        place = np.array(view(window).to_latent(marker.center)) - stops[0]
        return np.dot(place, way) / np.dot(way, way)

    def markers(since):
        return [share(Rect(*line["rect"])) for line in window.log()[since:]
                if line["event"] == "widget" and line["name"] == "path_marker"]
    click_widget(window, "path_loop")   # it never ends by itself
    click_widget(window, "path_play")
    first = widget(window, "path_marker")
    window.wait_for(lambda _: abs(share(widget(window, "path_marker")) - share(first))
                    * length > 40, what="the marker on its way")
    # A click on the track: there, and it plays on; a second on the button: it stands.
    before = len(window.log())

    def leapt(_):   # by itself it moves by a tenth at most, and from the end to the beginning
        for place in (0.7, 0.2):
            click_widget(window, "path_scrub", place)
        places = markers(before)
        return any(abs(b - 0.2) < 0.06 and a - b > 0.3 for a, b in zip(places, places[1:]))
    window.wait_for(leapt, what="the marker where the track was clicked")
    before = len(window.log())
    window.wait_for(lambda _: len(markers(before)) > 2, what="the marker on its way again")
    click_widget(window, "path_play")
    settle(window)
    marker = view(window).to_latent(widget(window, "path_marker").center)
    shown = picture_in(window, widget(window, "preview_picture"))
    assert difference(shown, model.decode(marker)) < CLOSE
    along_it = stops[0] + share(widget(window, "path_marker")) * way
    assert np.allclose(marker, along_it, atol=2 / view(window).scale)
    assert not window.log("command")[-1]["command"] in ("start", "step")

    # A window that is not played draws nothing.
    click_widget(window, "path_loop")
    click_widget(window, "path_scrub", 0.9)
    click_widget(window, "path_play")
    leave_plot(window)
    window.wait_for(lambda _: widget(window, "path_marker").center == pytest.approx(
        widget(window, "path_1_point_1").center, abs=2), what="the end of the path")
    wait_until_asleep(window)


def seen_gif(file):
    with Image.open(file) as animation:
        frames = []
        for frame in range(animation.n_frames):
            animation.seek(frame)
            frames.append(np.asarray(animation.convert("L")).astype(float))
        return np.stack(frames)


def test_the_export_is_what_the_command_line_makes_of_the_same_path(still, command, saved, digits,
                                                                    tmp_path):
    window, model = still(size=(1600, 1000))
    path = draw_path(window, model)
    click_widget(window, "path_export_gif")
    window.wait_for_event("notice", text=f"exported {window.folder}/path-1.gif")
    click_widget(window, "path_export_png")
    window.wait_for_event("notice", text=f"exported {window.folder}/path-1.png")
    frames = seen_gif(window.folder / "path-1.gif")
    assert frames.shape == (12, 28, 28)
    strip = np.asarray(Image.open(window.folder / "path-1.png")).astype(float)
    assert np.array_equal(np.hstack(list(frames)), strip)

    codes = along(points_of(path), 12)
    for frame, z in enumerate(codes):
        out = tmp_path / f"{frame}.png"
        command("decode", saved("vae"), f"--z={z[0]:.8f},{z[1]:.8f}", "--out", out)
        assert np.abs(np.asarray(Image.open(out)) - frames[frame]).max() <= 1, frame

    for mode in ("linear", "spherical", "geodesic"):
        click_widget(window, f"path_mode_{mode}")
        if mode != "linear":
            window.wait_for_event("path_changed", mode=mode)
        settle(window)
        click_widget(window, "path_export_gif")
        count = ("linear", "spherical", "geodesic").index(mode) + 2
        window.wait_for(lambda _: len([line for line in window.log("notice")
                                       if line["text"].endswith("/path-1.gif")]) == count,
                        what=f"the export of {mode}")
        out = tmp_path / f"{mode}.gif"
        command("interpolate", saved("vae"), "--data", digits, "--mode", mode,
                "--from", path["from_source"].replace(" ", ":"),
                "--to", path["to_source"].replace(" ", ":"), "--steps", 12, "--out", out)
        ours, theirs = seen_gif(window.folder / "path-1.gif"), seen_gif(out)
        assert ours.shape == theirs.shape
        # Codes that are encoded one by one differ in their last bits, which a search may amplify.
        assert np.abs(ours - theirs).mean() < (2 if mode == "geodesic" else 0.05), mode


def test_pins_and_paths_are_renamed_in_the_preview(still):
    window, model = still(size=(1600, 1000))
    window.click(*model.free_places(view(window))[0])
    window.wait_for_event("pin")
    rect = widget(window, "pin_1")
    double_click(window, rect.at(0.3))
    widget(window, "mark_name")
    settle(window)
    window.xdotool("type", "a nice four")
    window.key("Return")
    assert window.wait_for_event("pin_changed")["name"] == "a nice four"
    draw_path(window, model)
    window.click(*widget(window, "path_1").at(0.1), button=3)
    before = len(window.log())
    click_widget(window, "menu_rename")
    widget(window, "mark_name", after=before)
    settle(window)
    window.xdotool("type", "there")
    window.key("Return")
    assert window.wait_for_event("path_changed")["name"] == "there"
    window.key("ctrl+z")
    assert changed(window, 2)["name"] == "path 1"


def test_while_training_a_geodesic_is_kept_as_of_older_weights_and_redone(training):
    window = training(steps=20, size=(1600, 1000))
    plot = view(window).plot
    window.drag(plot.at(0.35, 0.5), plot.at(0.65, 0.45), button=3)
    window.wait_for_event("path")
    click_widget(window, "path_mode_geodesic")
    window.wait_for_event("path_changed", mode="geodesic")
    leave_plot(window)
    strip = widget(window, "path_1_geodesic_frame_5")

    def drawn(_):
        return pixels(window, strip).max() > 100
    window.wait_for(drawn, what="the geodesic's pictures")
    before = window.log()[-1]["step"]
    window.wait_for(lambda lines: lines[-1]["step"] > before + 30, what="training goes on")
    assert drawn(None)
    frames = window.log("frames")[-1]
    assert frames["cpu_ms"] < 250   # a search takes seconds

    def is_marked(_):   # "found at step …" at the right of its name
        name = widget(window, "path_mode_geodesic")
        seen = pixels(window, name)[:, round(name.width * 0.55):]
        return not like(seen, PANEL, 12).all()
    window.wait_for(is_marked, what="the mark that it is of older weights")
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    window.wait_for(lambda _: not is_marked(None), what="one that is found again, though nothing "
                    "has moved")
