"""Nothing that a person has is lost to an output: inputs, files of other types, another run's work."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def data(digits, tmp_path):
    """A person's own data; whatever happens, they must stay as they are."""
    shutil.copytree(digits, tmp_path / "data")
    return tmp_path / "data"


# ---- Inputs of the same command ------------------------------------------------------------------

def test_data_are_not_replaced_by_a_model(refused, data):
    before = contents(data)
    for name in NAMES:
        refused("train", "--data", data, "--epochs", 1, "--out", data / name, code=1,
                says=["--out", name, "belongs to the data", "name another"])
    assert contents(data) == before


def test_an_array_of_the_data_is_not_replaced_by_results(run, refused, models, tmp_path):
    rng = np.random.default_rng(1)
    for name, array in (("images", rng.integers(0, 256, (40, 28, 28), np.uint8)), ("labels", np.arange(40) % 4)):
        np.save(tmp_path / f"{name}.npy", array)
    before = contents(tmp_path)
    for source in (tmp_path, tmp_path / "images.npy"):
        for name in ("images.npy", "labels.npy"):
            refused("encode", models["ae"], "--data", source, "--out", tmp_path / name, code=1,
                    says=["--out", name, "belongs to the data"])
    (tmp_path / "link.npy").symlink_to(tmp_path / "images.npy")
    refused("encode", models["ae"], "--data", tmp_path / "images.npy", "--out", tmp_path / "link.npy", code=1,
            says="belongs to the data")
    (tmp_path / "link.npy").unlink()
    assert contents(tmp_path) == before
    for _ in range(2):   # what is not read may lie there, and be replaced by its like
        run("encode", models["ae"], "--data", tmp_path, "--out", tmp_path / "codes.npy")


def test_a_picture_of_the_data_is_not_replaced(run, refused, models, tmp_path):
    for i in range(4):
        folder = tmp_path / "pictures" / f"class{i % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((28, 28), 40 * i, np.uint8)).save(folder / f"{i}.png")
    before = contents(tmp_path)
    refused("reconstruct", models["ae"], "--data", tmp_path / "pictures", "--out", tmp_path / "pictures/class1/1.png",
            code=1, says=["--out", "1.png", "belongs to the data"])
    assert contents(tmp_path) == before
    run("reconstruct", models["ae"], "--data", tmp_path / "pictures", "--count", 1, "--out", tmp_path / "a.png")


def test_the_checkpoint_that_is_resumed_is_not_replaced_by_the_model(run, refused, digits, tmp_path):
    args = ["--data", digits, "--threads", 1]
    kept = tmp_path / "kept"
    refused("train", *args, "--checkpoint", kept, "--out", kept / "checkpoint.safetensors", code=1,
            says=["--out", "keeps its checkpoint"])
    run("train", *args, "--epochs", 1, "--checkpoint", kept, "--out", kept / "model.safetensors")
    before = contents(kept)
    for out in ("checkpoint.safetensors", "./x/../checkpoint.safetensors"):
        (kept / "x").mkdir(exist_ok=True)
        refused("train", "--resume", kept, "--epochs", 2, "--out", kept / out, code=1, says="--out")
    assert contents(kept) == before


def test_a_log_replaces_neither_script_nor_session(refused, tmp_path):
    script = tmp_path / "s.jsonl"
    script.write_text('{"at": 0, "do": "quit"}\n')
    refused("--script", script, "--log", script, code=1, says=["--log", "the script"])
    session = tmp_path / "session.json"
    session.write_text('{"zscape_session": 1}')
    refused("--log", session, code=1, says=["--log", "a session"])
    assert script.read_text().startswith('{"at"') and session.read_text().startswith('{"zscape')


# ---- Files of another type -----------------------------------------------------------------------

def test_a_file_of_another_type_stays(run, refused, models, digits, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    makers = {
        "an IDX file": lambda path: shutil.copy(digits / NAMES[0], path),
        "an NPY array": lambda path: np.save(path.open("wb"), np.zeros((3, 4))),
        "a PNG picture": lambda path: Image.new("L", (3, 3)).save(path, "png"),
        "a picture": lambda path: Image.new("L", (3, 3)).save(path, "jpeg"),
        "a compressed file": lambda path: path.write_bytes(b"\x1f\x8b\x08" + bytes(20)),
        "a safetensors file of another program":
            lambda path: safetensors.save_file({"a": np.zeros(3, np.float32)}, path),
        "a text": lambda path: path.write_text("my thesis"),
        "a file that zscape does not know": lambda path: path.write_bytes(b"\x00\x01\x02\x03" * 9),
    }
    out = tmp_path / "thesis"
    for what, make in makers.items():
        make(out)
        before = out.read_bytes()
        refused("train", "--data", digits, "--epochs", 1, "--out", out, code=1,
                says=["--out", "thesis", f" is {what}", "a model would take its place", "name another"])
        assert out.read_bytes() == before
        out.unlink()
    for name, kind in (("a.png", models["ae"]), ("a.csv", models["ae"]), ("a.npy", models["ae"])):
        shutil.copy(kind, tmp_path / name)
        refused("sample", models["ae"], "--out", tmp_path / name, code=1, says=["--out", name, "is a model"])
    run("train", "--data", digits, "--epochs", 1, "--checkpoint", tmp_path / "kept")
    refused("train", "--data", digits, "--out", tmp_path / "kept/checkpoint.safetensors", code=1,
            says="the checkpoint of a run")


def test_a_former_output_of_the_same_type_is_replaced(run, models, digits, tmp_path):
    for replace in ((), ("--replace",)):
        run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--out", tmp_path / "m", *replace)
        for ending in (".png", ".csv", ".npy"):
            run("sample", models["ae"], "--count", 4, "--out", tmp_path / f"a{ending}")
        run("interpolate", models["ae"], "--data", digits, "--from", "test:0", "--to", "test:1", "--steps", 2,
            "--out", tmp_path / "a.gif")
    (tmp_path / "empty.png").touch()
    run("sample", models["ae"], "--count", 4, "--out", tmp_path / "empty.png")


# ---- Folders -------------------------------------------------------------------------------------

def test_digits_are_not_drawn_over_other_data(run, refused, data, tmp_path):
    before = contents(data)
    for count in (700, 70):   # as many, and fewer
        refused("synthesize", "--count", count, "--seed", 4, "--out", data, code=1,
                says=["--out", NAMES[0], "would be lost", "name another folder"])
    assert contents(data) == before
    run("synthesize", "--count", 700, "--seed", 3, "--out", data)   # the same digits again
    assert contents(data) == before
    for name in NAMES:   # compressed ones would stand behind them
        (data / name).rename(data / f"{name}.gz")
    before = contents(data)
    refused("synthesize", "--count", 700, "--seed", 3, "--out", data, code=1, says=[r"ubyte\.gz", "would be lost"])
    assert contents(data) == before
    arrays = tmp_path / "arrays"
    arrays.mkdir()
    np.save(arrays / "images.npy", np.zeros((4, 8, 8), np.uint8))
    refused("synthesize", "--count", 70, "--out", arrays, code=1, says=["--out", "NPY"])
    assert [path.name for path in arrays.iterdir()] == ["images.npy"]


def test_a_checkpoint_takes_no_models_place(run, refused, digits, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--seed", 1, "--out", kept / "model.safetensors")
    before = contents(kept)
    refused("train", "--data", digits, "--epochs", 1, "--checkpoint", kept, code=1,
            says=["--checkpoint", "model.safetensors", "another folder"])
    assert contents(kept) == before
    # Unless --out and --replace say so.
    run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--seed", 2, "--checkpoint", kept,
        "--out", kept / "model.safetensors", "--replace")
    assert contents(kept).keys() > before.keys()


# ---- Two runs at a time --------------------------------------------------------------------------

def started(binary, *args):
    """A run that goes on until it is ended, and has written its first checkpoint."""
    process = subprocess.Popen([binary, "train", "--json", "--threads", "1", *map(str, args)],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for _ in range(2):   # the checkpoint of an epoch is written before the next epoch's line
        json.loads(process.stdout.readline())
    return process


def test_two_runs_do_not_write_one_checkpoint(binary, run, refused, digits, tmp_path):
    kept = tmp_path / "kept"
    data = ["--data", digits]
    process = started(binary, *data, "--epochs", 1000000, "--checkpoint", kept)
    try:
        for line in (["--resume", kept], ["--resume", kept / "checkpoint.safetensors"],
                     ["--resume", kept, "--checkpoint", kept]):
            refused("train", *line, code=1, says=["--resume", "another run", "at this moment", "--checkpoint"])
        refused("train", *data, "--checkpoint", kept, code=1, says=["--checkpoint", "another run"])
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    files = sorted(path.name for path in kept.iterdir() if not path.name.startswith("."))
    assert files == ["checkpoint.safetensors", "model.safetensors"]
    # A killed run's lock is none.
    epoch = run("info", kept / "checkpoint.safetensors", "--json").lines[0]["epoch"]
    assert epoch >= 1
    process = subprocess.Popen([binary, "train", "--json", "--resume", kept], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(process.stdout.readline())["epoch"] > epoch
        # Another folder goes on from the same place.
        fork = run("train", "--resume", kept, "--epochs", 1, "--checkpoint", tmp_path / "fork")
        assert "is finished after" in fork.err
    finally:
        process.kill()
        process.communicate()


# ---- Models of other runs ------------------------------------------------------------------------

def test_a_model_of_another_run_is_replaced_only_when_told(run, refused, digits, tmp_path):
    args = ["train", "--data", digits, "--threads", 1, "--limit", 200, "--epochs", 1]
    kept = tmp_path / "kept"
    run(*args, "--out", tmp_path / "a.safetensors", "--checkpoint", kept)
    before = contents(tmp_path)
    for place in (tmp_path / "a.safetensors", kept / "model.safetensors"):
        refused(*args, "--model", "ae", "--out", place, code=1, says=[str(place), "vae 784", "--replace"])
    assert contents(tmp_path) == before
    run(*args, "--model", "ae", "--out", tmp_path / "a.safetensors", "--replace")

    # The resumed run had its model there.
    before = contents(tmp_path)
    refused("train", "--resume", kept, "--epochs", 2, code=1, says=["a.safetensors", "ae 784", "--replace"])
    assert contents(tmp_path) == before
    run("train", "--resume", kept, "--epochs", 2, "--out", tmp_path / "b.safetensors")
    run("train", "--resume", kept, "--epochs", 3)   # its own, twice
