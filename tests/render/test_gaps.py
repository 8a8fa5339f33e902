"""The ledger of the gaps between log p(x) and the ELBO, and the view of one latent dimension, on the
screen against NumPy."""

import json

import numpy as np
import pytest
from conftest import open_saved
from seeing import (click_opened, click_widget, layers, leave_plot, pixels, settle, single_steps, view,
                    widget)

LONG_S = 300   # searching for the best Gaussians of 100 inputs takes long on a busy machine
REACH, STEPS = 6.0, 360


def log_joint(model, images, z):
    """[places, inputs] log p(x, z)."""
    hidden = np.maximum(model.layer("decoder.0", z), 0)
    logits = model.layer("decoder.2", hidden).astype(float)
    normaliser = np.logaddexp(0, logits).sum(1)
    prior = -0.5 * (z**2).sum(1) - 0.5 * z.shape[1] * np.log(2 * np.pi)
    return logits @ images.T - normaliser[:, None] + prior[:, None]


def evidence(model, images):
    """log ∫ p(x|z) p(z) dz on a lattice."""
    width = 2 * REACH / STEPS
    line = (np.arange(STEPS) + 0.5) * width - REACH
    z = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    joint = log_joint(model, images, z)
    top = joint.max(0)
    return top + np.log(np.exp(joint - top).sum(0)) + 2 * np.log(width)


def elbo(model, images, mean, sigma, nodes=40):
    """E_q log p(x, z) + entropy, by Gauss and Hermite's rule."""
    line, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    noise = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    both = np.outer(weights, weights).ravel()
    found = []
    for x, m, s in zip(images, mean, sigma):
        found.append(both @ log_joint(model, x[None], m + s * noise)[:, 0] + np.log(s).sum() + np.log(2 * np.pi) + 1)
    return np.array(found)


@pytest.fixture(scope="module")
def small(command, digits, tmp_path_factory):
    """A model whose gaps take little time."""
    path = tmp_path_factory.mktemp("small") / "small.safetensors"
    command("train", "--data", digits, "--hidden", 48, "--latent", 2, "--epochs", 60, "--threads", 1, "--out", path)
    return path


def test_the_gaps_of_a_model_at_rest(explorer, command, small, digits):
    window, model = open_saved(explorer, small, digits)
    assert "tab_gaps" not in {line["name"] for line in window.log("widget")}, "asked for only"
    click_widget(window, "tab_worst")
    click_widget(window, "show_gaps")
    events = window.wait_for(lambda _: [line for line in window.log("gaps") if line["measured"] >= 100], LONG_S,
                             what="the gaps of 100 inputs")
    listed = events[-1]
    assert listed["split"] == "train"
    inputs = np.array(listed["inputs"], int)
    amortisation, approximation = (np.array(listed[key]) for key in ("amortisation", "approximation"))
    assert len(inputs) == 50 and (np.diff(amortisation) <= 0).all()
    assert amortisation.min() >= 0 and approximation.min() > -0.02
    some = inputs[:6]
    images = model.images["train"][some]
    exact = evidence(model, images)
    bound = elbo(model, images, model.codes["train"][some], model.sigmas["train"][some])
    assert (amortisation + approximation)[:6] == pytest.approx(exact - bound, abs=0.05)

    # The curve is of the test split, as the command line measures it.
    point = window.wait_for_event("gap_point", timeout=LONG_S, inputs=100)
    figures = json.loads(command("eval", small, "--data", digits, "--threads", 1, "--exact", "--gap-inputs", 100,
                                 "--json"))
    for key, name in (("log_likelihood", "log_likelihood_exact"), ("amortisation", "amortisation_gap"),
                      ("approximation", "approximation_gap")):
        assert point[key] == pytest.approx(figures[name], abs=0.02)
    assert point["elbo"] + point["amortisation"] + point["approximation"] == pytest.approx(point["log_likelihood"],
                                                                                           abs=1e-3)

    # A click flies to the worst encoded one.
    scale = view(window).scale
    click_widget(window, "gaps_0")

    def is_at_a_worst(_):   # the list may have grown before the click
        worst = np.array([line["inputs"][0] for line in window.log("gaps") if line["inputs"]], int)
        away = np.array(view(window).center) - model.codes["train"][worst]
        return (np.hypot(*away.T) * view(window).scale).min() < 3
    window.wait_for(is_at_a_worst, what="the view to come to the input")
    assert view(window).scale > scale

    # Points in the colours of their gap: the worst one at the bright end.
    window.key("Home")
    click_opened(window, "color_by", "color_by_4")
    window.wait_for(lambda _: layers(window)["color_by"] == "amortisation_gap", what="the colours")
    widget(window, "color_bar")


def test_the_curve_grows_with_the_steps(explorer, small, digits):
    window, _ = open_saved(explorer, small, digits)
    click_widget(window, "tab_worst")
    click_widget(window, "show_gaps")
    window.wait_for_event("gap_point", timeout=LONG_S, inputs=100)
    single_steps(window, 2)
    points = window.wait_for(lambda _: window.log("gap_point")[-1]["step"] > 0 and window.log("gap_point"), LONG_S,
                             what="a point of a later step")
    steps = [point["step"] for point in points]
    assert steps == sorted(set(steps)) and steps[0] == 0
    assert all(point["amortisation"] >= 0 for point in points)


def test_gaps_are_measured_while_the_model_trains(training):
    window = training()
    click_widget(window, "tab_worst")
    click_widget(window, "show_gaps")
    point = window.wait_for(lambda _: window.log("gap_point"), LONG_S, what="a point")[-1]
    assert point["step"] >= 20 and point["amortisation"] >= 0
    window.wait_for(lambda lines: lines[-1]["step"] > point["step"], what="training to go on")


def test_other_dimensions_have_no_gaps(explorer, command, digits, tmp_path):
    path = tmp_path / "m.safetensors"
    command("train", "--data", digits, "--latent", 3, "--epochs", 1, "--threads", 1, "--out", path)
    window, _ = open_saved(explorer, path, digits)
    click_widget(window, "tab_worst")
    widget(window, "show_gaps")
    click_widget(window, "show_gaps")   # greyed
    settle(window)
    assert not window.log("gaps") and "tab_gaps" not in {line["name"] for line in window.log("widget")}


def test_one_dimension_has_a_rug_a_strip_and_the_posterior(explorer, command, digits, tmp_path):
    path = tmp_path / "line.safetensors"
    command("train", "--data", digits, "--latent", 1, "--epochs", 30, "--threads", 1, "--out", path)
    window, model = open_saved(explorer, path, digits)
    assert "manifold" in layers(window)["shown"].split()
    seen = view(window)
    rug = widget(window, "code_rug")
    x = seen.to_screen((model.codes["train"][:, 0], 0))[0]
    labels = model.labels["train"]
    classes = np.unique(labels)
    height = 7   # of a row, pixels
    # The row of each class is inked where it has codes, two pixels a column, and nowhere else.
    for row, label in enumerate(classes):
        own = x[(labels == label) & (x > rug.x + 4) & (x < rug.x + rug.width - 4)]
        line = pixels(window)[round(rug.y + row * height + 2)]
        ground = line[[round(rug.x + 1)]].mean(0)
        inked = np.abs(line - ground).max(-1) > 30
        # A code on the border of two columns may be drawn in either.
        columns = [(np.floor((own + off - rug.x) / 2) * 2 + rug.x).astype(int) for off in (-0.5, 0, 0.5)]
        assert np.any([inked[column] for column in columns], axis=0).mean() > 0.95
    # The posterior of the input under the pointer, 4.5 σ to either side.
    target = np.argmin(np.abs(x - np.median(x)))
    before = len(window.log())
    window.move(x[target], seen.to_screen((0, 0))[1])
    nearest = int(window.wait_for_event("hover", after=before)["nearest"].split()[1])
    curve = widget(window, "posterior_curve")
    mean, sigma = model.codes["train"][nearest, 0], model.sigmas["train"][nearest, 0]
    assert curve.center[0] == pytest.approx(seen.to_screen((mean, 0))[0], abs=1.5)
    assert curve.width == pytest.approx(9 * sigma * seen.scale, rel=0.02, abs=1)
    leave_plot(window)
