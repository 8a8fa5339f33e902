"""Wrong usage ends with 2, a failure with 1; each with one line that names what is wrong."""

import gzip
import json
import re
import struct
import subprocess

import pytest
from support import SMALL_RUN

def test_wayland_without_x_is_named(binary, tmp_path):
    environment = {"PATH": "/usr/bin", "HOME": str(tmp_path), "WAYLAND_DISPLAY": "wayland-none"}
    done = subprocess.run([binary, "explore"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "no window can be opened" in done.stderr
    assert "Wayland" in done.stderr


def test_version_is_one_line(run):
    assert re.fullmatch(r"zscape \d+\.\d+\.\d+\n", run("--version").out)


def test_help_is_a_result_and_no_error(run):
    for args in (["--help"], ["train", "--help"], ["interpolate", "-h"]):
        result = run(*args)
        assert "--help" in result.out and result.err == ""


# What each option takes is tested on the parser itself: tests/command_line_test.cpp.
@pytest.mark.parametrize("args, says", [
    (["train", "--epochs", "0"], "--epochs: '0' is not a whole number"),
    (["train", "--lamda", "1"], "--lamda"),
    (["train", "surplus"], "surplus"),
    (["train", "--out", "--json"], "--out"),
    (["decode", "m.safetensors", "--z", "1,nan", "--out", "a.png"], "--z: '1,nan' is not"),
    (["eval", "m.safetensors", "--data", "synthetic", "--noise", "mask:2"], "--noise"),
    (["encode", "m.safetensors", "--data", "synthetic", "--out", "a.txt"], r"--out.*\.csv"),
    (["manifold", "m.safetensors", "--dims", "0,0", "--out", "a.png"], "--dims: '0,0' is not two"),
    (["manifold", "m.safetensors", "--grid", "0", "--out", "a.png"], "--grid"),
    (["interpolate", "m.safetensors", "--data", "synthetic", "--from", "12", "--to", "test:1",
      "--out", "a.png"], "--from: '12' is not test:INDEX"),
    (["classify", "m.safetensors", "--data", "synthetic"], "--mode"),
    (["fetch", "cifar"], "cifar"),
    (["trian"], "trian is no command"),
    (["--no-such-option"], ["--no-such-option", "zscape explore --help"]),
])
def test_wrong_usage_ends_with_2(refused, tmp_path, args, says):
    refused(*args, code=2, says=says, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args, says", [
    (["--model", "ae", "--lambda", "1"], "--lambda"),
    (["--model", "vae", "--likelihood", "mse"], ["mse", "gaussian"]),
    (["--model", "ae", "--sigma", "0.5"], ["--sigma", "gaussian"]),
])
def test_an_option_that_does_not_fit_the_model_is_wrong_usage(refused, args, says):
    refused("train", *args, *SMALL_RUN, code=2, says=says)


def test_a_value_must_fit_the_saved_model(refused, models, digits, tmp_path):
    out = ["--out", tmp_path / "a.png"]
    refused("decode", models["vae"], "--z", "1,2", *out, code=2, says=["--z", "length 3", "length 2"])
    refused("decode", models["vae"], "--z", "1,2,3", "--label", 4, *out, code=2, says="--label")
    refused("decode", models["cvae"], "--z", "1,2,3", *out, code=2, says=["--label", "0 to 9"])
    refused("decode", models["cvae"], "--z", "1,2,3", "--label", 10, *out, code=2, says="0 to 9")
    refused("sample", models["ae"], "--label", 4, *out, code=2, says="--label")
    refused("manifold", models["cvae"], *out, code=2, says=["--label", "0 to 9"])
    refused("manifold", models["cvae"], "--label", 10, *out, code=2, says="0 to 9")
    refused("manifold", models["vae"], "--label", 1, *out, code=2, says="--label")
    refused("manifold", models["vae"], "--dims", "0,3", *out, code=2, says=["--dims", "0 to 2"])
    refused("manifold", models["vae"], "--data", digits, *out, code=2, says=["--data", "prior"])
    for kind in ("ae", "pca"):
        refused("eval", models[kind], "--data", digits, "--importance-samples", 8, code=2,
                says=["--importance-samples", kind])
    refused("explore", models["vae"], "--model", "ae", code=2, says="--model")
    refused("info", models["vae"], "--image-size", "8x8", code=2, says="--image-size")
    assert list(tmp_path.iterdir()) == []


def test_an_input_must_be_in_its_split(refused, models, digits, tmp_path):
    out = ["--out", tmp_path / "a.png"]
    ends = ["--from", "test:0", "--to", "test:1"]
    refused("interpolate", models["vae"], "--data", digits, "--from", "test:100", "--to", "test:1",
            *out, code=1, says=["--from", "0 to 99", "100"])
    refused("interpolate", models["vae"], "--data", digits, "--from", "train:599", "--to",
            "train:600", *out, code=1, says=["--to", "0 to 599", "600"])
    refused("interpolate", models["cvae"], "--data", digits, *ends, "--label", 10, *out, code=2,
            says=["--label", "0 to 9"])
    refused("interpolate", models["vae"], "--data", digits, *ends, "--label", 1, *out, code=2,
            says="--label")
    refused("reconstruct", models["vae"], "--data", digits, "--from", 100, *out, code=1,
            says=["--from", "0 to 99"])
    refused("reconstruct", models["vae"], "--data", digits, "--from", 90, "--count", 11, *out,
            code=1, says=["--count", "10 inputs", "from 90 on"])
    assert list(tmp_path.iterdir()) == []


def test_cuda_is_refused_in_one_line(run, refused):
    machine = json.loads(run("info", "--json").out)
    if machine["gpu"]:
        pytest.skip(f"there is {machine['gpu']}")
    assert machine["no_gpu"]
    refused("train", "--device", "cuda", code=1, says=["--device cuda", "auto or cpu"])
    refused("explore", "--device", "cuda", code=1, says="--device cuda")


def idx_folder(folder, images, side=4):
    """A data folder whose training images are these bytes; the rest is whole."""
    folder.mkdir()
    labels = struct.pack(">II", 0x801, 2) + bytes([0, 1])
    good = struct.pack(">IIII", 0x803, 2, side, side) + bytes(2 * side * side)
    (folder / "train-images-idx3-ubyte").write_bytes(images)
    (folder / "train-labels-idx1-ubyte").write_bytes(labels)
    (folder / "t10k-images-idx3-ubyte").write_bytes(good)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(labels)
    return folder


@pytest.mark.parametrize("images", [
    struct.pack(">IIII", 0x12345678, 2, 4, 4) + bytes(32),
    struct.pack(">IIII", 0x803, 2, 4, 4) + bytes(31),
    struct.pack(">IIII", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    gzip.compress(struct.pack(">IIII", 0x803, 2, 4, 4) + bytes(32))[:-12],
    b"",
], ids=["magic", "truncated", "huge", "gzip", "empty"])
def test_broken_data_are_named(refused, tmp_path, images):
    folder = idx_folder(tmp_path / "data", images)
    refused("train", "--data", folder, *SMALL_RUN, code=1, says="train-images-idx3-ubyte")
    refused("info", folder, code=1, says="train-images-idx3-ubyte")


def test_a_missing_place_is_named(refused, models, digits, tmp_path):
    gone = tmp_path / "gone"
    refused("train", "--data", gone, *SMALL_RUN, code=1, says="gone")
    refused("eval", models["vae"], "--data", gone, code=1, says="gone")
    refused("eval", gone, "--data", "synthetic", code=1, says="gone")
    refused("info", gone, code=1, says="gone")
    refused("explore", gone, code=1, says="gone")
    refused("train", *SMALL_RUN, "--out", gone / "m.safetensors", code=1, says=["gone", "folder"])
    refused("decode", models["vae"], "--z", "1,2,3", "--out", gone / "a.png", code=1, says="gone")
    for command, *args in (["sample"], ["manifold"],
                           ["reconstruct", "--data", digits],
                           ["interpolate", "--data", digits, "--from", "test:0", "--to", "test:1"]):
        refused(command, models["vae"], *args, "--out", gone / "a.png", code=1, says="gone")
    refused("encode", models["vae"], "--data", digits, "--out", gone / "a.csv", code=1, says="gone")
    refused("encode", models["vae"], "--data", gone, "--out", tmp_path / "a.csv", code=1,
            says="gone")
    refused("classify", models["vae"], "--data", gone, "--mode", "frozen", code=1, says="gone")
    refused("sample", models["vae"], "--out", tmp_path, code=1, says="is a folder")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_model_is_named(refused, models, tmp_path):
    good = models["vae"].read_bytes()
    broken = tmp_path / "broken.safetensors"
    for content in (b"", b"text that is no model", good[:-4], good[:100], good + b"\0",
                    struct.pack("<Q", 2**63) + good[8:], good[:8] + b"[" + good[9:]):
        broken.write_bytes(content)
        refused("decode", broken, "--z", "1,2,3", "--out", tmp_path / "a.png", code=1,
                says="broken.safetensors")
    assert list(tmp_path.iterdir()) == [broken]


def test_a_model_and_data_that_do_not_fit_are_refused(refused, models, tmp_path):
    small = idx_folder(tmp_path / "small", struct.pack(">IIII", 0x803, 2, 4, 4) + bytes(32))
    refused("eval", models["vae"], "--data", small, code=1, says=["28×28", "4×4"])
    refused("eval", models["cvae"], "--data", small, code=1, says="28×28")
    unlabelled = idx_folder(tmp_path / "unlabelled",
                            struct.pack(">IIII", 0x803, 2, 28, 28) + bytes(2 * 784), side=28)
    for name in ("train", "t10k"):
        (unlabelled / f"{name}-labels-idx1-ubyte").unlink()
    refused("eval", models["cvae"], "--data", unlabelled, code=1, says="label")


def test_a_cvae_needs_labels(refused, tmp_path):
    folder = idx_folder(tmp_path / "data", struct.pack(">IIII", 0x803, 2, 4, 4) + bytes(32))
    (folder / "train-labels-idx1-ubyte").unlink()
    (folder / "t10k-labels-idx1-ubyte").unlink()
    refused("train", "--data", folder, "--model", "cvae", "--epochs", 1, "--threads", 1, code=1,
            says="labels")


def test_a_full_standard_output_is_a_failure(binary, models):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary, "info", models["vae"]], stdout=full, stderr=subprocess.PIPE,
                              text=True, timeout=60)
    assert done.returncode == 1
    assert "standard output" in done.stderr


def test_data_that_are_no_data_are_named_as_what_they_are(run, refused, models, digits, tmp_path):
    run("train", "--data", digits, "--epochs", 1, "--checkpoint", tmp_path / "kept")
    session = tmp_path / "s.json"
    session.write_text('{"zscape_session": 1}')
    for source, what in ((models["ae"], "holds a model or a checkpoint"), (session, "is a session"),
                         (tmp_path / "kept/checkpoint.safetensors", "holds a model or a checkpoint")):
        for line in (["train"], ["eval", models["ae"]]):
            refused(*line, "--data", source, code=1, says=["--data", source.name, what, "a folder of IDX files"])


def test_a_session_that_cannot_be_read_stays_and_ends_the_program(refused, tmp_path):
    session = tmp_path / "mine.json"
    whole = {"zscape_session": 3, "plan": {"data": "synthetic"}, "run": "mine.safetensors", "running": False,
             "view": {"center": [0, 0], "height": 0, "axes": [0, 1], "split": "train", "hidden_labels": [],
                      "label": 0, "layers": [], "ellipses_of_all": False},
             "pins": [], "paths": [], "layout": {"panels_hidden": False}}
    for text, why in ((json.dumps(whole), "mine.safetensors does not exist any more"),
                      (json.dumps({**whole, "zscape_session": 99}), "another version of zscape"),
                      ('{"zscape_session": 3, ', "not a valid session")):
        session.write_text(text)
        for line in ([session], ["explore", session, "--data", "synthetic"]):
            refused(*line, code=1, says=["mine.json", why], env={"DISPLAY": "", "WAYLAND_DISPLAY": ""})
            assert session.read_text() == text
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_an_option_at_the_end_without_its_value_is_named(refused, models):
    for line in (["train", "--out"], ["eval", models["ae"], "--data"]):
        error = refused(*line, code=2, says=[f"zscape: {line[-1]}: a value must follow it", f"zscape {line[0]} --help"])
        assert "required" not in error


def test_a_limit_beyond_the_data_says_that_all_are_taken(run, digits, tmp_path):
    args = ["train", "--data", digits, "--threads", 1, "--epochs", 1, "--out", tmp_path / "m", "--replace"]
    assert "--limit 601: digits has 600 training inputs, and all are taken" in run(*args, "--limit", 601).err
    assert "--limit" not in run(*args, "--limit", 600).err


def test_one_epoch_is_no_epochs(run, digits, tmp_path):
    run("train", "--data", digits, "--threads", 1, "--epochs", 1, "--checkpoint", tmp_path / "kept")
    assert "1 epoch, 5 steps" in run("info", tmp_path / "kept/model.safetensors").out
    assert "1 epoch completed" in run("info", tmp_path / "kept/checkpoint.safetensors").out
    assert "is finished after 1 epoch;" in run("train", "--resume", tmp_path / "kept").err
