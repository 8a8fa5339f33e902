"""The scale of pictures: one map for all pixels, said, kept in the model, and undone in what is written."""

import numpy as np
import pytest
from networks import Model, tiles

PCA = ["--model", "pca", "--latent", 2, "--threads", 1]


def shades(count=28, seed=0):
    """Numbers in [0, 1] in steps of a fifteenth, all of which occur in each third of the pictures."""
    return np.random.default_rng(seed).integers(0, 16, (count, 6, 7)) / 15


def told(run, data, *args):
    line, = run("info", data, *args, "--json").lines
    return line


@pytest.mark.parametrize("scale, dtype, wanted", [
    ((0, 255), np.uint8, [0, 255]),
    ((0, 15), np.uint8, [0, 15]),
    ((0, 1), np.float32, [0, 1]),
    ((0, 1.0000001), np.float64, [0, 1]),
    ((-1, 1), np.float32, [-1, 1]),
    ((0, 255), np.float32, [0, 255]),
    ((0, 16), np.float64, [0, 16]),
    ((0, 65535), np.uint16, [0, 65535]),
    ((0, 4095), np.uint16, [0, 4095]),
    ((-300, 0), np.int16, [-300, 0]),
])
def test_pictures_of_any_scale_are_shown_from_black_to_white(run, tmp_path, scale, dtype, wanted):
    low, high = scale
    unit = shades()
    data, model, out = tmp_path / "data.npy", tmp_path / "m.safetensors", tmp_path / "six.png"
    np.save(data, (low + unit * (high - low)).astype(dtype))
    found = told(run, data)
    assert (found["range"], found["type"]) == (wanted, np.dtype(dtype).name)
    run("info", data, "--out", out)
    shown = tiles(out, 6, 7)
    assert shown.shape == (2, 3, 42)
    exact = np.round(unit * 255).reshape(28, 42)
    for picture in shown.reshape(6, 42):   # a training input each, to the grey level
        assert np.abs(exact - picture).max(1).min() <= 1
    trained = run("train", "--data", data, *PCA, "--out", model)
    assert found["map"] in trained.err
    # A model of the same pictures, between 0 and 1, makes the same codes.
    np.save(tmp_path / "unit.npy", unit)
    run("train", "--data", tmp_path / "unit.npy", *PCA, "--out", tmp_path / "unit.safetensors")
    codes = []
    for name, source in ((model, data), (tmp_path / "unit.safetensors", tmp_path / "unit.npy")):
        run("encode", name, "--data", source, "--split", "all", "--out", tmp_path / "codes.npy")
        codes.append(np.abs(np.load(tmp_path / "codes.npy")))   # an axis may point either way
    assert codes[0] == pytest.approx(codes[1], abs=2e-2 if np.dtype(dtype).kind in "ui" else 1e-3)


def test_masks_are_not_black(run, tmp_path):
    mask = (shades() > 0.5).astype(np.uint8)
    np.save(tmp_path / "mask.npy", mask)
    assert told(run, tmp_path / "mask.npy")["range"] == [0, 1]
    run("info", tmp_path / "mask.npy", "--out", tmp_path / "six.png")
    assert set(np.unique(np.asarray(tiles(tmp_path / "six.png", 6, 7)))) == {0, 255}


def test_what_is_written_has_the_numbers_of_the_data(run, tmp_path):
    values = -2 + 5 * shades()
    np.save(tmp_path / "data.npy", values)
    model, out = tmp_path / "m.safetensors", tmp_path / "r.npy"
    run("train", "--data", tmp_path / "data.npy", "--model", "pca", "--latent", 23, "--threads", 1, "--out", model)
    run("reconstruct", model, "--data", tmp_path / "data.npy", "--split", "train", "--count", 24, "--out", out)
    restored = np.load(out)
    assert restored.shape == (24, 6, 7) or restored.size == 24 * 42
    # 24 training inputs lie in 23 dimensions: nothing is lost.
    for picture in restored.reshape(24, 42):
        assert np.abs(values.reshape(28, 42) - picture).max(1).min() < 1e-3
    info, = run("info", model, "--json").lines
    assert info["range"] == pytest.approx([-2, 3])


def test_what_is_written_of_bytes_has_0_to_255(run, tmp_path):
    values = np.round(shades() * 255).astype(np.uint8)
    np.save(tmp_path / "bytes.npy", values)
    np.save(tmp_path / "unit.npy", values / 255)
    model, out = tmp_path / "m.safetensors", tmp_path / "r.npy"
    run("train", "--data", tmp_path / "bytes.npy", "--model", "pca", "--latent", 23, "--threads", 1, "--out", model)
    for source, scale in (("bytes.npy", 255), ("unit.npy", 1)):   # of the data at hand
        run("reconstruct", model, "--data", tmp_path / source, "--split", "train", "--count", 24, "--out", out)
        restored = np.load(out).reshape(24, 42)
        for picture in restored:
            assert np.abs(values.reshape(28, 42) - picture * (255 / scale)).max(1).min() < 0.2
    info, = run("info", model, "--json").lines
    assert info["range"] == [0, 255]
    zeros = ",".join(["0"] * 23)
    run("decode", model, "--z", zeros, "--out", out)
    network = Model(model)
    assert np.load(out).ravel() == pytest.approx(255 * network.decode(np.zeros((1, 23)))[0], abs=1e-3)
    run("decode", model, "--z", zeros, "--out", tmp_path / "r.csv")
    numbers = (tmp_path / "r.csv").read_text().splitlines()[1].split(",")
    assert np.array(numbers, float) == pytest.approx(np.load(out).ravel())


def test_the_models_range_goes_before_what_later_data_look_like(run, tmp_path):
    model = tmp_path / "m.safetensors"
    values = np.round(shades() * 15).astype(np.uint8)
    np.save(tmp_path / "all.npy", values)
    np.save(tmp_path / "dark.npy", values // 2)   # 0 … 7 by itself
    run("train", "--data", tmp_path / "all.npy", "--epochs", 1, "--threads", 1, "--batch", 8, "--out", model)
    assert told(run, tmp_path / "dark.npy")["range"] == [0, 7]
    mean, _ = Model(model).encode((values // 2).reshape(28, 42) / 15)
    run("encode", model, "--data", tmp_path / "dark.npy", "--split", "all", "--out", tmp_path / "codes.npy")
    assert np.load(tmp_path / "codes.npy")[:, :mean.shape[1]] == pytest.approx(mean, abs=1e-5)
    # --range overrides it.
    mean, _ = Model(model).encode((values // 2).reshape(28, 42) / 7)
    run("encode", model, "--data", tmp_path / "dark.npy", "--range", "0,7", "--split", "all", "--out",
        tmp_path / "codes.npy")
    assert np.load(tmp_path / "codes.npy")[:, :mean.shape[1]] == pytest.approx(mean, abs=1e-5)
    # So does it for a model of usual bytes, and for numbers that hardly use the range it is said.
    np.save(tmp_path / "bright.npy", values * 17)
    run("train", "--data", tmp_path / "bright.npy", "--epochs", 1, "--threads", 1, "--out", model, "--replace")
    mean, _ = Model(model).encode(values.reshape(28, 42) / 255)
    run("encode", model, "--data", tmp_path / "all.npy", "--split", "all", "--out", tmp_path / "codes.npy")
    assert np.load(tmp_path / "codes.npy")[:, :mean.shape[1]] == pytest.approx(mean, abs=1e-5)


def test_a_range_is_two_numbers(run, refused, tmp_path):
    np.save(tmp_path / "data.npy", shades() * 16)
    assert told(run, tmp_path / "data.npy", "--range", "0,32")["range"] == [0, 32]
    assert told(run, tmp_path / "data.npy", "--range=-16,16")["range"] == [-16, 16]
    for text in ("0", "1,0", "0,0", "0,x", "nan,1", "0,inf"):
        refused("info", tmp_path / "data.npy", "--range", text, code=2, says="two numbers LOW,HIGH")


def test_a_model_refuses_numbers_of_a_far_smaller_scale(run, refused, tmp_path):
    unit, model = shades(), tmp_path / "m.safetensors"
    np.save(tmp_path / "large.npy", (unit * 255).astype(np.float32))
    np.save(tmp_path / "unit.npy", unit.astype(np.float32))
    run("train", "--data", tmp_path / "large.npy", *PCA, "--out", model)
    for command in (["eval"], ["encode", "--out", tmp_path / "codes.npy"], ["reconstruct", "--out", tmp_path / "x.npy"]):
        refused(command[0], model, "--data", tmp_path / "unit.npy", *command[1:], code=1,
                says=["0 … 255", "another scale", "--range"])
    assert not (tmp_path / "codes.npy").exists()
    said = run("eval", model, "--data", tmp_path / "unit.npy", "--range", "0,1", "--json").lines[0]
    known = run("eval", model, "--data", tmp_path / "large.npy", "--json").lines[0]
    assert said["mse"] == pytest.approx(known["mse"], rel=1e-4)
