"""Arrays of HDF5 and MAT files, as zscape-read sends them, are those of h5py and SciPy to the bit."""

import os

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from reader_client import Reader, Refused, read_all

BINARY = os.environ["ZSCAPE_BINARY"]
RANDOM = np.random.default_rng(4)
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64"]


def numbers(type, shape=(7, 3, 2)):
    bits = RANDOM.integers(0, 256, (*shape, np.dtype(type).itemsize), dtype=np.uint8)
    array = bits.view(type).reshape(shape)
    return np.nan_to_num(array) if np.dtype(type).kind == "f" else array


def same(ours, theirs):
    theirs = np.asarray(theirs)
    return (ours.dtype.kind == theirs.dtype.kind and ours.dtype.itemsize == theirs.dtype.itemsize
            and ours.shape == theirs.shape and np.array_equal(ours, theirs))


@pytest.mark.parametrize("order", "<>")
def test_hdf5_of_all_types(tmp_path, order):
    path = tmp_path / "a file é.h5"
    arrays = {type: numbers(type) for type in TYPES}
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(f"group/{name}", data=array.astype(array.dtype.newbyteorder(order)))
        file["flags"] = arrays["uint8"] > 100
        file["single"] = np.float32(2.5)
        file["no rows"] = np.zeros((0, 3), np.int16)
        file["names"] = ["ä", "", "long name"]
        file["fixed"] = np.array([b"one", b"", b"three"])
    read, notes = read_all(BINARY, "hdf5", path)
    assert not notes
    for name, array in arrays.items():
        assert same(read[f"group/{name}"], array), name
    assert same(read["flags"], arrays["uint8"] > 100)
    assert same(read["single"], np.float32(2.5))
    assert same(read["no rows"], np.zeros((0, 3), np.int16))
    assert read["names"].tolist() == ["ä", "", "long name"]
    assert read["fixed"].tolist() == ["one", "", "three"]


@pytest.mark.parametrize("options", [
    {"chunks": (64, 5, 4)},
    {"chunks": (3, 20, 30), "compression": "gzip", "shuffle": True, "fletcher32": True},
    {"chunks": (1000, 20, 30), "compression": "gzip", "compression_opts": 9},
    {"chunks": True, "scaleoffset": 0},
    {"maxshape": (None, 20, 30)},
])
def test_hdf5_in_chunks_and_slices(tmp_path, options):
    array = RANDOM.integers(0, 60000, (1000, 20, 30), dtype=np.uint16)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("X", data=array, **options)
    with Reader(BINARY) as reader:
        reader.list("hdf5", tmp_path / "a.h5")
        assert same(reader.read("X"), array)
        for first, rows in [(0, 1), (999, 1), (37, 130), (500, 0)]:
            assert same(reader.read("X", first=first, rows=rows), array[first:first + rows])
        with pytest.raises(Refused, match="has fewer rows|fewer rows"):
            reader.read("X", first=990, rows=11)


def test_hdf5_follows_no_links_and_no_plug_ins(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.arange(5)
    np.arange(6, dtype=np.uint8).tofile(tmp_path / "raw")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["own"] = np.arange(4)
        file["soft"] = h5py.SoftLink("/own")
        file["external"] = h5py.ExternalLink("other.h5", "secret")
        file["circle/inner"] = file["/"]
        file.create_dataset("outside", (6,), np.uint8, external=[(str(tmp_path / "raw"), 0, 6)])
        layout = h5py.VirtualLayout((5,), int)
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "secret", (5,))
        file.create_virtual_dataset("virtual", layout)
        file["reference"] = np.array([file["own"].ref], h5py.ref_dtype)
        file["pairs"] = np.zeros(3, [("a", "f4"), ("b", "i4")])
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((9, 9))
        properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))   # Zstandard, which no library here has
        h5py.h5d.create(file.id, b"plug-in", h5py.h5t.NATIVE_DOUBLE, h5py.h5s.create_simple((9, 9)), properties)
    read, notes = read_all(BINARY, "hdf5", tmp_path / "a.h5")
    assert not any("secret" in name or name in ("soft", "external", "outside", "virtual", "reference", "pairs")
                   for name in read)
    assert same(read["own"], np.arange(4))
    text = "\n".join(notes)
    for name in ("outside", "virtual", "reference", "pairs"):
        assert f"'{name}' is left out" in text
    assert "links to other places are not followed" in text
    assert "'plug-in' is left out: it is packed by the filter 32015" in text


@pytest.mark.parametrize("type", ["uint8", "uint16", "float64"])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("kind", ["zeros", "runs", "steps", "noise"])
def test_hdf5_packed_by_lzf(tmp_path, type, shuffle, kind):
    array = {"zeros": np.zeros((300, 41)), "runs": np.repeat(RANDOM.integers(0, 200, (300, 1)), 41, axis=1),
             "steps": np.arange(300 * 41).reshape(300, 41) // 7 % 251, "noise": RANDOM.integers(0, 256, (300, 41))}[kind]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("X", data=array.astype(type), chunks=(37, 41), compression="lzf", shuffle=shuffle,
                            fletcher32=shuffle)
    read, notes = read_all(BINARY, "hdf5", tmp_path / "a.h5")
    assert not notes and same(read["X"], array.astype(type))


def write_sparse(group, matrix, kind):
    group.attrs["encoding-type"] = f"{kind}_matrix"
    group.attrs["encoding-version"] = "0.1.0"
    group.attrs["shape"] = matrix.shape
    for name in ("data", "indices", "indptr"):
        group.create_dataset(name, data=getattr(matrix, name), compression="gzip")


@pytest.mark.parametrize("kind", ["csr", "csc"])
@pytest.mark.parametrize("type", ["float32", "float64", "int32"])
def test_h5ad_sparse_matrices_and_categories(tmp_path, kind, type):
    matrix = scipy.sparse.random(50, 31, 0.15, kind, dtype=np.float64, random_state=3)
    matrix.data = np.round(matrix.data * 1000).astype(type)
    codes = np.array([2, 0, 1, -1, 2] * 10, np.int8)
    with h5py.File(tmp_path / "cells.h5ad", "w") as file:
        write_sparse(file.create_group("X"), matrix, kind)
        column = file.create_group("obs/cell_type")
        column.attrs["encoding-type"] = "categorical"
        column["codes"] = codes
        column["categories"] = ["T cell", "B cell", "β"]
        file["obs/louvain"] = np.abs(codes)   # as older files have it
        file["obs/__categories/louvain"] = [10, 20, 30]
        file["obs/_index"] = [f"cell {i}" for i in range(50)]
    with Reader(BINARY) as reader:
        reader.list("hdf5", tmp_path / "cells.h5ad")
        dense = matrix.toarray().astype(type)
        assert same(reader.read("X"), dense)
        assert same(reader.read("X", first=11, rows=7), dense[11:18])
        assert reader.read("obs/cell_type").tolist() == ["β", "T cell", "B cell", "nan", "β"] * 10
        assert reader.read("obs/louvain").tolist() == ["30", "10", "20", "20", "30"] * 10
        assert reader.read("obs/_index")[49] == "cell 49"


@pytest.mark.parametrize("part, value, sentence", [
    ("indices", [0, 1, 31], "outside of its 2 × 31 places"),
    ("indices", [0, 1, -1], "outside of its"),
    ("indptr", [0, 4, 3], "where its 2 lines begin"),
    ("indptr", [0, 3], "where its 2 lines begin"),
    ("indptr", [1, 2, 3], "where its 2 lines begin"),
    ("data", [1.0], "3 places for 1 values"),
])
def test_a_damaged_sparse_matrix_is_refused(tmp_path, part, value, sentence):
    parts = {"data": [1.0, 2.0, 3.0], "indices": [0, 1, 2], "indptr": [0, 1, 3]} | {part: value}
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"] = "csr_matrix"
        group.attrs["shape"] = (2, 31)
        for name, numbers_ in parts.items():
            group[name] = numbers_
    with pytest.raises(Refused, match=sentence):
        read_all(BINARY, "hdf5", tmp_path / "a.h5")


MAT_TYPES = [type for type in TYPES if type != "float16"]


@pytest.mark.parametrize("compressed", [False, True])
def test_mat_of_all_types(tmp_path, compressed):
    arrays = {type: numbers(type, (4, 3, 5, 2)) for type in MAT_TYPES}
    scipy.io.savemat(tmp_path / "a.mat", arrays | {
        "flags": np.eye(3) > 0, "small": np.arange(6.0).reshape(2, 3), "words": "abc",
        "cell": np.array(["a", "bc"], object), "complex_": np.array([[1j]])}, do_compression=compressed)
    with Reader(BINARY) as reader:
        described = reader.list("mat", tmp_path / "a.mat")
        assert set(described) == {*MAT_TYPES, "flags", "small"}
        assert len(reader.description["notes"]) == 3
        for name in (*MAT_TYPES, "flags", "small"):
            theirs = scipy.io.loadmat(tmp_path / "a.mat")[name]
            theirs = theirs.astype(bool) if name == "flags" else theirs
            for axis in range(theirs.ndim):
                moved = np.moveaxis(theirs, axis, 0)
                assert same(reader.read(name, axis), moved), (name, axis)
                assert same(reader.read(name, axis, first=1, rows=1), moved[1:2])


def write_mat73(path, arrays):
    """As MATLAB writes version 7.3: HDF5 behind a block of 512 bytes, axes in reverse order."""
    classes = {"float64": "double", "float32": "single"}
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            kept = file.create_dataset(name, data=np.asarray(array).T, chunks=True, compression="gzip")
            name = classes.get(array.dtype.name, array.dtype.name).encode()
            text = h5py.h5t.C_S1.copy()   # that ends in a zero, for which there is no room: MATLAB's way
            text.set_size(len(name))
            space = h5py.h5s.create(h5py.h5s.SCALAR)
            h5py.h5a.create(kept.id, b"MATLAB_class", text, space).write(np.array(name), text)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM")


def test_mat_of_version_7_3(tmp_path):
    arrays = {type: numbers(type, (4, 3, 5, 2)) for type in MAT_TYPES} | {"ff": numbers("uint8", (6, 9))}
    write_mat73(tmp_path / "a.mat", arrays)
    with Reader(BINARY) as reader:
        assert set(reader.list("mat", tmp_path / "a.mat")) == set(arrays)
        for name, array in arrays.items():
            for axis in range(array.ndim):
                assert same(reader.read(name, axis), np.moveaxis(array, axis, 0)), (name, axis)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_mat_file_that_ends_in_a_later_variable_is_refused(tmp_path, compressed):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"X": numbers("uint8", (4, 3)), "y": np.arange(4)}, do_compression=compressed)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(Refused, match="is cut short"):
        read_all(BINARY, "mat", path)


def test_what_is_no_such_file_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"not at all" * 100)
    for format in ("hdf5", "mat"):
        with pytest.raises(Refused, match="cannot be opened|holds no variable"):
            read_all(BINARY, format, tmp_path / "a")
