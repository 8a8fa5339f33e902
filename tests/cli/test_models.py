"""What is done with a saved model, and that Python and zscape read each other's."""

import json
import struct

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from support import png_size

EVAL_FIELDS = ["images", "reconstruction", "kl", "elbo", "log_likelihood", "mse", "active_units",
               "knn_accuracy", "aggregate_kl"]


def decode_in_numpy(tensors, z, one_hot=()):
    """The decoder of DESIGN.md: Linear, ReLU, …, Linear, sigmoid."""
    x = np.concatenate([np.asarray(z, np.float64), np.asarray(one_hot, np.float64)])
    layers = sorted(int(name.split(".")[1]) for name in tensors
                    if name.startswith("decoder.") and name.endswith(".weight"))
    for layer in layers:
        x = tensors[f"decoder.{layer}.weight"].astype(np.float64) @ x
        x = x + tensors[f"decoder.{layer}.bias"]
        x = np.maximum(x, 0) if layer != layers[-1] else 1 / (1 + np.exp(-x))
    return x


def assert_same_picture(path, expected):
    """expected: [784] in [0, 1]; a pixel may be rounded the other way."""
    picture = np.asarray(Image.open(path)).astype(int)
    assert picture.shape == (28, 28)
    assert picture.std() > 5   # not blank
    assert np.abs(picture.ravel() - np.floor(expected * 255 + 0.5)).max() <= 1


def test_info_tells_what_the_model_is(run, models):
    info, = run("info", models["cvae"], "--json").lines
    assert info["type"] == "model"
    assert (info["kind"], info["latent"], info["classes"]) == ("cvae", 3, 10)
    assert (info["hidden"], info["shape"]) == ([400], [28, 28, 1])
    assert (info["data"], info["seed"], info["epochs"], info["steps"]) == ("synthetic", 5, 1, 16)
    assert info["parameters"] == (794 * 400 + 400) + (400 * 6 + 6) + (13 * 400 + 400) + \
        (400 * 784 + 784)
    assert info["test_loss"] > 0
    assert "cvae" in run("info", models["cvae"]).out


def test_info_tells_what_the_data_are(run, digits):
    info, = run("info", digits, "--json").lines
    assert info["type"] == "data"
    assert (info["train"], info["test"], info["shape"]) == (600, 100, [28, 28, 1])
    assert info["classes"] == [str(digit) for digit in range(10)]
    assert info["train_per_class"] == [60] * 10
    assert "600" in run("info", digits).out


def test_synthesize_splits_six_to_one_and_repeats_itself(run, digits, tmp_path):
    names = sorted(path.name for path in digits.iterdir())
    assert names == ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
                     "train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
    head = (digits / "train-images-idx3-ubyte").read_bytes()[:16]
    assert struct.unpack(">IIII", head) == (0x803, 600, 28, 28)
    for seed, same in ((3, True), (4, False)):
        again = tmp_path / str(seed)
        run("synthesize", "--count", 700, "--seed", seed, "--out", again)
        assert same == all((digits / name).read_bytes() == (again / name).read_bytes()
                           for name in names)


@pytest.mark.parametrize("kind", ["ae", "vae", "cvae"])
def test_eval_prints_every_figure_or_null(run, models, digits, kind):
    figures, = run("eval", models[kind], "--data", digits, "--importance-samples", 8, "--json")\
        .lines if kind != "ae" else run("eval", models[kind], "--data", digits, "--json").lines
    assert list(figures) == EVAL_FIELDS
    assert figures["images"] == 100
    assert 0 < figures["mse"] < 1
    assert 0 <= figures["knn_accuracy"] <= 1
    of_a_prior = ["kl", "elbo", "log_likelihood", "active_units"]
    if kind == "ae":
        assert [figures[name] for name in of_a_prior] == [None] * 4
    else:
        assert figures["elbo"] == pytest.approx(-figures["reconstruction"] - figures["kl"])
        assert figures["log_likelihood"] > figures["elbo"] - 1
        assert figures["active_units"] in range(4)


def test_eval_measures_the_split_it_is_asked_for(run, models, digits):
    def images(split):
        return run("eval", models["ae"], "--data", digits, "--split", split, "--json")\
            .lines[0]["images"]
    assert (images("test"), images("train")) == (100, 600)


def test_eval_agrees_with_what_training_saw(run, tmp_path):
    model = tmp_path / "m.safetensors"
    last = run("train", "--limit", 1000, "--epochs", 1, "--threads", 1, "--seed", 9, "--json",
               "--out", model).lines[-1]
    figures, = run("eval", model, "--data", "synthetic", "--seed", 9, "--threads", 1,
                   "--importance-samples", 1, "--json").lines
    assert figures["reconstruction"] == pytest.approx(last["test_reconstruction"], rel=1e-4)
    assert figures["kl"] == pytest.approx(last["test_kl"], rel=1e-4)
    assert figures["mse"] == pytest.approx(last["mse"], rel=1e-4)


def test_eval_is_readable_without_json(run, models, digits):
    out = run("eval", models["vae"], "--data", digits).out
    assert "active units" in out
    assert "no density" in out   # grey pixels scored as Bernoulli


def test_sample_writes_a_square_grid(run, models, tmp_path):
    for count, side in ((1, 1), (2, 2), (64, 8), (65, 9)):
        run("sample", models["vae"], "--count", count, "--out", tmp_path / "a.png")
        assert png_size(tmp_path / "a.png") == (28 * side, 28 * side, 8, 0)


def test_sample_repeats_itself_by_seed(run, models, tmp_path):
    pictures = []
    for seed in (1, 1, 2):
        run("sample", models["vae"], "--seed", seed, "--out", tmp_path / "a.png")
        pictures.append((tmp_path / "a.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_sampling_without_a_prior_says_what_that_means(run, models, tmp_path):
    assert "no prior" in run("sample", models["ae"], "--out", tmp_path / "a.png").err
    assert run("sample", models["vae"], "--out", tmp_path / "a.png").err == ""


def test_a_cvae_draws_the_class_it_is_asked_for(run, models, tmp_path):
    tensors = load_file(models["cvae"])
    for label in (0, 9):
        run("decode", models["cvae"], "--z", "0.5,-1.25,2", "--label", label, "--out",
            tmp_path / "a.png")
        assert_same_picture(tmp_path / "a.png",
                            decode_in_numpy(tensors, [0.5, -1.25, 2], np.eye(10)[label]))


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_numpy_reproduces_decode(run, models, tmp_path, kind):
    tensors = load_file(models[kind])
    # A code that begins with a sign is no option.
    for z in ("0,0,0", "-1.5,.25,1e0"):
        run("decode", models[kind], "--z", z, "--out", tmp_path / "a.png")
        assert png_size(tmp_path / "a.png") == (28, 28, 8, 0)
        assert_same_picture(tmp_path / "a.png",
                            decode_in_numpy(tensors, [float(part) for part in z.split(",")]))


@pytest.mark.parametrize("kind, inputs, heads, codes", [
    ("ae", 784, 3, 3), ("vae", 784, 6, 3), ("cvae", 794, 6, 13)])
def test_python_reads_the_names_and_shapes_of_nn_sequential(models, kind, inputs, heads, codes):
    tensors = load_file(models[kind])
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        "encoder.0.weight": (400, inputs), "encoder.0.bias": (400,),
        "encoder.2.weight": (heads, 400), "encoder.2.bias": (heads,),
        "decoder.0.weight": (400, codes), "decoder.0.bias": (400,),
        "decoder.2.weight": (784, 400), "decoder.2.bias": (784,)}
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())
    with safe_open(models[kind], "numpy") as file:
        metadata = file.metadata()
    assert list(metadata) == ["zscape"]
    assert json.loads(metadata["zscape"])["model"]["kind"] == kind


@pytest.mark.parametrize("kind", ["ae", "vae", "cvae"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_a_file_from_python_without_metadata_opens(run, models, tmp_path, kind, dtype):
    tensors = {name: tensor.astype(dtype) for name, tensor in load_file(models[kind]).items()}
    path = tmp_path / "python.safetensors"
    save_file(tensors, path)
    info, = run("info", path, "--json").lines
    assert (info["kind"], info["latent"], info["shape"]) == (kind, 3, [28, 28, 1])
    assert info["data"] is None and info["test_loss"] is None
    label = ["--label", 7] if kind == "cvae" else []
    run("decode", path, "--z", "1,-1,0.5", *label, "--out", tmp_path / "a.png")
    assert_same_picture(tmp_path / "a.png", decode_in_numpy(
        tensors, [1, -1, 0.5], np.eye(10)[7] if kind == "cvae" else ()))


def test_deeper_networks_keep_the_names_of_nn_sequential(run, tmp_path):
    path = tmp_path / "deep.safetensors"
    run("train", "--limit", 500, "--epochs", 1, "--threads", 1, "--hidden", "50,20", "--out", path)
    tensors = load_file(path)
    assert tensors["encoder.2.weight"].shape == (20, 50)
    assert tensors["encoder.4.weight"].shape == (4, 20)
    assert tensors["decoder.0.weight"].shape == (20, 2)
    assert tensors["decoder.4.weight"].shape == (784, 50)
    run("decode", path, "--z", "1,1", "--out", tmp_path / "a.png")
    picture = np.asarray(Image.open(tmp_path / "a.png")).ravel().astype(int)
    assert np.abs(picture - np.floor(decode_in_numpy(tensors, [1, 1]) * 255 + 0.5)).max() <= 1


def test_widths_that_leave_doubt_name_the_metadata(refused, models, tmp_path):
    tensors = load_file(models["vae"])
    tensors["encoder.2.weight"] = tensors["encoder.2.weight"][:5].copy()
    tensors["encoder.2.bias"] = tensors["encoder.2.bias"][:5].copy()
    path = tmp_path / "odd.safetensors"
    save_file(tensors, path)
    refused("info", path, code=1, says=["odd.safetensors", "metadata"])


def test_a_weight_that_is_not_finite_is_refused(refused, models, tmp_path):
    tensors = load_file(models["vae"])
    tensors["decoder.0.bias"][7] = np.nan
    path = tmp_path / "nan.safetensors"
    save_file(tensors, path)
    refused("info", path, code=1, says=["decoder.0.bias", "finite"])
