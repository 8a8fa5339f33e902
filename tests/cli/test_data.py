"""Data of every form that docs/DESIGN.md names, through the binary; and what broken data get."""

import gzip
import pathlib
import shutil
import struct

import numpy as np
import pytest
from networks import Model, assert_same_pictures, tiles
from PIL import Image
from safetensors.numpy import load_file
from support import png_size, write_idx

TRAIN = ["--epochs", "1", "--threads", "1", "--batch", "32"]
TRAIN_PCA = ["--threads", "1"]   # it takes no steps


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def info(run, data, *args):
    line, = run("info", data, *args, "--json").lines
    assert list(line)[:10] == ["format", "inputs", "type", "range", "map", "training", "test", "classes", "counts", "left_out"]
    return line


def codes_of(run, model, data, folder, *args):
    run("encode", model, "--data", data, *args, "--out", folder / "codes.npy")
    return np.load(folder / "codes.npy")


# ---- IDX -----------------------------------------------------------------------------------------

def idx_folder(folder, train, test, labels=True):
    folder.mkdir()
    for name, images in (("train", train), ("t10k", test)):
        write_idx(folder / f"{name}-images-idx3-ubyte", images)
        if labels:
            write_idx(folder / f"{name}-labels-idx1-ubyte", np.arange(len(images)) % 3)
    return folder


@pytest.mark.parametrize("shape", [(8, 8), (16, 16), (32, 32, 3), (5, 7)])
def test_idx_of_any_size_trains_and_is_shown(run, tmp_path, shape):
    images = (noise(70, *shape) * 255).astype(np.uint8)
    data = idx_folder(tmp_path / "data", images[:60], images[60:])
    told = info(run, data)
    assert (told["training"], told["test"], told["classes"]) == (60, 10, ["0", "1", "2"])
    assert told["inputs"] == list(shape) + [1] * (3 - len(shape))
    model, out = tmp_path / "m.safetensors", tmp_path / "a.png"
    network = ["--network", "conv"] if shape == (32, 32, 3) else []
    run("train", "--data", data, *network, *TRAIN, "--out", model)
    run("reconstruct", model, "--data", data, "--count", 3, "--out", out)
    height, width = shape[:2]
    assert png_size(out) == (3 * width, 2 * height, 8, 2 if len(shape) == 3 else 0)
    shown = tiles(out, height, width)
    assert (shown[0] == images[60:63].reshape(3, -1)).all()
    numpy = Model(model)
    mean, _ = numpy.encode(images[60:63].reshape(3, -1) / 255)
    assert_same_pictures(shown[1], numpy.decoded_picture(mean))


def test_data_without_labels_train_and_have_no_figures_of_labels(run, tmp_path):
    images = (noise(40, 8, 8) * 255).astype(np.uint8)
    data = idx_folder(tmp_path / "data", images[:30], images[30:], labels=False)
    told = info(run, data)
    assert told["classes"] == told["counts"]["training"] == []
    assert "no labels" in run("info", data).out
    run("train", "--data", data, *TRAIN, "--out", tmp_path / "m")
    figures, = run("eval", tmp_path / "m", "--data", data, "--threads", 1, "--json").lines
    assert figures["knn_accuracy"] is None and figures["silhouette"] is None
    assert figures["active_units"] is not None


# ---- NPY -----------------------------------------------------------------------------------------

def same_in_each_form(values):
    """One array as files may hold it: form -> array."""
    return {
        "float32": values.astype(np.float32),
        "float64": values.astype(np.float32).astype(np.float64),
        "fortran": np.asfortranarray(values.astype(np.float32)),
        "big endian": values.astype(">f4"),
        "big endian fortran float64": np.asfortranarray(
            values.astype(np.float32).astype(">f8")),
    }


def test_an_npy_array_is_the_same_in_each_form(run, tmp_path):
    values = noise(70, 8, 8)
    model, reference = tmp_path / "m.safetensors", None
    for form, array in same_in_each_form(values).items():
        np.save(tmp_path / "data.npy", array)
        told = info(run, tmp_path / "data.npy")
        assert (told["training"], told["test"], told["inputs"]) == (60, 10, [8, 8, 1]), form
        if reference is None:
            run("train", "--data", tmp_path / "data.npy", *TRAIN, "--out", model)
        codes = [codes_of(run, model, tmp_path / "data.npy", tmp_path, "--split", split)
                 for split in ("train", "test")]
        reference = reference or codes
        assert all((a == b).all() for a, b in zip(codes, reference)), form
    # Each row of the file is in just one of the splits, unchanged.
    mean, sigma = Model(model).encode(values.reshape(70, 64).astype(np.float32))
    expected = np.concatenate([mean, sigma], axis=1)
    found = np.concatenate(reference)
    places = [np.abs(expected - row).sum(1).argmin() for row in found]
    assert sorted(places) == list(range(70))
    assert found == pytest.approx(expected[places], abs=1e-5)


def test_bytes_stand_for_numbers_up_to_one(run, tmp_path):
    images = (noise(35, 8, 8) * 255).astype(np.uint8)
    model = tmp_path / "m.safetensors"
    for name, array in (("bytes", images), ("floats", (images / np.float32(255)))):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "images.npy", array)
        np.save(tmp_path / name / "labels.npy", np.arange(35) % 4)
    run("train", "--data", tmp_path / "bytes", *TRAIN, "--out", model)
    assert codes_of(run, model, tmp_path / "floats", tmp_path) == \
        pytest.approx(codes_of(run, model, tmp_path / "bytes", tmp_path), abs=1e-6)


def test_a_folder_may_hold_both_splits_and_name_its_classes(run, tmp_path):
    for split, count in (("train", 12), ("test", 6)):
        np.save(tmp_path / f"{split}-images.npy", noise(count, 8, 8, 3).astype(np.float32))
        np.save(tmp_path / f"{split}-labels.npy", np.arange(count, dtype=np.int64) % 3)
    (tmp_path / "labels.txt").write_text("ant\nbee\nwasp\n")
    told = info(run, tmp_path)
    assert (told["training"], told["test"], told["inputs"]) == (12, 6, [8, 8, 3])
    assert (told["classes"], told["counts"]["training"]) == (["ant", "bee", "wasp"], [4, 4, 4])
    assert "3 (ant; bee; wasp), each 4 training, 2 test" in run("info", tmp_path).out


def vectors(folder, count=140, width=96):
    """Vectors on a curve, far outside [0, 1]; the last number never changes."""
    t = noise(count, 1, seed=1)
    values = 50 + 10 * np.sin(np.arange(width) * t + noise(1, width)) + noise(count, width)
    values[:, -1] = 7
    np.save(folder / "images.npy", values.astype(np.float32))
    return folder / "images.npy"


def test_an_overcomplete_autoencoder_learns_plain_vectors(run, tmp_path):
    data, model = vectors(tmp_path), tmp_path / "m.safetensors"
    told = info(run, data)
    assert (told["inputs"], told["range"]) == ([96], None)
    assert "deviation" in told["map"]
    assert "96 numbers" in run("info", data).out
    lines = run("train", "--data", data, "--model", "ae", "--hidden", 128, "--latent", 512,
                "--epochs", 20, "--threads", 1, "--batch", 30, "--json", "--out", model).lines
    assert lines[-1]["test_loss"] < 0.5 * lines[0]["test_loss"]
    shapes = {name: tensor.shape for name, tensor in load_file(model).items()}
    assert shapes["encoder.0.weight"] == (128, 96) and shapes["encoder.2.weight"] == (512, 128)
    assert shapes["decoder.0.weight"] == (128, 512) and shapes["decoder.2.weight"] == (96, 128)
    assert run("info", model, "--json").lines[0]["scaling"] is True

    numpy = Model(model)
    assert numpy.scaling[1][-1] == 1   # of what never changes
    codes = np.concatenate([codes_of(run, model, data, tmp_path, "--split", split)
                            for split in ("train", "test")])
    expected, _ = numpy.encode(numpy.scaled(np.load(data)))
    order = [np.abs(expected - row).sum(1).argmin() for row in codes]
    assert sorted(order) == list(range(140))
    assert codes == pytest.approx(expected[order], rel=1e-3, abs=1e-3)
    figures, = run("eval", model, "--data", data, "--threads", 1, "--json").lines
    test = numpy.scaled(np.load(data))[order[120:]]
    # What never changes is not scored.
    off = (numpy.decode(expected[order[120:]]) - test)[:, :-1]
    assert figures["mse"] == pytest.approx((off**2).mean(), rel=1e-3)
    run("decode", model, "--z", ",".join(["0.1"] * 512), "--out", tmp_path / "a.png")
    assert_same_pictures(tiles(tmp_path / "a.png", 1, 96)[0],
                         numpy.decoded_picture(np.full(512, 0.1)))


@pytest.mark.parametrize("kind", ["vae", "dae", "pca"])
def test_each_kind_that_can_learns_plain_vectors(run, tmp_path, kind):
    data, model = vectors(tmp_path), tmp_path / "m.safetensors"
    run("train", "--data", data, "--model", kind, "--latent", 3,
        *(TRAIN if kind != "pca" else TRAIN_PCA), "--out", model)
    numpy = Model(model)
    z = [0.5, -1, 2]
    run("decode", model, "--z", "0.5,-1,2", "--out", tmp_path / "a.png")
    assert_same_pictures(tiles(tmp_path / "a.png", 1, 96)[0], numpy.decoded_picture(z))
    figures, = run("eval", model, "--data", data, "--threads", 1, "--json").lines
    assert figures["mse"] > 0 and (figures["elbo"] is not None) == (kind == "vae")


def test_vectors_outside_the_unit_interval_are_not_for_bernoulli(refused, tmp_path):
    data = vectors(tmp_path)
    refused("train", "--data", data, "--likelihood", "bernoulli", *TRAIN, "--out", tmp_path / "m",
            code=1, says=["bernoulli", "gaussian"])
    assert not (tmp_path / "m").exists()


def test_vectors_can_be_read_as_images(run, refused, tmp_path):
    np.save(tmp_path / "v.npy", noise(70, 64))
    assert info(run, tmp_path / "v.npy")["inputs"] == [64]
    assert info(run, tmp_path / "v.npy", "--image-size", "4x16")["inputs"] == [4, 16, 1]
    refused("info", tmp_path / "v.npy", "--image-size", "8x9", code=1, says=["64", "8.9"])
    model = tmp_path / "m.safetensors"
    run("train", "--data", tmp_path / "v.npy", "--image-size", "8x8", "--network", "conv", *TRAIN,
        "--out", model)
    run("sample", model, "--count", 4, "--out", tmp_path / "a.png")
    assert png_size(tmp_path / "a.png") == (16, 16, 8, 0)


# ---- Pictures ------------------------------------------------------------------------------------

def pictures(folder, mode="L", ending="png", size=(20, 20), count=7, classes=("cat", "dog")):
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            grey = (noise(*reversed(size), seed=number * count + i) * 200).astype(np.uint8)
            Image.fromarray(grey).convert(mode).save(folder / name / f"{i}.{ending}")
    return folder


@pytest.mark.parametrize("mode, ending, channels", [
    ("L", "png", 1), ("RGB", "png", 3), ("RGBA", "png", 3), ("L", "jpg", 1), ("RGB", "jpeg", 3),
    ("RGB", "bmp", 3), ("L", "tga", 1)])
def test_a_folder_of_pictures_is_data(run, tmp_path, mode, ending, channels):
    data = pictures(tmp_path / "pets", mode, ending)
    told = info(run, data)
    assert (told["format"], told["classes"]) == ("a folder of pictures", ["cat", "dog"])
    assert (told["training"], told["test"], told["inputs"]) == (12, 2, [20, 20, channels])


@pytest.mark.parametrize("mode, colour_type", [("L", 0), ("RGBA", 2)])
def test_a_folder_of_pictures_trains(run, tmp_path, mode, colour_type):
    data = pictures(tmp_path / "pets", mode)
    run("train", "--data", data, "--model", "cvae", *TRAIN, "--out", tmp_path / "m")
    run("sample", tmp_path / "m", "--count", 4, "--label", 1, "--out", tmp_path / "a.png")
    assert png_size(tmp_path / "a.png") == (40, 40, 8, colour_type)


def test_pictures_come_as_they_are_or_resized(run, tmp_path):
    data = pictures(tmp_path / "pets", size=(20, 12))
    model, out = tmp_path / "m", tmp_path / "a.png"
    run("train", "--data", data, "--model", "pca", *TRAIN_PCA, "--out",
        model)
    run("reconstruct", model, "--data", data, "--out", out)
    files = [np.asarray(Image.open(path)).ravel() for path in data.glob("*/*.png")]
    assert tiles(out, 12, 20).shape[:2] == (2, 2)   # all that the test split has
    for shown in tiles(out, 12, 20)[0]:
        assert any((shown == file).all() for file in files)
    assert info(run, data, "--image-size", "16x8")["inputs"] == [16, 8, 1]
    run("train", "--data", data, "--image-size", "16x8", "--model", "pca", *TRAIN_PCA, "--out",
        model, "--replace")
    run("manifold", model, "--grid", 3, "--out", out)
    assert png_size(out) == (24, 48, 8, 0)


def test_resized_is_refused_where_the_data_have_their_size(refused, tmp_path):
    images = (noise(20, 8, 8) * 255).astype(np.uint8)
    data = idx_folder(tmp_path / "data", images[:15], images[15:])
    refused("train", "--data", data, "--image-size", "28x28", *TRAIN, code=1, says=["8x8", "28x28"])


# ---- Words ---------------------------------------------------------------------------------------

def test_the_readme_and_the_help_say_the_same_of_each_format(run):
    told = run("info", "--help").out.split("\n\n")[-1].strip().splitlines()
    readme = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
    table = readme.split("| data | what it is |\n| --- | --- |\n")[1].split("\n\n")[0]
    rows = [line.strip("| ").replace(" | ", ": ", 1) for line in table.splitlines()]
    assert len(told) >= 8 and set(rows) <= set(told)
    assert run("train", "--help").out.rstrip().endswith("\n".join(told))


def test_a_source_that_is_no_data_is_told_every_format(run, refused, tmp_path):
    told = run("info", "--help").out.split("\n\n")[-1].strip().splitlines()
    sources = [line.split(": ", 1)[0] for line in told]
    refused("train", "--data", tmp_path / "absent", *TRAIN, code=1, says=sources)
    refused("info", tmp_path / "absent", code=1, says=sources)


# ---- Broken data ---------------------------------------------------------------------------------

def refused_data(refused, data, out, *says):
    """They are refused in one line, and no file is left."""
    before = set(out.parent.rglob("*"))
    refused("train", "--data", data, *TRAIN, "--out", out, code=1, says=says)
    assert set(out.parent.rglob("*")) == before


def refused_everywhere(refused, data, model, out, *says):
    """The same by each command that reads data."""
    before = set(out.parent.rglob("*"))
    refused_data(refused, data, out, *says)
    refused("info", data, code=1, says=says)
    refused("classify", model, "--data", data, "--mode", "frozen", "--threads", 1, code=1,
            says=says)
    refused("manifold", model, "--data", data, "--out", f"{out}.png", code=1, says=says)
    refused("eval", model, "--data", data, "--threads", 1, code=1, says=says)
    refused("encode", model, "--data", data, "--out", f"{out}.csv", code=1, says=says)
    refused("reconstruct", model, "--data", data, "--out", f"{out}.png", code=1, says=says)
    refused("interpolate", model, "--data", data, "--from", "test:0", "--to", "test:1", "--out",
            f"{out}.gif", code=1, says=says)
    assert set(out.parent.rglob("*")) == before


@pytest.mark.parametrize("content", [
    struct.pack(">IIII", 0x12345678, 60, 28, 28) + bytes(60 * 784),
    gzip.compress(struct.pack(">IIII", 0x803, 60, 28, 28) + bytes(60 * 784))[:-12],
], ids=["wrong magic", "truncated gzip"])
def test_a_broken_idx_file_is_named(refused, tmp_path, content):
    images = np.zeros((10, 28, 28), np.uint8)
    data = idx_folder(tmp_path / "data", images, images, labels=False)
    (data / "train-images-idx3-ubyte").write_bytes(content)
    refused_data(refused, data, tmp_path / "m", "train-images-idx3-ubyte")


def broken_arrays():
    images = noise(10, 28, 28).astype(np.float32)
    with_nan = images.copy()
    with_nan[3, 4, 5] = np.nan
    with_infinity = images.copy()
    with_infinity[3, 4, 5] = -np.inf
    return {"objects": (np.array([[1, "a"], [None, 2]], dtype=object), "object"),
            "NaN": (with_nan, "3"), "infinity": (with_infinity, "3"),
            "complex": (images.astype(np.complex64), "complex"),
            "five channels": (noise(10, 28, 28, 5), "5"),
            "no rows": (np.zeros((0, 28, 28), np.uint8), "."),
            "one number": (np.float32(1), "."),
            "structured": (np.zeros(10, [("a", "f4"), ("b", "u1")]), ".")}


@pytest.mark.parametrize("name", broken_arrays())
def test_a_broken_npy_array_is_named(refused, tmp_path, name):
    array, says = broken_arrays()[name]
    np.save(tmp_path / "images.npy", array, allow_pickle=True)
    refused_data(refused, tmp_path / "images.npy", tmp_path / "m", r"images\.npy", says)


def test_an_npy_file_that_is_cut_short_or_lies_is_named(run, refused, tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, noise(10, 8, 8))
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:60], whole[:8], whole + b"\0",
                    whole.replace(b"(10, 8, 8)", b"(99, 8, 8)"),
                    whole.replace(b"(10, 8, 8)", b"(1, 8, -8)")):
        path.write_bytes(content)
        refused("info", path, code=1, says=r"images\.npy")
    path.write_bytes(whole)
    assert info(run, path)["training"] + info(run, path)["test"] == 10


def test_an_empty_folder_says_what_would_be_right(refused, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    refused_data(refused, empty, tmp_path / "m", "empty", "images")
    (empty / "notes.txt").write_text("no picture")
    refused("train", "--data", empty, *TRAIN, code=1, says="empty")


def test_a_picture_that_is_none_is_named(refused, models, tmp_path):
    data = pictures(tmp_path / "pets", count=4)
    whole = (data / "cat" / "2.png").read_bytes()
    for content in (b"", whole[:60]):
        (data / "cat" / "2.png").write_bytes(content)
        refused_data(refused, data, tmp_path / "m", r"cat.2\.png")
    (data / "cat" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    refused_everywhere(refused, data, models["ae"], tmp_path / "m", r"cat.2\.png")


def test_labels_must_fit_the_images(refused, tmp_path):
    np.save(tmp_path / "images.npy", noise(10, 8, 8))
    for labels in (np.arange(9), np.arange(10) - 1, np.arange(10) + 0.5, np.arange(10) * 10**6):
        np.save(tmp_path / "labels.npy", labels)
        refused("info", tmp_path, code=1, says=r"labels\.npy")
    np.save(tmp_path / "labels.npy", np.arange(10))
    (tmp_path / "labels.txt").write_text("only\ntwo\n")
    refused("info", tmp_path, code=1, says=r"labels\.txt")


def test_ten_classes_asked_of_a_model_with_three(run, refused, tmp_path):
    for name, classes in (("three", 3), ("ten", 10)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "images.npy", noise(70, 8, 8))
        np.save(tmp_path / name / "labels.npy", np.arange(70) % classes)
    model, out = tmp_path / "m.safetensors", tmp_path / "a.png"
    run("train", "--data", tmp_path / "three", "--model", "cvae", *TRAIN, "--out", model)
    said = ["3 classes", "ten has 10"]
    data = ["--data", tmp_path / "ten"]
    refused("eval", model, *data, "--threads", 1, code=1, says=said)
    refused("encode", model, *data, "--out", f"{out}.csv", code=1, says=said)
    refused("reconstruct", model, *data, "--out", out, code=1, says=said)
    refused("interpolate", model, *data, "--from", "test:0", "--to", "test:1", "--out", out,
            code=1, says=said)
    refused("decode", model, "--z", "0,0", "--label", 9, "--out", out, code=2, says="0 to 2")
    refused("sample", model, "--label", 3, "--out", out, code=2, says="0 to 2")
    refused("manifold", model, "--label", 3, "--out", out, code=2, says="0 to 2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "ten", "three"]


def test_a_file_that_is_no_data_is_named(refused, models, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("neither")
    refused("info", path, code=1, says=["notes.txt", "neither a model"])
    refused("train", "--data", path, *TRAIN, code=1, says="notes.txt")
    refused("train", "--data", models["ae"], *TRAIN, code=1, says="ae.safetensors")


def test_the_explorer_takes_data_of_every_form(refused, tmp_path):
    """Told apart by content before the window opens: --latent does not fit a saved model only."""
    np.save(tmp_path / "v.npy", noise(10, 64))
    gone = tmp_path / "gone"
    gone.mkdir()
    for source in (tmp_path / "v.npy", gone, "mnist", "synthetic"):
        refused("explore", source, "--data", "synthetic", code=2, says="both data")


# ---- What else lies in a folder ------------------------------------------------------------------

def test_a_folder_that_fits_several_formats_says_which_is_taken(run, digits, tmp_path):
    data = tmp_path / "both"
    shutil.copytree(digits, data)
    assert run("info", data).err.count("note") == 0
    np.save(data / "images.npy", np.zeros((40, 8, 8), np.uint8))
    result = run("info", data, "--json")
    assert result.lines[0]["inputs"] == [28, 28, 1]
    assert result.lines[0]["left_out"] == ["taken as a folder of IDX files; it is a folder of NPY files too, "
                                           "which is left out"]
    note = run("train", "--data", data, "--epochs", 1, "--threads", 1, "--out", tmp_path / "m").err
    assert note.count("it is a folder of NPY files too, which is left out") == 1


def test_compressed_files_with_other_contents_are_said_to_be_left_out(run, digits, tmp_path):
    data = tmp_path / "both"
    shutil.copytree(digits, data)
    name = "train-images-idx3-ubyte"
    (data / f"{name}.gz").write_bytes(gzip.compress((data / name).read_bytes()))
    assert run("info", data, "--json").lines[0]["left_out"] == []   # the same digits
    (data / f"{name}.gz").write_bytes(gzip.compress((data / name).read_bytes()[:-1] + b"x"))
    assert run("info", data, "--json").lines[0]["left_out"] == [
        f"{name} is taken; {name}.gz, whose contents are others, is left out"]


def test_a_few_pictures_beside_data_are_no_data(run, digits, tmp_path):
    data = tmp_path / "both"
    shutil.copytree(digits, data)
    for i in range(12):
        Image.new("L", (8, 8)).save(data / f"result{i}.png")
        expected = 1 if i >= 9 else 0
        if i in (0, 8, 9, 11):
            assert len(run("info", data, "--json").lines[0]["left_out"]) == expected
