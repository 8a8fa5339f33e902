"""What is saved and what info tells of it; that Python and zscape read each other's models."""

import json
import shutil
import struct

import numpy as np
import pytest
from networks import Model, assert_same_pictures, tiles
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from support import KINDS, WITH_PRIOR, png_size


def conv_shapes(outputs, latent):
    inner = 64 * 7 * 7
    return {"encoder.0.weight": (32, 1, 4, 4), "encoder.0.bias": (32,),
            "encoder.2.weight": (64, 32, 4, 4), "encoder.2.bias": (64,),
            "encoder.5.weight": (outputs, inner), "encoder.5.bias": (outputs,),
            "decoder.0.weight": (inner, latent), "decoder.0.bias": (inner,),
            "decoder.3.weight": (64, 32, 4, 4), "decoder.3.bias": (32,),
            "decoder.5.weight": (32, 1, 4, 4), "decoder.5.bias": (1,)}


def mlp_shapes(inputs, outputs, codes):
    return {"encoder.0.weight": (400, inputs), "encoder.0.bias": (400,),
            "encoder.2.weight": (outputs, 400), "encoder.2.bias": (outputs,),
            "decoder.0.weight": (400, codes), "decoder.0.bias": (400,),
            "decoder.2.weight": (784, 400), "decoder.2.bias": (784,)}


SHAPES = {
    "ae": mlp_shapes(784, 3, 3), "dae": mlp_shapes(784, 3, 3), "mae": mlp_shapes(784, 3, 3),
    "vae": mlp_shapes(784, 6, 3), "cvae": mlp_shapes(794, 6, 13), "conv": conv_shapes(6, 3),
    "pca": {"encoder.0.weight": (3, 784), "encoder.0.bias": (3,),
            "decoder.0.weight": (784, 3), "decoder.0.bias": (784,)},
}


@pytest.mark.parametrize("name", KINDS)
def test_python_reads_the_names_and_shapes_of_nn_sequential(models, name):
    tensors = load_file(models[name])
    assert {key: tensor.shape for key, tensor in tensors.items()} == SHAPES[name]
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())
    with safe_open(models[name], "numpy") as file:
        metadata = file.metadata()
    assert list(metadata) == ["zscape"]
    assert json.loads(metadata["zscape"])["model"]["kind"] == ("vae" if name == "conv" else name)


@pytest.mark.parametrize("name", KINDS)
def test_info_tells_what_the_model_is(run, models, name):
    info, = run("info", models[name], "--json").lines
    kind = "vae" if name == "conv" else name
    steps = 1 if kind == "pca" else 15   # 600 images by 128, three epochs
    assert (info["type"], info["kind"], info["latent"]) == ("model", kind, 3)
    assert (info["shape"], info["classes"]) == ([28, 28, 1], 10 if kind == "cvae" else 0)
    assert info["hidden"] == ([] if name in ("conv", "pca") else [400])
    assert info["network"] == ("conv" if name == "conv" else "mlp")
    assert (info["data"], info["seed"], info["steps"]) == ("digits", 5, steps)
    assert info["parameters"] == sum(int(np.prod(shape)) for shape in SHAPES[name].values())
    assert info["test_loss"] > 0
    assert info["noise"] == ("mask:0.25" if kind == "dae" else None)
    assert (info["patch"], info["mask_ratio"]) == ((4, 0.75) if kind == "mae" else (None, None))
    assert info["scaling"] is False
    assert len(info["code_range"]["low"]) == len(info["code_range"]["high"]) == 3
    assert run("info", models[name]).out.splitlines()[0].split()[:2] == ["model", kind]


def test_info_tells_how_much_pca_explains(run, models):
    info, = run("info", models["pca"], "--json").lines
    shares = info["explained_variance"]
    assert len(shares) == 3 and shares == sorted(shares, reverse=True)
    cumulative = np.cumsum(shares)
    line = next(line for line in run("info", models["pca"]).out.splitlines()
                if line.startswith("explained"))
    assert [float(word) for word in line.split()[1:]] == pytest.approx(cumulative, abs=1e-4)
    assert run("info", models["ae"], "--json").lines[0]["explained_variance"] is None


def test_pca_is_the_closed_form(models, run, digits):
    from support import idx_inputs
    images, _ = idx_inputs(digits, "train")
    mean = images.mean(0)
    values, axes = np.linalg.eigh(np.cov((images - mean).T, bias=True))
    axes = axes[:, ::-1][:, :3].T
    axes *= np.sign(axes[np.arange(3), np.abs(axes).argmax(1)])[:, None]
    tensors = load_file(models["pca"])
    assert tensors["encoder.0.weight"] == pytest.approx(axes, abs=2e-5)
    assert tensors["encoder.0.bias"] == pytest.approx(-axes @ mean, abs=2e-4)
    assert tensors["decoder.0.weight"] == pytest.approx(axes.T, abs=2e-5)
    assert tensors["decoder.0.bias"] == pytest.approx(mean, abs=1e-6)
    info, = run("info", models["pca"], "--json").lines
    assert info["explained_variance"] == pytest.approx(values[::-1][:3] / values.sum(), rel=1e-4)


def test_info_recognises_a_checkpoint(run, refused, digits, tmp_path):
    run("train", "--data", digits, "--epochs", 2, "--threads", 1, "--latent", 4, "--seed", 6,
        "--validation", 100, "--checkpoint", tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    info, = run("info", path, "--json").lines
    assert (info["type"], info["kind"], info["latent"]) == ("checkpoint", "vae", 4)
    assert (info["step"], info["epoch"], info["seen_in_epoch"]) == (8, 2, 0)   # 500 by 128
    assert info["best_step"] in (4, 8)
    assert info["options"]["seed"] == 6
    out = run("info", path).out
    assert out.startswith("checkpoint ") and "vae 784" in out and "step 8" in out
    refused("sample", path, "--out", tmp_path / "a.png", code=1, says="is a checkpoint")
    assert run("info", tmp_path / "model.safetensors", "--json").lines[0]["type"] == "model"


@pytest.mark.parametrize("name", KINDS)
def test_numpy_reproduces_decode(run, models, tmp_path, name):
    model = Model(models[name])
    label = [4] if name == "cvae" else None
    # A code that begins with a sign is no option.
    for z in ("0,0,0", "-1.5,.25,1e0"):
        run("decode", models[name], "--z", z, *(["--label", 4] if label else []), "--out",
            tmp_path / "a.png")
        assert png_size(tmp_path / "a.png") == (28, 28, 8, 0)
        expected = model.decoded_picture([float(part) for part in z.split(",")], label)
        assert expected.std() > 5   # not blank
        assert_same_pictures(tiles(tmp_path / "a.png", 28, 28)[0], expected)


def test_a_cvae_draws_the_class_it_is_asked_for(run, models, tmp_path):
    model = Model(models["cvae"])
    pictures = []
    for label in (0, 9):
        run("decode", models["cvae"], "--z", "0.5,-1.25,2", "--label", label, "--out",
            tmp_path / "a.png")
        pictures.append(tiles(tmp_path / "a.png", 28, 28)[0])
        assert_same_pictures(pictures[-1], model.decoded_picture([0.5, -1.25, 2], [label]))
    assert np.abs(pictures[0] - pictures[1]).max() > 5


@pytest.mark.parametrize("kind", ["ae", "vae", "cvae"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_a_file_from_python_without_metadata_opens(run, models, tmp_path, kind, dtype):
    path = tmp_path / "python.safetensors"
    save_file({name: tensor.astype(dtype) for name, tensor in load_file(models[kind]).items()},
              path)
    info, = run("info", path, "--json").lines
    assert (info["kind"], info["latent"], info["shape"]) == (kind, 3, [28, 28, 1])
    assert info["data"] is None and info["test_loss"] is None and info["code_range"] is None
    label = [7] if kind == "cvae" else None
    run("decode", path, "--z", "1,-1,0.5", *(["--label", 7] if label else []), "--out",
        tmp_path / "a.png")
    spec = {"kind": kind, "latent": 3, "classes": info["classes"]}
    assert_same_pictures(tiles(tmp_path / "a.png", 28, 28)[0],
                         Model(path, spec).decoded_picture([1, -1, 0.5], label))


def test_deeper_networks_keep_the_names_of_nn_sequential(run, digits, tmp_path):
    path = tmp_path / "deep.safetensors"
    run("train", "--data", digits, "--epochs", 1, "--threads", 1, "--hidden", "50,20", "--out",
        path)
    tensors = load_file(path)
    assert tensors["encoder.2.weight"].shape == (20, 50)
    assert tensors["encoder.4.weight"].shape == (4, 20)
    assert tensors["decoder.0.weight"].shape == (20, 2)
    assert tensors["decoder.4.weight"].shape == (784, 50)
    run("decode", path, "--z", "1,1", "--out", tmp_path / "a.png")
    assert_same_pictures(tiles(tmp_path / "a.png", 28, 28)[0], Model(path).decoded_picture([1, 1]))


def test_a_learned_sigma_is_no_tensor_but_metadata(run, digits, tmp_path):
    path = tmp_path / "learned.safetensors"
    run("train", "--data", digits, "--epochs", 2, "--threads", 1, "--likelihood", "gaussian",
        "--sigma", "learned", "--out", path)
    assert load_file(path).keys() == SHAPES["vae"].keys()
    info, = run("info", path, "--json").lines
    assert info["learned_sigma"] is True
    assert 1e-3 <= info["sigma"] < 1


def test_an_optimal_sigma_is_the_error_of_the_training_inputs(run, digits, refused, tmp_path):
    path = tmp_path / "optimal.safetensors"
    run("train", "--data", digits, "--epochs", 2, "--threads", 1, "--likelihood", "gaussian",
        "--sigma", "optimal", "--lr", 1e-9, "--out", path)   # the weights stay where they are
    info, = run("info", path, "--json").lines
    assert info["learned_sigma"] is True and info["optimal_sigma"] is True
    mse = run("eval", path, "--data", digits, "--split", "train", "--json").lines[0]["mse"]
    assert info["sigma"]**2 == pytest.approx(mse, rel=0.1)   # z is drawn in training
    refused("train", "--data", digits, "--likelihood", "bernoulli", "--sigma", "optimal", "--out",
            tmp_path / "b.safetensors", code=2, says=["gaussian"])


def test_widths_that_leave_doubt_name_the_metadata(refused, models, tmp_path):
    tensors = load_file(models["vae"])
    tensors["encoder.2.weight"] = tensors["encoder.2.weight"][:5].copy()
    tensors["encoder.2.bias"] = tensors["encoder.2.bias"][:5].copy()
    path = tmp_path / "odd.safetensors"
    save_file(tensors, path)
    refused("info", path, code=1, says=["odd.safetensors", "metadata"])


@pytest.mark.parametrize("name", ["vae", "conv", "pca"])
def test_a_weight_that_is_not_finite_is_refused(refused, models, tmp_path, name):
    with safe_open(models[name], "numpy") as file:
        metadata = file.metadata()
    tensors = load_file(models[name])
    tensors["decoder.0.bias"][7] = np.nan
    path = tmp_path / "nan.safetensors"
    save_file(tensors, path, metadata)
    refused("info", path, code=1, says=["decoder.0.bias", "finite"])


def test_metadata_that_claim_other_layers_are_refused(refused, models, tmp_path):
    tensors = load_file(models["vae"])
    with safe_open(models["vae"], "numpy") as file:
        metadata = json.loads(file.metadata()["zscape"])
    for changes in ({"latent": 4}, {"hidden": [300]}, {"kind": "ae", "likelihood": "mse"},
                    {"network": "conv", "hidden": []}, {"shape": [28, 29, 1]},
                    {"shape": [1000000, 1000000, 1]}, {"kind": "gan"}, {"latent": "three"}):
        changed = {**metadata, "model": {**metadata["model"], **changes}}
        path = tmp_path / "claims.safetensors"
        save_file(tensors, path, {"zscape": json.dumps(changed)})
        refused("info", path, code=1, says="claims.safetensors")


def test_a_cvae_without_class_names_says_that_it_assumes_their_order(run, models, digits, tmp_path):
    tensors = load_file(models["cvae"])
    with safe_open(models["cvae"], "numpy") as file:
        metadata = json.loads(file.metadata()["zscape"])
    metadata["model"].pop("class_names", None)   # as an older zscape wrote it
    save_file(tensors, tmp_path / "older", {"zscape": json.dumps(metadata)})
    named = tmp_path / "named"
    shutil.copytree(digits, named)
    (named / "labels.txt").write_text("".join(f"class {i}\n" for i in range(10)))
    said = run("eval", tmp_path / "older", "--data", named).err
    assert "the file names no classes" in said and "class 0, class 1, class 2" in said
    assert "names no classes" not in run("eval", tmp_path / "older", "--data", digits).err


def test_a_model_file_of_others_opens_in_the_window_by_the_same_options(refused, models):
    refused("explore", "--activation", "relu", code=2, says="--activation")
    refused("explore", "--likelihood", "gaussian", code=2, says="--likelihood")


def test_synthesize_splits_six_to_one_and_repeats_itself(run, digits, tmp_path):
    names = sorted(path.name for path in digits.iterdir())
    assert names == ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
                     "train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
    head = (digits / "train-images-idx3-ubyte").read_bytes()[:16]
    assert struct.unpack(">IIII", head) == (0x803, 600, 28, 28)
    for seed, same in ((3, True), (4, False)):
        again = tmp_path / str(seed)
        run("synthesize", "--count", 700, "--seed", seed, "--out", again)
        assert same == all((digits / name).read_bytes() == (again / name).read_bytes()
                           for name in names)


def test_the_kinds_with_a_posterior_are_those_with_sigma(models):
    for name in KINDS:
        assert Model(models[name]).has_sigma == (name in WITH_PRIOR)
