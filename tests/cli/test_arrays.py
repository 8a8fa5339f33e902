"""Files of several arrays, as libraries of Python write them, through the binary."""

import gzip
import struct
import zipfile

import numpy as np
import pytest

TRAIN = ["--epochs", "1", "--threads", "1", "--batch", "16", "--hidden", "8"]


def pictures(count, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def told(run, data, *args):
    line, = run("info", data, *args, "--json").lines
    return line


def codes(run, model, data, folder, split="all"):
    run("encode", model, "--data", data, "--split", split, "--out", folder / "codes.npy")
    return np.load(folder / "codes.npy")


def npy_folder(folder, **arrays):
    folder.mkdir()
    for name, array in arrays.items():
        np.save(folder / f"{name.replace('_', '-')}.npy", array)
    return folder


# ---- NPZ -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("names", [
    ("x_train", "y_train", "x_test", "y_test"),                             # Keras
    ("train_images", "train_labels", "test_images", "test_labels"),         # MedMNIST
    ("trainX", "trainY", "testX", "testY"),
])
def test_an_npz_is_read_as_its_arrays_by_themselves(run, tmp_path, save, names):
    train, test = pictures(30, 6, 5, 3), pictures(10, 6, 5, 3, seed=1)
    labels = np.arange(40) % 3
    plain = npy_folder(tmp_path / "plain", train_images=train, train_labels=labels[:30], test_images=test,
                       test_labels=labels[30:])
    # Of which MedMNIST's labels are columns, and torch's pictures have the channels first.
    save(tmp_path / "data.npz", **dict(zip(names, (
        train.transpose(0, 3, 1, 2), labels[:30, None].astype(np.uint8), test.transpose(0, 3, 1, 2),
        labels[30:, None].astype(np.uint8)))))
    model = tmp_path / "m.safetensors"
    run("train", "--data", plain, *TRAIN, "--out", model)
    for split in ("train", "test"):
        wanted = codes(run, model, plain, tmp_path, split)
        assert (codes(run, model, tmp_path / "data.npz", tmp_path, split) == wanted).all()
    one, other = told(run, tmp_path / "data.npz"), told(run, plain)
    assert one.pop("format") == "an .npz file" and other.pop("format") == "a folder of NPY files"
    assert one == other


def test_the_inputs_of_an_npz_can_be_named(run, refused, tmp_path):
    data = tmp_path / "sets.npz"
    np.savez(data, small=pictures(20, 4, 4), large=pictures(22, 6, 6), labels=np.arange(22) % 2,
             nothing=np.array([{"an": "object"}], dtype=object))
    asked = refused("info", data, code=1, says=["several arrays that may be the inputs", "sets.npz:KEY"])
    assert r"small, [20, 4, 4] of uint8; large, [22, 6, 6] of uint8; labels, [22] of int64" in asked
    large = told(run, f"{data}:large")
    assert (large["inputs"], large["training"] + large["test"], large["classes"]) == ([6, 6, 1], 22, ["0", "1"])
    out = run("info", f"{data}:large").out
    assert f"source       {data}:large\n" in out and "large holds the inputs, labels their labels" in out
    assert large["left_out"][1:] == ["small, [20, 4, 4] of uint8"] and "Python objects" in large["left_out"][0]
    refused("info", f"{data}:huge", code=1, says=["no array 'huge'", r"small, \[20, 4, 4\] of uint8"])
    refused("info", f"{data}:nothing", code=1, says="Python objects")
    # What was trained so is resumed and evaluated so.
    run("train", "--data", f"{data}:large", *TRAIN, "--out", tmp_path / "m", "--checkpoint", tmp_path / "c")
    assert codes(run, tmp_path / "m", f"{data}:large", tmp_path).shape == (22, 4)


def test_arrays_of_a_group_are_known_by_their_own_names(run, tmp_path):
    np.savez(tmp_path / "data.npz", **{"pics/images": pictures(30, 6, 5), "pics/label": np.arange(30) % 3,
                                       "pics/other": np.arange(4)})
    seen = told(run, tmp_path / "data.npz")
    assert (seen["inputs"], seen["classes"]) == ([6, 5, 1], ["0", "1", "2"])
    assert seen["left_out"] == ["pics/other, [4] of int64"]


def test_positional_arrays_of_an_npz_are_inputs_and_labels(run, tmp_path):
    np.savez(tmp_path / "data.npz", pictures(20, 4, 4), np.eye(4)[np.arange(20) % 4])
    found = told(run, tmp_path / "data.npz")
    assert (found["inputs"], found["classes"]) == ([4, 4, 1], ["0", "1", "2", "3"])


def test_an_npz_of_dsprites_kind_has_factors(run, tmp_path):
    values = np.random.default_rng(0).random((20, 6))
    np.savez_compressed(tmp_path / "data.npz", metadata=np.array({"title": "dSprites"}),
                        imgs=pictures(20, 4, 4) % 2, latents_values=values, latents_classes=values.astype(int))
    found = told(run, tmp_path / "data.npz")
    assert (found["inputs"], found["range"]) == ([4, 4, 1], [0, 1])
    assert [sentence.split(",")[0] for sentence in found["left_out"][1:]] == ["latents_classes"]
    assert found["factors"] == [f"latents_values {i}" for i in range(1, 7)]


def test_a_damaged_npz_is_refused_in_a_line(run, refused, tmp_path):
    good = tmp_path / "good.npz"
    np.savez_compressed(good, images=pictures(20, 8, 8), labels=np.arange(20) % 2)
    content = good.read_bytes()
    bad = tmp_path / "bad.npz"
    for size in (4, 100, len(content) // 2, len(content) - 1):
        bad.write_bytes(content[:size])
        refused("info", bad, code=1, says=r"bad\.npz")
    # A byte of the packed pictures: the checksum, or deflate itself, notices.
    bad.write_bytes(content[:400] + bytes([content[400] ^ 0x55]) + content[401:])
    refused("info", bad, code=1, says=[r"bad\.npz", "damaged"])
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_BZIP2) as archive:
        archive.write(tmp_path / "good.npz", "images.npy")
    refused("info", bad, code=1, says="another method than deflate")
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    refused("info", bad, code=1, says="no array that zscape reads: readme.txt")


# ---- IDX -----------------------------------------------------------------------------------------

IDX_TYPES = {"u1": 8, "i1": 9, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def write_idx(path, array):
    """An IDX file of any type of the format; compressed where the name says so."""
    array = np.asarray(array)
    content = struct.pack(f">HBB{array.ndim}I", 0, IDX_TYPES[array.dtype.str[1:]], array.ndim, *array.shape)
    content += array.astype(array.dtype.newbyteorder(">")).tobytes()
    with (gzip.open if str(path).endswith(".gz") else open)(path, "wb") as file:
        file.write(content)


@pytest.mark.parametrize("names", [
    ("train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
    ("emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz",
     "emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte.gz"),
    ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int.gz", "qmnist-test-images-idx3-ubyte.gz",
     "qmnist-test-labels-idx2-int"),
    ("test-images-idx3-ubyte", "test-labels-idx1-ubyte", None, None),
])
def test_idx_files_are_known_by_any_of_their_names(run, refused, tmp_path, names):
    images, labels = pictures(40, 7, 5), np.arange(40, dtype=np.uint8) % 3
    wide = "qmnist" in names[0]
    label_array = np.column_stack([labels, *np.random.default_rng(0).integers(0, 9, (7, 40))]).astype(np.int32) \
        if wide else labels
    folder, plain = tmp_path / "data", tmp_path / "plain"
    folder.mkdir()
    ends = [(0, 30), (30, 40)] if names[2] else [(0, 40)]
    for (first, last), inputs, answers in zip(ends, names[::2], names[1::2]):
        write_idx(folder / inputs, images[first:last])
        write_idx(folder / answers, label_array[first:last])
    if names[2]:
        npy_folder(plain, train_images=images[:30], train_labels=labels[:30], test_images=images[30:],
                   test_labels=labels[30:])
    else:
        npy_folder(plain, images=images, labels=labels)
    model = tmp_path / "m.safetensors"
    run("train", "--data", plain, *TRAIN, "--out", model)
    for source in (folder, folder / names[0]):
        found, wanted = told(run, source), told(run, plain)
        assert found.pop("format") == ("a folder of IDX files" if source == folder else "an IDX file")
        wanted.pop("format")
        assert found == wanted
        for split in ("train", "test"):
            assert (codes(run, model, source, tmp_path, split) == codes(run, model, plain, tmp_path, split)).all()
    if wide:
        assert "the first column of the labels" in run("info", folder).out
    # Another set beside it: one of them must be named.
    write_idx(folder / "other-train-images-idx3-ubyte", images)
    if "emnist" in names[0]:
        refused("info", folder, code=1, says=["several sets", names[0], "other-train-images-idx3-ubyte"])
        assert told(run, folder / names[0])["training"] == 30


@pytest.mark.parametrize("dtype", list(IDX_TYPES))
def test_idx_files_of_every_type_are_read(run, tmp_path, dtype):
    values = np.random.default_rng(0).integers(0, 100, (21, 6, 4)).astype(dtype)
    write_idx(tmp_path / "any name", values)
    np.save(tmp_path / "plain.npy", values)
    found, plain = told(run, tmp_path / "any name"), told(run, tmp_path / "plain.npy")
    assert (found.pop("format"), plain.pop("format")) == ("an IDX file", "an .npy file")
    assert found == plain and found["type"] == np.dtype(dtype).name
    run("train", "--data", tmp_path / "plain.npy", *TRAIN, "--out", tmp_path / "m")
    assert (codes(run, tmp_path / "m", tmp_path / "any name", tmp_path) ==
            codes(run, tmp_path / "m", tmp_path / "plain.npy", tmp_path)).all()


# ---- Papers' own files ---------------------------------------------------------------------------

def test_larochelles_binarised_digits_are_pictures(run, refused, tmp_path):
    bits = np.random.default_rng(0).integers(0, 2, (36, 8, 8))
    for part, rows in (("train", bits[:20]), ("valid", bits[20:26]), ("test", bits[26:])):
        np.savetxt(tmp_path / f"binarized_mnist_{part}.amat", rows.reshape(-1, 64), fmt="%d")
    plain = npy_folder(tmp_path / "plain", train_images=bits[:20].astype(np.uint8), test_images=bits[26:].astype(np.uint8))
    model = tmp_path / "m.safetensors"
    run("train", "--data", plain, *TRAIN, "--out", model)
    for source in (tmp_path, tmp_path / "binarized_mnist_train.amat"):
        found = told(run, source)
        assert (found["inputs"], found["range"], found["training"], found["test"]) == ([8, 8, 1], [0, 1], 20, 10)
        assert found["left_out"] == ["binarized_mnist_valid.amat: a validation part, and zscape holds out its own"]
        assert (codes(run, model, source, tmp_path, "test") == codes(run, model, plain, tmp_path, "test")).all()
    alone = told(run, tmp_path / "binarized_mnist_test.amat")
    assert alone["training"] + alone["test"] == 10
    # His other sets have floats, and the class last.
    labelled = np.column_stack([np.linspace(0, 1, 20 * 64).reshape(20, 64), np.arange(20) % 4])
    np.savetxt(tmp_path / "rotated.amat", labelled)
    found = told(run, tmp_path / "rotated.amat")
    assert (found["inputs"], found["classes"]) == ([8, 8, 1], ["0", "1", "2", "3"])
    (tmp_path / "bad.amat").write_text("0 1 1 0\n0 1 x 0\n")
    refused("info", tmp_path / "bad.amat", code=1, says=[r"bad\.amat", "'x' in line 2, column 3"])
    (tmp_path / "bad.amat").write_text("0 1 1 0\n0 1 0\n")
    refused("info", tmp_path / "bad.amat", code=1, says=["line 2 has 3 columns, and the first has 4"])


def test_cifars_binary_files_are_pictures(run, refused, tmp_path):
    images, labels = pictures(30, 32, 32, 3), np.arange(30, dtype=np.uint8) % 10
    records = np.column_stack([labels, images.transpose(0, 3, 1, 2).reshape(30, -1)])
    folder = tmp_path / "cifar"
    folder.mkdir()
    for name, rows in (("data_batch_1", records[:8]), ("data_batch_2", records[8:20]), ("test_batch", records[20:])):
        (folder / f"{name}.bin").write_bytes(rows.tobytes())
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    plain = npy_folder(tmp_path / "plain", train_images=images[:20], train_labels=labels[:20], test_images=images[20:],
                       test_labels=labels[20:])
    found, wanted = told(run, folder), told(run, plain)
    assert found["classes"] == names
    for key in ("inputs", "range", "training", "test", "counts"):
        assert found[key] == wanted[key], key
    model = tmp_path / "m.safetensors"
    run("train", "--data", plain, *TRAIN, "--out", model)
    for split in ("train", "test"):
        assert (codes(run, model, folder, tmp_path, split) == codes(run, model, plain, tmp_path, split)).all()
    (folder / "data_batch_2.bin").write_bytes(records[8:20].tobytes()[:-1])
    refused("info", folder, code=1, says=[r"data_batch_2\.bin", "no whole records of 3073"])
    records[9, 0] = 11
    (folder / "data_batch_2.bin").write_bytes(records[8:20].tobytes())
    refused("info", folder, code=1, says=[r"data_batch_2\.bin", "label 11 in record 1"])
