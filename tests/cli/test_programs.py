"""Files that PyTorch wrote, as the command line takes or refuses them."""

import json
import pathlib

import numpy as np
import pytest

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "programs"


@pytest.mark.parametrize("name,says", [("torchscript.pt", "TorchScript"), ("aotinductor.pt2", "AOTInductor")])
def test_native_and_scripted_models_are_refused_with_the_line_that_exports_them(refused, tmp_path, name, says):
    path = PROGRAMS / name
    says = [name, says, r"zscape_export\.export\(model\.encoder, model\.decoder"]
    refused("info", path, code=1, says=says)
    refused("decode", path, "--z", "0,0", "--out", tmp_path / "x.npy", code=1, says=says)
    refused("train", "--data", path, "--epochs", 1, "--out", tmp_path / "m.safetensors", code=1, says=says)
    refused("explore", path, code=1, says=says)
    refused(path, code=2, says=says)


def test_what_only_programs_have_is_refused_elsewhere(refused, models, digits, tmp_path):
    out = tmp_path / "x.npy"
    for option, value in (("--layout", "NCHW"), ("--output", "mean"), ("--model-range", "-1,1"),
                          ("--decoder", PROGRAMS / "mlp.decoder.pt2")):
        refused("decode", models["vae"], "--z", "0,0,0", option, value, "--out", out, code=2,
                says=[option, "PyTorch", "leave it out"])
        refused("train", "--data", digits, "--epochs", 1, option, value, code=2, says=[option, "--model FILE"])
    refused("explore", "--layout", "NCHW", code=2, says="--layout")
    refused("decode", models["vae"], "--z", "0,0,0", "--model-range", "1,1", "--out", out, code=2,
            says=["--model-range", "LOW,HIGH"])


def test_training_begins_with_a_models_file(run, refused, models, digits, tmp_path):
    out = tmp_path / "again.safetensors"

    def first_loss(*options):
        told = run("train", "--data", digits, "--epochs", 1, "--threads", 1, "--seed", 5, "--lr", 1e-9, "--json",
                   *options)
        return told.lines[0]["test_loss"]
    kept = first_loss("--model", models["vae"], "--out", out)
    fresh = first_loss("--model", models["vae"], "--fresh", "--out", tmp_path / "fresh.safetensors")
    saved = run("info", models["vae"], "--json").lines[0]["test_loss"]
    assert abs(kept - saved) < 0.02 * saved < fresh - saved
    again = run("info", out, "--json").lines[0]
    assert (again["hidden"], again["latent"]) == tuple(run("info", models["vae"], "--json").lines[0][key]
                                                       for key in ("hidden", "latent"))
    refused("train", "--data", digits, "--model", models["vae"], "--latent", 4, code=2, says=["--latent", "its own"])
    refused("train", "--data", digits, "--fresh", code=2, says=["--fresh", "--model FILE"])
    refused("train", "--data", digits, "--model", tmp_path / "none.pt2", code=1, says=["none.pt2", "no such file"])


def tensors(path):
    """The numbers of a safetensors file."""
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    return {name: np.frombuffer(content[begin + entry["data_offsets"][0]:begin + entry["data_offsets"][1]],
                                np.float32).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__" and entry["dtype"] == "F32"}


MODELS = ["mlp", "mlp_dropout", "conv", "cvae", "cvae_numbers", "attention", "grid", "ae"]
RETURN_MEANS = {"conv", "grid"}


@pytest.mark.parametrize("name", MODELS)
def test_a_program_decodes_and_encodes_as_pytorch_does(run, tmp_path, name):
    wanted, out = tensors(PROGRAMS / f"{name}.expected.safetensors"), tmp_path / "x.npy"
    label = ["--label", int(wanted["y"][0])] if "y" in wanted else []
    run("decode", PROGRAMS / f"{name}.pt2", "--z=" + ",".join(map(repr, map(float, wanted["z"][0].ravel()))), *label,
        "--out", out)
    picture = wanted["out"][0].astype(float).ravel()
    if name not in RETURN_MEANS:
        picture = 1 / (1 + np.exp(-picture))
    assert np.abs(np.load(out).ravel() - picture).max() < 1e-5

    # The first inputs of the fixtures are those of x.
    run("encode", PROGRAMS / f"{name}.pt2", "--data", PROGRAMS / "images.npy", "--split", "all", "--out", out)
    codes = np.load(out)[:len(wanted["mean"])]
    mean = wanted["mean"].reshape(len(codes), -1)
    assert np.abs(codes[:, :mean.shape[1]] - mean).max() < 1e-5
    if "log_variance" in wanted and name != "ae":
        sigma = np.exp(wanted["log_variance"].reshape(len(codes), -1) / 2)
        assert np.abs(codes[:, mean.shape[1]:] - sigma).max() < 1e-5


@pytest.mark.parametrize("name", ["mlp", "conv", "attention"])
def test_a_trained_program_keeps_the_names_of_its_state_dict(run, tmp_path, name):
    wanted, out = tensors(PROGRAMS / f"{name}.expected.safetensors"), tmp_path / "new.safetensors"
    run("train", "--model", PROGRAMS / f"{name}.pt2", "--data", PROGRAMS / "images.npy", "--epochs", 2, "--lambda", 0.3,
        "--threads", 1, "--out", out)
    saved = {key: value.shape for key, value in tensors(out).items()}
    learned = {key[5:]: value.shape for key, value in wanted.items() if key.startswith("grad.")}
    assert learned.items() <= saved.items()
    statistics = {key[6:] for key in wanted if key.startswith("after.")}
    assert {key for key in statistics if not key.endswith("num_batches_tracked")} <= saved.keys()
    assert run("eval", out, "--data", PROGRAMS / "images.npy", "--threads", 1, "--json").lines[0]["reconstruction"] > 0


def test_two_files_are_one_model(run, refused, tmp_path):
    out, packed = tmp_path / "x.npy", tmp_path / "y.npy"
    run("decode", PROGRAMS / "mlp.encoder.pt2", "--decoder", PROGRAMS / "mlp.decoder.pt2", "--z", "0.5,-1", "--out", out)
    run("decode", PROGRAMS / "mlp.pt2", "--z", "0.5,-1", "--out", packed)
    assert np.array_equal(np.load(out), np.load(packed))
    run("decode", PROGRAMS / "mlp.pt2", "--z", "0.5,-1", "--output", "mean", "--out", out)
    assert not np.array_equal(np.load(out), np.load(packed))
    refused("decode", PROGRAMS / "mlp.encoder.pt2", "--decoder", PROGRAMS / "torchscript.pt", "--z", "0,0", "--out", out,
            code=1, says="TorchScript")
    for name in ("static_batch", "use_pickle"):
        refused("info", PROGRAMS / f"{name}.pt2", code=1, says=f"{name}.pt2")


@pytest.mark.parametrize("name", ["mlp_dropout", "conv"])
def test_a_resumed_run_of_a_program_ends_with_the_bits_of_the_unbroken_one(run, tmp_path, name):
    """Batch norm's statistics, dropout's draws and Adam's moments go on as if nothing had happened."""
    begin = ("train", "--model", PROGRAMS / f"{name}.pt2", "--data", PROGRAMS / "images.npy", "--batch", 4,
             "--threads", 1, "--seed", 2)
    whole, parted, kept = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors", tmp_path / "run"
    run(*begin, "--epochs", 5, "--out", whole)
    run(*begin, "--epochs", 2, "--out", parted, "--checkpoint", kept)
    run("train", "--resume", kept / "checkpoint.safetensors", "--epochs", 5)
    one, other = tensors(whole), tensors(parted)
    assert one.keys() == other.keys()
    for key in one:
        assert np.array_equal(one[key], other[key]), key
