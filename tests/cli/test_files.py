"""What a file's ending says is what is in it; files of others; options and numbers that cannot be."""

import csv
import zipfile

import numpy as np
import pytest
from networks import Model, assert_same_pictures, tiles
from safetensors.numpy import load_file, save_file
from support import png_size


def vectors(folder, scale=(5.0, 100.0)):
    """70 vectors of 6 numbers outside [0, 1]."""
    values = np.random.default_rng(3).normal(*scale, (70, 6))
    np.save(folder / "vectors.npy", values)
    return folder / "vectors.npy", values


def numbers(path):
    """The numbers of a table of vectors, or of an array."""
    if path.suffix == ".npy":
        return np.load(path)
    with open(path, newline="", encoding="ascii") as file:
        header, *rows = csv.reader(file)
    first = header.index("x_1")
    assert header[first:] == [f"x_{i + 1}" for i in range(len(header) - first)]
    return np.array([row[first:] for row in rows], float)


# ---- Endings -------------------------------------------------------------------------------------

@pytest.mark.parametrize("ending", [".jpg", ".txt", ".safetensors", ".npz", ""])
def test_an_ending_that_the_file_would_belie_is_refused(refused, models, digits, tmp_path, ending):
    out = ["--out", tmp_path / f"a{ending}"]
    for line in (["decode", models["ae"], "--z", "0,0,0"], ["sample", models["ae"]],
                 ["reconstruct", models["ae"], "--data", digits], ["manifold", models["ae"]],
                 ["interpolate", models["ae"], "--data", digits, "--from", "test:0", "--to", "test:1"],
                 ["encode", models["ae"], "--data", digits]):
        refused(*line, *out, code=2, says=["--out", "ending", r"\.npy"])
    assert list(tmp_path.iterdir()) == []


def test_a_number_at_the_end_of_a_name_is_no_ending(run, digits, tmp_path):
    run("train", "--data", digits, "--epochs", 1, "--lambda", 0.5, "--out", tmp_path / "vae-0.5")
    run("info", tmp_path / "vae-0.5")


def test_a_model_is_no_other_file(run, refused, digits, tmp_path):
    for name in ("m.pt", "m.npy", "m.onnx"):
        refused("train", "--data", digits, "--out", tmp_path / name, code=2,
                says=["--out", name, r"\.safetensors"])
    refused("encode", digits, "--data", digits, "--out", tmp_path / "a.gif", code=2, says="--out")
    assert list(tmp_path.iterdir()) == []
    run("train", "--data", digits, "--model", "pca", "--threads", 1, "--out", tmp_path / "M.SAFETENSORS")


def test_vectors_are_written_as_numbers_in_their_own_units(run, tmp_path):
    data, values = vectors(tmp_path)
    model = tmp_path / "m.safetensors"
    run("train", "--data", data, "--model", "ae", "--latent", 2, "--epochs", 2, "--threads", 1,
        "--out", model)
    numpy = Model(model)

    def own(scaled):
        return scaled * numpy.scaling[1] + numpy.scaling[0]

    for ending in (".csv", ".npy"):
        out = tmp_path / f"a{ending}"
        run("decode", model, "--z", "9,-4", "--out", out)   # far outside what a picture can show
        assert numbers(out) == pytest.approx(own(numpy.decode([9, -4])), rel=1e-4, abs=1e-3)
        run("reconstruct", model, "--data", data, "--count", 10, "--out", out)
        run("encode", model, "--data", data, "--out", tmp_path / "codes.npy")
        codes = np.load(tmp_path / "codes.npy")
        assert numbers(out) == pytest.approx(own(numpy.decode(codes)), rel=1e-4, abs=1e-3)
        run("interpolate", model, "--data", data, "--from", "test:0", "--to", "test:1", "--steps", 2, "--out", out)
        assert numbers(out) == pytest.approx(own(numpy.decode(codes[:2])), rel=1e-4, abs=1e-3)
        run("sample", model, "--count", 5, "--out", out)
        assert numbers(out).shape == (5, 6)
        run("manifold", model, "--grid", 3, "--out", out)
        assert numbers(out).shape == (9, 6)
    assert np.load(tmp_path / "a.npy").dtype == np.float64


def test_pictures_as_numbers_keep_their_form(run, models, tmp_path):
    run("decode", models["vae"], "--z", "0,1,2", "--out", tmp_path / "a.npy")
    array = np.load(tmp_path / "a.npy")
    assert array.shape == (1, 28, 28)
    # It learned from bytes.
    assert array.reshape(1, -1) == pytest.approx(255 * Model(models["vae"]).decode([0, 1, 2]), abs=2e-3)


# ---- Files of others -----------------------------------------------------------------------------

def foreign(models, kind, path):
    save_file(load_file(models[kind]), path)
    return path


def test_a_foreign_file_says_what_was_assumed(run, models, tmp_path):
    path = foreign(models, "vae", tmp_path / "f.safetensors")
    result = run("decode", path, "--z", "0,0,0", "--out", tmp_path / "a.png")
    line, = result.err.splitlines()
    for part in ("f.safetensors", "vae", "28×28", "LeakyReLU", "bernoulli", "--image-size", "--activation",
                 "--likelihood"):
        assert part in line
    info, = run("info", path, "--json").lines
    assert "bernoulli" in info["assumed"]
    assert run("info", models["vae"], "--json").lines[0]["assumed"] is None
    assert run("decode", models["vae"], "--z", "0,0,0", "--out", tmp_path / "a.png").err == ""


@pytest.mark.parametrize("activation, function", [
    ("tanh", np.tanh), ("relu", lambda x: np.maximum(x, 0)),
    ("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x)), ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    ("silu", lambda x: x / (1 + np.exp(-x))), ("elu", lambda x: np.where(x > 0, x, np.expm1(x)))])
def test_options_settle_the_activation(run, models, digits, tmp_path, activation, function):
    path = foreign(models, "ae", tmp_path / "f.safetensors")
    t = {name: tensor.astype(np.float64) for name, tensor in load_file(path).items()}
    z = np.array([[1.5, -2, 0.5]])
    hidden = function(z @ t["decoder.0.weight"].T + t["decoder.0.bias"])
    picture = 1 / (1 + np.exp(-(hidden @ t["decoder.2.weight"].T + t["decoder.2.bias"])))
    run("decode", path, "--z", "1.5,-2,0.5", "--activation", activation, "--out", tmp_path / "a.png")
    assert_same_pictures(tiles(tmp_path / "a.png", 28, 28)[0], np.floor(picture * 255 + 0.5))
    run("encode", path, "--data", digits, "--activation", activation, "--out", tmp_path / "a.npy")
    from support import idx_inputs
    hidden = function(idx_inputs(digits)[0] @ t["encoder.0.weight"].T + t["encoder.0.bias"])
    assert np.load(tmp_path / "a.npy") == \
        pytest.approx(hidden @ t["encoder.2.weight"].T + t["encoder.2.bias"], abs=1e-3)


def test_options_settle_form_and_likelihood_of_foreign_files_only(run, refused, models, digits, tmp_path):
    path, out = foreign(models, "vae", tmp_path / "f.safetensors"), tmp_path / "a.png"
    run("decode", path, "--z", "0,0,0", "--image-size", "14x56", "--out", out)
    assert png_size(out)[:2] == (56, 14)
    refused("decode", path, "--z", "0,0,0", "--image-size", "5x5", "--out", out, code=1,
            says=["--image-size", "784", "5x5"])
    scores = [run("eval", path, "--data", digits, "--threads", 1, "--importance-samples", 1, "--json", *options)
              .lines[0]["reconstruction"] for options in ([], ["--likelihood", "gaussian"])]
    assert scores[0] != scores[1]
    for options in (["--activation", "tanh"], ["--likelihood", "gaussian"]):
        refused("decode", models["vae"], "--z", "0,0,0", *options, "--out", out, code=1,
                says=["metadata", options[0]])
    refused("sample", models["vae"], "--image-size", "14x56", "--out", out, code=2, says="--image-size")


def test_a_file_of_torch_save_is_named_and_python_converts_it(refused, digits, tmp_path):
    archive, older = tmp_path / "m.pt", tmp_path / "old.pth"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("m/data.pkl", b"\x80\x02}q\x00.")
        file.writestr("m/version", b"3\n")
    older.write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + bytes(300))
    for path in (archive, older):
        says = [path.name, "torch.save", "torch.load", "save_file", rf"{path.stem}\.safetensors"]
        refused("train", "--data", path, "--epochs", 1, "--out", tmp_path / "out", code=1,
                says=[path.name, "torch.save", r"numpy\.save"])
        refused("info", path, code=1, says=says)
        refused("eval", path, "--data", digits, code=1, says=says)
        refused("explore", path, code=1, says=says)
        refused(path, code=2, says=says)


# ---- Options that cannot be ----------------------------------------------------------------------

def test_pca_has_no_more_axes_than_the_data(run, refused, tmp_path):
    random = np.random.default_rng(5)
    np.save(tmp_path / "flat.npy", random.normal(size=(70, 2)) @ random.normal(size=(2, 9)) * 40)
    args = ["train", "--data", tmp_path / "flat.npy", "--model", "pca", "--threads", 1]
    refused(*args, "--latent", 3, "--out", tmp_path / "m.safetensors", code=1,
            says=["rank 2", "latent", "not 3"])
    assert not (tmp_path / "m.safetensors").exists()
    run(*args, "--latent", 2, "--out", tmp_path / "m.safetensors")
    np.save(tmp_path / "few.npy", random.normal(size=(4, 9)))
    refused("train", "--data", tmp_path / "few.npy", "--model", "pca", "--latent", 3, "--threads", 1, code=1,
            says="rank 2")


@pytest.mark.parametrize("args", [
    ["--model", "pca", "--epochs", 2], ["--model", "pca", "--batch", 10], ["--model", "pca", "--lr", 0.1],
    ["--model", "pca", "--lr-end", 0.1], ["--model", "pca", "--kernels", "portable"],
    ["--model", "pca", "--validation", 9, "--patience", 2],
    ["--network", "conv", "--kernels", "portable"], ["--samples", 2, "--kernels", "portable"],
    ["--checkpoint-every", 2]])
def test_an_option_that_would_be_ignored_is_refused(refused, digits, args):
    refused("train", "--data", digits, *args, code=2, says=args[-2])


def test_a_seed_that_nothing_draws_from_is_refused(run, refused, models, digits, tmp_path):
    args = ["--data", digits, "--seed", 3, "--out", tmp_path / "a.png"]
    refused("reconstruct", models["vae"], *args, code=2, says="--seed")
    run("reconstruct", models["dae"], *args)


def test_what_no_memory_holds_is_refused_before_work(refused, digits):
    refused("train", "--data", digits, "--samples", 10_000_000, code=1, says=["--samples", "GB"])
    refused("train", "--data", digits, "--hidden", "65536,65536,65536,65536,65536", code=1, says=["GB", "layers"])


@pytest.mark.parametrize("args, says", [
    (["train", "--lambda", "0,5"], r"--lambda: '0,5' has a comma.*write 0\.5"),
    (["train", "--noise", "mask:0,25"], r"write mask:0\.25"),
    (["train", "--epochs", "1,5"], "--epochs: '1,5' is not a whole number"),
    (["train", "--lr", "0,5,5"], "--lr: '0,5,5' is not a number")])
def test_a_comma_in_a_number_says_what_would_be_right(refused, args, says):
    refused(*args, code=2, says=says)
