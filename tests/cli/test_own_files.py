"""Files as the libraries of other fields write them, each with a trait that zscape once missed: the same codes as from Python's
arrays. Which library writes so stands beside each."""

import bz2
import gzip
import lzma

import h5py
import numpy as np
import pandas
import pytest
import scipy.io
import scipy.sparse
from test_library_files import as_folder, info, same  # noqa: F401
from test_reader_arrays import write_mat73

RANDOM = np.random.default_rng(15)
VECTORS = RANDOM.normal(size=(40, 5)) * [1, 10, 0.1, 5, 100]
PICTURES = RANDOM.integers(0, 256, (40, 6, 5), dtype=np.uint8)   # not symmetrical
LABELS = np.arange(40) * 7 % 3
SPARSE = scipy.sparse.random(40, 21, 0.3, "csc", random_state=3)
PCA = ["--model", "pca", "--latent", 2, "--threads", 1]


def labels_of(run, data, tmp_path, *options):
    """The labels of all inputs by `encode`, in the order of the data."""
    model = tmp_path / "labels.safetensors"
    run("train", "--data", data, *PCA, *options, "--out", model, "--replace")
    run("encode", model, "--data", data, "--split", "all", *options, "--out", tmp_path / "labels.csv")
    return pandas.read_csv(tmp_path / "labels.csv")


class TestCells:
    """anndata's files."""

    @pytest.fixture
    def cells(self, tmp_path):
        with h5py.File(tmp_path / "cells.h5ad", "w") as file:
            file["X"] = VECTORS.astype(np.float32)
            group = file.create_group("obs/cell_type")
            group.attrs["encoding-type"] = "categorical"
            group.create_dataset("codes", data=LABELS.astype(np.int8), compression="lzf")
            # write_h5ad(compression="lzf"): of texts of any length h5py notes no size of a chunk.
            group.create_dataset("categories", data=["ant", "bee", "cow"], compression="lzf")
            for name, kind, values in (("age", "nullable-integer", np.arange(40)),
                                       ("doublet", "nullable-boolean", np.arange(40) % 2 == 0)):
                group = file.create_group(f"obs/{name}")
                group.attrs["encoding-type"] = kind
                group["values"] = values
                group["mask"] = np.arange(40) == 3
        return tmp_path / "cells.h5ad"

    def test_enumerations_are_labels(self, same, tmp_path):  # noqa: F811
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["x"] = PICTURES
            file.create_dataset("y", data=LABELS.astype("i1"), dtype=h5py.enum_dtype({"ant": 0, "bee": 1, "cow": 2}, "i1"))
        same(tmp_path / "a.h5", PICTURES, LABELS)

    def test_texts_packed_by_lzf_are_labels(self, run, same, cells):  # noqa: F811
        same(cells, VECTORS.astype(np.float32), LABELS, ["ant", "bee", "cow"])

    def test_columns_with_missing_values_are_one_each(self, run, cells, tmp_path):
        known = {column["name"]: column for column in info(run, cells)["metadata"]}
        assert known["age"] == {"name": "age", "type": "numbers", "missing": 1, "range": [0, 39]}
        assert (known["doublet"]["type"], known["doublet"]["missing"], known["doublet"]["different"]) == ("text", 1, 2)
        assert set(known) == {"age", "doublet"}
        rows = labels_of(run, cells, tmp_path)
        assert np.isnan(rows["age"][3]) and rows["age"][17] == 17
        assert pandas.isna(rows["doublet"][3]) and [str(x).lower() for x in rows["doublet"][4:6]] == ["true", "false"]


class TestMat:
    def test_sparse_matrices_are_read_as_dense(self, same, tmp_path):  # noqa: F811
        """Cai's sets (fea, gnd) and most of texts; MATLAB's own."""
        scipy.io.savemat(tmp_path / "a.mat", {"fea": SPARSE, "gnd": LABELS[:, None]})
        same(tmp_path / "a.mat", SPARSE.toarray(), LABELS)

    def test_sparse_columns_without_labels(self, same, tmp_path):  # noqa: F811
        scipy.io.savemat(tmp_path / "a.mat", {"words": SPARSE.T.tocsc()}, do_compression=True)
        same(tmp_path / "a.mat", SPARSE.toarray())

    def test_sparse_truths(self, same, tmp_path):  # noqa: F811
        scipy.io.savemat(tmp_path / "a.mat", {"fea": SPARSE.astype(bool), "gnd": LABELS[:, None]})
        same(tmp_path / "a.mat", SPARSE.toarray() != 0, LABELS)

    def test_version_7_3_of_hdf5storage(self, same, tmp_path):  # noqa: F811
        """It notes MATLAB's class as a text of fixed length that nothing ends."""
        with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
            for name, array, kind in (("X", np.moveaxis(PICTURES, 0, -1), "uint8"), ("y", LABELS[:, None], "int64")):
                file[name] = array.T
                file[name].attrs["MATLAB_class"] = np.bytes_(kind)
        with open(tmp_path / "a.mat", "r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM")
        same(tmp_path / "a.mat", PICTURES, LABELS)

    def test_sparse_matrices_of_version_7_3(self, same, tmp_path):  # noqa: F811
        write_mat73(tmp_path / "a.mat", {"gnd": LABELS[:, None]})
        with h5py.File(tmp_path / "a.mat", "r+") as file:
            group = file.create_group("fea")
            group.attrs["MATLAB_class"] = np.bytes_("double")
            group.attrs["MATLAB_sparse"] = np.uint64(SPARSE.shape[0])
            group["data"], group["ir"] = SPARSE.data, SPARSE.indices.astype(np.uint64)
            group["jc"] = SPARSE.indptr.astype(np.uint64)
        same(tmp_path / "a.mat", SPARSE.toarray(), LABELS)

    def test_what_7_3_has_beside_numbers_is_left_out(self, run, tmp_path):
        write_mat73(tmp_path / "a.mat", {"X": VECTORS, "y": LABELS[:, None]})
        with h5py.File(tmp_path / "a.mat", "r+") as file:
            file["note"] = np.frombuffer("ab".encode("utf-16-le"), np.uint16)[:, None]
            file["note"].attrs["MATLAB_class"] = np.bytes_("char")
            file.create_group("s").attrs["MATLAB_class"] = np.bytes_("struct")
            file.create_group("#refs#")
        told = info(run, tmp_path / "a.mat")
        assert (told["training"] + told["test"], told["inputs"]) == (40, [5])
        assert [line.split("'")[1] for line in told["left_out"]] == ["note", "s"]

    def test_a_test_part_beside_a_part_without_a_word(self, run, tmp_path):
        """Omniglot's chardata.mat: data, target, testdata, testtarget."""
        hot = np.eye(3, dtype=np.uint8)[LABELS]
        scipy.io.savemat(tmp_path / "chardata.mat", {"data": VECTORS[:30].T, "target": hot[:30].T,
                                                     "testdata": VECTORS[30:].T, "testtarget": hot[30:].T})
        told = info(run, tmp_path / "chardata.mat")
        assert (told["training"], told["test"], told["left_out"]) == (30, 10, [])
        rows = labels_of(run, tmp_path / "chardata.mat", tmp_path)
        assert list(rows["label"]) == list(LABELS)


class TestLabelsOfTheirOwn:
    @pytest.mark.parametrize("kind", ["h5", "mat"])
    def test_in_a_file_of_arrays(self, run, refused, tmp_path, kind):
        """PatchCamelyon's labels lie in a file of their own, [count, 1, 1, 1]."""
        labels = tmp_path / f"y.{kind}"
        if kind == "h5":
            with h5py.File(labels, "w") as file:
                file["y"] = LABELS.astype(np.uint8)[:, None, None, None]
        else:
            scipy.io.savemat(labels, {"y": LABELS[None], "other": VECTORS})
        with h5py.File(tmp_path / "x.h5", "w") as file:
            file["x"] = PICTURES[..., None]
        rows = labels_of(run, tmp_path / "x.h5", tmp_path, "--labels", labels)
        assert list(rows["label"]) == list(LABELS)
        with h5py.File(tmp_path / "few.h5", "w") as file:
            file["y"] = LABELS[:-1]
        refused("info", tmp_path / "x.h5", "--labels", tmp_path / "few.h5", code=1, says=["few.h5", "no array of 40"])

    def test_of_every_command_that_reads_data(self, run, tmp_path):
        np.save(tmp_path / "x.npy", PICTURES)
        (tmp_path / "y.csv").write_text("".join(f"{'abc'[label]}\n" for label in LABELS))
        data = ["--data", tmp_path / "x.npy", "--labels", tmp_path / "y.csv"]
        model = tmp_path / "m.safetensors"
        run("train", *data, "--model", "cvae", "--latent", 2, "--epochs", 1, "--threads", 1, "--out", model)
        told = run("eval", model, *data, "--json").lines[0]
        assert told["silhouette"] is not None
        plain = tmp_path / "v.safetensors"
        run("train", *data, "--model", "vae", "--latent", 2, "--epochs", 1, "--threads", 1, "--out", plain)
        # Its --labels is a number.
        run("classify", plain, "--data", tmp_path / "x.npy", "--labels-file", tmp_path / "y.csv", "--labels", 3, "--draws", 1,
            "--mode", "frozen", "--threads", 1)
        run("forecast", *data)
        run("reconstruct", model, *data, "--out", tmp_path / "r.png")
        run("interpolate", model, *data, "--from", "train:0", "--to", "train:1", "--out", tmp_path / "i.png")

    def test_a_checkpoint_finds_them_from_another_folder(self, run, tmp_path):
        np.save(tmp_path / "x.npy", PICTURES)
        np.save(tmp_path / "y.npy", LABELS)
        run("train", "--data", "x.npy", "--labels", "y.npy", "--model", "cvae", "--latent", 2, "--epochs", 1, "--threads", 1,
            "--checkpoint", tmp_path / "run", cwd=tmp_path)
        run("train", "--resume", tmp_path / "run", "--epochs", 2, cwd=tmp_path.parent)


class TestHiddenLabels:
    """Sets whose test labels are withheld have −1 in their place."""

    @pytest.fixture
    def hidden(self, tmp_path):
        np.savez(tmp_path / "a.npz", x_train=PICTURES[:30], y_train=LABELS[:30], x_test=PICTURES[30:], y_test=np.full(10, -1))
        return tmp_path / "a.npz"

    def test_they_are_none(self, run, hidden, tmp_path):
        told = info(run, hidden)
        assert told["classes"] == ["0", "1", "2"] and told["counts"]["test"] == [0, 0, 0]
        assert "all −1" in run("info", hidden).out
        rows = labels_of(run, hidden, tmp_path)
        assert list(rows["label"][:30]) == list(LABELS[:30]) and rows["label"][30:].isna().all()
        model = tmp_path / "v.safetensors"
        run("train", "--data", hidden, "--model", "vae", "--epochs", 1, "--threads", 1, "--out", model)
        told = run("eval", model, "--data", hidden, "--json").lines[0]
        assert told["elbo"] is not None and told["silhouette"] is None

    def test_a_model_that_reads_labels_refuses_them(self, refused, hidden):
        refused("train", "--data", hidden, "--model", "cvae", "--epochs", 1, code=1, says="labels")

    def test_one_among_others_is_still_a_mistake(self, refused, tmp_path):
        labels = LABELS.copy()
        labels[5] = -1
        np.savez(tmp_path / "a.npz", x=PICTURES, y=labels)
        refused("info", tmp_path / "a.npz", code=1, says="-1 in row 5")

    def test_of_all_parts_leave_no_class(self, run, tmp_path):
        np.savez(tmp_path / "a.npz", x=PICTURES, y=np.full(40, -1))
        assert info(run, tmp_path / "a.npz")["classes"] == []


class TestTables:
    @pytest.mark.parametrize("pack,ending", [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
    def test_a_packed_table_is_read_as_the_table(self, same, tmp_path, pack, ending):  # noqa: F811
        """pandas packs by the name: to_csv("a.csv.gz")."""
        table = pandas.DataFrame(VECTORS).assign(label=LABELS).to_csv(index=False)
        (tmp_path / f"a.csv.{ending}").write_bytes(pack(table.encode()))
        same(tmp_path / f"a.csv.{ending}", VECTORS, LABELS)

    def test_a_packed_array(self, same, tmp_path):  # noqa: F811
        np.save(tmp_path / "a.npy", PICTURES)
        (tmp_path / "a.npy.gz").write_bytes(gzip.compress((tmp_path / "a.npy").read_bytes()))
        same(tmp_path / "a.npy.gz", PICTURES)

    def test_blanks_between_numbers(self, same, tmp_path):  # noqa: F811
        """numpy.savetxt, and tables of UCI."""
        np.savetxt(tmp_path / "a.txt", VECTORS, fmt="%25.17g")
        same(tmp_path / "a.txt", VECTORS)

    @pytest.mark.parametrize("separator", [" ", ","])
    @pytest.mark.parametrize("header, names", [("a b c d e", list("abcde")), ("of two parts\n\ta b c d e", list("abcde")),
                                               ("made by a program", None)])
    def test_numpys_header_is_a_comment(self, refused, same, tmp_path, separator, header, names):  # noqa: F811
        text = header.replace(" ", separator) if names else header
        np.savetxt(tmp_path / "a.txt", VECTORS, fmt="%.17g", delimiter=separator, header=text)
        same(tmp_path / "a.txt", VECTORS)
        bad = tmp_path / "b.txt"
        bad.write_text((tmp_path / "a.txt").read_text() + separator.join("12x45") + "\n")
        refused("info", bad, code=1, says=f"line {len(bad.read_text().splitlines())}")

    def test_names_of_rows_are_no_labels(self, run, same, tmp_path):  # noqa: F811
        """Genes, patients, shops."""
        table = pandas.DataFrame(VECTORS).assign(gene=[f"ENSG{i:05}" for i in range(40)])
        table.to_csv(tmp_path / "a.csv", index=False)
        told = info(run, tmp_path / "a.csv")
        assert (told["classes"], told["metadata"][0]["name"]) == ([], "gene")
        table.assign(kind=np.array(["a", "b", "c"])[LABELS]).to_csv(tmp_path / "kinds.csv", index=False)
        same(tmp_path / "kinds.csv", VECTORS, LABELS, ["a", "b", "c"])

    def test_a_column_may_be_called_number_sign(self, run, tmp_path):
        pandas.DataFrame(VECTORS, columns=list("abcde")).to_csv(tmp_path / "a.csv", index_label="#")
        assert info(run, tmp_path / "a.csv")["inputs"] == [5]

    def test_utf_16_is_refused_by_name(self, refused, tmp_path):
        pandas.DataFrame(VECTORS).to_csv(tmp_path / "a.csv", encoding="utf-16", index=False)
        refused("info", tmp_path / "a.csv", code=1, says="UTF-16")

    def test_tabs_and_a_word_behind_numbers(self, same, tmp_path):  # noqa: F811
        with open(tmp_path / "b.dat", "w") as file:
            file.writelines("\t".join([*map(repr, map(float, row)), "xyz"[label]]) + " \n" for row, label in zip(VECTORS, LABELS))
        same(tmp_path / "b.dat", VECTORS, LABELS, ["x", "y", "z"])

    @pytest.mark.parametrize("labelled", [True, False])
    def test_columns_that_pandas_counts_are_a_header(self, same, tmp_path, labelled):  # noqa: F811
        """DataFrame(x).to_csv(): the first row is 0, 1, 2 …, which is no input."""
        table = pandas.DataFrame(VECTORS)
        (table.assign(label=LABELS) if labelled else table).to_csv(tmp_path / "pandas.csv", index=labelled)
        same(tmp_path / "pandas.csv", VECTORS, LABELS if labelled else None)

    def test_prose_is_no_table(self, refused, tmp_path):
        (tmp_path / "readme.txt").write_text("These are\nnotes on data\n")
        refused("info", tmp_path / "readme.txt", code=1, says="readme.txt")

    def test_text_that_is_no_utf_8(self, run, tmp_path):
        """Excel in Western Europe. Names that differ in such a letter stay apart."""
        names = np.array(["bär", "bör", "5 €"])
        pandas.DataFrame(VECTORS).assign(art=names[LABELS], ort="Köln").to_csv(tmp_path / "a.csv", encoding="cp1252", index=False)
        told = run("info", tmp_path / "a.csv", "--label-column", "art", "--json").lines[0]
        assert told["classes"] == sorted(names)
        assert "Windows-1252" in run("info", tmp_path / "a.csv", "--label-column", "art").out


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_truths_are_no_dark_pictures_for_a_model_of_floats(run, tmp_path, dtype):
    """A model that learned from 0.0 and 1.0 read those of another type as 0 and 1 of 255."""
    truths = PICTURES > 128
    np.save(tmp_path / "floats.npy", truths.astype(np.float32))
    np.save(tmp_path / "others.npy", truths.astype(dtype))
    model = tmp_path / "m.safetensors"
    run("train", "--data", tmp_path / "floats.npy", *PCA, "--out", model)
    for name in ("floats", "others"):
        run("encode", model, "--data", tmp_path / f"{name}.npy", "--split", "all", "--out", tmp_path / f"{name}-codes.npy")
    assert np.array_equal(np.load(tmp_path / "floats-codes.npy"), np.load(tmp_path / "others-codes.npy"))


def test_a_folder_of_other_files_says_which(refused, tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.dcm").write_bytes(b"x")
    refused("info", tmp_path, code=1, says=[".dcm 3", "it needs one of"])
    for i in range(4):
        np.save(tmp_path / f"{i}.npy", VECTORS)
    refused("info", tmp_path, code=1, says=[".npy 4, .dcm 3", "numpy.stack"])


def test_a_file_of_nothing_else_says_why_it_is_left_out(refused, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (40, 5), "f4", external=[(str(tmp_path / "raw"), 0, h5py.h5f.UNLIMITED)])
    refused("info", tmp_path / "a.h5", code=1, says=["'x' is left out", "other files"])
