"""zscape eval --certify, and the closed forms that hold it: probabilistic PCA and networks without hidden layers."""

import json

import numpy as np
import pytest
from networks import Model
from support import idx_inputs

LATENT = 5


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Numbers in [0, 1] from a Gaussian of few directions: what probabilistic PCA takes data to be."""
    folder = tmp_path_factory.mktemp("plain")
    draws = np.random.default_rng(3)
    axes = np.linalg.qr(draws.standard_normal((12, 12)))[0][:, :3] * [0.16, 0.12, 0.09]
    for name, count in (("train", 4000), ("test", 300)):
        x = 0.5 + draws.standard_normal((count, 3)) @ axes.T + 0.05 * draws.standard_normal((count, 12))
        assert 0 < x.min() and x.max() < 1
        np.save(folder / f"{name}-images.npy", x.astype(np.float32))
    return folder


def log_normal(x, mean, covariance):
    off = x - mean
    sign, log_determinant = np.linalg.slogdet(covariance)
    assert sign > 0
    distance = (off * np.linalg.solve(covariance, off.T).T).sum(1)
    return -0.5 * (distance + log_determinant + x.shape[1] * np.log(2 * np.pi))


def tipping_and_bishop(train, test, latent):
    """s, mean log p(x), mean rate and σ of the posterior."""
    mean = train.mean(0)
    values, vectors = np.linalg.eigh(np.cov(train.T, bias=True))
    values, vectors = values[::-1], vectors[:, ::-1]
    noise = values[latent:].mean()
    w = vectors[:, :latent] * np.sqrt(values[:latent] - noise)
    likelihood = log_normal(test, mean, w @ w.T + noise * np.eye(len(mean)))
    spread = noise * np.linalg.inv(w.T @ w + noise * np.eye(latent))
    codes = (test - mean) @ w @ spread.T / noise
    rate = 0.5 * ((codes**2).sum(1) + np.trace(spread) - latent - np.linalg.slogdet(spread)[1])
    return noise**0.5, likelihood.mean(), rate.mean(), np.sqrt(np.diag(spread))


@pytest.mark.parametrize("latent", [1, LATENT])
def test_pca_is_the_probabilistic_one(run, digits, tmp_path, latent):
    path = tmp_path / "pca.safetensors"
    run("train", "--data", digits, "--model", "pca", "--latent", latent, "--threads", 1, "--out", path)
    figures, = run("eval", path, "--data", digits, "--threads", 1, "--json").lines
    train, test = idx_inputs(digits, "train")[0].astype(float), idx_inputs(digits)[0].astype(float)
    sigma, likelihood, rate, spread = tipping_and_bishop(train, test, latent)
    assert figures["ppca_sigma"] == pytest.approx(sigma, rel=1e-5)
    assert figures["ppca_log_likelihood"] == pytest.approx(likelihood, abs=0.02)
    assert figures["ppca_rate"] == pytest.approx(rate, abs=1e-3)
    assert figures["ppca_posterior_sigma"] == pytest.approx(spread, rel=1e-4)
    exact, = run("eval", path, "--data", digits, "--threads", 1, "--exact", "--certify", "--json").lines
    assert exact["log_likelihood_exact"] == exact["elbo_exact"] == pytest.approx(likelihood, abs=0.02)
    assert exact["approximation_gap"] == exact["inference_gap"] == 0
    assert exact["certificate"]["verdict"] == "exact"
    assert exact["certificate"]["exact"]["by"] == "closed_form"
    assert exact["certificate"]["exact"]["mean"] == pytest.approx(likelihood, abs=0.02)   # all 100 of them


def test_pca_of_everything_has_no_density(refused, run, plain, tmp_path):
    path = tmp_path / "pca.safetensors"
    run("train", "--data", plain, "--model", "pca", "--latent", 12, "--threads", 1, "--out", path)
    figures, = run("eval", path, "--data", plain, "--threads", 1, "--json").lines
    assert "ppca_sigma" not in figures
    refused("eval", path, "--data", plain, "--threads", 1, "--certify", code=1, says=["pca", "fewer dimensions"])


def test_a_linear_vae_becomes_probabilistic_pca(run, plain, tmp_path):
    """Lucas et al. 2019: at its optimum the ELBO is the evidence of the maximum likelihood."""
    path = tmp_path / "vae.safetensors"
    run("train", "--data", plain, "--model", "vae", "--latent", 3, "--hidden", "none", "--likelihood", "gaussian",
        "--sigma", "learned", "--epochs", 200, "--batch", 100, "--lr", 0.01, "--lr-end", 1e-4, "--threads", 1,
        "--out", path)
    figures, = run("eval", path, "--data", plain, "--threads", 1, "--exact", "--json").lines
    train, test = (np.load(plain / f"{name}-images.npy").astype(float) for name in ("train", "test"))
    sigma, likelihood, rate, _ = tipping_and_bishop(train, test, 3)
    assert figures["log_likelihood_exact"] == pytest.approx(likelihood, abs=0.1)
    assert figures["elbo_exact"] == pytest.approx(likelihood, abs=0.1)
    assert figures["kl"] == pytest.approx(rate, abs=0.2)
    model = Model(path)
    assert model.metadata["model"]["sigma"] == pytest.approx(sigma, rel=0.02)
    weight, bias = model.layers("decoder")[0]
    formula = log_normal(test, bias, weight @ weight.T + model.metadata["model"]["sigma"]**2 * np.eye(12))
    assert figures["log_likelihood_exact"] == pytest.approx(formula.mean(), abs=1e-3)


@pytest.mark.parametrize("kind,likelihood", [("ae", "mse"), ("vae", "gaussian"), ("vae", "bernoulli"), ("cvae", "bernoulli")])
def test_no_hidden_layer_is_one_layer_each(run, digits, tmp_path, kind, likelihood):
    path = tmp_path / "m.safetensors"
    run("train", "--data", digits, "--model", kind, "--likelihood", likelihood, "--latent", 3, "--hidden", "none", "--epochs", 2,
        "--threads", 1, "--out", path)
    model = Model(path)
    assert model.metadata["model"]["hidden"] == "none"
    assert [weight.shape[0] for weight, _ in model.layers("encoder")] == [3 if kind == "ae" else 6]
    run("decode", path, "--z", "0.5,-1,2", "--out", tmp_path / "x.npy",
        *(["--label", 4] if kind == "cvae" else []))
    expected = model.decode([[0.5, -1, 2]], np.array([4]))
    # It learned from bytes, so files have 0 … 255.
    assert np.load(tmp_path / "x.npy").ravel() == pytest.approx(255 * expected.ravel(), abs=1e-2)
    info, = run("info", path, "--json").lines
    assert info["hidden"] == []


def test_our_kernels_train_a_network_without_hidden_layers_as_autograd_does(run, digits, tmp_path):
    losses = []
    for kernels in ("portable", "library"):
        lines = run("train", "--data", digits, "--hidden", "none", "--likelihood", "gaussian", "--latent", 4, "--epochs", 2,
                    "--threads", 1, "--kernels", kernels, "--json").lines
        losses.append([line["test_loss"] for line in lines])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_a_certificate_of_more_dimensions_is_a_bound_held_by_both(run, digits, tmp_path):
    path = tmp_path / "m.safetensors"
    run("train", "--data", digits, "--latent", LATENT, "--hidden", 30, "--epochs", 8, "--lr", 3e-3, "--binarise", "threshold",
        "--threads", 1, "--out", path)
    args = ["eval", path, "--data", digits, "--threads", 2, "--certify", "--certify-inputs", 16, "--seed", 3]
    figures, = run(*args, "--json").lines
    made = figures["certificate"]
    assert made["images"] == 16 and made["verdict"] in ("settled", "unsettled") and "exact" not in made
    for name, effort in (("prior", "samples"), ("importance", "samples"), ("annealed", "temperatures")):
        curve = made[name]
        points = curve["points"]
        assert curve == {**points[-1], "settled": curve["settled"], "points": points}
        assert [2 * p[effort] for p in points[:-1]] == [p[effort] for p in points[1:]]
        assert curve["settled"] == (len(points) > 2 and abs(curve["move"]) + 2 * curve["move_error"] < 0.05)
        for before, now in zip(points, points[1:]):
            assert now["move"] == pytest.approx(now["mean"] - before["mean"], abs=1e-9)
            assert now["seconds"] >= before["seconds"]
        assert all(1 <= p["least_effective"] <= p["effective"] + 1e-9 for p in points)
    assert made[made["best"]]["mean"] >= figures["elbo"] - 20
    drawn = made["drawn"]
    assert drawn["lower"] - 0.1 < drawn["upper"] and drawn["images"] == 16
    assert drawn["within"] == pytest.approx(max(0, drawn["upper"] - drawn["lower"]) + 2 * drawn["standard_error"])
    assert drawn["within"] < 0.5
    # NumPy's importance samples of the same inputs' split know the size of it.
    assert made["annealed"]["mean"] == pytest.approx(made["importance"]["mean"], abs=1)
    text = run(*args).out
    assert made["says"] in text and "temperatures" in text
    again, = run(*args[:-4], "--certify-inputs", 16, "--seed", 3, "--json").lines
    def timeless(x):
        return json.loads(json.dumps(x), object_hook=lambda d: {k: v for k, v in d.items() if k != "seconds"})
    assert timeless(again["certificate"]) == timeless(made)


@pytest.mark.parametrize("args,says", [
    (["--certify", "--noise", "mask:0.2"], ["--certify", "clean inputs"]),
    (["--certify-inputs", 5], ["--certify-inputs", "--certify"]),
])
def test_what_certify_cannot_go_with(refused, models, digits, args, says):
    refused("eval", models["vae"], "--data", digits, *args, code=2, says=says)


def test_kinds_without_a_density_are_refused(refused, models, digits):
    refused("eval", models["ae"], "--data", digits, "--certify", code=2, says=["--certify", "ae", "no log p"])
