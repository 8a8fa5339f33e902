"""zscape encode: the codes against NumPy on the saved weights, as CSV and as NPY."""

import csv

import numpy as np
import pytest
from networks import Model
from support import KINDS, WITH_PRIOR, idx_inputs


def read_csv(path):
    with open(path, newline="", encoding="ascii") as file:
        header, *rows = csv.reader(file)
    return header, rows


@pytest.mark.parametrize("name", KINDS)
def test_csv_and_npy_hold_the_codes_of_the_weights(run, models, digits, tmp_path, name):
    table, array = tmp_path / "codes.csv", tmp_path / "codes.npy"
    for out in (table, array):
        result = run("encode", models[name], "--data", digits, "--out", out)
        assert result.out == ""
    images, labels = idx_inputs(digits)
    mean, sigma = Model(models[name]).encode(images, labels)
    expected = mean if sigma is None else np.concatenate([mean, sigma], axis=1)
    codes = np.load(array)
    assert codes.dtype == np.float32 and codes.flags.c_contiguous
    assert codes.shape == (100, 6 if name in WITH_PRIOR else 3)
    assert codes == pytest.approx(expected, rel=1e-4, abs=1e-4)

    header, rows = read_csv(table)
    names = [f"{part}_{i}" for part in ("mu", "sigma") for i in (1, 2, 3)]
    assert header == ["index", "split", "row", "label", *names[:codes.shape[1]]]
    assert [int(row[0]) for row in rows] == [int(row[2]) for row in rows] == list(range(100))
    assert {row[1] for row in rows} == {"test"}
    assert [int(row[3]) for row in rows] == list(labels)
    # Each number in the table is that of the array to the bit.
    assert (np.array([row[4:] for row in rows], np.float32) == codes).all()


def test_the_split_can_be_chosen(run, models, digits, tmp_path):
    out = tmp_path / "codes.npy"
    run("encode", models["ae"], "--data", digits, "--split", "train", "--out", out)
    assert np.load(out).shape == (600, 3)
    images, _ = idx_inputs(digits, "train")
    assert np.load(out) == pytest.approx(Model(models["ae"]).encode(images)[0], rel=1e-4, abs=1e-4)


def test_inputs_without_labels_have_an_empty_one(run, models, digits, tmp_path):
    for name in ("train", "t10k"):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(
            (digits / f"{name}-images-idx3-ubyte").read_bytes())
    run("encode", models["pca"], "--data", tmp_path, "--out", tmp_path / "codes.csv")
    _, rows = read_csv(tmp_path / "codes.csv")
    assert {row[3] for row in rows} == {""}


def test_numbers_ignore_the_locale(run, models, digits, tmp_path):
    texts = []
    for locale in ("C", "de_DE.UTF-8"):
        run("encode", models["vae"], "--data", digits, "--out", tmp_path / "codes.csv",
            env={"LC_ALL": locale, "LANG": locale})
        texts.append((tmp_path / "codes.csv").read_bytes())
    assert texts[0] == texts[1]


def test_an_older_file_is_replaced_and_nothing_else_is_left(run, models, digits, tmp_path):
    out = tmp_path / "codes.npy"
    np.save(out, np.zeros((2, 2)))
    run("encode", models["ae"], "--data", digits, "--out", out)
    assert list(tmp_path.iterdir()) == [out]
    assert np.load(out).shape == (100, 3)


def test_rows_lead_back_to_the_users_own_data(run, tmp_path):
    """A set that zscape splits is shuffled: the third column is the place in the user's file."""
    images = np.random.default_rng(4).random((70, 16))
    labels = np.arange(70) % 3
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "labels.npy", labels)
    model, out = tmp_path / "m.safetensors", tmp_path / "codes.csv"
    run("train", "--data", tmp_path, "--model", "pca", "--latent", 3, "--threads", 1, "--out", model)
    codes = Model(model).encode(images)[0]
    for split, count in (("train", 60), ("test", 10), ("all", 70)):
        run("encode", model, "--data", tmp_path, "--split", split, "--out", out)
        _, rows = read_csv(out)
        own = [int(row[2]) for row in rows]
        assert len(set(own)) == len(own) == count
        assert [int(row[3]) for row in rows] == list(labels[own])
        assert np.array([row[4:] for row in rows], float) == pytest.approx(codes[own], abs=1e-4)
        if split == "all":
            assert own == list(range(70))
            assert {row[1] for row in rows} == {"train", "test"}
        else:
            assert {row[1] for row in rows} == {split} and own != sorted(own)
    run("encode", model, "--data", tmp_path, "--split", "all", "--out", tmp_path / "all.npy")
    assert np.load(tmp_path / "all.npy") == pytest.approx(codes, abs=1e-4)


def test_all_of_two_parts_are_both_one_after_the_other(run, models, digits, tmp_path):
    run("encode", models["ae"], "--data", digits, "--split", "all", "--out", tmp_path / "codes.csv")
    _, rows = read_csv(tmp_path / "codes.csv")
    assert [(row[1], int(row[2])) for row in rows] == [
        *(("train", i) for i in range(600)), *(("test", i) for i in range(100))]


def test_pictures_are_named_by_their_files_and_classes_counted_as_people_do(run, tmp_path):
    from PIL import Image
    greys = {}
    for number, name in enumerate(("1", "10", "2", 'a "b", c')):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(4):
            file = f"{name}/{i}.png"
            greys[file] = number * 40 + i
            Image.fromarray(np.full((4, 4), greys[file], np.uint8)).save(tmp_path / "data" / file)
    data, model = tmp_path / "data", tmp_path / "m.safetensors"
    assert run("info", data, "--json").lines[0]["classes"] == ["1", "2", "10", 'a "b", c']
    run("train", "--data", data, "--model", "pca", "--latent", 1, "--threads", 1, "--out", model)
    run("encode", model, "--data", data, "--split", "all", "--out", tmp_path / "codes.csv")
    header, rows = read_csv(tmp_path / "codes.csv")
    assert header[:6] == ["index", "split", "row", "file", "label", "class"]
    assert {row[3] for row in rows} == set(greys)
    # One grey value a picture: its code tells which file it is.
    ordered = sorted(rows, key=lambda row: float(row[6]))
    shades = [greys[row[3]] for row in ordered]
    assert shades in (sorted(shades), sorted(shades, reverse=True))
    names = ["1", "2", "10", 'a "b", c']
    assert all(names[int(row[4])] == row[5] == row[3].split("/")[0] for row in rows)


def test_another_ending_is_wrong_usage(refused, models, digits, tmp_path):
    for name in ("codes", "codes.txt", "codes.csv.gz"):
        refused("encode", models["ae"], "--data", digits, "--out", tmp_path / name, code=2,
                says=["--out", r"\.csv", r"\.npy"])
    assert list(tmp_path.iterdir()) == []
