"""--sequence: arrays [sequences, steps, values] through the commands, in every format that holds them."""

import csv

import h5py
import numpy as np
import pytest
import scipy.io

COUNT, STEPS, VALUES = 21, 15, 6


def lissajous(count=COUNT, steps=STEPS, seed=4):
    """Curves that turn at speeds of their own, seen by six sensors, and which of three speeds each has."""
    random = np.random.default_rng(seed)
    kind = np.arange(count) % 3
    time = np.linspace(0, 2 * np.pi, steps)
    phase = random.uniform(0, 2 * np.pi, (count, 1))
    x, y = np.sin((kind[:, None] + 1) * time + phase), np.cos(time + phase)
    mixing = random.normal(size=(2, VALUES))
    noise = random.normal(size=(count, steps, VALUES))
    return (np.stack([x, y], 2) @ mixing + 0.01 * noise).astype(np.float32), kind


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    """A folder with sequences and a label each."""
    folder = tmp_path_factory.mktemp("curves")
    images, labels = lissajous()
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    return folder


@pytest.fixture(scope="module")
def model(run, curves):
    path = curves.parent / "curves.safetensors"
    run("train", "--data", curves, "--sequence", "--epochs", 60, "--lr", 0.01, "--hidden", 16, "--threads", 1,
        "--batch", 32, "--out", path)
    return path


def rows_of(path):
    with open(path, newline="", encoding="ascii") as file:
        return list(csv.DictReader(file))


def encoded(run, model, data, *args, name="codes.npy", folder):
    out = folder / name
    run("encode", model, "--data", data, "--split", "all", "--out", out, *args)
    return np.load(out) if name.endswith(".npy") else rows_of(out)


def test_info_tells_sequences_steps_and_inputs(run, curves):
    line, = run("info", curves, "--sequence", "--json").lines
    assert line["inputs"] == [VALUES] and line["steps"] == STEPS
    assert line["sequences"] == {"training": 18, "test": 3}
    assert (line["training"], line["test"]) == (18 * STEPS, 3 * STEPS)
    assert sum(line["counts"]["training"]) == 18 * STEPS
    text = run("info", curves, "--sequence").out
    assert "sequences    18 training, 3 test, of 15 steps each\n" in text
    assert "steps" not in run("info", curves, "--json").lines[0]


def test_without_the_option_a_line_offers_it(run, curves, tmp_path):
    says = "with --sequence it is read as 15 steps of 6 numbers"
    assert says in run("info", curves).out
    assert says in run("train", "--data", curves, "--model", "pca", "--out", tmp_path / "m.safetensors").err
    assert says not in run("info", curves, "--sequence").out


def test_encode_keeps_sequences_and_steps(run, curves, model, tmp_path):
    codes = encoded(run, model, curves, "--sequence", folder=tmp_path)
    assert codes.shape == (COUNT, STEPS, 4) and codes.dtype == np.float32
    # The same to the bit as each step by itself.
    images, labels = lissajous()
    np.save(tmp_path / "steps.npy", images.reshape(-1, VALUES))
    alone = encoded(run, model, tmp_path / "steps.npy", name="alone.npy", folder=tmp_path)
    assert alone.shape == (COUNT * STEPS, 4)
    assert (codes.reshape(-1, 4) == alone).all()
    # The table names sequence and step, and has the same numbers.
    table = encoded(run, model, curves, "--sequence", name="codes.csv", folder=tmp_path)
    assert len(table) == COUNT * STEPS
    for place, row in enumerate(table):
        assert int(row["row"]) == place
        assert (int(row["sequence"]), int(row["step"])) == divmod(place, STEPS)
        assert int(row["label"]) == labels[place // STEPS]
    numbers = [[row[name] for name in ("mu_1", "mu_2", "sigma_1", "sigma_2")] for row in table]
    assert (np.array(numbers, np.float32) == alone).all()


def test_no_sequence_is_torn(run, curves, model, tmp_path):
    run("encode", model, "--data", curves, "--sequence", "--out", tmp_path / "test.csv")
    rows = rows_of(tmp_path / "test.csv")
    assert len(rows) == 3 * STEPS
    for first in range(0, len(rows), STEPS):
        part = rows[first:first + STEPS]
        assert len({row["sequence"] for row in part}) == 1
        assert [int(row["step"]) for row in part] == list(range(STEPS))
    run("encode", model, "--data", curves, "--sequence", "--out", tmp_path / "test.npy")
    assert np.load(tmp_path / "test.npy").shape == (3, STEPS, 4)


def test_reconstruct_writes_whole_sequences(run, curves, model, tmp_path):
    out = tmp_path / "made.npy"
    run("reconstruct", model, "--data", curves, "--sequence", "--split", "train", "--from", 2, "--count", 5,
        "--out", out)
    made = np.load(out)
    assert made.shape == (5, STEPS, VALUES)
    # In the data's own units, and of the sequences that were asked for.
    run("encode", model, "--data", curves, "--sequence", "--split", "train", "--out", tmp_path / "train.csv")
    numbers = [int(row["sequence"]) for row in rows_of(tmp_path / "train.csv")][::STEPS][2:7]
    inputs = lissajous()[0]
    own = np.mean((made - inputs[numbers]) ** 2)
    others = np.mean((made - inputs[np.roll(numbers, 1)]) ** 2)
    assert own < others
    for row, place in zip(rows_of_reconstruction(run, curves, model, tmp_path), range(2 * STEPS, 4 * STEPS)):
        assert int(row["index"]) == place and int(row["step"]) == place % STEPS
    picture = tmp_path / "made.png"
    run("reconstruct", model, "--data", curves, "--sequence", "--count", 2, "--out", picture)
    assert picture.stat().st_size > 0


def rows_of_reconstruction(run, curves, model, folder):
    run("reconstruct", model, "--data", curves, "--sequence", "--split", "train", "--from", 2, "--count", 2,
        "--out", folder / "made.csv")
    rows = rows_of(folder / "made.csv")
    assert len(rows) == 2 * STEPS
    return rows


def test_counts_of_the_line_are_sequences(run, refused, curves, model, tmp_path):
    out = tmp_path / "m.safetensors"
    common = ["--data", curves, "--sequence", "--epochs", 1, "--hidden", 8, "--threads", 1, "--json"]
    line, = run("train", *common, "--limit", 7, "--validation", 2, "--batch", 5 * STEPS, "--out", out).lines
    assert line["step"] == 1   # five sequences are learned from, at once
    assert "validation_loss" in line
    assert "7 of its training part, as --limit 7" in run("info", out).out
    note = run("eval", out, "--data", curves, "--sequence", "--split", "train").err
    assert f"learned from {7 * STEPS} of these inputs" in note
    refused("train", *common, "--validation", 18, code=2, says="18 of 18 training sequences leave none")
    refused("reconstruct", model, "--data", curves, "--sequence", "--from", 3, "--out", tmp_path / "a.npy",
            code=1, says="has the sequences 0 to 2, and 3 is none")
    refused("reconstruct", model, "--data", curves, "--sequence", "--count", 4, "--out", tmp_path / "a.npy",
            code=1, says="has 3 sequences from 0 on")


def test_a_resumed_run_reads_sequences_again(run, refused, curves, tmp_path):
    options = ["--hidden", 8, "--threads", 1, "--batch", 16]
    whole, broken = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors"
    run("train", "--data", curves, "--sequence", *options, "--epochs", 4, "--out", whole)
    run("train", "--data", curves, "--sequence", *options, "--epochs", 2, "--checkpoint", tmp_path / "run",
        "--out", broken)
    run("train", "--resume", tmp_path / "run", "--sequence", "--epochs", 4)
    assert whole.read_bytes() == broken.read_bytes()
    run("train", "--data", curves, "--model", "pca", "--checkpoint", tmp_path / "pictures")
    refused("train", "--resume", tmp_path / "pictures", "--sequence", code=2, says="--sequence contradicts")


def test_eval_reads_each_step(run, curves, model, tmp_path):
    figures, = run("eval", model, "--data", curves, "--sequence", "--json").lines
    assert figures["images"] == 3 * STEPS


@pytest.mark.parametrize("format", ["npz", "h5", "mat", "tar"])
def test_every_format_with_three_axes(run, curves, model, tmp_path, format):
    images, labels = lissajous()
    data = tmp_path / f"a.{format}"
    if format == "npz":
        np.savez(data, x=images, y=labels)
    elif format == "h5":
        with h5py.File(data, "w") as file:
            file["x"], file["y"] = images, labels
    elif format == "mat":
        scipy.io.savemat(data, {"x": images, "y": labels})
    else:
        import tarfile
        with tarfile.open(data, "w") as tar:
            for name in ("images.npy", "labels.npy"):
                tar.add(curves / name, name)
    ours = encoded(run, model, curves, "--sequence", name="a.csv", folder=tmp_path)
    theirs = encoded(run, model, data, "--sequence", name="b.csv", folder=tmp_path)
    assert ours == theirs


def test_mat_files_take_labels_of_steps_and_none(run, model, tmp_path):
    images, _ = lissajous()
    steps = np.arange(COUNT * STEPS).reshape(COUNT, STEPS) % 4
    scipy.io.savemat(tmp_path / "steps.mat", {"x": images, "y": steps})
    rows = encoded(run, model, tmp_path / "steps.mat", "--sequence", name="steps.csv", folder=tmp_path)
    assert [int(row["label"]) for row in rows] == list(steps.reshape(-1))
    scipy.io.savemat(tmp_path / "none.mat", {"x": images})
    told = run("info", tmp_path / "none.mat", "--sequence").out
    assert "the first axis of 'x' [21, 15, 6] counts the inputs" in told
    assert encoded(run, model, tmp_path / "none.mat", "--sequence", folder=tmp_path).shape == (COUNT, STEPS, 4)


def test_what_holds_no_sequences_is_refused_in_a_line(run, refused, curves, model, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    says = "holds no sequences: --sequence reads arrays"
    refused("info", tmp_path / "t.csv", "--sequence", code=1, says=says)
    refused("train", "--data", "synthetic", "--sequence", "--out", tmp_path / "m.safetensors", code=1, says=says)
    flat = tmp_path / "flat.npy"
    np.save(flat, lissajous()[0].reshape(-1, VALUES))
    refused("info", flat, "--sequence", code=1, says=r"--sequence reads \[sequences, steps, values\]")
    refused("encode", model, "--data", curves, "--out", tmp_path / "a.npy", code=1,
            says="where these are sequences, add --sequence")
