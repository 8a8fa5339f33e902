"""zscape eval --exact: the integral itself, against NumPy's on a fine lattice, and what the ELBO leaves of it."""

import numpy as np
import pytest
from networks import Model
from support import idx_inputs

SOME = 12   # of the test inputs, to which NumPy's lattice is held
EXACT = ["log_likelihood_exact", "exact_error", "exact_error_worst", "log_likelihood_exact_standard_error",
         "log_likelihood_standard_error", "log_likelihood_prior_standard_error", "elbo_exact", "inference_gap",
         "gap_images", "gap_inference", "amortisation_gap", "approximation_gap", "approximation_gap_full"]


@pytest.fixture(scope="module")
def few(run, digits, tmp_path_factory):
    """Digits as a folder of arrays whose test split has few inputs."""
    folder = tmp_path_factory.mktemp("few")
    (images, labels), (train, train_labels) = idx_inputs(digits), idx_inputs(digits, "train")
    for name, x, y in (("test", images[:SOME], labels[:SOME]), ("train", train, train_labels)):
        np.save(folder / f"{name}-images.npy", np.round(x.reshape(-1, 28, 28) * 255).astype(np.uint8))
        np.save(folder / f"{name}-labels.npy", y)
    return folder, images[:SOME], labels[:SOME]


def lattice(latent, reach=6.0, steps=240):
    width = 2 * reach / steps
    line = (np.arange(steps) + 0.5) * width - reach
    z = line[:, None] if latent == 1 else np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    return z, latent * np.log(width)


def log_sum(values, axis):
    top = values.max(axis)
    return top + np.log(np.exp(values - top[None]).sum(axis))


def evidence(model, images, labels):
    """log ∫ p(x|z) p(z) dz of each input."""
    z, cell = lattice(model.latent, steps=240 if model.latent == 2 else 6000)
    prior = -0.5 * (z**2).sum(1) - 0.5 * model.latent * np.log(2 * np.pi)
    found = []
    for x, label in zip(images, labels):
        p = np.clip(model.decode(z, np.full(len(z), label)), 1e-12, 1 - 1e-12)
        joint = np.log(p) @ x + np.log1p(-p) @ (1 - x) + prior
        found.append(log_sum(joint, 0) + cell)
    return np.array(found)


@pytest.mark.parametrize("kind,latent", [("vae", 2), ("vae", 1), ("cvae", 2)])
def test_the_integral_is_that_of_a_fine_lattice(run, few, tmp_path, kind, latent):
    folder, images, labels = few
    path = tmp_path / "m.safetensors"
    run("train", "--data", folder, "--model", kind, "--latent", latent, "--hidden", 40, "--epochs", 25, "--batch", 50,
        "--threads", 1, "--lr", 3e-3, "--out", path)
    figures, = run("eval", path, "--data", folder, "--threads", 1, "--exact", "--gap-inputs", 7, "--json").lines
    assert list(figures)[-len(EXACT):] == EXACT
    model = Model(path)
    exact = evidence(model, images, labels)
    assert figures["log_likelihood_exact"] == pytest.approx(exact.mean(), abs=0.01)
    assert figures["log_likelihood_exact_standard_error"] == pytest.approx(exact.std(ddof=1) / SOME**0.5, rel=0.01)
    assert 0 <= figures["exact_error"] <= figures["exact_error_worst"] < 0.01
    # A bound by sampling has the same expectation.
    assert figures["elbo_exact"] == pytest.approx(figures["elbo"], abs=5 * figures["elbo_standard_error"] + 1)
    assert figures["inference_gap"] == pytest.approx(figures["log_likelihood_exact"] - figures["elbo_exact"], abs=1e-9)
    assert figures["log_likelihood_exact"] > figures["log_likelihood"] - 0.2 > figures["elbo_exact"] - 0.4
    assert figures["gap_images"] == 7
    assert figures["gap_inference"] == pytest.approx(figures["amortisation_gap"] + figures["approximation_gap"], abs=1e-9)
    assert figures["amortisation_gap"] >= 0 and figures["approximation_gap"] > -0.05
    assert figures["approximation_gap_full"] <= figures["approximation_gap"] + 1e-9


def test_the_exact_elbo_is_an_expectation_without_noise(run, few, tmp_path):
    folder, images, labels = few
    path = tmp_path / "m.safetensors"
    run("train", "--data", folder, "--latent", 2, "--hidden", 40, "--epochs", 5, "--threads", 1, "--out", path)
    figures, = run("eval", path, "--data", folder, "--threads", 1, "--exact", "--gap-inputs", 1, "--json").lines
    model = Model(path)
    mean, sigma = model.encode(images, labels)
    noise = np.random.default_rng(0).standard_normal((4000, 2))
    terms = []
    for x, m, s in zip(images, mean, sigma):
        p = np.clip(model.decode(m + s * noise), 1e-12, 1 - 1e-12)
        terms.append((np.log(p) @ x + np.log1p(-p) @ (1 - x)).mean())
    kl = 0.5 * (mean**2 + sigma**2 - np.log(sigma**2) - 1).sum(1)
    assert figures["elbo_exact"] == pytest.approx((np.array(terms) - kl).mean(), abs=0.3)


def test_the_text_has_the_exact_figures_only_where_they_are_asked_for(run, few, tmp_path):
    folder = few[0]
    path = tmp_path / "m.safetensors"
    run("train", "--data", folder, "--latent", 2, "--hidden", 20, "--epochs", 1, "--threads", 1, "--out", path)
    plain = run("eval", path, "--data", folder, "--threads", 1).out
    asked = run("eval", path, "--data", folder, "--threads", 1, "--exact", "--gap-inputs", 2).out
    assert "exact" not in plain and "gap" not in plain
    for name in EXACT:
        assert name.replace("_", " ") in asked


@pytest.mark.parametrize("args,code,says", [
    (["--exact", "--noise", "mask:0.2"], 2, ["--exact", "clean inputs"]),
    (["--gap-inputs", 5], 2, ["--gap-inputs", "--exact"]),
    (["--exact"], 2, ["--exact", "3 latent dimensions", "one or two"]),
])
def test_what_has_no_integral_is_refused(refused, models, digits, args, code, says):
    refused("eval", models["vae"], "--data", digits, *args, code=code, says=says)


def test_kinds_without_a_prior_are_refused(refused, models, digits):
    refused("eval", models["ae"], "--data", digits, "--exact", code=2, says=["--exact", "ae", "no log p"])
