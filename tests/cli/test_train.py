"""zscape train: what it prints, what it saves, and how it stops."""

import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest
from support import SMALL_RUN

FIELDS = ["epoch", "step", "loss", "reconstruction", "kl", "mse", "test_loss",
          "test_reconstruction", "test_kl", "lambda", "seconds", "samples_per_second"]


def train(run, *args, **options):
    return run("train", *args, "--threads", 1, "--json", **options).lines


def test_json_has_one_line_an_epoch_with_every_field(run):
    lines = train(run, "--limit", 1000, "--epochs", 3, "--batch", 300, "--lambda", 2)
    assert [list(line) for line in lines] == [FIELDS] * 3
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert [line["step"] for line in lines] == [4, 8, 12]   # 300 + 300 + 300 + 100 an epoch
    for line in lines:
        assert line["lambda"] == 2
        assert line["loss"] == pytest.approx(line["reconstruction"] + 2 * line["kl"], rel=1e-4)
        assert line["test_loss"] == pytest.approx(
            line["test_reconstruction"] + 2 * line["test_kl"], rel=1e-4)
        assert 0 < line["mse"] < 1
        assert line["samples_per_second"] > 0
    assert lines[0]["seconds"] < lines[1]["seconds"] < lines[2]["seconds"]
    assert lines[2]["test_loss"] < lines[0]["test_loss"]


def test_a_model_without_a_prior_has_null_where_it_has_no_figure(run):
    line, = train(run, "--model", "ae", "--limit", 1000, "--epochs", 1)
    assert line["kl"] is None and line["test_kl"] is None and line["lambda"] is None
    assert line["loss"] == line["reconstruction"]
    assert line["test_loss"] == pytest.approx(line["mse"], rel=1e-5)


def test_the_gaussian_likelihood_counts_its_constant(run):
    # (d/2) log(2π s²) of 784 pixels is the least that the reconstruction can be.
    line, = train(run, "--likelihood", "gaussian", "--sigma", "0.70710678118", "--limit", 1000,
                  "--epochs", 1)
    assert line["test_reconstruction"] > 784 / 2 * 1.1447298858   # log π
    assert line["test_reconstruction"] == pytest.approx(
        784 / 2 * 1.1447298858 + 784 * line["mse"], rel=0.02)     # z drawn there, μ here


def test_a_cvae_trains_on_labelled_files(run, digits):
    line, = train(run, "--data", digits, "--model", "cvae", "--epochs", 1)
    assert line["step"] == 5   # 600 images by 128
    assert line["kl"] > 0


def test_the_table_is_for_people(run):
    result = run("train", *SMALL_RUN)
    header, row = result.out.splitlines()
    assert header.split()[:3] == ["epoch", "step", "loss"]
    assert row.split()[:2] == ["1", "16"]
    assert re.search(r"^epoch 1/1: ", result.err, re.MULTILINE)
    assert "\r" not in result.err and "\x1b" not in result.err


def test_numbers_ignore_the_locale(run):
    # Where the locale is installed its decimal comma must not matter.
    environment = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
    line, = train(run, "--limit", 500, "--epochs", 1, "--lr", "1e-3", "--lambda", "0.5",
                  env=environment)
    assert line["lambda"] == 0.5


def test_a_leading_zero_is_no_octal(run):
    assert len(train(run, "--limit", 100, "--epochs", "011", "--batch", 100)) == 11


def test_the_same_seed_gives_the_same_bytes(run, tmp_path):
    files = [tmp_path / name for name in ("a", "b", "c")]
    for file, seed in zip(files, (1, 1, 2)):
        run("train", *SMALL_RUN, "--seed", seed, "--out", file)
    a, b, c = (file.read_bytes() for file in files)
    assert a == b
    assert a != c


def test_the_limit_takes_the_first_images(run, digits, tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    for file, limit in ((whole, 600), (part, 100)):
        run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--limit", limit,
            "--out", file)
    assert run("info", whole, "--json").lines[0]["steps"] == 5
    assert run("info", part, "--json").lines[0]["steps"] == 1


def test_a_loss_that_is_not_finite_ends_the_run_and_writes_nothing(refused, tmp_path):
    result = tmp_path / "m.safetensors"
    refused("train", "--json", "--limit", 1000, "--epochs", 50, "--threads", 1, "--lr", "1e30",
            "--batch", 1000, "--out", result, code=1, says=["not finite", "--lr"])
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_the_model_is_left_in_its_folder(run, tmp_path):
    result = tmp_path / "m.safetensors"
    run("train", *SMALL_RUN, "--seed", 5, "--out", result)
    older = result.read_bytes()
    run("train", *SMALL_RUN, "--out", result, "--replace")
    assert list(tmp_path.iterdir()) == [result]
    assert result.stat().st_size > 1_000_000 and result.read_bytes() != older


def test_ctrl_c_finishes_the_step_and_saves_the_model(binary, run, tmp_path):
    result = tmp_path / "m.safetensors"
    process = subprocess.Popen(
        [binary, "train", "--json", "--limit", "2000", "--epochs", "100000", "--threads", "1",
         "--out", result], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = json.loads(process.stdout.readline())
    assert first["epoch"] == 1
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "zscape: interrupted"
    for line in out.splitlines():
        json.loads(line)
    assert list(tmp_path.iterdir()) == [result]
    info, = run("info", result, "--json").lines
    assert info["epochs"] >= 1
    assert info["steps"] >= 16


def test_ctrl_c_while_loading_ends_with_130(binary, tmp_path):
    process = subprocess.Popen(
        [binary, "train", "--threads", "1", "--out", tmp_path / "m"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    assert "loading" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_terminal_gets_a_progress_bar(binary):
    parent, child = pty.openpty()
    process = subprocess.Popen([binary, "train", "--limit", "5000", "--epochs", "3", "--threads",
                                "1", "--json"], stdout=subprocess.PIPE, stderr=child)
    os.close(child)
    shown = b""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            shown += os.read(parent, 4096)
        except OSError:   # the program has closed its end
            break
    os.close(parent)
    out = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0
    assert [json.loads(line)["epoch"] for line in out.splitlines()] == [1, 2, 3]
    text = shown.decode()
    assert re.search(r"\repoch [123]/3 █*░* \d+/40  loss \d+\.\d\d  [\d,]+ samples/s  ETA \d+:\d\d",
                     text), text
    assert " 0/40 " not in text   # what is shown is a step that was taken
    assert text.endswith("\r\x1b[K")   # the line is taken away
