"""More than two latent dimensions, on the screen against numbers in NumPy: sliders, principal axes
and three dimensions."""

import numpy as np
import pytest
from seeing import (CLASS_COLORS, GROUND, Model, click_widget, difference, leave_plot, pixels,
                    picture_in, rgb, settle, view, wait_for_state, widget)
from test_selection import held


@pytest.fixture
def still(explorer, command, digits, tmp_path):
    """still(8) -> a paused window with a VAE of so many latent dimensions, and the same in NumPy."""
    def start(latent):
        path = tmp_path / f"vae-{latent}.safetensors"
        command("train", "--data", digits, "--model", "vae", "--latent", latent, "--epochs", 30,
                "--threads", 1, "--out", path)
        window = explorer(path, "--data", digits, "--threads", 1)
        leave_plot(window)
        wait_for_state(window, "paused")
        settle(window)
        return window, Model(path, digits)
    return start


def shown_z(window):
    return np.array(window.log("hover")[-1]["z"])


def empty_place(window, codes, near):
    """The pixel next to this z of the plane that no code [n, 2] is close to: over a point the preview
    shows the point's own μ."""
    seen = view(window)
    points = np.stack(seen.to_screen(codes.T), axis=1)
    steps = np.arange(-60, 61, 5)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    offsets = offsets[np.argsort(np.hypot(*offsets.T), kind="stable")]
    places = np.round(np.array(seen.to_screen(near)) + offsets)
    far = np.hypot(*(places[:, None] - points[None]).transpose(2, 0, 1)).min(axis=1) > 14
    return places[np.flatnonzero(far)[0]]


def preview(window):
    return picture_in(window, widget(window, "preview_picture"))


def test_sliders_and_principal_axes(still):
    window, model = still(8)
    click_widget(window, "rest_4", across=0.85)
    leave_plot(window)
    window.wait_for(lambda _: shown_z(window)[3] > 1, what="the slider's z")
    settle(window)
    z = shown_z(window)
    assert np.count_nonzero(z) == 1
    assert difference(preview(window), model.decode(z)) < 4
    assert difference(preview(window), model.decode(np.zeros(8))) > 10
    place = empty_place(window, model.codes["train"][:, :2], (0.5, -1))
    window.move(*place)   # the cursor's plane leads through it
    settle(window)
    assert np.allclose(shown_z(window)[[0, 1, 3]], [*view(window).to_latent(place), z[3]], atol=0.02)
    assert difference(preview(window), model.decode(shown_z(window))) < 4
    click_widget(window, "rest_zero")

    click_widget(window, "principal")
    leave_plot(window)
    axes = window.wait_for_event("axes", principal=True)
    settle(window)
    codes = model.codes["train"]
    values, vectors = np.linalg.eigh(np.cov(codes.T))
    found = np.array(axes["directions"]).reshape(2, 8)
    assert np.allclose(np.abs(found @ vectors[:, ::-1][:, :2]), np.eye(2), atol=1e-3)
    assert np.allclose(axes["shares"], values[::-1][:2] / values.sum(), atol=1e-4)

    seen, screen = view(window), pixels(window)
    places = np.stack(seen.to_screen((codes @ found.T).T), axis=1)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    alone = np.flatnonzero(apart.min(axis=1) > 8)
    assert len(alone) > 20
    colors = np.array([rgb(CLASS_COLORS[label]) for label in model.labels["train"][alone]])
    middles = np.floor(places[alone]).astype(int)
    off = np.abs(screen[middles[:, 1], middles[:, 0]] - rgb(GROUND) - 0.9 * (colors - rgb(GROUND)))
    assert (off.max(axis=-1) < 30).mean() > 0.7   # some lie under lines and labels
    place = empty_place(window, codes @ found.T, (-1, 0.5))   # what is decoded lies in that plane
    window.move(*place)
    settle(window)
    expected = np.array(seen.to_latent(place)) @ found
    assert np.allclose(shown_z(window), expected, atol=1e-3)
    assert difference(preview(window), model.decode(expected)) < 4


def on_screen(orbit, plot, codes):
    """[N, 2] pixels, and how far each is from the eye (app/gui/view/latent/orbit.h)."""
    yaw, pitch, half_angle = orbit["yaw"], orbit["pitch"], 0.26
    back = np.array([-np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)])
    right = np.array([np.cos(yaw), 0, np.sin(yaw)])
    off = codes - orbit["middle"]
    depth = orbit["half"] * np.sqrt(3) / np.sin(half_angle) - off @ back
    focal = 1.07 * orbit["zoom"] * min(plot.width, plot.height) / 2 / np.tan(half_angle)
    middle = plot.center
    return np.stack([middle[0] + focal * (off @ right) / depth + orbit["pan"][0],
                     middle[1] - focal * (off @ np.cross(back, right)) / depth - orbit["pan"][1]],
                    axis=1), depth


def test_three_dimensions(still):
    window, model = still(3)
    window.key("d")
    window.wait_for_event("axes", spatial=True)
    settle(window)
    before = pixels(window, view(window).plot)
    plot = view(window).plot
    window.drag(plot.at(0.8, 0.2), plot.at(0.6, 0.35))
    leave_plot(window)
    settle(window)
    first, orbit = window.log("orbit")[0], window.log("orbit")[-1]
    assert orbit["yaw"] < first["yaw"] - 0.5 and orbit["pitch"] > first["pitch"] + 0.3
    assert (np.abs(pixels(window, plot) - before).max(axis=-1) > 40).mean() > 0.02

    codes = model.codes["train"]
    places, _ = on_screen(orbit, plot, codes)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    for point in np.argsort(apart.min(axis=1))[-3:]:   # nothing lies before or behind these
        window.move(*places[point])
        settle(window)
        hover = window.log("hover")[-1]
        assert hover["nearest"] == f"train {point}"
        assert np.allclose(hover["z"], codes[point], atol=1e-3)
        assert difference(preview(window), model.decode(codes[point])) < 4
        shown = picture_in(window, widget(window, "nearest_picture"))
        assert difference(shown, model.images["train"][point].reshape(28, 28)) < 4
    leave_plot(window)   # with its card
    settle(window)
    seen = pixels(window)[tuple(np.floor(places[:, ::-1]).astype(int).T)]
    assert (np.abs(seen - rgb(GROUND)).max(axis=-1) > 25).mean() > 0.9   # a disc at every code
    middle = np.median(places, axis=0)
    corner = middle + [60, 80]
    with held(window, "shift"):   # a box on the screen, through all depths
        window.drag(middle, corner)
    chosen = window.wait_for_event("selection")["count"]
    expected = ((places > middle) & (places < corner)).all(axis=1).sum()
    assert abs(chosen - expected) <= 1 and expected > 5
    leave_plot(window)
    settle(window)
    seen = pixels(window)[tuple(np.floor(places[:, ::-1]).astype(int).T)]
    inside = ((places > middle) & (places < corner)).all(axis=1)
    assert (np.abs(seen[~inside] - rgb(GROUND)).max(axis=-1) > 8).mean() > 0.8   # dimmed, not gone
    window.key("Escape")
    window.key("Home")
    window.wait_for(lambda _: window.log("orbit")[-1]["yaw"] == first["yaw"], what="the first look")
