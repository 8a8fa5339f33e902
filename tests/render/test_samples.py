"""The tab Samples: draws from the prior and from a posterior, a row of pictures a dimension, and
∂x̂/∂x, with a real pointer and against NumPy."""

import numpy as np
import pytest
from seeing import (ACCENT, Model, click_widget, difference, hover, leave_plot, like, picture_in,
                    pixels, settle, view, wait_for_state, widget, widgets)

PRIOR, POSTERIOR = 64, 24


def shown(window, after=0, **fields):
    """The newest samples on the screen that have these fields: tag -> z."""
    window.wait_for_event("samples", after=after, **fields)
    event = [line for line in window.log("samples")
             if all(line.get(key) == value for key, value in fields.items())][-1]
    tags = np.array(event["tags"], int)
    return event, dict(zip(tags, np.array(event["z"]).reshape(len(tags), -1)))


def open_tab(window, name):
    """By its key at first, then by its switch."""
    if "samples_prior" not in widgets(window):
        window.key("g")
        widget(window, "samples_prior")
    before = len(window.log())
    click_widget(window, f"samples_{name}")
    leave_plot(window)
    return before


def preview_shows(window, z):
    window.wait_for(lambda lines: any(
        line["event"] == "picture" and len(line["z"]) == len(z)
        and np.allclose(line["z"], z, atol=1e-5) for line in lines),
        what="the large picture of the sample under the pointer")


def point_at(window, model, index):
    hover(window, model.on_screen(view(window))[index])
    window.wait_for_frames()


def pin(window, model, index):
    """A pinned input stays in hand, whatever the pointer passes on its way."""
    before = len(window.log())
    window.click(*model.on_screen(view(window))[index])
    assert window.wait_for_event("pin", after=before)["source"] == f"train {index}"
    leave_plot(window)
    return before


def decoder_jacobian(model, z):
    hidden = model.layer("decoder.0", z)
    logits = model.layer("decoder.2", np.maximum(hidden, 0))
    x = 1 / (1 + np.exp(-logits))
    inner = model.tensors["decoder.2.weight"] * (hidden > 0)
    return (x * (1 - x))[:, None] * (inner @ model.tensors["decoder.0.weight"])


def jacobian(model, x):
    hidden = model.layer("encoder.0", x)
    slope = np.where(hidden > 0, 1, 0.2)
    mean = model.tensors["encoder.2.weight"][:model.latent]
    z = mean @ (hidden * slope) + model.tensors["encoder.2.bias"][:model.latent]
    encoder = (mean * slope) @ model.tensors["encoder.0.weight"]
    return decoder_jacobian(model, z) @ encoder


def test_the_first_start_shows_no_new_tab(still):
    window, _ = still()
    assert "tab_curves" in widgets(window)
    assert "tab_samples" not in widgets(window)


def test_the_priors_draws_are_those_of_the_command_line(still, command, saved, tmp_path):
    window, model = still()
    window.key("g")
    event, z = shown(window, view="prior", seed=0)
    for seed in (0, 1):
        if seed:
            before = len(window.log())
            click_widget(window, "draw_again")
            leave_plot(window)
            event, z = shown(window, after=before, view="prior", seed=1)
        path = tmp_path / f"{seed}.npy"
        command("sample", saved("vae"), "--count", PRIOR, "--seed", seed, "--out", path)
        expected = np.load(path).reshape(PRIOR, 28, 28) / 255   # of bytes
        for number in range(PRIOR):
            assert np.abs(model.decode(z[number]) - expected[number]).max() < 1e-4
        settle(window)
        for number in (0, 9, 37, PRIOR - 1):
            seen = picture_in(window, widget(window, f"prior_0_{number}"))
            assert difference(seen, expected[number]) < 3, (seed, number)
    # Another place of the tab keeps its draws, and the key draws again.
    before = len(window.log())
    window.key("g")
    shown(window, after=before, view="prior", seed=2)


def test_a_click_pins_a_draw_and_the_preview_shows_it(still):
    window, model = still()
    window.key("g")
    _, z = shown(window, view="prior", seed=0)
    place = widget(window, "prior_0_5").center
    window.move(*place)
    preview_shows(window, z[5])
    before = len(window.log())
    window.click(*place)
    assert np.allclose(window.wait_for_event("pin", after=before)["z"], z[5], atol=1e-5)


def test_a_model_without_prior_also_draws_from_the_gaussian_of_its_codes(still):
    window, model = still("ae", size=(1800, 1100))   # each picture has whole pixels
    window.key("g")
    window.wait_for(lambda lines: any(line["event"] == "samples" and 1000 in line["tags"]
                                      for line in lines), what="the draws of the Gaussian")
    _, z = shown(window, view="prior", seed=0)
    noise = np.stack([z[number] for number in range(PRIOR)])
    drawn = np.stack([z[1000 + number] for number in range(PRIOR)])
    # All that the encoder gives is the code: there is no σ.
    codes = np.hstack([model.codes["train"], 2 * np.log(model.sigmas["train"])])
    factor = np.linalg.cholesky(np.cov(codes.T, bias=True))
    expected = codes.mean(axis=0) + noise @ factor.T
    assert np.allclose(drawn, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    settle(window)
    for number in (0, 50):
        seen = picture_in(window, widget(window, f"prior_1_{number}"))
        assert difference(seen, model.decode(drawn[number])) < 3


def test_models_side_by_side_get_the_same_draws(still):
    window, _ = still()
    window.key("b")
    click_widget(window, "compare_ae")
    window.wait_for_event("compare", open=True)
    window.key("g")
    for block in range(3):   # VAE, AE, and the Gaussian of the AE's codes
        widget(window, f"prior_block_{block}")
    first = shown(window, view="prior", seed=0)[1]
    assert len(first) == PRIOR
    before = len(window.log())
    click_widget(window, "second_pane_header")   # the log is of the active pane
    leave_plot(window)
    second = shown(window, after=before, view="prior", seed=0)[1]
    assert len(second) == 2 * PRIOR
    for number in range(PRIOR):
        assert np.allclose(first[number], second[number], atol=1e-6)


def test_a_posterior_is_a_cloud_whose_noise_stays_until_it_is_drawn_again(still):
    window, model = still()
    open_tab(window, "posterior")
    places = model.alone(view(window))
    noise = []
    for index in places[:2]:
        before = len(window.log())
        point_at(window, model, index)
        _, z = shown(window, view="posterior", input=f"train {index}")
        mean, sigma = model.codes["train"][index], model.sigmas["train"][index]
        assert np.allclose(z[-1], mean, atol=1e-4)
        draws = np.stack([z[number] for number in range(POSTERIOR)])
        noise.append((draws - mean) / sigma)
        settle(window)
        for number in (0, 11, POSTERIOR - 1):
            seen = picture_in(window, widget(window, f"posterior_{number}"))
            assert difference(seen, model.decode(draws[number])) < 3, number
            # Its dot lies in the plot where its z does.
            dot = widget(window, f"sample_dot_{number}", after=before)
            assert np.allclose((dot.x, dot.y), view(window).to_screen(draws[number]), atol=1.5)
    assert np.allclose(noise[0], noise[1], atol=0.02)
    assert abs(noise[0].mean()) < 0.6 and 0.6 < noise[0].std() < 1.4
    # The plot has the accent's colour at a dot that no other thing covers.
    settle(window)
    screen = pixels(window)
    dots = [widget(window, f"sample_dot_{number}") for number in range(POSTERIOR)]
    inside = [screen[round(dot.y), round(dot.x)] for dot in dots
              if view(window).plot.holds(dot)]
    # They lie close together, and the ring of the point under the pointer lies over some.
    assert like(np.array(inside), ACCENT, 30).sum() >= 3

    before = len(window.log())
    click_widget(window, "draw_again")
    _, z = shown(window, after=before, view="posterior", draw=1)
    # The pointer may have passed other codes on its way to the button.
    assert "train" in window.log("samples")[-1]["input"]
    fresh = np.stack([z[number] for number in range(POSTERIOR)]) - z[-1]
    assert not np.allclose(fresh / np.abs(fresh).max(), noise[1] / np.abs(noise[1]).max(), atol=0.1)


def test_a_picture_lights_up_its_dot(still):
    window, model = still()
    open_tab(window, "posterior")
    index = model.alone(view(window))[0]
    pin(window, model, index)
    _, z = shown(window, view="posterior", input=f"train {index}")
    window.move(*widget(window, "posterior_3").center)
    preview_shows(window, z[3])


def test_a_model_without_sigma_says_that_its_code_is_a_point(still):
    window, _ = still("ae")
    open_tab(window, "posterior")
    settle(window)
    assert "posterior_0" not in widgets(window)
    assert window.log("error") == []


@pytest.fixture(scope="module")
def wide(command, digits, tmp_path_factory):
    """A VAE with five latent dimensions."""
    path = tmp_path_factory.mktemp("wide") / "vae5.safetensors"
    command("train", "--data", digits, "--model", "vae", "--latent", 5, "--epochs", 40,
            "--threads", 1, "--out", path)
    return path


@pytest.fixture
def five(explorer, wide, digits):
    window = explorer(wide, "--data", digits, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    return window, Model(wide, digits)


def test_a_strip_a_dimension_runs_through_it_around_the_input_in_hand(five):
    window, model = five
    open_tab(window, "dimensions")
    index = model.alone(view(window))[0]
    before = pin(window, model, index)
    _, z = shown(window, after=before, view="dimensions", input=f"train {index}")
    mean, sigma = model.codes["train"], model.sigmas["train"]
    kl = 0.5 * (mean ** 2 + sigma ** 2 - 2 * np.log(sigma) - 1).mean(axis=0)
    rows = {}
    for tag, code in z.items():
        rows.setdefault(tag // 13, []).append(code)
    # From the top, those of the largest KL first.
    tops = {dimension: widget(window, f"dimension_{dimension}").y for dimension in rows}
    assert sorted(rows, key=tops.get) == list(np.argsort(-kl)[:len(rows)])
    for dimension, codes in rows.items():
        codes = np.array(codes)
        others = np.delete(np.arange(5), dimension)
        assert np.allclose(codes[:, others], mean[index, others], atol=1e-4)
        assert np.allclose(codes[:, dimension], np.linspace(-3, 3, len(codes)), atol=1e-5)
    settle(window)
    top = min(rows, key=tops.get)
    columns = len(rows[top])
    for column in (0, columns // 2, columns - 1):
        seen = picture_in(window, widget(window, f"strip_{top}_{column}"))
        assert difference(seen, model.decode(rows[top][column])) < 3, column


def test_the_second_projection_shows_the_dimensions_that_the_plot_does_not(five):
    window, model = five
    open_tab(window, "dimensions")
    index = model.alone(view(window))[0]
    window.move(*model.on_screen(view(window))[index])
    shown(window, view="dimensions", input=f"train {index}")
    mean, sigma = model.codes["train"], model.sigmas["train"]
    kl = 0.5 * (mean ** 2 + sigma ** 2 - 2 * np.log(sigma) - 1).mean(axis=0)
    axes = [dimension for dimension in np.argsort(-kl) if dimension > 1][:2]
    plot = widget(window, "second_projection")
    found = []
    for across in np.linspace(0.25, 0.75, 5):
        for down in (0.35, 0.5, 0.65):
            place = plot.at(across, down)
            before = len(window.log("samples"))
            window.move(*place)
            settle(window)   # the pictures of the place before are no longer awaited
            hand = window.log("samples")[-1]["input"]
            if len(window.log("samples")) > before and hand.startswith("train"):
                found.append((*place, *mean[int(hand.split()[1]), axes]))
    assert len(found) >= 6
    x, y, first, second = np.array(found).T
    # The pointer takes a code within 8 pixels.
    for place, code, sign in ((x, first, 1), (y, second, -1)):
        slope, start = np.polyfit(code, place, 1)
        assert sign * slope > 0
        assert np.abs(slope * code + start - place).max() < 14


def test_the_x_ray_is_the_derivative_of_the_reconstruction(still):
    window, model = still()
    open_tab(window, "jacobian")
    index = model.alone(view(window))[0]
    before = pin(window, model, index)
    found = window.wait_for_event("jacobian", after=before, input=f"train {index}")
    expected = jacobian(model, model.images["train"][index])
    values = np.linalg.svd(expected, compute_uv=False)
    assert found["rank"] <= 2
    assert np.allclose(found["singular_values"], values[:2], rtol=1e-3)
    assert np.isclose(found["mean_diagonal"], np.trace(expected) / 784, rtol=1e-3, atol=1e-7)

    count = len(model.images["train"])
    rows = np.arange(64) * count // 64
    mean = np.mean([jacobian(model, model.images["train"][row]) for row in rows], axis=0)
    assert found["mean_rows"] == 64
    assert np.isclose(found["mean_mean_diagonal"], np.trace(mean) / 784, rtol=1e-3)
    assert np.isclose(found["mean_distance"], np.linalg.norm(mean - np.eye(784)) / 28, rtol=1e-4)
    spectrum = np.linalg.svd(mean, compute_uv=False)
    assert abs(found["mean_rank"] - (spectrum > spectrum[0] / 100).sum()) <= 1
    # The picture has the colours of both signs where the matrix is large.
    settle(window)
    seen = pixels(window, widget(window, "jacobian_here"))
    assert like(seen, ACCENT, 60).any() and like(seen, "d9a25f", 60).any()


def test_the_tab_follows_a_model_that_trains(training):
    window = training()
    window.key("g")
    widget(window, "prior_0_0")
    revisions = []
    for _ in range(2):   # at rest the pictures are of the newest weights
        before = len(window.log())
        window.key("space")
        wait_for_state(window, "paused")
        revisions.append(shown(window, after=before, view="prior", seed=0)[0]["revision"])
        window.key("space")
        wait_for_state(window, "running")
    assert revisions[1] > revisions[0]
