"""What λ will leave alive, and what other code's losses are here."""

import json
import os
import pathlib

import numpy as np
import pytest


@pytest.fixture(scope="module")
def grey(tmp_path_factory):
    """Pictures of three strong directions, two pixels that never change among them."""
    random = np.random.default_rng(5)
    x = np.clip(0.5 + random.normal(size=(400, 3)) @ random.normal(0, 0.06, (3, 30)) + random.normal(0, 0.02, (400, 30)), 0, 1)
    x[:, 7], x[:, 11] = 0, 1
    path = tmp_path_factory.mktemp("grey") / "grey.npy"
    np.save(path, x.reshape(400, 5, 6).astype(np.float32))
    return path


def training_part(run, path, tmp_path):
    """What zscape takes for training, by encode's own rows."""
    model = tmp_path / "pca.safetensors"
    run("train", "--data", path, "--model", "pca", "--latent", 1, "--out", model)
    run("encode", model, "--data", path, "--split", "train", "--out", tmp_path / "rows.csv")
    rows = [int(line.split(",")[2]) for line in (tmp_path / "rows.csv").read_text().splitlines()[1:]]
    return np.load(path).astype(np.float64).reshape(400, -1)[rows]


def told(run, path, *args):
    line, = run("forecast", "--data", path, *args, "--json").lines
    return line


def test_the_gaussian_spectrum_is_that_of_the_covariance(run, grey, tmp_path):
    x = training_part(run, grey, tmp_path)
    values = np.sort(np.linalg.eigvalsh(np.cov(x.T, bias=True)))[::-1]
    for weight, sigma in ((1, 0.1), (0.5, 0.3), (4, 0.5)):
        found = told(run, grey, "--likelihood", "gaussian", "--sigma", sigma, "--lambda", weight)
        assert found["eigenvalues"] == pytest.approx(values, abs=1e-6)
        assert found["threshold"] == pytest.approx(weight * sigma**2)
        alive = values > weight * sigma**2
        assert found["live_dimensions"] == alive.sum()
        assert found["rate_linear"] == pytest.approx(0.5 * np.log(values[alive] / (weight * sigma**2)).sum(), rel=1e-5)
    capped = told(run, grey, "--likelihood", "gaussian", "--sigma", 0.01, "--latent", 2)
    assert capped["live_dimensions"] == 2


def test_the_bernoulli_spectrum_leaves_out_what_never_changes(run, grey, tmp_path):
    x = training_part(run, grey, tmp_path)
    mean = x.mean(0)
    kept = (mean > 0) & (mean < 1)
    assert kept.sum() == 28
    scaled = (x - mean)[:, kept] / np.sqrt(mean * (1 - mean))[kept]
    values = np.sort(np.linalg.eigvalsh(scaled.T @ scaled / len(x)))[::-1]
    found = told(run, grey, "--likelihood", "bernoulli", "--lambda", 0.02)
    assert found["eigenvalues"][:28] == pytest.approx(values, abs=1e-6)
    assert found["live_dimensions"] == (values > 0.02).sum() and found["sigma"] is None


def test_fewer_rows_than_numbers_have_the_same_spectrum(run, tmp_path):
    x = np.random.default_rng(1).uniform(size=(21, 40, 3, 1)).astype(np.float32)
    np.save(tmp_path / "few.npy", x)
    found = told(run, tmp_path / "few.npy", "--likelihood", "gaussian", "--lambda", 0.1)
    assert len(found["eigenvalues"]) == 18   # a seventh is the test part
    assert found["eigenvalues"][-1] == pytest.approx(0, abs=1e-9)


@pytest.mark.skipif("ZSCAPE_MNIST" not in os.environ, reason="needs MNIST")
def test_mnist_has_the_published_thresholds(run):
    data = pathlib.Path(os.environ["ZSCAPE_MNIST"])
    found = told(run, data, "--likelihood", "gaussian", "--lambda", 1)
    assert found["eigenvalues"][:6] == pytest.approx([5.117, 3.741, 3.253, 2.842, 2.567, 2.274], abs=6e-4)
    assert found["live_dimensions"] == 12 and found["rate_linear"] == pytest.approx(4.33, abs=0.01)
    for product, live in ((4.5, 1), (3, 3), (2, 6), (0.5, 23), (0.25, 39)):
        assert sum(value > product for value in found["eigenvalues"]) == live
    again = told(run, data, "--likelihood", "gaussian", "--lambda", 4, "--sigma", 0.25)   # λσ² = 0.25
    assert again["live_dimensions"] == 39
    found = told(run, data, "--likelihood", "bernoulli", "--lambda", 20, "--latent", 5)
    assert found["eigenvalues"][:4] == pytest.approx([32.23, 22.88, 21.00, 16.17], abs=0.01)
    assert found["live_dimensions"] == 3
    # bench/forecast.py trains a VAE-5 at these λ, and as many stay alive.
    for weight, live in ((10, 5), (25, 1), (36, 0)):
        assert min(5, sum(value > weight for value in found["eigenvalues"])) == live


def test_what_has_no_forecast_is_refused(refused, run, grey, tmp_path):
    refused("forecast", "--data", grey, "--likelihood", "bernoulli", "--sigma", 1, code=2, says=["--sigma", "gaussian"])
    refused("forecast", "--data", grey, "--likelihood", "mse", code=2, says="vae does not take mse")
    refused("forecast", "--data", grey, "--likelihood", "gaussian", "--sigma", "learned", code=2, says="--sigma learned")
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(30, 4)))
    refused("forecast", "--data", tmp_path / "v.npy", "--likelihood", "bernoulli", code=2, says="bernoulli needs inputs")
    assert "live dimensions" in run("forecast", "--data", tmp_path / "v.npy").out


@pytest.mark.parametrize("args,wanted", [
    # "mean squared error averaged over pixels plus 0.00025 · KL, 64×64×3"
    (["--reduction", "mean", "--kl-weight", 0.00025, "--inputs", 12288],
     {"lambda_gaussian": 1.536, "sigma_gaussian": 1.536**0.5}),
    (["--error", "bce", "--inputs", 784], {"lambda_bernoulli": 1, "lambda_gaussian": None}),
    (["--error", "bce", "--reduction", "mean", "--inputs", 784], {"lambda_bernoulli": 784}),
    (["--error", "bce", "--kl-reduction", "mean", "--latent", 20, "--inputs", 784], {"lambda_bernoulli": 0.05}),
    (["--error-weight", 0.5, "--inputs", 10], {"lambda_gaussian": 1, "sigma_gaussian": 1}),
    (["--error-weight", 0.5, "--inputs", 10, "--span", 2], {"lambda_gaussian": 0.25, "sigma_gaussian": 0.5}),
    (["--error", "bce", "--reduction", "batch-sum", "--kl-reduction", "batch-sum", "--inputs", 784], {"lambda_bernoulli": 1}),
    (["--error", "bce", "--reduction", "batch-sum", "--batch", 128, "--inputs", 784], {"lambda_bernoulli": 1 / 128}),
])
def test_losses_of_other_code(run, args, wanted):
    found = json.loads(run("translate-loss", *args, "--json").out)
    for key, value in wanted.items():
        assert found[key] == (None if value is None else pytest.approx(value)), key


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Grey pictures of four directions, and black and white ones of three groups of pixels that change together."""
    random, folder = np.random.default_rng(7), tmp_path_factory.mktemp("own")
    directions, _ = np.linalg.qr(random.normal(size=(36, 36)))
    codes = random.normal(size=(3000, 4)) * np.sqrt([0.08, 0.05, 0.0125, 0.008])
    grey = 0.5 + codes @ directions[:, :4].T + random.normal(0, 0.02, (3000, 36))
    np.save(folder / "grey.npy", np.clip(grey, 0, 1).reshape(3000, 6, 6).astype(np.float32))
    bits = np.repeat(random.integers(0, 2, size=(3000, 3)), [20, 10, 6], axis=1)
    bits ^= random.random(bits.shape) < 0.15
    np.save(folder / "bits.npy", bits.reshape(3000, 6, 6).astype(np.float32))
    return folder


def active_units(run, path, folder, *args, epochs):
    model = folder / "vae.safetensors"
    run("train", "--data", path, "--model", "vae", *args, "--epochs", epochs, "--threads", 1, "--seed", 1,
        "--out", model, "--replace")
    figures, = run("eval", model, "--data", path, "--importance-samples", 1, "--threads", 1, "--json").lines
    return figures["active_units"]


@pytest.mark.parametrize("data,likelihood,live", [
    ("grey", ("gaussian", "--lambda", 2.4, "--sigma", 0.1), 2),
    ("grey", ("gaussian", "--lambda", 4, "--sigma", 0.1225), 1),
    ("grey", ("gaussian", "--lambda", 9, "--sigma", 0.1), 0),
    ("bits", ("bernoulli", "--lambda", 2), 3),
    ("bits", ("bernoulli", "--lambda", 4), 2),
    ("bits", ("bernoulli", "--lambda", 7), 1),
])
def test_training_keeps_as_many_dimensions_as_forecast(run, own, tmp_path, data, likelihood, live):
    path, options = own / f"{data}.npy", ["--likelihood", *likelihood, "--latent", 6]
    assert told(run, path, *options)["live_dimensions"] == live
    assert active_units(run, path, tmp_path, *options, "--hidden", 32, "--lr", 0.003, "--batch", 64, epochs=60) == live


def test_the_spectrum_of_drawn_pixels_is_that_of_their_draws(run, grey, tmp_path):
    x = training_part(run, grey, tmp_path)
    mean = x.mean(0)
    kept = (mean > 0) & (mean < 1)
    centred = x - mean
    covariance = centred.T @ centred / len(x) + np.diag((x * (1 - x)).mean(0))
    scale = 1 / np.sqrt(mean * (1 - mean), where=kept, out=np.full(30, np.inf))
    values = np.sort(np.linalg.eigvalsh(covariance * np.outer(scale, scale)))[::-1]
    found = told(run, grey, "--likelihood", "bernoulli", "--binarise", "dynamic", "--lambda", 1)
    assert found["eigenvalues"] == pytest.approx(values, abs=1e-6)
    assert sum(found["eigenvalues"]) == pytest.approx(28)   # a correlation matrix of 28 pixels
    black = (x > 0.5).astype(float)
    share = black.mean(0)
    changes = (share > 0) & (share < 1)
    z = (black - share)[:, changes] / np.sqrt(share * (1 - share))[changes]
    found = told(run, grey, "--likelihood", "bernoulli", "--binarise", "threshold", "--lambda", 1)
    assert found["eigenvalues"][:changes.sum()] == pytest.approx(np.sort(np.linalg.eigvalsh(z.T @ z / len(x)))[::-1], abs=1e-6)


def test_what_decides_is_asked_for(refused, run):
    refused("translate-loss", "--inputs", 784, "--kl-reduction", "mean", code=2, says="--latent")
    refused("translate-loss", "--inputs", 784, "--reduction", "batch-sum", code=2, says="--batch")
    refused("translate-loss", "--inputs", 784, "--error", "bce", "--span", 2, code=2, says="--span")
    refused("translate-loss", "--inputs", 784, "--kl-weight", 0, code=2, says=["--kl-weight", "above 0"])
    assert "zscape forecast" in run("translate-loss", "--inputs", 784).out
