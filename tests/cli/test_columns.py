"""What a table's columns, labels and pictures are called is not guessed from their order."""

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """table(name, columns, labels): a CSV of the same 60 rows, its columns in this order."""
    folder = tmp_path_factory.mktemp("tables")
    numbers = np.random.default_rng(5).normal(size=(60, 4)) * [1, 10, 100, 1000]

    def make(name, columns="abcd", labels=("blau", "gruen", "rot"), heads=None):
        order = ["abcd".index(column) for column in columns]
        lines = [",".join(heads or columns) + ",species"]
        for i, row in enumerate(numbers):
            lines.append(",".join(f"{row[k]:.6g}" for k in order) + f",{labels[i % 3]}")
        path = folder / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n")
        return path
    return make


def test_columns_in_another_order_or_of_other_names_are_refused(run, refused, table, tmp_path):
    model = tmp_path / "vae.safetensors"
    run("train", "--data", table("plain"), "--epochs", 1, "--threads", 1, "--out", model)
    run("eval", model, "--data", table("same"))
    for command in (("eval",), ("encode", "--out", tmp_path / "z.csv")):
        refused(command[0], model, *command[1:], "--data", table("turned", "badc"), code=1,
                says=["'a'", "column 1", "'b'", "same order"])
        refused(command[0], model, *command[1:], "--data", table("renamed", heads=["a", "b", "c", "x"]), code=1,
                says=["'d'", "column 4", "'x'"])


def test_a_cvae_says_how_it_takes_numbers_for_its_named_classes(run, table, tmp_path):
    model = tmp_path / "cvae.safetensors"
    run("train", "--data", table("named"), "--model", "cvae", "--epochs", 1, "--threads", 1, "--out", model)
    assert "every label" not in run("eval", model, "--data", table("again")).err
    said = run("eval", model, "--data", table("numbered", labels=("2", "1", "0"))).err
    assert "0 = blau, 1 = gruen, 2 = rot" in said and "every label is wrong" in said


def test_sigma_belongs_to_the_gaussian_that_vectors_get(run, refused, table, digits, tmp_path):
    model = tmp_path / "vae.safetensors"
    run("train", "--data", table("plain"), "--sigma", "learned", "--epochs", 1, "--threads", 1, "--out", model)
    assert json.loads(run("info", model, "--json").out)["learned_sigma"]
    says = ["--sigma", "Only the gaussian likelihood"]
    refused("train", "--data", digits, "--sigma", "0.5", "--epochs", 1, code=2, says=says)
    refused("train", "--data", table("plain"), "--model", "ae", "--sigma", "0.5", "--epochs", 1, code=2, says=says)
    refused("train", "--data", table("plain"), "--likelihood", "mse", "--model", "ae", "--sigma", "learned", code=2,
            says=says)


def test_an_option_given_twice_is_called_so(refused, table):
    refused("train", "--data", table("plain"), "--epochs", 1, "--epochs", 2, code=2, says=["--epochs", "more than once"])
    refused("train", "--data", table("plain"), "--epochs", code=2, says=["--epochs", "a value must follow"])


def test_options_for_pictures_are_refused_where_there_are_none(refused, run, table, tmp_path):
    refused("info", table("plain"), "--image-size", "1x4", code=1, says=["1x4 is a vector too", "two rows"])
    refused("info", table("plain"), "--fit", "pad", code=2, says=["--fit", "only pictures of a folder"])
    model = tmp_path / "vae.safetensors"
    refused("train", "--data", table("plain"), "--ground", "white", "--epochs", 1, code=2,
            says=["--ground", "only pictures"])
    run("train", "--data", table("plain"), "--epochs", 1, "--threads", 1, "--out", model)
    refused("eval", model, "--data", table("plain"), "--fit", "crop", code=2, says=["--fit", "only pictures"])


def test_numbers_that_leave_classes_out_are_told_and_ask_for_no_labels_of_these(run, table, tmp_path):
    gaps = table("gaps", labels=("10", "12", "14"))
    assert "classes 0 to 14; 12 of them have no input" in run("info", gaps).out
    model = tmp_path / "vae.safetensors"
    run("train", "--data", gaps, "--epochs", 1, "--threads", 1, "--out", model)
    few = run("classify", model, "--data", gaps, "--labels", 6, "--mode", "frozen", "--draws", 1)
    assert few.err.find("ask for fewer") < 0


def test_a_figure_that_is_not_there_says_why(run, table, tmp_path):
    one = table("one", labels=("rot", "rot", "rot"))
    model = tmp_path / "vae.safetensors"
    run("train", "--data", one, "--epochs", 1, "--threads", 1, "--out", model)
    assert "needs inputs of two classes" in run("eval", model, "--data", one).out
