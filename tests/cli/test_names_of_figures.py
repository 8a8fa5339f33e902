"""What a figure is of stands beside it: the draw of --limit, λ on its way, bounds, corrupted inputs."""

import json
import re

import numpy as np
import pytest
from safetensors import safe_open


def figures_in(path):
    with safe_open(path, "np") as file:
        return json.loads(file.metadata()["zscape"])["figures"]


# ---- The draw of --limit -------------------------------------------------------------------------

def test_a_model_says_which_inputs_it_learned_from(run, digits, tmp_path):
    args = ["--data", digits, "--threads", 1, "--epochs", 1, "--seed", 4]
    some, every = tmp_path / "some", tmp_path / "every"
    run("train", *args, "--limit", 120, "--out", some, "--checkpoint", tmp_path / "kept")
    run("train", *args, "--limit", 600, "--out", every)
    assert run("info", some, "--json").lines[0]["limit"] == 120
    assert re.search(r"120 of its training part, as --limit 120 and this seed", run("info", some).out)
    assert run("info", every, "--json").lines[0]["limit"] is None
    assert "--limit" not in run("info", every).out and "limit" not in figures_in(every)
    run("train", "--resume", tmp_path / "kept", "--epochs", 2)   # and a resumed run knows it too
    for path in (some, tmp_path / "kept/model.safetensors"):
        assert run("info", path, "--json").lines[0]["limit"] == 120

    note = run("eval", some, "--data", digits, "--split", "train").err
    assert "learned from 120 of these inputs (--limit 120 --seed 4), and all 600 are measured" in note
    assert "note" not in run("eval", some, "--data", digits).err   # the test split is whole
    assert "note" not in run("eval", every, "--data", digits, "--split", "train").err


# ---- λ on its way --------------------------------------------------------------------------------

def table(result):
    header, *rows = (re.split(r"\s{2,}", line.strip()) for line in result.out.splitlines())
    assert all(len(row) == len(header) for row in rows), result.out
    return header, rows


@pytest.mark.parametrize("schedule", ["warmup:2", "cyclic:2"])
def test_lambda_stands_in_the_table_where_it_changes(run, digits, schedule):
    args = ["train", "--data", digits, "--threads", 1, "--epochs", 3, "--lambda", 0.5, "--lambda-schedule", schedule]
    header, rows = table(run(*args))
    assert header[-1] == "λ"
    shown = [float(row[-1]) for row in rows]
    assert shown == pytest.approx([line["lambda"] for line in run(*args, "--json").lines], rel=1e-3)
    assert len(set(shown)) > 1
    header, rows = table(run(*args, "--validation", 100))
    assert header[-2:] == ["validation", "λ"]


def test_no_column_for_a_lambda_that_stands_still(run, digits):
    for args in ([], ["--model", "ae"]):
        header, _ = table(run("train", "--data", digits, "--threads", 1, "--epochs", 1, *args))
        assert "λ" not in header


def test_info_names_the_schedule_and_rounds(run, digits, tmp_path):
    out = tmp_path / "m"
    args = ["train", "--data", digits, "--threads", 1, "--batch", 70, "--out", out, "--replace"]
    run(*args, "--epochs", 1, "--lambda", 0.7, "--lambda-schedule", "warmup:3")
    line, = run("info", out, "--json").lines
    assert line["lambda_schedule"] == "warmup:3" and line["final_lambda"] == 0.7
    assert line["lambda"] == pytest.approx(0.7 * 8 / 27) and line["lambda"] != round(line["lambda"], 4)
    assert "λ = 0.2074 on the way to 0.7, schedule warmup:3" in run("info", out).out
    run(*args, "--epochs", 2, "--lambda-schedule", "warmup:1")
    assert "λ = 1, schedule warmup:1" in run("info", out).out
    run(*args, "--epochs", 1, "--lambda", 0.123456789)
    assert "λ = 0.1235\n" in run("info", out).out
    line, = run("info", out, "--json").lines
    assert line["lambda"] == 0.123456789 and line["lambda_schedule"] is None and line["final_lambda"] is None


# ---- Bounds and corrupted inputs -----------------------------------------------------------------

def test_the_importance_weighted_bound_has_its_own_name(run, digits):
    args = ["train", "--data", digits, "--threads", 1, "--epochs", 1, "--objective", "iwae", "--samples"]
    result = run(*args, 5)
    header, _ = table(result)
    assert header[2] == "iwae 5" and header[5] == "test loss"
    assert "iwae 5 is the importance-weighted bound of 5 samples" in result.err
    assert run(*args, 5, "--json").lines[0]["loss_is"] == "iwae:5"
    for line in ([*args, 1], [*args[:-3], "--samples", 5]):   # both are the ELBO
        result = run(*line)
        assert table(result)[0][2] == "loss" and "importance" not in result.err
        assert "loss_is" not in run(*line, "--json").lines[0]


@pytest.mark.parametrize("name, of_loss, of_mse", [
    ("dae", "reads inputs with its noise, mask 0.25", "reads clean inputs"),
    ("mae", "of the 37 hidden of 49 patches", "of all pixels; reads whole inputs"),
    ("ae", "", ""), ("vae", "", "")])
def test_eval_says_what_a_corrupting_model_read(run, models, digits, name, of_loss, of_mse):
    def remarks(*args):
        lines = run("eval", models[name], "--data", digits, "--importance-samples", 2, *args).out.splitlines() \
            if name == "vae" else run("eval", models[name], "--data", digits, *args).out.splitlines()
        rows = {line.split()[0]: re.split(r"\s{2,}", line.strip()) for line in lines}
        return [" ".join(rows[key][2:]) for key in ("reconstruction", "mse")]
    assert remarks() == [of_loss, of_mse]
    if name == "dae":   # the line names the noise of both
        assert remarks("--noise", "gaussian:0.1") == ["", ""]


def test_training_of_a_corrupting_model_names_the_clean_error(run, digits):
    for model, name in (("dae", "clean mse"), ("mae", "clean mse"), ("ae", "mse")):
        header, _ = table(run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--model", model))
        assert header[8] == name


# ---- Shapes in sentences -------------------------------------------------------------------------

@pytest.fixture
def rows_of_six(tmp_path):
    np.save(tmp_path / "six.npy", np.random.default_rng(2).random((70, 6), np.float32))
    return tmp_path / "six.npy"


def test_rows_of_numbers_are_not_spoken_of_as_pictures(refused, models, digits, rows_of_six):
    for args, says in (
            (["--network", "conv"], ["the conv network needs pictures", "6 numbers in a row", "--image-size"]),
            (["--model", "mae"], ["patch: 6 numbers in a row", "--image-size"])):
        line = refused("train", "--data", rows_of_six, "--epochs", 1, *args, code=1, says=says)
        assert "sides of 6" not in line and "these are 6" not in line
    line = refused("eval", models["ae"], "--data", rows_of_six, code=1,
                   says=[r"reads inputs of 28×28, and six has inputs of 6 numbers"])
    assert "numbers inputs" not in line


def test_a_run_resumed_on_inputs_of_another_shape_says_so(run, refused, digits, rows_of_six, tmp_path):
    run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--checkpoint", tmp_path / "kept")
    line = refused("train", "--resume", tmp_path / "kept", "--epochs", 2, "--data", rows_of_six, code=1,
                   says=["learned from inputs of 28×28", "six.npy has inputs of 6 numbers", "--data"])
    assert "options name" not in line
