"""The layers of the latent view and its colours, on the screen against numbers in NumPy."""

import numpy as np
import pytest
from PIL import Image
from seeing import (CLASS_COLORS, GROUND, LAYERS, TEXT, Rect, click_widget, difference, layers,
                    leave_plot, pixels, rgb, seen_codes, settle, view, widget, widgets)

VIRIDIS = ["355f8d", "2a788e", "21918c", "22a884", "44bf70", "7ad151", "bddf26", "fde725"]


def keys(window, *names):
    """Presses them; no pointer over the plot, whose marks would be in the way."""
    leave_plot(window)
    for name in names:
        window.key(name)
    settle(window)


def test_a_layer_is_switched_by_its_key_and_in_the_list(shared):
    window, model = shared
    assert layers(window)["shown"] == "points prior paths pins"
    assert np.nanmin(seen_codes(window, model)) > 0.7
    keys(window, "1")
    assert np.nanmax(seen_codes(window, model)) < 0.1
    click_widget(window, "layers")
    settle(window)
    click_widget(window, "layer_points")
    window.key("Escape")
    leave_plot(window)
    settle(window)
    assert np.nanmin(seen_codes(window, model)) > 0.7

    def ring():   # of the pixels on the prior's 2 σ circle: how many are brighter than the ground
        seen, screen = view(window), pixels(window)
        angles = np.linspace(0, 2 * np.pi, 400)
        x, y = seen.to_screen((2 * np.cos(angles), 2 * np.sin(angles)))
        inside = ((x > seen.plot.x + 40) & (x < seen.plot.x + seen.plot.width - 5)
                  & (y > seen.plot.y + 5) & (y < seen.plot.y + seen.plot.height - 30))
        found = screen[y[inside].astype(int), x[inside].astype(int)]
        return (found.mean(axis=-1) - rgb(GROUND).mean() > 25).mean()
    keys(window, "1")
    assert ring() > 0.7
    keys(window, "5")
    assert ring() < 0.3
    assert layers(window)["shown"] == "paths pins"


def test_the_list_of_layers_fits_the_smallest_window_and_greys_what_cannot_be(still):
    window, _ = still("ae", size=(1024, 700))
    click_widget(window, "layers")
    settle(window)
    rows = [widget(window, f"layer_{name}") for name in LAYERS]
    assert all(Rect(0, 0, 1024, 700).holds(row) for row in rows)
    assert all(a.y + a.height <= b.y + 1 for a, b in zip(rows, rows[1:]))
    for number, name in ((2, "ellipses"), (5, "prior")):
        before = layers(window)["shown"]
        click_widget(window, f"layer_{name}")
        window.key(str(number))
        settle(window)
        assert layers(window)["shown"] == before
    assert "ellipses_all" not in widgets(window)


def on_ellipse(place, sigma, scale, sigmas, count=48):
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([place[0] + sigmas * sigma[0] * scale * np.cos(angles),
                     place[1] + sigmas * sigma[1] * scale * np.sin(angles)], axis=1)


def brightest_near(screen, places):
    """Of each place: the brightest of the four pixels around it, since a line is thin."""
    corners = np.floor(places - 0.5).astype(int)
    found = [screen[corners[:, 1] + dy, corners[:, 0] + dx].mean(axis=-1)
             for dx in (0, 1) for dy in (0, 1)]
    return np.max(found, axis=0)


def test_the_ellipses_of_the_nearest_code_are_its_posteriors(shared):
    window, model = shared
    keys(window, "1", "5", "2")
    seen = view(window)
    code = model.alone(seen, gap=5, margin=120)[0]
    window.wheel(*np.round(model.on_screen(seen)[code]), 10)
    leave_plot(window)
    settle(window)
    seen = view(window)
    place = model.on_screen(seen)[code]
    window.move(*np.round(place))
    window.wait_for_event("hover", inside=True, nearest=f"train {code}")
    settle(window)
    screen, sigma = pixels(window), model.sigmas["train"][code]
    assert 2 * sigma.min() * seen.scale > 12   # else there is nothing to tell apart
    for sigmas, bright in ((1, 0.9), (2, 0.6)):
        line = brightest_near(screen, on_ellipse(place, sigma, seen.scale, sigmas))
        assert np.mean(line > bright * rgb(TEXT).mean()) > 0.9, (sigmas, line)
    for sigmas in (0.7, 1.5, 2.5):
        between = brightest_near(screen, on_ellipse(place, sigma, seen.scale, sigmas))
        assert np.mean(between < 70) > 0.85, (sigmas, between)


def test_the_ellipses_of_all_codes_are_drawn_in_their_colours(still):
    window, model = still()
    click_widget(window, "layers")
    settle(window)
    click_widget(window, "ellipses_all")
    window.key("Escape")
    click_widget(window, "label_7")
    keys(window, "1", "5")
    seen = view(window)
    own = np.flatnonzero(model.labels["train"] == 7)
    places, sigmas = model.on_screen(seen)[own], model.sigmas["train"][own]
    reach = 2 * sigmas.max(axis=1) * seen.scale + 3
    apart = np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) - reach - reach[:, None]
    np.fill_diagonal(apart, np.inf)
    free = [i for i in np.argsort(-apart.min(axis=1))[:3]]
    if apart.min(axis=1)[free[0]] < 0:   # a crowd: look closer at its loneliest code
        window.wheel(*np.round(places[free[0]]), 3)
        leave_plot(window)
        settle(window)
        seen = view(window)
        places = model.on_screen(seen)[own]
    place, sigma = places[free[0]], sigmas[free[0]]
    screen = pixels(window)
    toward = rgb(CLASS_COLORS[7]) - rgb(GROUND)
    for times, strength in ((1, 0.75), (2, 0.4)):
        line = on_ellipse(place, sigma, seen.scale, times, 96)
        corners = np.floor(line - 0.5).astype(int)
        strongest = np.max([(screen[corners[:, 1] + dy, corners[:, 0] + dx] - rgb(GROUND)) @ toward
                            for dx in (0, 1) for dy in (0, 1)], axis=0) / (toward @ toward)
        assert np.mean(strongest > 0.5 * strength) > 0.9, (times, strongest)


def cell_on_screen(window, column, row):
    """What is seen of a cell of the manifold, and the z of its middle."""
    size = window.log("manifold")[-1]["cell"]
    seen = view(window)
    left, bottom = seen.to_screen((column * size, row * size))
    right, top = seen.to_screen(((column + 1) * size, (row + 1) * size))
    return (left, top, right, bottom), ((column + 0.5) * size, (row + 0.5) * size)


def smoothed(picture, box):
    """A picture drawn into a box with linear smoothing: its value at each whole pixel inside."""
    left, top, right, bottom = box
    x = np.arange(int(np.ceil(left)) + 1, int(right) - 1)
    y = np.arange(int(np.ceil(top)) + 1, int(bottom) - 1)

    def weights(places, start, end, count):
        at = np.clip((places + 0.5 - start) / (end - start) * count - 0.5, 0, count - 1)
        below = np.minimum(at.astype(int), count - 2)
        return below, at - below
    (column, across), (row, down) = weights(x, left, right, 28), weights(y, top, bottom, 28)
    rows = picture[row] * (1 - down)[:, None] + picture[row + 1] * down[:, None]
    return rows[:, column] * (1 - across) + rows[:, column + 1] * across, x, y


def check_cells(window, decoded, cells):
    screen = pixels(window).mean(axis=-1) / 255
    for column, row in cells:
        box, z = cell_on_screen(window, column, row)
        expected, x, y = smoothed(decoded(z), box)
        assert difference(screen[np.ix_(y, x)], expected) < 6, (column, row)


def test_the_manifolds_cells_are_what_zscape_decodes_there(shared, command, saved, tmp_path):
    window, model = shared
    keys(window, "1", "5", "3")
    grid = window.log("manifold")[-1]
    assert grid["fresh"] == grid["cells"] > 50

    def decoded(z):   # by the program itself, into a PNG
        path = tmp_path / "cell.png"
        command("decode", saved("vae"), f"--z={z[0]},{z[1]}", "--out", path)
        return np.asarray(Image.open(path).convert("L")) / 255
    check_cells(window, decoded, [(1, 2), (-3, 1), (2, -3)])
    check_cells(window, model.decode, [(-2, -2), (3, 1), (-4, 2), (1, -2)])

    # Closer: smaller cells, decoded anew; and moved.
    x, y = view(window).plot.center
    window.wheel(x, y, 9)
    window.drag((x, y), (x + 37, y - 21))
    leave_plot(window)
    settle(window)
    closer = window.log("manifold")[-1]
    assert closer["cell"] < grid["cell"] and closer["fresh"] == closer["cells"]
    z = view(window).to_latent((x, y))
    middle = [int(np.floor(part / closer["cell"])) for part in z]
    check_cells(window, model.decode, [(middle[0] + i, middle[1] + j)
                                       for i, j in ((1, 1), (-2, 1), (2, -2))])


def test_the_manifold_follows_the_training_and_then_the_window_sleeps(training):
    window = training()
    window.key("3")
    before = len(window.log())
    steps = window.wait_for(lambda lines: {
        line["step"] for line in lines[before:]
        if line["event"] == "manifold" and line["fresh"] == line["cells"]} if len({
            line["step"] for line in lines[before:]
            if line["event"] == "manifold" and line["fresh"] == line["cells"]}) > 3 else None,
        what="four whole grids")
    assert max(steps) > min(steps)
    window.key("space")
    leave_plot(window)
    settle(window)
    grid = window.log("manifold")[-1]
    assert grid["fresh"] == grid["cells"]
    frames = window.log("frames")[-1]["number"]
    window.move(window.size[0] * 0.6 + 3, window.size[1] - 12)
    settle(window)
    assert window.log("frames")[-1]["number"] < frames + 60   # it does not go on by itself


def test_the_centroids_lie_at_the_means_of_the_classes(shared):
    window, model = shared
    keys(window, "1", "5", "6")
    seen, screen = view(window), pixels(window)
    for label, color in enumerate(CLASS_COLORS):
        mean = model.codes["train"][model.labels["train"] == label].mean(axis=0)
        x, y = np.floor(seen.to_screen(mean)).astype(int)
        marks = np.abs(screen[y - 2:y + 3, x - 2:x + 3] - rgb(color)).max(axis=-1) < 12
        assert marks.sum() >= 6, (label, marks)   # others' names may lie on a part
    click_widget(window, "label_2")
    keys(window)
    mean = model.codes["train"][model.labels["train"] == 9].mean(axis=0)
    x, y = np.floor(seen.to_screen(mean)).astype(int)
    color = rgb(CLASS_COLORS[9])
    assert not (np.abs(pixels(window)[y, x] - color).max() < 12)   # dimmed classes have none
    click_widget(window, "label_2")


def test_the_density_glows_where_codes_are(shared):
    window, model = shared
    keys(window, "1", "5")
    dark = pixels(window)
    keys(window, "4")
    seen = view(window)
    glow = (pixels(window) - dark).mean(axis=-1)
    places = np.floor(model.on_screen(seen)[model.alone(seen, gap=0)]).astype(int)
    assert np.median(glow[places[:, 1], places[:, 0]]) > 8
    far = np.array(model.free_places(seen, gap=60)).astype(int)
    assert len(far) > 5
    assert np.median(glow[far[:, 1], far[:, 0]]) < 3


def choose_color(window, number):
    click_widget(window, "color_by")
    settle(window)
    click_widget(window, f"color_by_{number}")
    leave_plot(window)
    settle(window)


def map_color(position):
    anchors = np.array([rgb(color) for color in VIRIDIS])
    place = np.clip(position, 0, 1) * (len(anchors) - 1)
    below = np.minimum(place.astype(int), len(anchors) - 2)
    part = (place - below)[:, None]
    return anchors[below] * (1 - part) + anchors[below + 1] * part


def check_values(window, model, values):
    """The colours of the codes that stand alone are those of their values."""
    state = layers(window)
    outside = int(0.01 * (len(values) - 1))
    inner = np.sort(values)[[outside, -1 - outside]]
    assert (state["low"], state["high"]) == pytest.approx(tuple(inner), rel=2e-3)
    seen, screen = view(window), pixels(window)
    alone = model.alone(seen)
    middles = np.floor(model.on_screen(seen)[alone]).astype(int)
    expected = map_color((values[alone] - state["low"]) / (state["high"] - state["low"]))
    mixed = rgb(GROUND) + 0.9 * (expected - rgb(GROUND))
    off = np.abs(screen[middles[:, 1], middles[:, 0]] - mixed).max(axis=-1)
    assert np.mean(off < 30) > 0.85
    bar = pixels(window, widget(window, "color_bar"))
    middle = bar[bar.shape[0] // 2]
    assert np.abs(middle[1] - rgb(VIRIDIS[0])).max() < 12
    assert np.abs(middle[-2] - rgb(VIRIDIS[-1])).max() < 12


def test_points_are_coloured_by_their_kl(shared):
    window, model = shared
    choose_color(window, 3)
    assert layers(window)["color_by"] == "kl"
    mean, sigma = model.codes["train"], model.sigmas["train"]
    check_values(window, model, 0.5 * (mean**2 + sigma**2 - 2 * np.log(sigma) - 1).sum(axis=1))


def test_points_are_coloured_by_their_reconstruction_error(shared):
    window, model = shared
    choose_color(window, 2)
    window.wait_for(lambda _: layers(window)["high"] > 0, what="measured errors")
    settle(window)
    made = np.array([model.decode(z) for z in model.codes["train"]]).reshape(-1, 784)
    check_values(window, model, ((made - model.images["train"]) ** 2).mean(axis=1))


def test_points_are_coloured_by_the_nearest_centroid(shared):
    window, model = shared
    choose_color(window, 1)
    codes, labels = model.codes["train"], model.labels["train"]
    means = np.array([codes[labels == label].mean(axis=0) for label in range(10)])
    nearest = np.hypot(*(codes[:, None] - means).transpose(2, 0, 1)).argmin(axis=1)
    assert layers(window)["agreement"] == pytest.approx((nearest == labels).mean(), abs=1e-6)
    model.labels["train"] = nearest   # what each code's colour says now
    # Few codes of a class stand alone, and a label of the plot may cover one: all are counted.
    alone = np.bincount(nearest[model.alone(view(window))], minlength=10)
    assert np.nansum(seen_codes(window, model) * alone) > 0.85 * alone.sum() > 0


def test_errors_are_measured_again_while_the_model_trains(training):
    window = training()
    click_widget(window, "color_by")
    widget(window, "color_by_2")
    click_widget(window, "color_by_2")
    leave_plot(window)

    def ranges(_):
        found = {line["high"] for line in window.log("layers")
                 if line["color_by"] == "reconstruction_error" and line["high"] > 0}
        return found if len(found) >= 3 else None
    window.wait_for(ranges, what="three measurements")


def test_the_synthetic_digits_are_coloured_by_what_they_were_drawn_with(training):
    window = training(data="synthetic")
    window.key("space")
    leave_plot(window)
    settle(window)
    choose_color(window, 6)   # behind both gaps
    state = layers(window)
    assert (state["color_by"], state["factor"]) == ("factor", 0)
    assert state["low"] < state["high"]
    bar = pixels(window, widget(window, "color_bar"))
    assert np.abs(bar[bar.shape[0] // 2, -2] - rgb(VIRIDIS[-1])).max() < 12
