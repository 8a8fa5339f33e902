"""zscape eval and classify: each figure against NumPy on the saved weights."""

import signal
import subprocess

import numpy as np
import pytest
from networks import Model
from support import KINDS, WITH_PRIOR, idx_inputs

FIELDS = ["images", "reconstruction", "kl", "elbo", "log_likelihood", "mse", "active_units",
          "knn_accuracy", "aggregate_kl", "mutual_information", "marginal_kl",
          "elbo_standard_error", "log_likelihood_prior",
          "kl_per_dimension", "silhouette", "mean_sigma", "spread", "explained_variance",
          "variance_per_dimension"]
OF_A_PRIOR = ["kl", "elbo", "log_likelihood", "active_units", "aggregate_kl",
              "mutual_information", "marginal_kl",
              "elbo_standard_error", "log_likelihood_prior", "kl_per_dimension", "mean_sigma"]


OF_PCA = ["ppca_log_likelihood", "ppca_sigma", "ppca_rate", "ppca_posterior_sigma"]   # held in test_certify.py


def evaluate(run, model, data, *args):
    line, = run("eval", model, "--data", data, "--threads", 1, *args, "--json").lines
    assert [field for field in line if field not in OF_PCA] == FIELDS
    return line


def kl_terms(mean, sigma):
    """Of each input and dimension, [N, k]."""
    return 0.5 * (mean**2 + sigma**2 - np.log(sigma**2) - 1)


def neighbour_accuracy(references, labels, queries, truth, k=10):
    distances = ((queries[:, None] - references[None]) ** 2).sum(2)
    right = 0
    for row, label in zip(distances, truth):
        nearest = np.argsort(row, kind="stable")[:k]
        counts = np.bincount(labels[nearest], minlength=10)
        tied = [labels[i] for i in nearest if counts[labels[i]] == counts.max()]
        right += tied[0] == label
    return right / len(truth)


def silhouette(codes, labels):
    distances = np.sqrt(((codes[:, None] - codes[None]) ** 2).sum(2))
    scores = []
    for i, label in enumerate(labels):
        same = labels == label
        inside = distances[i][same].sum() / (same.sum() - 1)
        outside = min(distances[i][labels == other].mean() for other in set(labels) - {label})
        scores.append((outside - inside) / max(inside, outside))
    return np.mean(scores)


@pytest.mark.parametrize("name", KINDS)
def test_figures_agree_with_numpy(run, models, digits, name):
    figures = evaluate(run, models[name], digits)
    model = Model(models[name])
    (images, labels), (train, train_labels) = idx_inputs(digits), idx_inputs(digits, "train")
    mean, sigma = model.encode(images, labels)
    assert figures["images"] == 100
    assert figures["mse"] == pytest.approx(((model.decode(mean, labels) - images)**2).mean(),
                                           rel=1e-4)
    references, _ = model.encode(train, train_labels)
    # A tie of distances may fall the other way for one of the hundred.
    assert figures["knn_accuracy"] == pytest.approx(
        neighbour_accuracy(references, train_labels, mean, labels), abs=0.0101)
    assert figures["silhouette"] == pytest.approx(silhouette(mean, labels), abs=1e-4)
    assert figures["spread"] == pytest.approx(np.sqrt((mean**2).mean()), rel=1e-4)
    assert figures["variance_per_dimension"] == pytest.approx(mean.var(0), rel=1e-3, abs=1e-6)
    assert (figures["explained_variance"] is None) == (name != "pca")
    assert [field for field in figures if field in OF_PCA] == (OF_PCA if name == "pca" else [])
    if name not in WITH_PRIOR:
        assert [figures[field] for field in OF_A_PRIOR] == [None] * len(OF_A_PRIOR)
        return
    kl = kl_terms(mean, sigma)
    assert figures["kl"] == pytest.approx(kl.sum(1).mean(), rel=1e-4)
    assert figures["kl_per_dimension"] == pytest.approx(kl.mean(0), rel=1e-4, abs=1e-6)
    assert figures["mean_sigma"] == pytest.approx(sigma.mean(), rel=1e-4)
    assert figures["active_units"] == (mean.var(0) > 0.01).sum()
    covariance = np.cov(mean.T, bias=True) + np.diag((sigma**2).mean(0))
    center = mean.mean(0)
    assert figures["aggregate_kl"] == pytest.approx(
        0.5 * (np.trace(covariance) + center @ center - 3 - np.linalg.slogdet(covariance)[1]),
        rel=1e-3)
    # Hoffman and Johnson's split; 2,000 draws there, 20,000 here.
    noise = np.random.default_rng(1).normal(size=(200, *mean.shape))
    z = (mean + sigma * noise)[:, :, None]
    parts = (-0.5 * ((z - mean) / sigma) ** 2 - np.log(sigma)).sum(-1)   # [draw, of, under]
    own = np.diagonal(parts, axis1=1, axis2=2)
    top = parts.max(-1)
    gains = own - (top + np.log(np.exp(parts - top[..., None]).mean(-1)))
    assert 0 <= figures["mutual_information"] <= np.log(100) + 1e-9
    assert figures["mutual_information"] == pytest.approx(
        gains.mean(), abs=5 * gains.std() / 2000**0.5)
    assert figures["mutual_information"] + figures["marginal_kl"] == pytest.approx(figures["kl"])
    assert figures["elbo"] == pytest.approx(-figures["reconstruction"] - figures["kl"])
    # The error is that of the inputs' bounds, which z = μ instead of a draw changes little.
    decoded = model.decode(mean, labels)
    bounds = (images * np.log(decoded) + (1 - images) * np.log(1 - decoded)).sum(1) - kl.sum(1)
    assert figures["elbo_standard_error"] == pytest.approx(bounds.std(ddof=1) / 10, rel=0.3)
    assert figures["log_likelihood"] > figures["elbo"] - 1
    assert figures["log_likelihood_prior"] < figures["log_likelihood"] + 1


def test_eval_measures_the_split_it_is_asked_for(run, models, digits):
    model = Model(models["ae"])
    for split, count in (("test", 100), ("train", 600)):
        figures = evaluate(run, models["ae"], digits, "--split", split)
        images, _ = idx_inputs(digits, split)
        assert figures["images"] == count
        assert figures["mse"] == pytest.approx(
            ((model.decode(model.encode(images)[0]) - images)**2).mean(), rel=1e-4)


def test_noise_corrupts_what_is_read_and_not_the_target(run, models, digits):
    model = Model(models["dae"])
    images, _ = idx_inputs(digits)
    clean = evaluate(run, models["dae"], digits)["mse"]
    assert evaluate(run, models["dae"], digits, "--noise", "gaussian:0")["mse"] == clean
    # All inputs hidden: the answer is the same for every image.
    answer = model.decode(model.encode(np.zeros((1, 784)))[0])
    assert evaluate(run, models["dae"], digits, "--noise", "mask:1")["mse"] == \
        pytest.approx(((answer - images)**2).mean(), rel=1e-4)
    assert evaluate(run, models["dae"], digits, "--noise", "mask:0.5")["mse"] != clean
    noisy = [evaluate(run, models["dae"], digits, "--noise", "gaussian:0.5", "--seed", seed)["mse"]
             for seed in (1, 1, 2)]
    assert noisy[0] == noisy[1] != noisy[2]


def test_noise_leaves_out_what_is_of_clean_codes(run, models, digits):
    figures = evaluate(run, models["vae"], digits, "--noise", "gaussian:0.3")
    assert figures["elbo"] < 0 and figures["kl"] > 0
    assert figures["log_likelihood"] is None and figures["knn_accuracy"] is None
    assert figures["kl_per_dimension"] is None and figures["spread"] is None


def test_eval_agrees_with_what_training_saw(run, digits, tmp_path):
    model = tmp_path / "m.safetensors"
    last = run("train", "--data", digits, "--epochs", 1, "--threads", 1, "--seed", 9, "--json",
               "--out", model).lines[-1]
    figures = evaluate(run, model, digits, "--seed", 9, "--importance-samples", 1)
    assert figures["reconstruction"] == pytest.approx(last["test_reconstruction"], rel=1e-4)
    assert figures["kl"] == pytest.approx(last["test_kl"], rel=1e-4)
    assert figures["mse"] == pytest.approx(last["mse"], rel=1e-4)


def test_eval_is_readable_without_json(run, models, digits):
    out = run("eval", models["vae"], "--data", digits, "--threads", 1).out
    rows = {line[:18].strip(): line[18:].split() for line in out.splitlines()}
    figures = evaluate(run, models["vae"], digits)
    assert float(rows["elbo"][0]) == pytest.approx(figures["elbo"], abs=1e-4)
    assert rows["elbo"][1] == "±"
    assert [float(word) for word in rows["kl per dimension"]] == \
        pytest.approx(figures["kl_per_dimension"], abs=1e-3)
    assert float(rows["silhouette"][0]) == pytest.approx(figures["silhouette"], abs=1e-4)
    assert "no density" in out   # grey pixels scored as Bernoulli


def test_a_score_is_not_called_one_where_it_is_a_density(run, digits, tmp_path):
    for options in (["--binarise", "threshold"], ["--likelihood", "gaussian"]):
        model = tmp_path / "m.safetensors"
        run("train", "--data", digits, *options, "--epochs", 1, "--threads", 1, "--out", model,
            "--replace")
        assert "density" not in run("eval", model, "--data", digits, "--threads", 1).out


def test_ctrl_c_ends_the_evaluation(binary, models, digits):
    process = subprocess.Popen(
        [binary, "eval", models["vae"], "--data", digits, "--threads", "1",
         "--importance-samples", "2000000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)
    while not process.stderr.readline().startswith("evaluating"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert errors.splitlines()[-1] == "zscape: interrupted"


# ---- classify ------------------------------------------------------------------------------------

def classify(run, model, data, *args):
    line, = run("classify", model, "--data", data, "--labels", 50, "--draws", 2, "--threads", 1,
                *args, "--json").lines
    assert list(line) == ["labels", "mode", "draws", "accuracy", "accuracy_std"]
    return line


@pytest.mark.parametrize("mode", ["frozen", "finetune", "scratch"])
def test_classify_beats_chance_and_repeats_itself(run, models, digits, mode):
    first = classify(run, models["vae"], digits, "--mode", mode)
    assert (first["labels"], first["mode"], first["draws"]) == (50, mode, 2)
    assert 0.2 < first["accuracy"] <= 1   # chance is 0.1
    assert first["accuracy_std"] >= 0
    assert classify(run, models["vae"], digits, "--mode", mode) == first


def test_classify_is_readable_without_json(run, models, digits):
    out = run("classify", models["pca"], "--data", digits, "--labels", 50, "--mode", "frozen",
              "--draws", 1, "--threads", 1).out
    assert out.startswith("frozen, 50 labels: accuracy 0.") and "± 0.0000 over 1 draw" in out


def test_classify_refuses_what_it_cannot_do(refused, models, digits, tmp_path):
    def says(*args, code=1, says):
        refused("classify", *args, "--threads", 1, code=code, says=says)
    frozen = ["--mode", "frozen"]
    says(models["cvae"], "--data", digits, *frozen, says="cvae")
    says(models["vae"], "--data", digits, *frozen, "--labels", 5, says="label")
    says(models["vae"], "--data", digits, *frozen, "--labels", 6000, says="label")
    for name in ("train", "t10k"):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(
            (digits / f"{name}-images-idx3-ubyte").read_bytes())
    says(models["vae"], "--data", tmp_path, *frozen, says="label")
