"""Files that PyTorch wrote, as the command line takes or refuses them."""

import pathlib

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
