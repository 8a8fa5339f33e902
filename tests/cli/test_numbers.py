"""Numbers in and out: data of another scale or of other classes, numbers that are not finite, times in
seconds, draws of --limit."""

import csv
import json

import numpy as np
import pytest
from networks import Model
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from support import idx_inputs


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def scaled_digits(folder, digits, factor):
    """The digits as floats, times a factor."""
    folder.mkdir()
    for split in ("train", "test"):
        images, labels = idx_inputs(digits, split)
        np.save(folder / f"{split}-images.npy", (images * factor).astype(np.float32).reshape(-1, 28, 28))
        np.save(folder / f"{split}-labels.npy", labels)
    return folder


def commands(model, data, out):
    """A line of each command that reads data with a model."""
    return [("eval", model, "--data", data, "--threads", 1),
            ("encode", model, "--data", data, "--out", f"{out}.csv"),
            ("reconstruct", model, "--data", data, "--out", f"{out}.png"),
            ("interpolate", model, "--data", data, "--from", "test:0", "--to", "test:1", "--out", f"{out}.png"),
            ("classify", model, "--data", data, "--mode", "frozen", "--threads", 1),
            ("manifold", model, "--data", data, "--out", f"{out}.png")]


# ---- Scale ---------------------------------------------------------------------------------------

def test_data_of_another_scale_are_refused_by_every_command(refused, models, digits, tmp_path):
    data = scaled_digits(tmp_path / "bytes_as_floats", digits, 255)
    for line in commands(models["ae"], data, tmp_path / "a"):
        refused(*line, code=1, says=["ae.safetensors", "from 0 to 1", "from 0 to 255", "divide them by 255"])
    assert list(tmp_path.iterdir()) == [data]
    other = scaled_digits(tmp_path / "other", digits, 1000)
    refused(*commands(models["ae"], other, tmp_path / "a")[0], code=1, says=["from 0 to 1000", "bring them to"])


def test_a_model_of_large_numbers_reads_all_data_by_its_own_range(run, refused, digits, tmp_path):
    large = scaled_digits(tmp_path / "large", digits, 255)
    model = tmp_path / "m.safetensors"
    run("train", "--data", large, "--model", "ae", "--epochs", 1, "--threads", 1, "--out", model)
    codes = {}
    for name, data in (("own", large), ("bytes", digits),
                       ("brighter", scaled_digits(tmp_path / "brighter", digits, 300))):
        said = run("encode", model, "--data", data, "--out", tmp_path / "codes.npy").err
        codes[name] = np.load(tmp_path / "codes.npy")
        assert ("numbers lie beyond 0 … 255" in said) == (name == "brighter")
    assert codes["bytes"] == pytest.approx(codes["own"], abs=1e-4)
    assert np.abs(codes["brighter"] - codes["own"]).max() > 1e-2
    dark = scaled_digits(tmp_path / "dark", digits, 1)
    refused("encode", model, "--data", dark, "--out", tmp_path / "codes.npy", code=1, says="another scale")
    run("encode", model, "--data", dark, "--range", "0,1", "--out", tmp_path / "codes.npy")
    assert np.load(tmp_path / "codes.npy") == pytest.approx(codes["own"], abs=1e-4)


def test_no_result_holds_a_number_that_is_not_finite(refused, models, digits, tmp_path):
    tensors = load_file(models["ae"])
    with safe_open(models["ae"], "numpy") as file:
        metadata = file.metadata()
    for name in tensors:
        tensors[name] = tensors[name] * np.float32(1e20)
    model = tmp_path / "m.safetensors"
    save_file(tensors, model, metadata)
    refused(*commands(model, digits, tmp_path / "a")[0], code=1, says=["finite"])
    for out in ("a.csv", "a.npy"):
        refused("encode", model, "--data", digits, "--out", tmp_path / out, code=1, says="codes.*finite")
    for out in ("a.png", "a.csv", "a.npy"):
        refused("decode", model, "--z", "1,1,1e30", "--out", tmp_path / out, code=1, says="finite")
        refused("sample", model, "--out", tmp_path / out, code=1, says="finite")
        refused("reconstruct", model, "--data", digits, "--out", tmp_path / out, code=1, says="finite")
    assert list(tmp_path.iterdir()) == [model]


# ---- Times ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("parts", [1, 2])
def test_times_in_seconds_keep_their_values(run, tmp_path, parts):
    """float32 has a step of 128 s there: 3 of 500 values were left."""
    random = np.random.default_rng(1)
    values = np.stack([1.7e9 + random.permutation(500), random.normal(size=500)], axis=1)
    data, model, out = tmp_path / "data", tmp_path / "m.safetensors", tmp_path / "a.csv"
    data.mkdir()
    if parts == 1:
        np.save(data / "images.npy", values)
    else:
        np.save(data / "train-images.npy", np.asfortranarray(values[:400]))
        np.save(data / "test-images.npy", values[400:])
    run("train", "--data", data, "--model", "pca", "--latent", 2, "--threads", 1, "--out", model)
    count = run("info", data, "--json").lines[0]["test"]
    run("reconstruct", model, "--data", data, "--count", count, "--out", out)
    header, rows = table(out)
    assert header == ["index", "split", "row", "x_1", "x_2"]
    own = np.array([int(row[2]) for row in rows]) + (400 if parts == 2 else 0)
    assert np.array([row[3:] for row in rows], float) == pytest.approx(values[own], rel=0, abs=0.01)
    scaling = json.loads(safe_open(model, "numpy").metadata()["zscape"])["model"]["scaling"]
    assert scaling["mean"][0] == pytest.approx(values[:, 0].mean(), abs=20)
    # The model reads other times as they are.
    later = tmp_path / "later.npy"
    np.save(later, values + [[777, 0]])
    run("encode", model, "--data", later, "--split", "all", "--out", out)
    expected = Model(model)
    assert np.array([row[4:] for row in table(out)[1]], float) == \
        pytest.approx(expected.encode(expected.scaled(values + [[777, 0]]))[0], abs=1e-3)


def test_ordinary_floats_of_both_widths_give_the_same_bits(run, tmp_path):
    values = np.random.default_rng(2).normal(3, 2, (70, 5)).astype(np.float32)
    losses = []
    for dtype in (np.float32, np.float64):
        np.save(tmp_path / "v.npy", values.astype(dtype))
        losses.append(run("train", "--data", tmp_path / "v.npy", "--epochs", 2, "--threads", 1,
                          "--kernels", "portable", "--json").lines[-1]["test_loss"])
    assert losses[0] == losses[1]


# ---- Classes -------------------------------------------------------------------------------------

def animals(folder, names, count=7):
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            grey = np.random.default_rng(number * 100 + i).integers(0, 255, (8, 8), np.uint8)
            Image.fromarray(grey).save(folder / name / f"{i}.png")
    return folder


def test_class_names_stay_with_the_model(run, refused, tmp_path):
    data, model = animals(tmp_path / "pets", ["cat", "dog"]), tmp_path / "m.safetensors"
    run("train", "--data", data, "--model", "cvae", "--epochs", 1, "--threads", 1, "--out", model)
    info, = run("info", model, "--json").lines
    assert info["class_names"] == ["cat", "dog"]
    assert "cat, dog" in run("info", model).out
    outs = [tmp_path / "a.png", tmp_path / "b.png"]
    for options in (["decode", model, "--z", "0,1"], ["sample", model, "--count", 4],
                    ["manifold", model, "--grid", 3],
                    ["interpolate", model, "--data", data, "--from", "test:0", "--to", "test:1"]):
        for label, out in zip(("dog", 1), outs):
            run(*options, "--label", label, "--out", out)
        assert outs[0].read_bytes() == outs[1].read_bytes()
        refused(*options, "--label", "cow", "--out", outs[0], code=2, says=["--label", "cat, dog", "cow"])
    other = animals(tmp_path / "others", ["ant", "cat"])
    for line in commands(model, other, tmp_path / "c")[:4]:
        refused(*line, code=1, says=["cat, dog", "ant, cat"])
    more = animals(tmp_path / "more", ["ant", "cat", "dog"])
    refused(*commands(model, more, tmp_path / "c")[0], code=1, says=["cat, dog", "ant, cat, dog"])
    # A file of an older zscape does not know names: numbers serve.
    with safe_open(model, "numpy") as file:
        metadata = json.loads(file.metadata()["zscape"])
    del metadata["model"]["class_names"]
    older = tmp_path / "older.safetensors"
    save_file(load_file(model), older, {"zscape": json.dumps(metadata)})
    run("decode", older, "--z", "0,1", "--label", 1, "--out", outs[0])
    run("decode", model, "--z", "0,1", "--label", 1, "--out", outs[1])
    assert outs[0].read_bytes() == outs[1].read_bytes()
    run("eval", older, "--data", other, "--threads", 1)


def test_a_limit_draws_from_all_classes(run, tmp_path):
    """The data are sorted by class; the mean of the draw, which pca keeps, tells what is in it."""
    labels = np.arange(300) // 60
    np.save(tmp_path / "train-images.npy", np.eye(8, dtype=np.float32)[labels])
    np.save(tmp_path / "test-images.npy", np.eye(8, dtype=np.float32)[labels])
    for split in ("train", "test"):
        np.save(tmp_path / f"{split}-labels.npy", labels)

    def drawn(limit, seed):
        run("train", "--data", tmp_path, "--model", "pca", "--latent", 1, "--limit", limit, "--seed", seed,
            "--threads", 1, "--out", tmp_path / "m.safetensors", "--replace")
        return tuple(np.rint(load_file(tmp_path / "m.safetensors")["decoder.0.bias"] * limit).astype(int))

    assert drawn(5, 0) == (1, 1, 1, 1, 1, 0, 0, 0)
    draws = [drawn(100, seed) for seed in (0, 0, 1, 2)]
    assert draws[0] == draws[1] and len(set(draws)) == 3
    assert all(sum(draw) == 100 and min(draw[:5]) > 5 for draw in draws)
