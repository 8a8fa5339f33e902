"""HDF5, .h5ad and MAT files through the whole program: the same codes as from the arrays of Python."""

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from test_reader_arrays import write_mat73, write_sparse

RANDOM = np.random.default_rng(8)
# Not symmetrical in any way, and of three sides.
PICTURES = RANDOM.integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
PICTURES[0, 0, 0], PICTURES[0, 1, 0] = 0, 255
LABELS = np.arange(40) % 3


def as_folder(folder, images, labels=None):
    folder.mkdir()
    np.save(folder / "images.npy", images)
    if labels is not None:
        np.save(folder / "labels.npy", labels)
    return folder


def info(run, data):
    line, = run("info", data, "--json").lines
    return line


@pytest.fixture
def same(run, tmp_path):
    """same(data, images, labels, names): inputs and labels of data are those of these arrays, in order."""
    def check(data, images, labels=None, classes=None):
        folder = as_folder(tmp_path / "python", images, labels)
        if ":" not in str(data):
            told, wanted = info(run, data), info(run, folder)
            for key in ("inputs", "training", "test"):
                assert told[key] == wanted[key], key
            assert told["classes"] == (wanted["classes"] if classes is None else classes)
        model = tmp_path / "m.safetensors"
        run("train", "--data", folder, "--model", "pca", "--latent", 3, "--threads", 1, "--out", model)
        codes = []
        for source, name in ((folder, "a.csv"), (data, "b.csv")):
            run("encode", model, "--data", source, "--split", "all", "--out", tmp_path / name)
            codes.append((tmp_path / name).read_text().splitlines())
        if classes is None:
            assert codes[0] == codes[1]
        else:   # the labels have names
            assert len(codes[0]) == len(codes[1]) == len(images) + 1
    return check


@pytest.mark.parametrize("names", [("images", "labels"), ("x", "y"), ("train/data", "train/target")])
def test_hdf5(same, tmp_path, names):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset(names[0], data=PICTURES, chunks=(7, 6, 5, 3), compression="gzip")
        file[names[1]] = LABELS
    same(tmp_path / "a.h5", PICTURES, LABELS)


def test_hdf5_of_two_parts(run, tmp_path):
    with h5py.File(tmp_path / "usps.h5", "w") as file:
        for part, count in (("train", 30), ("test", 10)):
            file[f"{part}/data"] = RANDOM.random((count, 16)).astype(np.float32)
            file[f"{part}/target"] = np.arange(count) % 10
    told = info(run, tmp_path / "usps.h5")
    assert (told["training"], told["test"], len(told["classes"])) == (30, 10, 10)


def test_hdf5_by_key(refused, same, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["first"] = PICTURES
        file["second"] = PICTURES[:, ::-1]
    refused("info", tmp_path / "a.h5", code=1, says=["first", "second", "a.h5:KEY"])
    refused("train", "--data", f"{tmp_path / 'a.h5'}:third", "--model", "pca", code=1, says="no array 'third'")
    same(f"{tmp_path / 'a.h5'}:second", PICTURES[:, ::-1])


@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_h5ad(run, same, tmp_path, kind):
    matrix = scipy.sparse.random(40, 31, 0.2, "csr", dtype=np.float32, random_state=3)
    with h5py.File(tmp_path / "cells.h5ad", "w") as file:
        if kind == "dense":
            file["X"] = matrix.toarray()
        else:
            write_sparse(file.create_group("X"), matrix.asformat(kind), kind)
        for column, names in (("cell_type", ["a", "b", "c"]), ("batch", ["first", "other"])):
            group = file.create_group(f"obs/{column}")
            group.attrs["encoding-type"] = "categorical"
            group["codes"] = LABELS.astype(np.int8) if column == "cell_type" else np.arange(40, dtype=np.int8) % 2
            group["categories"] = names
        file["obs/_index"] = [f"cell {i}" for i in range(40)]
    same(tmp_path / "cells.h5ad", matrix.toarray(), LABELS, ["a", "b", "c"])
    run("encode", tmp_path / "m.safetensors", "--data", f"{tmp_path / 'cells.h5ad'}:batch", "--split", "all",
        "--out", tmp_path / "batch.csv")
    header, *lines = (line.split(",") for line in (tmp_path / "batch.csv").read_text().splitlines())
    assert {line[header.index("label")] for line in lines} == {"0", "1"}


@pytest.mark.parametrize("version", ["5", "7.3"])
class TestMat:
    def write(self, path, version, **arrays):
        if version == "7.3":
            arrays = {name: np.atleast_2d(array) for name, array in arrays.items()}
            write_mat73(path, arrays)
        else:
            scipy.io.savemat(path, arrays, do_compression=True)
        return path

    def test_pictures_along_the_last_axis_as_svhn(self, same, tmp_path, version):
        data = self.write(tmp_path / "a.mat", version, X=np.moveaxis(PICTURES, 0, -1), y=LABELS[:, None])
        same(data, PICTURES, LABELS)

    def test_rows_beside_their_labels(self, same, tmp_path, version):
        vectors = PICTURES.reshape(40, -1)
        data = self.write(tmp_path / "a.mat", version, data=vectors, label=LABELS[None])
        same(data, vectors, LABELS)

    def test_columns_beside_their_labels_as_mnist_original(self, same, tmp_path, version):
        vectors = PICTURES.reshape(40, -1)
        data = self.write(tmp_path / "a.mat", version, data=vectors.T, label=LABELS[None].astype(np.float64))
        same(data, vectors, LABELS)

    def test_one_hot_labels_in_columns_as_omniglot(self, same, tmp_path, version):
        vectors = PICTURES.reshape(40, -1)
        data = self.write(tmp_path / "a.mat", version, data=vectors.T, target=np.eye(3, dtype=np.uint8)[LABELS].T)
        same(data, vectors, LABELS)

    def test_columns_without_labels_as_frey_faces(self, run, same, tmp_path, version):
        vectors = PICTURES.reshape(40, -1)
        data = self.write(tmp_path / "frey.mat", version, ff=vectors.T)
        same(data, vectors)


@pytest.mark.parametrize("name", ["a.h5", "a.mat"])
def test_a_cut_file_is_refused_in_a_line(refused, tmp_path, name):
    if name == "a.h5":
        with h5py.File(tmp_path / name, "w") as file:
            file["images"] = PICTURES
    else:
        scipy.io.savemat(tmp_path / name, {"X": PICTURES})
    whole = (tmp_path / name).read_bytes()
    for length in (len(whole) // 2, 600, 200):
        (tmp_path / name).write_bytes(whole[:length])
        refused("info", tmp_path / name, code=1, says=name)
