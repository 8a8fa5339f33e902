"""zscape train --checkpoint and --resume: the same bits as the unbroken run, whatever broke it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
from random import Random

import numpy as np
import pytest

RUN = ["--epochs", 6, "--batch", 50, "--threads", 1, "--seed", 3]
OF_KINDS = {
    "vae": ["--model", "vae", "--lambda-schedule", "cyclic:2"],
    "dae": ["--model", "dae", "--noise", "gaussian:0.3"],
    "mae": ["--model", "mae"],
    "iwae": ["--model", "cvae", "--objective", "iwae", "--samples", 2, "--binarise", "dynamic"],
    "learned": ["--model", "vae", "--likelihood", "gaussian", "--sigma", "learned"],
    "pca": ["--model", "pca"],
}


def break_in_epoch(binary, folder, args, epoch, wait_s, signal_number=signal.SIGKILL):
    """Starts a run and breaks it some time after the report of an epoch. Where it was over before
    that, however fast the machine is, it is started again; returns the folder of its checkpoint."""
    for attempt in range(50):
        kept = folder.with_name(f"{folder.name}-{attempt}")
        process = subprocess.Popen(
            [binary, "train", "--json", *map(str, args), "--checkpoint", kept],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in process.stdout:
            if json.loads(line)["epoch"] == epoch:
                break
        time.sleep(wait_s / (attempt + 1))
        process.send_signal(signal_number)
        process.communicate(timeout=120)
        if process.returncode != 0:
            assert process.returncode in (-signal.SIGKILL, 130)
            return kept
    pytest.fail("the run was over each time before it could be broken")


@pytest.mark.parametrize("name", ["vae", "iwae", "learned"])
def test_a_killed_run_ends_with_the_bits_of_the_unbroken_one(binary, run, digits, tmp_path, name):
    args = ["--data", digits, *RUN, "--validation", 100, "--patience", 5, *OF_KINDS[name]]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    lines = run("train", "--json", *args, "--out", whole).lines
    folder = break_in_epoch(binary, tmp_path / "kept", args, 2, 0.05)
    rest = run("train", "--json", "--resume", folder / "checkpoint.safetensors", "--out", broken)
    assert whole.read_bytes() == broken.read_bytes()
    # Its reports go on where the checkpoint was.
    first = rest.lines[0]["epoch"]
    assert first >= 2   # that of epoch 1 was complete before epoch 2 was reported
    assert [line["epoch"] for line in rest.lines] == list(range(first, 7))
    for old, new in zip(lines[first - 1:], rest.lines):
        for key in old:
            if key not in ("seconds", "samples_per_second"):
                assert old[key] == new[key], key
    assert rest.lines[0]["seconds"] > 0


def test_a_run_killed_at_any_moment_leaves_a_whole_checkpoint(binary, run, digits, tmp_path):
    args = ["--data", digits, *RUN, "--model", "ae"]
    whole = tmp_path / "whole"
    run("train", *args, "--out", whole)
    for wait in (0.0, 0.003, 0.01, 0.02):
        folder = break_in_epoch(binary, tmp_path / f"kept{wait}", args, 1, wait)
        if not (folder / "checkpoint.safetensors").exists():
            continue   # killed before the first was complete
        out = tmp_path / f"out{wait}"
        run("train", "--resume", folder / "checkpoint.safetensors", "--out", out)
        assert out.read_bytes() == whole.read_bytes()
        if (folder / "model.safetensors").exists():
            run("info", folder / "model.safetensors")


def test_ctrl_c_keeps_a_checkpoint_in_the_middle_of_an_epoch(binary, run, digits, tmp_path):
    args = ["--data", digits, "--epochs", 4, "--batch", 1, "--threads", 1]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    lines = run("train", "--json", *args, "--out", whole).lines
    folder = break_in_epoch(binary, tmp_path / "kept", args, 1, 0.1, signal.SIGINT)
    rest = run("train", "--json", "--resume", folder / "checkpoint.safetensors", "--out", broken)
    assert whole.read_bytes() == broken.read_bytes()
    # The epoch's means are over all its steps, those before the break included.
    for new, old in zip(reversed(rest.lines), reversed(lines)):
        assert new["loss"] == old["loss"]


@pytest.fixture(scope="module")
def more_to_test(run, tmp_path_factory):
    """500 inputs to learn from and 3,000 to test: most of a run is evaluation."""
    digits = tmp_path_factory.mktemp("data") / "swapped"
    run("synthesize", "--count", 3500, "--seed", 3, "--out", digits)
    for what in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        one, other = digits / f"train-{what}", digits / f"t10k-{what}"
        one.rename(digits / "kept")
        other.rename(one)
        (digits / "kept").rename(other)
    return digits


def rows_of(out):
    """The lines of the table without the speed, which is the clock's."""
    rows = [line.split() for line in out.splitlines()]
    return [row[:9] + row[10:] for row in rows if row[0] != "epoch"]


def test_ctrl_c_at_twenty_random_moments_changes_nothing(binary, run, more_to_test, tmp_path):
    args = ["--data", more_to_test, "--epochs", 24, "--batch", 100, "--threads", 1, "--lambda-schedule",
            "warmup:3", "--validation", 100, "--patience", 24]
    whole, broken, folder = tmp_path / "whole", tmp_path / "broken", tmp_path / "kept"
    started = time.monotonic()
    unbroken = rows_of(run("train", *args, "--out", whole).out)
    an_epoch = (time.monotonic() - started) / 24   # and a little more
    random, rows, line = Random(1), [], ["train", *args, "--checkpoint", folder]
    for _ in range(20):
        process = subprocess.Popen([binary, *map(str, line)], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        process.stdout.readline()   # the header: it trains
        time.sleep(random.uniform(0, an_epoch))
        process.send_signal(signal.SIGINT)
        rows += rows_of(process.stdout.read())
        if process.wait(timeout=300) == 0:
            break   # it was faster
        assert process.returncode == 130
        line = ["train", "--checkpoint", folder, "--resume", folder / "checkpoint.safetensors"]
    rows += rows_of(run(*line, "--out", broken).out)
    assert rows == unbroken
    assert whole.read_bytes() == broken.read_bytes()


@pytest.mark.parametrize("name", ["dae", "mae", "pca"])
def test_every_kind_goes_on_to_more_epochs(run, digits, tmp_path, name):
    folder = tmp_path / "kept"
    args = ["--data", digits, "--threads", 1, *OF_KINDS[name]]
    if name == "pca":   # it takes no steps
        run("train", *args, "--checkpoint", folder)
        again = run("train", "--json", "--resume", folder / "checkpoint.safetensors", "--epochs", 3)
        assert again.lines == []
        return
    args += ["--batch", 100]
    run("train", *args, "--epochs", 1, "--checkpoint", folder)
    rest = run("train", "--json", "--resume", folder / "checkpoint.safetensors", "--epochs", 3,
               "--out", tmp_path / "out").lines
    run("train", *args, "--epochs", 3, "--out", tmp_path / "whole")
    assert [line["epoch"] for line in rest] == [2, 3]
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_early_stopping_keeps_the_best_epoch(run, digits, tmp_path):
    # A rate at which the validation loss soon goes up and down.
    lines = run("train", "--json", "--data", digits, "--validation", 100, "--patience", 2, "--epochs",
                60, "--batch", 20, "--lr", 0.02, "--threads", 1, "--out", tmp_path / "m").lines
    losses = [line["validation_loss"] for line in lines]
    best = min(range(len(losses)), key=losses.__getitem__)
    assert len(lines) == best + 1 + 2 < 60   # two epochs after the best one it stopped
    info, = run("info", tmp_path / "m", "--json").lines
    assert info["epochs"] == best + 1
    assert info["steps"] == lines[best]["step"]
    assert info["test_loss"] == lines[best]["test_loss"]


def test_the_held_out_inputs_are_not_learned_from(run, digits):
    line, = run("train", "--json", "--data", digits, "--validation", 100, "--epochs", 1, "--batch",
                100, "--threads", 1).lines
    assert line["step"] == 5


def test_lambda_schedules_reach_the_reports(run, digits):
    args = ["--data", digits, "--batch", 60, "--epochs", 4, "--threads", 1, "--json"]
    warm = run("train", *args, "--lambda", 2, "--lambda-schedule", "warmup:2").lines
    # The λ of an epoch's last step: a ramp over 20 steps, then 2.
    assert [line["lambda"] for line in warm] == pytest.approx([2 * 9 / 20, 2 * 19 / 20, 2, 2])
    cyclic = run("train", *args, "--lambda-schedule", "cyclic:2").lines
    # Two cycles of 20 steps, the first half of each a ramp.
    assert [line["lambda"] for line in cyclic] == pytest.approx([0.9, 1, 0.9, 1])


@pytest.fixture(scope="module")
def kept(run, digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    run("train", "--data", digits, "--epochs", 1, "--batch", 100, "--threads", 1, "--latent", 3,
        "--checkpoint", folder)
    return folder / "checkpoint.safetensors"


@pytest.mark.parametrize("args, says", [
    (["--latent", 4], ["--latent 4", "has 3"]),
    (["--model", "ae"], ["--model ae contradicts"]),
    (["--lr", 0.01], ["--lr", "0.001"]),
    (["--threads", 2], ["--threads 2", "has 1"]),
    (["--validation", 10], ["--validation 10", "has none"]),
    (["--noise", "mask:0.1"], ["--noise mask:0.1", "has none"]),
])
def test_a_line_that_contradicts_the_checkpoint_is_refused(refused, kept, args, says):
    refused("train", "--resume", kept, *args, code=2, says=says)


def test_what_agrees_with_the_checkpoint_may_be_said_again(run, kept, tmp_path):
    lines = run("train", "--json", "--resume", kept, "--latent", 3, "--lr", "1e-3", "--epochs", 2,
                "--checkpoint", tmp_path).lines
    assert [line["epoch"] for line in lines] == [2]


def test_a_model_is_no_checkpoint(models, refused, tmp_path):
    refused("train", "--resume", models["vae"], code=1, says=["vae.safetensors", "is not a checkpoint"])
    refused("train", "--resume", tmp_path / "none", code=1, says="none")


def test_a_cut_checkpoint_is_refused(refused, kept, tmp_path):
    whole = kept.read_bytes()
    for size in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        cut = tmp_path / "cut.safetensors"
        cut.write_bytes(whole[:size])
        refused("train", "--resume", cut, code=1, says="cut.safetensors")


def test_changed_data_are_noticed(run, refused, tmp_path):
    data = tmp_path / "digits"
    run("synthesize", "--count", 700, "--out", data)
    folder = tmp_path / "kept"
    run("train", "--data", data, "--epochs", 1, "--threads", 1, "--checkpoint", folder)
    shutil.rmtree(data)
    run("synthesize", "--count", 700, "--seed", 5, "--out", data)
    refused("train", "--resume", folder / "checkpoint.safetensors", "--epochs", 2, code=1,
            says="other data")


def test_a_checkpoint_of_zscape_0_1_goes_on(run, tmp_path):
    """fixtures/format1 was written by the last program that kept the options of the command line in
    it: train --data data --model dae --noise gaussian:0.3 --latent 2 --hidden 5 --epochs 3 --batch 8
    --lr 0.01 --validation 4 --patience 9 --seed 18446744073709551615 --threads 1 --kernels portable."""
    older = pathlib.Path(__file__).parents[1] / "fixtures/format1/checkpoint.safetensors"
    shutil.copy(older, tmp_path / "older.safetensors")
    images = np.array([(7 * i * i + 13 * i) % 256 for i in range(32 * 16)], np.uint8)
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data/images.npy", images.reshape(32, 4, 4))
    lines = run("train", "--json", "--resume", "older.safetensors", "--epochs", 5, "--lr", "1e-2",
                "--noise", "gaussian:0.3", "--checkpoint", "kept", cwd=tmp_path).lines
    assert [(line["epoch"], line["step"]) for line in lines] == [(4, 12), (5, 15)]
    assert all(line["validation_loss"] > 0 for line in lines)
    # What is written now says the same, and goes on too.
    more = run("train", "--json", "--resume", "kept/checkpoint.safetensors", "--epochs", 6, "--seed",
               18446744073709551615, "--hidden", 5, "--patience", 9, cwd=tmp_path).lines
    assert [line["epoch"] for line in more] == [6]


# ---- Nothing of a run is lost ---------------------------------------------------------------------

def kept_epoch(run, folder):
    info, = run("info", folder / "checkpoint.safetensors", "--json").lines
    return info["epoch"]


def test_a_resumed_run_goes_on_writing_where_it_wrote(binary, run, digits, tmp_path):
    """It was started in another folder, by a relative path of the data and of --out."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    shutil.copytree(digits, here / "data")
    args = ["--data", "data", "--batch", 100, "--threads", 1]
    run("train", *args, "--epochs", 3, "--out", "whole", cwd=here)
    run("train", *args, "--epochs", 1, "--out", "out", "--checkpoint", "kept", cwd=here)
    (here / "out").unlink()
    (here / "kept/model.safetensors").unlink()
    run("train", "--resume", here / "kept/checkpoint.safetensors", "--epochs", 2, cwd=there)
    assert kept_epoch(run, here / "kept") == 2
    run("train", "--resume", here / "kept", "--epochs", 3, cwd=there)   # the folder names it too
    assert kept_epoch(run, here / "kept") == 3
    for name in ("out", "kept/model.safetensors"):
        assert (here / name).read_bytes() == (here / "whole").read_bytes()
    assert not list(there.iterdir())


def test_a_checkpoint_under_another_name_is_carried_on_under_it(run, digits, tmp_path):
    run("train", "--data", digits, "--epochs", 1, "--threads", 1, "--checkpoint", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"mine")
    (tmp_path / "checkpoint.safetensors").rename(tmp_path / "monday.safetensors")
    run("train", "--resume", tmp_path / "monday.safetensors", "--epochs", 2)
    assert run("info", tmp_path / "monday.safetensors", "--json").lines[0]["epoch"] == 2
    run("info", tmp_path / "monday-model.safetensors")
    assert (tmp_path / "model.safetensors").read_bytes() == b"mine"


def test_a_run_that_keeps_nothing_says_so_first(run, digits, tmp_path):
    args = ["train", "--data", digits, "--epochs", 1]
    assert "nothing of this run is kept" in run(*args).err.splitlines()[0]
    assert "nothing of this run" not in run(*args, "--out", tmp_path / "m").err
    assert "nothing of this run" not in run(*args, "--checkpoint", tmp_path / "kept").err


def test_another_runs_checkpoint_is_not_overwritten(run, refused, kept, digits, tmp_path):
    run("train", "--data", digits, "--epochs", 2, "--threads", 1, "--checkpoint", tmp_path / "kept")
    before = (tmp_path / "kept/checkpoint.safetensors").read_bytes()
    refused("train", "--data", digits, "--epochs", 1, "--checkpoint", tmp_path / "kept", code=1,
            says=["another run", "--resume .*checkpoint.safetensors"])
    refused("train", "--resume", kept, "--epochs", 2, "--checkpoint", tmp_path / "kept", code=1,
            says="another run")
    assert (tmp_path / "kept/checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize("args", [
    ["--epochs", 2], ["--model", "pca"],
    ["--epochs", 60, "--validation", 100, "--patience", 2, "--batch", 20, "--lr", 0.02]])  # stops early
def test_the_resume_of_a_finished_run_says_so(run, digits, tmp_path, args):
    run("train", "--data", digits, "--threads", 1, *args, "--checkpoint", tmp_path / "kept")
    before = (tmp_path / "kept/checkpoint.safetensors").read_bytes()
    again = run("train", "--resume", tmp_path / "kept", "--json")
    assert again.lines == []
    assert "is finished after" in again.err
    assert (tmp_path / "kept/checkpoint.safetensors").read_bytes() == before


def test_more_epochs_of_pca_say_that_they_change_nothing(run, digits, tmp_path):
    run("train", "--data", digits, "--model", "pca", "--checkpoint", tmp_path / "kept")
    again = run("train", "--resume", tmp_path / "kept", "--epochs", 9)
    assert "pca is fitted in one step, and more --epochs change nothing" in again.err


def test_a_resumed_run_makes_the_folder_of_its_out_again(run, refused, digits, tmp_path):
    out = tmp_path / "gone" / "model.safetensors"
    out.parent.mkdir()
    run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--checkpoint", tmp_path / "kept", "--out", out)
    shutil.rmtree(out.parent)
    again = run("train", "--resume", tmp_path / "kept", "--epochs", 2)
    assert out.exists() and f"{out.parent}: the folder was gone and is made again" in again.err
    shutil.rmtree(out.parent)
    out.parent.write_text("a file stands where the folder was")
    refused("train", "--resume", tmp_path / "kept", "--epochs", 3, code=1, says=str(out))


def test_a_run_goes_on_after_its_data_moved(run, refused, digits, tmp_path):
    args = ["--batch", 100, "--threads", 1]
    shutil.copytree(digits, tmp_path / "data")
    run("train", "--data", tmp_path / "data", *args, "--epochs", 1, "--checkpoint", tmp_path / "kept")
    (tmp_path / "data").rename(tmp_path / "moved")
    refused("train", "--resume", tmp_path / "kept", "--epochs", 2, code=1, says="--data")
    run("synthesize", "--count", 700, "--seed", 77, "--out", tmp_path / "other")
    refused("train", "--resume", tmp_path / "kept", "--epochs", 2, "--data", tmp_path / "other", code=1,
            says="other data")
    run("train", "--resume", tmp_path / "kept", "--epochs", 2, "--data", "moved", cwd=tmp_path)
    run("train", "--resume", tmp_path / "kept", "--epochs", 3)   # it has learned the new place
    run("train", "--data", digits, *args, "--epochs", 3, "--checkpoint", tmp_path / "whole")
    info = [run("info", tmp_path / name / "model.safetensors", "--json").lines[0] for name in ("kept", "whole")]
    assert info[0]["test_loss"] == info[1]["test_loss"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"])
def test_a_signal_finishes_the_step_and_writes_what_was_asked_for(binary, run, digits, tmp_path, name):
    number = getattr(signal, name)
    process = subprocess.Popen(
        [binary, "train", "--json", "--data", digits, "--epochs", "1000000", "--threads", "1", "--out",
         tmp_path / "out", "--checkpoint", tmp_path / "kept", "--checkpoint-every", "1000000"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not process.stdout.readline().startswith("{"):
        pass
    if name == "SIGPIPE":
        process.stdout.close()   # the next line of either stream breaks
    else:
        process.send_signal(number)
    assert process.wait(timeout=120) == 128 + number
    assert kept_epoch(run, tmp_path / "kept") >= 1
    for file in ("out", "kept/model.safetensors"):
        info = run("info", tmp_path / file, "--json").lines[0]
        assert info["test_loss"] > 0 and info["test_step"] % 5 == 0   # of the last whole epoch
        assert info["test_step"] <= info["steps"] < info["test_step"] + 5


def test_an_ignored_signal_stays_ignored(binary, run, digits, tmp_path):
    """As nohup starts it."""
    process = subprocess.Popen(
        [binary, "train", "--json", "--data", digits, "--epochs", "1000000", "--threads", "1", "--out",
         tmp_path / "out"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    for _ in range(3):
        assert process.stdout.readline()   # it goes on
    process.send_signal(signal.SIGTERM)
    process.stdout.read()
    assert process.wait(timeout=120) == 128 + signal.SIGTERM
    run("info", tmp_path / "out")


def test_what_a_killed_process_left_is_cleared(run, digits, tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    left, alive = tmp_path / f".zscape-{dead.pid}-0.tmp", tmp_path / f".zscape-{os.getpid()}-0.tmp"
    foreign = tmp_path / ".zscape-notes.tmp"
    for file in (left, alive, foreign):
        file.write_text("half")
    run("train", "--data", digits, "--epochs", 1, "--out", tmp_path / "out")
    assert not left.exists()
    assert alive.exists() and foreign.exists()
