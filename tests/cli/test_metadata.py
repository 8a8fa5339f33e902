"""What the data say of each input beside numbers and label comes along, and nothing is lost or mixed up on the way."""

import csv

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

RANDOM = np.random.default_rng(5)


def told(run, data, *args):
    line, = run("info", data, *args, "--json").lines
    return line


def columns(run, data, *args):
    return {column["name"]: column for column in told(run, data, *args)["metadata"]}


def table(count=40):
    frame = pd.DataFrame(RANDOM.normal(5, 2, (count, 3)), columns=["a", "b", "c"])
    frame["species"] = np.array(["setosa", "virginica"])[np.arange(count) % 2]
    frame["site"] = np.array(["north", "süd", ""])[np.arange(count) % 3]
    frame["note"] = [f"note {i}" for i in range(count)]
    return frame


def test_text_columns_of_a_table_come_along(run, tmp_path):
    path = tmp_path / "flowers.csv"
    frame = table()
    frame.to_csv(path, index=False)
    found = columns(run, path)
    assert list(found) == ["site", "note"]
    assert found["site"] == {"name": "site", "type": "text", "missing": 13, "different": 2}
    assert found["note"]["different"] == 40
    assert told(run, path)["left_out"] == []
    said = run("info", path).out
    assert "metadata" in said and "site (text, 2 different), note (text, 40 different)" in said
    # What may be read as a label, but was not, is metadata, too.
    assert list(columns(run, path, "--label-column", "note")) == ["species", "site"]
    result = run("train", "--data", path, "--model", "pca", "--latent", 2, "--threads", 1)
    assert "metadata, which no network reads: site (text" in result.err


def test_a_column_of_numbers_with_gaps_is_one_of_numbers(run, tmp_path):
    frame = table()
    frame["age"] = [str(i) if i % 2 else "NA" for i in range(40)]
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert columns(run, tmp_path / "a.csv")["age"] == {
        "name": "age", "type": "numbers", "missing": 20, "range": [1, 39]}


def test_at_most_64_columns(run, tmp_path):
    frame = table()
    for i in range(70):
        frame[f"text {i}"] = [f"{i} {row % 5}" for row in range(40)]
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = told(run, tmp_path / "a.csv")
    assert len(found["metadata"]) == 64
    assert len([line for line in found["left_out"] if "64 columns come along at most" in line]) == 8


@pytest.fixture
def arrays(tmp_path):
    folder = tmp_path / "arrays"
    folder.mkdir()
    np.save(folder / "images.npy", RANDOM.integers(0, 256, (40, 6, 5), dtype=np.uint8))
    return folder


def test_a_table_beside_an_array_goes_row_by_row(run, refused, tmp_path, arrays):
    frame = pd.DataFrame({"age": np.arange(40) / 2, "site": ["north", "south"] * 20})
    frame.to_csv(arrays / "metadata.csv", index=False)
    for data in (arrays, arrays / "images.npy"):
        found = told(run, data)
        assert [column["name"] for column in found["metadata"]] == ["age", "site"]
        assert found["metadata"][0]["range"] == [0, 19.5]
    assert "metadata.csv says more of each input, row by row" in run("info", arrays).out
    frame[:39].to_csv(arrays / "metadata.csv", index=False)
    refused("info", arrays, code=1, says=["metadata.csv", "39 rows for 40 inputs"])
    # One whose name does not say that it belongs there is left out where it does not fit.
    (arrays / "metadata.csv").rename(arrays / "other.csv")
    found = told(run, arrays)
    assert not found["metadata"] and any("39 rows for 40 inputs" in line for line in found["left_out"])
    frame.to_csv(arrays / "other.csv", index=False)
    assert list(columns(run, arrays)) == ["age", "site"]
    # A table without a header, and one of a single column.
    frame.to_csv(arrays / "other.csv", index=False, header=False)
    assert list(columns(run, arrays)) == ["1", "2"]
    frame[["site"]].to_csv(arrays / "other.csv", index=False)
    assert list(columns(run, arrays)) == ["site"]


def test_a_table_of_codes_that_zscape_wrote_is_no_metadata(run, tmp_path, arrays):
    run("train", "--data", arrays, "--model", "pca", "--latent", 2, "--threads", 1, "--out", tmp_path / "m.safetensors")
    run("encode", tmp_path / "m.safetensors", "--data", arrays, "--split", "all", "--out", arrays / "codes.csv")
    assert not told(run, arrays)["metadata"]


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for i in range(10):
            Image.fromarray(RANDOM.integers(0, 256, (8, 8), dtype=np.uint8)).save(folder / name / f"{name}{i}.png")
    return folder


@pytest.mark.parametrize("naming", ["path", "name", "stem"])
@pytest.mark.parametrize("place", ["inside", "beside"])
def test_a_table_beside_pictures_names_their_files(run, pictures, naming, place):
    files = sorted(pictures.glob("*/*.png"))
    shown = {"path": lambda file: file.relative_to(pictures).as_posix(), "name": lambda file: file.name,
             "stem": lambda file: file.stem}[naming]
    # In another order than that of the files, with a row too many; every text names its own file.
    rows = [(shown(file), f"owner of {file.stem}", i) for i, file in enumerate(files)] + [("none.png", "nobody", 99)]
    RANDOM.shuffle(rows)
    path = {"inside": pictures / "metadata.csv", "beside": pictures.parent / "pictures.csv"}[place]
    pd.DataFrame(rows, columns=["file_name", "owner", "number"]).to_csv(path, index=False)
    found = told(run, pictures)
    assert [column["name"] for column in found["metadata"]] == ["owner", "number"]
    assert found["metadata"][0]["different"] == 20 and found["metadata"][1]["range"] == [0, 19]
    assert any("its column file_name names the files" in line for line in found["assumed"])
    assert any("1 rows of no input" in line for line in found["left_out"])


def test_each_input_keeps_its_own_row(run, pictures, tmp_path):
    """Through hold-out, --limit and --split all: the file names that encode writes tell."""
    files = sorted(pictures.glob("*/*.png"))
    pd.DataFrame({"file": [file.name for file in files], "owner": [f"owner of {file.stem}" for file in files]}
                 ).to_csv(pictures / "metadata.csv", index=False)
    model = tmp_path / "m.safetensors"
    run("train", "--data", pictures, "--model", "pca", "--latent", 2, "--limit", 12, "--threads", 1, "--out", model)
    for split in ("train", "test", "all"):
        run("encode", model, "--data", pictures, "--split", split, "--out", tmp_path / "codes.csv")
        with open(tmp_path / "codes.csv", newline="") as file:
            lines = list(csv.DictReader(file))
        assert len(lines) == {"train": 18, "test": 2, "all": 20}[split]
        for line in lines:
            assert line["owner"] == f"owner of {line['file'].split('/')[-1].removesuffix('.png')}"


def test_a_file_without_a_row_is_named(run, refused, pictures):
    files = sorted(pictures.glob("*/*.png"))
    lines = pd.DataFrame({"file": [file.name for file in files[:-1]], "owner": "me"})
    lines.to_csv(pictures / "metadata.csv", index=False)
    refused("info", pictures, code=1, says=["metadata.csv", "column file", "dog/dog9.png"])
    # A table beside the folder may be of others.
    (pictures / "metadata.csv").rename(pictures.parent / "metadata.csv")
    found = told(run, pictures)
    assert not found["metadata"] and any("dog9.png" in line for line in found["left_out"])


def test_a_broken_picture_does_not_shift_the_rows(run, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(60):
        Image.fromarray(np.full((8, 8), 4 * i, np.uint8)).save(folder / f"{i:02}.png")
    (folder / "10.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    pd.DataFrame({"number": np.arange(60), "words": [f"word {i}" for i in range(60)]}
                 ).to_csv(folder / "metadata.csv", index=False)
    model = tmp_path / "m.safetensors"
    run("train", "--data", folder, "--model", "pca", "--latent", 1, "--threads", 1, "--out", model)
    run("encode", model, "--data", folder, "--split", "all", "--out", tmp_path / "codes.csv")
    with open(tmp_path / "codes.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 59
    assert all(int(line["file"].removesuffix(".png")) == float(line["number"]) for line in lines)


def test_spare_arrays_of_an_npz(run, tmp_path):
    inputs = RANDOM.random((30, 9)).astype(np.float32)
    np.savez(tmp_path / "a.npz", x=inputs, y=np.arange(30) % 3, age=np.arange(30.0), name=np.array(["p", "q"] * 15),
             flag=np.arange(30) % 2 == 0, column=np.arange(30)[:, None], other=np.zeros(7), wide=np.zeros((30, 4)))
    found = told(run, tmp_path / "a.npz")
    assert {column["name"]: column["type"] for column in found["metadata"]} == {
        "age": "numbers", "name": "text", "flag": "text", "column": "numbers"}
    assert [line.split(",")[0] for line in found["left_out"]] == ["other", "wide"]
    # Of two parts, what both have.
    np.savez(tmp_path / "b.npz", x_train=inputs, x_test=inputs[:5], train_age=np.arange(30.0), test_age=np.arange(5.0),
             train_only=np.arange(30.0))
    found = told(run, tmp_path / "b.npz")
    assert [column["name"] for column in found["metadata"]] == ["age"]
    assert any(line.startswith("train_only") for line in found["left_out"])


def test_obs_of_h5ad(run, tmp_path):
    with h5py.File(tmp_path / "cells.h5ad", "w") as file:
        file["X"] = RANDOM.random((40, 7)).astype(np.float32)
        for name, codes, names in (("cell_type", np.arange(40) % 3, ["a", "b", "c"]),
                                   ("batch", np.arange(40) % 2, ["first", "other"])):
            group = file.create_group(f"obs/{name}")
            group.attrs["encoding-type"] = "categorical"
            group["codes"] = codes.astype(np.int8)
            group["categories"] = names
        file["obs/n_genes"] = np.arange(40)
        file["obs/_index"] = [f"cell {i}" for i in range(40)]
        file["var/_index"] = [f"gene {i}" for i in range(7)]
    found = told(run, tmp_path / "cells.h5ad")
    assert found["classes"] == ["a", "b", "c"] and not found["left_out"]
    kept = {column["name"]: column for column in found["metadata"]}
    assert set(kept) == {"batch", "n_genes", "_index"}
    assert kept["batch"]["different"] == 2 and kept["n_genes"]["range"] == [0, 39]
    found = told(run, f"{tmp_path / 'cells.h5ad'}:batch")
    assert found["classes"] == ["first", "other"]
    assert "cell_type" in [column["name"] for column in found["metadata"]]


SHAPES = ["floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation"]


def shapes(count):
    return np.column_stack([RANDOM.integers(0, 10, count) / 10, RANDOM.integers(0, 10, count) / 10,
                            RANDOM.integers(0, 10, count) / 10, np.linspace(0.75, 1.25, 8)[RANDOM.integers(0, 8, count)],
                            RANDOM.integers(0, 4, count), np.linspace(-30, 30, 15)[RANDOM.integers(0, 15, count)]])


def test_labels_that_are_no_classes_are_factors(run, tmp_path):
    pictures = RANDOM.integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
    for labels, names in ((shapes(40), SHAPES), (RANDOM.random((40, 3)), ["labels 1", "labels 2", "labels 3"]),
                          (RANDOM.random((40, 6)) * 50, [f"labels {i}" for i in range(1, 7)])):
        with h5py.File(tmp_path / "3dshapes.h5", "w") as file:
            file.create_dataset("images", data=pictures, compression="lzf")
            file["labels"] = labels
        found = told(run, tmp_path / "3dshapes.h5")
        assert (found["inputs"], found["classes"], found["factors"]) == ([6, 5, 3], [], names)
        assert not found["left_out"]
    np.savez(tmp_path / "sprites.npz", imgs=RANDOM.integers(0, 2, (40, 8, 8), dtype=np.uint8),
             latents_values=np.column_stack([np.ones(40), RANDOM.integers(1, 4, 40), RANDOM.integers(5, 11, 40) / 10,
                                             RANDOM.random(40) * 6, RANDOM.random(40), RANDOM.random(40)]))
    assert told(run, tmp_path / "sprites.npz")["factors"] == ["color", "shape", "scale", "orientation", "position_x",
                                                               "position_y"]
