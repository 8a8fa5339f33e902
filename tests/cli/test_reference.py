"""The reference runs on real MNIST, against published numbers."""

import gzip
import os

import numpy as np
import pytest
from safetensors.numpy import load_file

MNIST = os.environ.get("ZSCAPE_MNIST")
pytestmark = pytest.mark.skipif(not MNIST, reason="ZSCAPE_MNIST does not name a folder with MNIST")


def last_epoch(run, *args):
    return run("train", "--data", MNIST, "--model", "vae", "--latent", 20, *args, "--json",
               timeout=580).lines[-1]


def test_the_reference_vae_reaches_the_published_loss(run, tmp_path):
    model = tmp_path / "m.safetensors"
    line = last_epoch(run, "--epochs", 10, "--out", model)
    assert line["epoch"] == 10
    assert 103.5 < line["test_loss"] < 107
    assert 77 < line["test_reconstruction"] < 84
    assert 22 < line["test_kl"] < 28


def test_a_large_lambda_collapses_the_posterior(run, tmp_path):
    model = tmp_path / "m.safetensors"
    line = last_epoch(run, "--epochs", 2, "--lambda", 100, "--out", model)
    assert line["test_kl"] < 0.1
    figures, = run("eval", model, "--data", MNIST, "--importance-samples", 1, "--json").lines
    assert figures["active_units"] == 0


def posterior_sigma(model, images):
    """σ of each latent dimension for each image, by the saved layers in NumPy."""
    layers = load_file(model)
    hidden = images @ layers["encoder.0.weight"].T + layers["encoder.0.bias"]
    hidden = np.where(hidden > 0, hidden, 0.2 * hidden)
    heads = hidden @ layers["encoder.2.weight"].T + layers["encoder.2.bias"]
    return np.exp(heads[:, heads.shape[1] // 2:] / 2)


def test_without_the_kl_term_the_posterior_shrinks(run, tmp_path):
    with gzip.open(f"{MNIST}/t10k-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)[:1000] / 255
    sigmas = {}
    for weight in (1, 0):
        model = tmp_path / f"lambda{weight}.safetensors"
        line = last_epoch(run, "--epochs", 2, "--lambda", weight, "--out", model)
        sigmas[weight] = posterior_sigma(model, images)
    assert line["test_kl"] > 50
    assert line["test_loss"] == pytest.approx(line["test_reconstruction"])
    assert np.median(sigmas[0]) < 0.3 * np.median(sigmas[1])
