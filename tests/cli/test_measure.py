"""zscape measure: figures against NumPy on the saved weights."""

import numpy as np
from networks import Model
from support import idx_inputs, png_size


def measured(run, model, data, what, *args):
    line, = run("measure", model, "--data", data, "--measure", what, "--threads", 1, *args,
                "--json").lines
    return line


def test_live_dimensions_and_bytes(run, models, digits):
    mean, sigma = Model(models["vae"]).encode(idx_inputs(digits)[0])
    values = np.linalg.eigvalsh(np.cov(mean.T, bias=True))
    live = int((values > 0.01).sum())
    assert measured(run, models["vae"], digits, "live_dimensions")["live_dimensions"] == live
    line = measured(run, models["vae"], digits, "bytes:bits=16")
    kl = 0.5 * (mean**2 + sigma**2 - np.log(sigma**2) - 1).sum(1).mean()
    assert line["bytes_code"] == 2 * mean.shape[1] and line["bytes_live"] == 2 * live
    assert abs(line["bytes_rate"] - kl / np.log(2) / 8) < 1e-4


def test_filters_and_their_picture(run, models, digits, tmp_path):
    line = measured(run, models["ae"], digits, "filters:filters=12", "--pictures", tmp_path / "p")
    energy = Model(models["ae"]).layers("encoder")[0][0].reshape(-1, 28, 28)**2
    share = energy / energy.sum((1, 2), keepdims=True)
    y, x = np.mgrid[:28, :28]
    spread = sum((share * (along - (share * along).sum((1, 2), keepdims=True))**2).sum((1, 2))
                 for along in (y, x))
    assert abs(line["filter_extent"] - np.median(np.sqrt(spread))) < 1e-4
    assert abs(line["filter_pixels"] - np.median(1 / (share**2).sum((1, 2)))) < 1e-2
    assert png_size(tmp_path / "p" / "filters.png")[:2] == (280, 56)


def test_copying(run, models, digits):
    model = Model(models["ae"])
    inputs = idx_inputs(digits)[0]
    line = measured(run, models["ae"], digits, f"copying:inputs={len(inputs)}")
    inverted = 1 - inputs
    error = ((model.decode(model.encode(inverted)[0]) - inverted)**2).mean()
    assert abs(line["mse_inverted"] - error) < 1e-5


def test_a_list_of_values_gives_figures_and_a_curve(run, models, digits):
    line = measured(run, models["vae"], digits, "probe_accuracy:labels=10,50:draws=2")
    assert {"probe_accuracy_10", "probe_accuracy_50"} < line.keys()
    curve = line["curves"]["probe_accuracy"]
    assert curve["labels"] == [10, 50]
    assert curve["value"] == [line["probe_accuracy_10"], line["probe_accuracy_50"]]


def test_wrong_requests_are_refused(refused, models, digits):
    def refuse(what, code, *says):
        refused("measure", models["ae"], "--data", digits, "--measure", what, code=code, says=says)
    refuse("nothing", 2, "nothing", "live_dimensions")
    refuse("bytes:bit=3", 2, "bits")
    refuse("bytes:bits", 2, "bytes:bits")
    refuse("evidence", 1, "prior")
