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
    assert header == ["index", "label", *names[:codes.shape[1]]]
    assert [int(row[0]) for row in rows] == list(range(100))
    assert [int(row[1]) for row in rows] == list(labels)
    # Each number in the table is that of the array to the bit.
    assert (np.array([row[2:] for row in rows], np.float32) == codes).all()


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
    assert {row[1] for row in rows} == {""}


def test_numbers_ignore_the_locale(run, models, digits, tmp_path):
    texts = []
    for locale in ("C", "de_DE.UTF-8"):
        run("encode", models["vae"], "--data", digits, "--out", tmp_path / "codes.csv",
            env={"LC_ALL": locale, "LANG": locale})
        texts.append((tmp_path / "codes.csv").read_bytes())
    assert texts[0] == texts[1]


def test_an_older_file_is_replaced_and_nothing_else_is_left(run, models, digits, tmp_path):
    out = tmp_path / "codes.npy"
    out.write_bytes(b"older")
    run("encode", models["ae"], "--data", digits, "--out", out)
    assert list(tmp_path.iterdir()) == [out]
    assert np.load(out).shape == (100, 3)


def test_another_ending_is_wrong_usage(refused, models, digits, tmp_path):
    for name in ("codes", "codes.txt", "codes.csv.gz"):
        refused("encode", models["ae"], "--data", digits, "--out", tmp_path / name, code=2,
                says=["--out", r"\.csv", r"\.npy"])
    assert list(tmp_path.iterdir()) == []
