"""The evidence lens with a real pointer: regions, ellipses and figures against NumPy's own posterior."""

import time

import numpy as np
import pytest
from seeing import (ACCENT, GROUND, Model, click_opened, click_widget, layers, leave_plot, pixels, rgb, settle, view,
                    wait_for_state, widget, widgets)

NATS = 0.01       # by which figures may differ
BORDER = 0.06     # likewise log p(x, z) along a border


def open_lens(window):
    click_opened(window, "layers", "layer_lens")
    window.key("Escape")
    leave_plot(window)
    settle(window)
    assert "lens" in layers(window)["shown"].split()


def seen_of(window, source):
    """The newest answer about this input, once nothing newer is awaited."""
    return window.wait_for_event("evidence", input=source, waiting=False)


class Truth:
    """log p(x, z) of one input of a model, and its posterior on a fine lattice."""

    def __init__(self, model, image, label=0):
        self.model, self.image, self.label, self.k = model, image, label, model.latent

    def joint(self, z):
        z = np.asarray(z, float).reshape(-1, self.k)
        labels = np.full(len(z), self.label)
        hidden = np.maximum(self.model.layer("decoder.0", self.model.joined(z, labels)), 0)
        logits = self.model.layer("decoder.2", hidden).astype(float)
        likelihood = logits @ self.image - np.logaddexp(0, logits).sum(axis=1)
        return likelihood - 0.5 * (z ** 2).sum(axis=1) - 0.5 * self.k * np.log(2 * np.pi)

    def lattice(self, low, high, steps):
        """Middles of cells, [N, k], and the logarithm of a cell's size."""
        width = (np.array(high) - low) / steps
        lines = [low[d] + width[d] * (np.arange(steps) + 0.5) for d in range(self.k)]
        return np.stack(np.meshgrid(*lines), axis=-1).reshape(-1, self.k), np.log(width).sum()

    def posterior(self):
        """Where the mass is, by a coarse look at everything and a close one there."""
        low, high = np.full(self.k, -6.0), np.full(self.k, 6.0)
        for steps in (240, 200, 320) if self.k == 2 else (4000, 4000, 4000):
            z, cell = self.lattice(low, high, steps)
            joint = self.joint(z)
            kept = z[joint > joint.max() - 18]
            margin = (high - low) / steps
            evidence = joint.max() + np.log(np.exp(joint - joint.max()).sum()) + cell
            low, high = kept.min(axis=0) - margin, kept.max(axis=0) + margin
        return z, joint, evidence

    def bound(self, mean, deviation):
        """The ELBO of a diagonal Gaussian, by a lattice over it."""
        mean, deviation = np.asarray(mean)[:self.k], np.asarray(deviation)[:self.k]
        z, cell = self.lattice(mean - 6 * deviation, mean + 6 * deviation, 200 if self.k == 2 else 4000)
        log_q = (-0.5 * ((z - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)).sum(axis=1)
        q = np.exp(log_q + cell)
        return (q * (self.joint(z) - log_q)).sum() / q.sum()


def threshold(joint, mass):
    falling = np.sort(joint)[::-1]
    shares = np.cumsum(np.exp(falling - falling[0]))
    return falling[np.searchsorted(shares, mass * shares[-1])]


def hold_against(truth, event):
    z, joint, evidence = truth.posterior()
    assert event["log_likelihood"] == pytest.approx(evidence, abs=NATS)
    assert event["error"] < NATS
    own, best = event["encoder"], event["best_diagonal"]
    assert event["elbo"] == pytest.approx(truth.bound(own[:2], np.sqrt([own[2], own[4]])), abs=NATS)
    assert event["elbo"] + event["amortisation_gap"] + event["approximation_gap"] == pytest.approx(
        event["log_likelihood"], abs=1e-9)
    assert event["amortisation_gap"] >= 0 and event["approximation_gap"] > -NATS
    assert event["approximation_gap_full"] <= event["approximation_gap"]
    # The best diagonal Gaussian has that bound, and none nearby a higher one.
    deviation = np.sqrt([best[2], best[4]])[:truth.k]
    mean = np.array(best[:2])[:truth.k]
    bound = truth.bound(mean, deviation)
    assert bound == pytest.approx(event["elbo"] + event["amortisation_gap"], abs=NATS)
    for d in range(truth.k):
        for sign in (-1, 1):
            moved, wider = mean.copy(), deviation.copy()
            moved[d] += sign * 0.3 * deviation[d]
            wider[d] *= 1.2 ** sign
            assert truth.bound(moved, deviation) < bound + 1e-3
            assert truth.bound(mean, wider) < bound + 1e-3
    # Its borders are NumPy's contours.
    for name, mass in (("half", 0.5), ("most", 0.95)):
        places = np.array(event[name]).reshape(-1, truth.k)
        assert len(places) >= (20 if truth.k == 2 else 2)
        assert np.abs(truth.joint(places) - threshold(joint, mass)).max() < BORDER, name


def test_the_lens_shows_the_posterior_that_numpy_finds(shared):
    window, model = shared
    open_lens(window)
    seen = view(window)
    places = model.on_screen(seen)
    for code in model.alone(seen, gap=5, margin=80)[::40][:3]:
        window.move(*np.round(places[code]))
        event = seen_of(window, f"train {code}")
        assert event["encoder"][:2] == pytest.approx(model.codes["train"][code], abs=1e-4)
        hold_against(Truth(model, model.images["train"][code]), event)
    assert view(window).plot.holds(widget(window, "evidence"))


def test_the_region_is_filled_where_the_posterior_is(shared):
    window, model = shared
    open_lens(window)
    for key in ("1", "5"):   # neither points nor the prior's rings
        window.key(key)
    seen = view(window)
    code = model.alone(seen, gap=5, margin=120)[0]
    window.wheel(*np.round(model.on_screen(seen)[code]), 10)
    leave_plot(window)
    settle(window)
    seen = view(window)
    window.move(*np.round(model.on_screen(seen)[code]))
    seen_of(window, f"train {code}")
    settle(window)
    truth = Truth(model, model.images["train"][code])
    _, joint, _ = truth.posterior()
    half, most = threshold(joint, 0.5), threshold(joint, 0.95)
    screen = pixels(window)
    card = [widgets(window)[name] for name in ("evidence", "card") if name in widgets(window)]
    rows = np.arange(seen.plot.y + 40, seen.plot.y + seen.plot.height - 40, 3)
    columns = np.arange(seen.plot.x + 60, seen.plot.x + seen.plot.width - 20, 3)
    x, y = (values.ravel() for values in np.meshgrid(columns, rows))
    hidden = np.zeros(len(x), bool)
    for rect in card:
        hidden |= ((x > rect.x - 3) & (x < rect.x + rect.width + 3) & (y > rect.y - 3)
                   & (y < rect.y + rect.height + 3))
    values = truth.joint(np.stack(seen.to_latent((x + 0.5, y + 0.5)), axis=1))
    found = screen[y.astype(int), x.astype(int)]
    ground, accent = rgb(GROUND), rgb(ACCENT)
    once = ground + 0.3 * (accent - ground)
    twice = once + 0.3 * (accent - once)
    for name, inside, color in (("half", values > half + 0.1, twice),
                                ("most", (values < half - 0.2) & (values > most + 0.3), once),
                                ("outside", values < most - 1.5, ground)):
        part = inside & ~hidden
        assert part.sum() > 60, name
        # The rest are ellipses, axes and marks.
        assert (np.abs(found[part] - color).max(axis=1) < 14).mean() > 0.6, name


def test_the_lens_follows_a_pointer_that_never_rests(shared):
    window, model = shared
    open_lens(window)
    seen = view(window)
    x, y = seen.plot.center
    before = len(window.log())
    angles = np.linspace(0, 4 * np.pi, 120)
    for angle in angles:
        window.move(x + 0.3 * seen.plot.width * np.cos(angle), y + 0.3 * seen.plot.height * np.sin(angle))
    last = window.wait_for_event("hover", after=before, inside=True)
    settle(window)
    last = window.log("hover")[-1]
    events = [line for line in window.log()[before:] if line["event"] == "evidence"]
    assert len({line["input"] for line in events}) > 5
    assert events[-1]["input"] == last["nearest"] and not events[-1]["waiting"]


def test_the_lens_stays_on_the_pinned_input_and_goes_to_the_drawing(still):
    window, model = still()
    open_lens(window)
    seen = view(window)
    code = model.alone(seen, gap=8, margin=80)[3]
    window.click(*np.round(model.on_screen(seen)[code]))
    pinned = window.wait_for_event("pin")["source"]
    other = [index for index in model.alone(seen, gap=8, margin=80) if f"train {index}" != pinned][5]
    window.move(*np.round(model.on_screen(seen)[other]))
    seen_of(window, f"train {other}")
    before = len(window.log())
    leave_plot(window)
    window.wait_for_event("evidence", after=before, input=pinned, waiting=False)
    settle(window)
    before = len(window.log())
    click_widget(window, "own_image")
    canvas = widget(window, "canvas")
    for start, end in (((0.3, 0.2), (0.7, 0.2)), ((0.7, 0.2), (0.45, 0.85))):   # a seven
        window.drag(canvas.at(*start), canvas.at(*end))
    leave_plot(window)
    event = window.wait_for_event("evidence", after=before, input="drawing", waiting=False)
    assert event["amortisation_gap"] >= 0 and event["approximation_gap"] > -NATS
    before = len(window.log())
    click_widget(window, "own_clear")
    leave_plot(window)
    window.wait_for_event("evidence", after=before, input=pinned, waiting=False)


def test_the_lens_follows_the_training(training):
    window = training()
    click_opened(window, "layers", "layer_lens")
    window.key("Escape")
    window.move(*view(window).plot.center)
    window.wait_for(lambda lines: len({line["of_step"] for line in lines if line["event"] == "evidence"}) >= 4,
                    what="the evidence of four moments")
    steps = [line["of_step"] for line in window.log("evidence")]
    assert steps == sorted(steps)
    window.key("space")   # it pauses: the lens is of these weights then
    wait_for_state(window, "paused")
    window.wait_for(lambda lines: [line for line in lines if line["event"] == "evidence"][-1]["of_step"]
                    == lines[-1]["step"], what="the evidence of the last step")


@pytest.mark.parametrize("kind,latent", [("vae", 1), ("cvae", 2)])
def test_other_models_have_their_posterior_too(explorer, command, digits, tmp_path, kind, latent):
    path = tmp_path / "m.safetensors"
    command("train", "--data", digits, "--model", kind, "--latent", latent, "--epochs", 40, "--threads", 1,
            "--out", path)
    window = explorer(path, "--data", digits, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    model = Model(path, digits, conditional=kind == "cvae")
    open_lens(window)
    window.move(*view(window).plot.center)
    settle(window)
    event = window.log("evidence")[-1]
    split, index = event["input"].split()
    hold_against(Truth(model, model.images[split][int(index)], model.labels[split][int(index)]), event)


def test_what_has_no_posterior_has_no_lens(still):
    window, _ = still("ae")
    click_opened(window, "layers", "layer_lens")
    window.key("Escape")
    settle(window)
    assert "lens" not in layers(window)["shown"].split()
    window.move(*view(window).plot.center)
    settle(window)
    time.sleep(0.5)   # what must not happen
    assert not window.log("evidence")
