"""A real pointer in the latent view: hover, click, drag, wheel, paths, legend, label chooser.

The window shows a saved model, paused; what it must show is worked out in NumPy."""

import time

import numpy as np
import pytest
from seeing import (GROUND, Model, click_widget, difference, hover, leave_plot, picture_in,
                    pixels, rgb, seen_codes, settle, view, widget, widgets)

CLOSE = 4   # grey levels of 255 by which a picture on the screen may differ from NumPy's


def shown(window):
    return picture_in(window, widget(window, "preview_picture"))


def test_the_preview_is_the_decoders_picture_under_the_pointer(shared):
    window, model = shared
    x, y = view(window).plot.center
    pictures = []
    for place in [(x, y), (x - 90, y + 60), (x + 120, y - 40)]:
        event = hover(window, place)
        settle(window)
        assert difference(shown(window), model.decode(event["z"])) < CLOSE
        pictures.append(shown(window))
    assert difference(pictures[0], pictures[1]) > 30
    assert difference(pictures[1], pictures[2]) > 30


def test_a_picture_is_on_the_screen_in_the_frame_that_tells_of_it(explorer, saved, digits):
    window = explorer(saved("vae"), "--data", digits, "--threads", 1)
    z = window.wait_for_event("picture", fresh=True)["z"]
    model = Model(saved("vae"), digits)
    end = time.monotonic() + 30   # what the display needs; a window at rest draws no second frame
    while difference(shown(window), model.decode(z)) > CLOSE:
        assert time.monotonic() < end, "the log says that it is shown"


def test_hover_names_the_nearest_code(shared):
    window, model = shared
    seen = view(window)
    places = model.on_screen(seen)
    for target in model.alone(seen)[::25][:5]:
        place = np.round(places[target] + [2, 1])
        z = hover(window, place)["z"]
        event = window.log("hover")[-1]
        assert event["inside"] and event["z"] == z
        assert event["nearest"] == f"train {target}"
        assert event["label"] == model.labels["train"][target]


def test_every_frame_that_sees_the_pointer_move_shows_its_picture(shared):
    window, _ = shared
    x, y = view(window).plot.center
    before = len(window.log())
    places = [(x - 150 + 6 * i, y - 30 + i) for i in range(50)]
    for number, place in enumerate(places):
        window.move(*place)
        if number % 8 == 7:
            hover(window, place)   # however slow the frames are, some see it on the way
    hover(window, places[-1])
    moved = [line for line in window.log()[before:]
             if line["event"] == "picture" and line["latency_ms"] is not None]
    assert len(moved) >= 5
    assert all(line["fresh"] for line in moved)
    possible = np.array([view(window).to_latent((round(a), round(b))) for a, b in places])
    order = []
    for line in moved:
        apart = np.abs(possible - line["z"]).max(axis=1)
        assert apart.min() < 1e-3, f"{line} is no place where the pointer was"
        order.append(int(apart.argmin()))
    assert order == sorted(order)


def test_leaving_the_plot_restores_the_pinned_z(still):
    window, model = still()
    origin = shown(window)
    assert difference(origin, model.decode([0, 0])) < CLOSE   # nothing is pinned yet
    place = model.free_places(view(window))[0]
    window.click(*place)
    z = window.wait_for_event("pin")["z"]
    x, y = view(window).plot.center
    event = hover(window, (x + 60, y + 60))
    settle(window)
    assert difference(shown(window), model.decode(event["z"])) < CLOSE
    leave_plot(window)
    window.wait_for_event("hover", inside=False, z=z)
    settle(window)
    assert difference(shown(window), model.decode(z)) < CLOSE
    assert difference(shown(window), origin) > 10


def test_a_click_pins_and_a_drag_pans(still):
    window, model = still()
    seen = view(window)
    x, y = map(float, model.free_places(seen)[0])

    window.drag((x, y), (x + 3, y + 1), steps=3)   # 3.2 px: still a click
    pin = window.wait_for_event("pin")
    assert pin["source"] == ""
    assert pin["z"] == pytest.approx(seen.to_latent((x, y)), abs=1e-3)
    assert view(window) == seen

    window.drag((x + 60, y), (x + 64, y + 3), steps=4)   # 5 px: a drag
    window.drag((x, y + 50), (x + 70, y + 20))
    settle(window)
    assert len(window.log("pin")) == 1
    now = view(window)
    assert now.scale == seen.scale
    # What was under the pointer has moved with it: both drags together.
    assert now.to_screen(pin["z"]) == pytest.approx((x + 74, y - 27), abs=0.6)


def test_a_click_on_a_code_pins_its_mean_and_one_beside_it_does_not(still):
    window, model = still()
    seen = view(window)
    places = model.on_screen(seen)
    target = model.alone(seen, gap=16)[0]
    near = np.round(places[target] + [4, -4])     # 5.7 px off
    window.click(*near)
    pin = window.wait_for_event("pin")
    assert pin["source"] == f"train {target}"
    assert pin["z"] == pytest.approx(model.codes["train"][target], abs=1e-3)

    clear = model.free_places(seen, gap=9)
    gaps = np.hypot(*(clear[:, None] - places[None]).transpose(2, 0, 1))
    spot, other = np.unravel_index(gaps.argmin(), gaps.shape)   # as near as can be, and yet beside
    window.click(*clear[spot])
    free = window.wait_for_event("pin", id=2)
    assert free["source"] == ""
    assert np.abs(free["z"] - model.codes["train"][other]).max() > 4 / seen.scale


def test_ten_clicks_within_one_frame_make_ten_pins(still):
    window, model = still()
    seen = view(window)
    places = model.free_places(seen, gap=9)
    places = [places[i] for i in np.linspace(0, len(places) - 1, 10).astype(int)]
    words = []
    for x, y in places:
        words += ["mousemove", "--window", window.window, int(x), int(y), "click", 1]
    window.xdotool(*words)
    window.wait_for_event("pin", id=10)
    settle(window)
    pins = window.log("pin")
    assert [pin["id"] for pin in pins] == list(range(1, 11))
    for pin, place in zip(pins, places):
        assert pin["z"] == pytest.approx(seen.to_latent(place), abs=1e-3)
    # Each pin's picture is on the right.
    leave_plot(window)
    settle(window)
    for pin in pins[:3]:
        picture = picture_in(window, widget(window, f"pin_{pin['id']}"))
        assert difference(picture[:14], model.decode(pin["z"])[:14]) < CLOSE


def test_the_wheel_zooms_at_the_pointer_and_home_fits_again(shared):
    window, _ = shared
    before = view(window)
    x, y = round(before.plot.x + 130), round(before.plot.y + 120)
    window.wheel(x, y, 5)
    settle(window)
    near = view(window)
    assert near.scale == pytest.approx(before.scale * 1.15 ** 5, rel=1e-4)
    assert near.to_latent((x, y)) == pytest.approx(before.to_latent((x, y)), abs=2e-3)
    assert near.to_screen((0, 0)) != pytest.approx(before.to_screen((0, 0)), abs=20)
    window.wheel(x, y, -8)
    settle(window)
    far = view(window)
    assert far.scale == pytest.approx(before.scale * 1.15 ** -3, rel=1e-4)
    assert far.to_latent((x, y)) == pytest.approx(before.to_latent((x, y)), abs=2e-3)
    window.key("Home")
    settle(window)
    assert view(window).scale == pytest.approx(before.scale, rel=1e-2)
    assert view(window).center == pytest.approx(before.center, abs=0.05)


def check_film_strip(window, model, path):
    """Twelve frames in equal steps, both ends included, decoded."""
    assert path["frames"] == 12
    assert f"path_{path['id']}_frame_12" not in widgets(window)
    start, end = np.array(path["from"]), np.array(path["to"])
    for frame in range(12):
        rect = widget(window, f"path_{path['id']}_frame_{frame}")
        expected = model.decode(start + (end - start) * frame / 11)
        assert difference(picture_in(window, rect), expected) < CLOSE, f"frame {frame}"


def test_a_right_drag_draws_a_path_whose_ends_snap_to_codes(still):
    window, model = still()
    seen = view(window)
    places = model.on_screen(seen)
    codes = model.alone(seen, gap=16)
    start = codes[0]
    end = max(codes, key=lambda code: np.hypot(*(places[code] - places[start])))

    window.drag(np.round(places[start] + [5, 3]), np.round(places[end] - [3, 5]), button=3)
    path = window.wait_for_event("path")
    assert (path["from_source"], path["to_source"]) == (f"train {start}", f"train {end}")
    assert path["from"] == pytest.approx(model.codes["train"][start], abs=1e-3)
    assert path["to"] == pytest.approx(model.codes["train"][end], abs=1e-3)
    assert view(window) == seen   # the right button does not pan
    assert not window.log("pin")
    leave_plot(window)
    settle(window)
    check_film_strip(window, model, path)

    # More than 8 px away nothing snaps.
    free = model.free_places(seen, gap=14)
    window.drag(free[0], free[-1], button=3)
    path = window.wait_for_event("path", id=2)
    assert path["from_source"] == path["to_source"] == ""
    assert path["from"] == pytest.approx(seen.to_latent(free[0]), abs=1e-3)
    assert path["to"] == pytest.approx(seen.to_latent(free[-1]), abs=1e-3)


def test_with_the_path_tool_the_left_button_draws(still):
    window, model = still()
    seen = view(window)
    free = model.free_places(seen)
    leave_plot(window)
    window.key("p")
    window.drag(free[0], free[-1])
    path = window.wait_for_event("path")
    assert path["to"] == pytest.approx(seen.to_latent(free[-1]), abs=1e-3)
    assert view(window) == seen
    # A click pins, with the path tool too; off the path, which it would select.
    ends = np.array([free[0], free[-1]], float)
    way = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    away = np.abs((free - ends[0]) @ [-way[1], way[0]])
    window.click(*free[away.argmax()])
    window.wait_for_event("pin")
    window.key("p")
    beside = free[np.argsort(away)[len(free) // 2]]
    window.drag(beside, beside + [-40, 0])   # pans again
    settle(window)
    assert len(window.log("path")) == 1
    assert view(window).to_screen((0, 0))[0] == pytest.approx(seen.to_screen((0, 0))[0] - 40,
                                                              abs=0.6)


def test_the_scatter_shows_each_code_at_its_place_in_its_class_colour(shared):
    window, model = shared
    parts = seen_codes(window, model)
    assert np.nanmin(parts) > 0.7, parts    # some lie under the prior's contours or the cross
    assert np.isfinite(parts).sum() == 10


def test_a_click_in_the_legend_isolates_a_label_and_a_ctrl_click_switches_one(still):
    window, model = still()
    click_widget(window, "label_5")
    leave_plot(window)
    settle(window)
    parts = seen_codes(window, model)
    assert parts[5] > 0.7 and np.nanmax(np.delete(parts, 5)) < 0.1, parts

    # The others are dimmed: still seen, in grey.
    seen, screen = view(window), pixels(window)
    alone = [code for code in model.alone(seen) if model.labels["train"][code] != 5]
    middles = np.floor(model.on_screen(seen)[alone]).astype(int)
    colors = screen[middles[:, 1], middles[:, 0]]
    brighter = colors.mean(axis=-1) - rgb(GROUND).mean()
    assert np.mean((brighter > 12) & (brighter < 80)) > 0.9
    assert np.mean(np.ptp(colors, axis=-1) < 25) > 0.9

    click_widget(window, "label_5")   # again: all are back
    window.xdotool("keydown", "ctrl")
    click_widget(window, "label_3")
    window.xdotool("keyup", "ctrl")
    leave_plot(window)
    settle(window)
    parts = seen_codes(window, model)
    assert parts[3] < 0.1 and np.nanmin(np.delete(parts, 3)) > 0.7, parts

    # What is dimmed cannot be pinned: the click beside it means the place.
    places, hidden = model.on_screen(seen), model.labels["train"] == 3
    apart = np.hypot(*(places[hidden][:, None] - places[~hidden]).transpose(2, 0, 1)).min(axis=1)
    assert apart.max() > 9
    window.click(*np.round(places[hidden][apart.argmax()]))
    assert window.wait_for_event("pin")["source"] == ""
    window.key("Delete")
    window.xdotool("keydown", "ctrl")
    click_widget(window, "label_3")
    window.xdotool("keyup", "ctrl")
    leave_plot(window)
    settle(window)
    assert seen_codes(window, model)[3] > 0.7


def test_the_split_switch_shows_the_codes_of_the_test_inputs(still):
    window, model = still()
    click_widget(window, "split_test")
    leave_plot(window)
    settle(window)
    assert np.nanmin(seen_codes(window, model, "test")) > 0.7
    seen = view(window)
    target = model.alone(seen, "test", gap=12)[0]
    window.click(*np.round(model.on_screen(seen, "test")[target]))
    assert window.wait_for_event("pin")["source"] == f"test {target}"
    window.key("Delete")
    window.wait_for_event("pin_removed", id=1)
    click_widget(window, "split_train")
    leave_plot(window)
    settle(window)
    assert np.nanmin(seen_codes(window, model, "train")) > 0.7


def test_with_a_cvae_every_label_is_shown_and_one_can_be_chosen(still):
    window, model = still("cvae")
    place = model.free_places(view(window))[0]
    window.click(*place)
    z = window.wait_for_event("pin")["z"]
    for label in (7, 2):
        click_widget(window, f"choose_label_{label}")
        leave_plot(window)
        settle(window)
        assert difference(shown(window), model.decode(z, label)) < CLOSE
        for other in range(10):
            strip = picture_in(window, widget(window, f"choose_label_{other}"))
            # The screen is coarser than the picture where ten of them share the panel's width.
            assert difference(strip[2:-2, 2:-2], model.decode(z, other)[2:-2, 2:-2]) < CLOSE, other
    # The chosen label holds under the pointer too.
    x, y = view(window).plot.center
    event = hover(window, (x + 40, y + 30))
    settle(window)
    assert difference(shown(window), model.decode(event["z"], 2)) < CLOSE
    assert difference(shown(window), model.decode(event["z"], 7)) > 30


def test_a_pause_between_press_and_release_is_still_one_click(still):
    window, model = still()
    place = model.free_places(view(window))[0]
    window.move(*place)
    window.press()
    time.sleep(0.5)
    assert not window.log("pin")   # on release, since it may become a drag
    window.release()
    window.wait_for_event("pin")
    settle(window)
    assert len(window.log("pin")) == 1
