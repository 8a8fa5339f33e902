"""The layers that say why codes are where they are, by their keys and the list, against NumPy."""

import numpy as np
from seeing import (ACCENT, Rect, click_opened, click_widget, layers, leave_plot, like, pixels, settle,
                    view, wait_for_state, widget)

AMBER = "d9a25f"
KEYS = {"forces": "f", "trips": "r", "stretch": "t", "mismatch": "q"}


def event(window, name, after=0, holds=lambda line: True):
    def found(lines):
        lines = [line for line in lines[after:] if line["event"] == name and holds(line)]
        return lines and lines[-1]
    return window.wait_for(found, what=f'the event "{name}"')


def show(window, layer):
    before = len(window.log())
    window.key(KEYS[layer])
    window.wait_for(lambda lines: layer in [line for line in lines if line["event"] == "layers"]
                    [-1]["shown"].split(), what=f"the layer {layer}")
    return before


def pictures(model, z):
    """[N, 784] of [N, 2]."""
    hidden = np.maximum(model.layer("decoder.0", z), 0)
    return 1 / (1 + np.exp(-model.layer("decoder.2", hidden)))


def expected_losses(model, x, mean, sigma):
    """E_q of the Bernoulli reconstruction, by as many nodes as the program has."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    weights = weights / weights.sum()
    total = np.zeros(len(x))
    for a, first in zip(nodes, weights):
        for b, second in zip(nodes, weights):
            hidden = np.maximum(model.layer("decoder.0", mean + sigma * [a, b]), 0)
            logits = model.layer("decoder.2", hidden)
            total += first * second * (np.logaddexp(0, logits) - x * logits).sum(1)
    return total


def test_forces_are_the_gradients_of_the_loss(still):
    window, model = still()
    before = show(window, "forces")
    line = event(window, "forces", before)
    assert line["count"] == 300     # every second of 600
    inputs = np.array(line["inputs"], int)
    pulls = np.array(line["pulls"]).reshape(-1, 2)
    breaths = np.array(line["sigma_pulls"]).reshape(-1, 2)
    x = model.images["train"][inputs]
    mean, sigma = model.codes["train"][inputs], model.sigmas["train"][inputs]
    step = 1e-5
    for i, off in enumerate(np.eye(2) * step):
        by_mean = (expected_losses(model, x, mean - off, sigma)
                   - expected_losses(model, x, mean + off, sigma)) / (2 * step)
        by_sigma = (expected_losses(model, x, mean, sigma - off)
                    - expected_losses(model, x, mean, sigma + off)) / (2 * step)
        # A kink of the decoder between two nodes' ends is seen by one of both.
        assert np.median(np.abs(pulls[:, i] - by_mean)) < 1e-3 * np.abs(by_mean).max()
        assert np.median(np.abs(breaths[:, i] - by_sigma)) < 1e-3 * np.abs(by_sigma).max()
    settle(window)
    card = widget(window, "forces_card")
    assert view(window).plot.holds(card)
    # Both colours of arrows, outside the card.
    seen = pixels(window, view(window).plot)
    assert like(seen, AMBER, 40).sum() > 300
    assert like(seen, ACCENT, 40).sum() > 100


def test_lambda_is_seen_to_pull_before_anything_moves(still):
    window, _ = still()
    show(window, "forces")
    event(window, "forces")
    settle(window)

    def plot():
        return pixels(window, view(window).plot)
    before, step = plot(), window.log()[-1]["step"]
    click_widget(window, "lambda", 0.93)
    leave_plot(window)
    settle(window)
    assert window.log()[-1]["step"] == step      # nothing was trained
    changed = (np.abs(plot() - before).max(-1) > 60).sum()
    assert changed > 3000                        # the prior's arrows


def test_pinned_inputs_leave_their_trails(training):
    window = training(60)
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    seen = view(window)
    window.click(*seen.plot.at(0.5))
    window.wait_for(lambda lines: [line for line in lines if line["event"] == "pin"],
                    what="a pin")
    pin = window.log("pin")[-1]
    leave_plot(window)
    before = show(window, "forces")
    line = event(window, "forces", before)
    assert line["trails"] == (1 if pin.get("source") else 0)


def test_round_trips_lead_where_the_encoder_reads_the_picture(still):
    window, model = still()
    before = show(window, "trips")
    line = event(window, "round_trips", before)
    places = np.array(line["places"]).reshape(-1, 2)
    means = np.array(line["means"]).reshape(-1, 2)
    labels = np.zeros(len(places), int)
    expected, _ = model.encode(pictures(model, places), labels)
    np.testing.assert_allclose(means, expected, rtol=1e-3, atol=1e-3)
    # The share of the prior that comes back, from as many draws of our own.
    z = np.random.default_rng(0).normal(size=(4000, 2))
    back, sigma = model.encode(pictures(model, z), np.zeros(len(z), int))
    share = ((((z - back) / sigma) ** 2).mean(1) <= 1).mean()
    assert abs(line["share"] - share) < 5 * line["standard_error"] + 1e-3
    settle(window)
    assert view(window).plot.holds(widget(window, "trips_card"))


def test_stretch_is_the_root_of_the_determinant(still):
    window, model = still()
    before = show(window, "stretch")
    line = event(window, "plane_field", before, lambda line: line["measure"] == "stretch")
    places = np.array(line["places"]).reshape(-1, 2)
    step = 1e-6
    columns = [(pictures(model, places + off) - pictures(model, places - off)) / (2 * step)
               for off in np.eye(2) * step]
    jacobian = np.stack(columns, axis=-1)
    expected = np.sqrt(np.linalg.det(np.einsum("nda,ndb->nab", jacobian, jacobian)))
    off = np.abs(np.array(line["values"]) - expected) / expected
    assert np.median(off) < 1e-4      # but where a kink lies within the difference
    settle(window)
    assert view(window).plot.holds(widget(window, "stretch_card"))


def test_the_lengths_of_shortest_paths_are_measured_on_demand(still):
    window, model = still()
    show(window, "stretch")
    event(window, "plane_field")
    click_opened(window, "layers", "measure_lengths")
    window.key("Escape")
    line = event(window, "path_lengths")
    shortest, straight = np.array(line["shortest"]), np.array(line["straight"])
    assert len(shortest) == 500
    assert (shortest <= straight + 1e-9).all()
    assert (shortest > 0.2 * straight).all()
    assert np.median(shortest / straight) < 0.999
    leave_plot(window)
    settle(window)
    assert widget(window, "stretch_card").height > 120


def test_codes_against_the_prior_are_those_of_numpy(still):
    window, model = still()
    before = show(window, "mismatch")
    line = event(window, "plane_field", before, lambda line: line["measure"] == "mismatch")
    places = np.array(line["places"]).reshape(-1, 2)
    mean, sigma = model.codes["train"], model.sigmas["train"]
    parts = -0.5 * (((places[:, None] - mean) / sigma) ** 2 + 2 * np.log(sigma)
                    + np.log(2 * np.pi)).sum(-1)
    top = parts.max(1)
    density = top + np.log(np.exp(parts - top[:, None]).mean(1))
    prior = -0.5 * (places ** 2 + np.log(2 * np.pi)).sum(-1)
    np.testing.assert_allclose(line["values"], density - prior, rtol=1e-4, atol=2e-3)
    split = event(window, "kl_split", before)
    kl = 0.5 * (mean ** 2 + sigma ** 2 - np.log(sigma ** 2) - 1).sum(1).mean()
    assert split["inputs"] == 600
    assert abs(split["kl"] - kl) < 1e-4 * kl
    rng = np.random.default_rng(3)
    of = rng.integers(0, 600, 3000)
    z = mean[of] + sigma[of] * rng.normal(size=(3000, 2))
    under = -0.5 * (((z[:, None] - mean) / sigma) ** 2 + 2 * np.log(sigma)).sum(-1)
    own = under[np.arange(3000), of]
    top = under.max(1)
    gains = own - (top + np.log(np.exp(under - top[:, None]).mean(1)))
    error = split["standard_error"] + gains.std() / 3000 ** 0.5
    assert abs(split["mutual_information"] - gains.mean()) < 4 * error
    assert split["mutual_information"] <= np.log(600) + 1e-9
    settle(window)
    assert view(window).plot.holds(widget(window, "mismatch_card"))


def test_one_field_at_a_time_and_none_at_first(still):
    window, _ = still()
    assert layers(window)["shown"] == "points prior paths pins"
    for key, shown in (("4", "density"), ("t", "stretch"), ("q", "mismatch"), ("4", "density")):
        window.key(key)
        window.wait_for(lambda _, shown=shown: shown in layers(window)["shown"].split(),
                        what=shown)
        on = layers(window)["shown"].split()
        assert [name for name in ("density", "stretch", "mismatch") if name in on] == [shown]


def test_the_list_groups_its_layers_and_fits_the_smallest_window(still):
    window, _ = still(size=(1024, 700))
    show(window, "stretch")
    click_widget(window, "layers")
    settle(window)
    names = ["points", "pins", "forces", "trips", "stretch", "mismatch"]
    rows = [widget(window, f"layer_{name}") for name in names]
    assert all(Rect(0, 0, 1024, 700).holds(row) for row in rows)
    assert all(a.y + a.height <= b.y + 1 for a, b in zip(rows, rows[1:]))
    assert rows[2].y - (rows[1].y + rows[1].height) > 10      # a heading
    assert Rect(0, 0, 1024, 700).holds(widget(window, "measure_lengths"))
    window.key("Escape")


def test_fields_follow_training(training):
    window = training()
    show(window, "forces")
    show(window, "trips")
    show(window, "stretch")
    before = len(window.log())
    first = event(window, "plane_field", before)
    event(window, "plane_field", before, lambda line: line["step"] > first["step"])
    one = event(window, "forces", before)
    event(window, "forces", before, lambda line: line["step"] > one["step"])
    trip = event(window, "round_trips", before)
    event(window, "round_trips", before, lambda line: line["step"] > trip["step"])


def test_without_a_prior_its_layer_stays_off(still):
    window, _ = still("ae")
    before = layers(window)["shown"]
    window.key("q")
    settle(window)
    assert layers(window)["shown"] == before
    after = show(window, "forces")
    assert event(window, "forces", after)["sigma_pulls"] == []
