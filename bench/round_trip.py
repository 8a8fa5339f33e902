#!/usr/bin/env python3
"""Every kind of model through Python and back: zscape trains, PyTorch reads, computes, saves again.

    PYTHON bench/round_trip.py BINARY

For each case the binary trains a small model; load_state_dict(strict=True) of the plain nn.Sequential
classes below reads its file; μ, σ and decoded pictures must be those of `zscape encode` and
`zscape decode`. Then Python changes the weights a little and saves them, without zscape's metadata
where the widths tell the kind, and `zscape info` and `zscape eval` must see the changed model: its
kind, its KL and its mean squared error, worked out here. PYTHON is one with PyTorch.
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from PIL import Image
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file
    from torch import nn
except ImportError as missing:
    sys.exit(f"round_trip.py: {missing.name} is missing; install it by: "
             "pip install torch==2.11.0 numpy pillow safetensors")


def dense(widths, activation):
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), activation]
    return nn.Sequential(*layers[:-1])


class Dense(nn.Module):
    """ae, dae, mae, vae and cvae: heads is 2 for those with σ, else 1."""

    def __init__(self, inputs, hidden, latent, heads, classes=0):
        super().__init__()
        self.encoder = dense([inputs + classes, *hidden, heads * latent], nn.LeakyReLU(0.2))
        self.decoder = dense([latent + classes, *reversed(hidden), inputs], nn.ReLU())


class Convolutional(nn.Module):
    """--network conv; reads and answers pictures as [N, C, H, W]."""

    def __init__(self, height, width, channels, latent, heads):
        super().__init__()
        inner = (64, height // 4, width // 4)
        size = inner[0] * inner[1] * inner[2]
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1),
            nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(size, heads * latent))
        self.decoder = nn.Sequential(
            nn.Linear(latent, size), nn.ReLU(), nn.Unflatten(1, inner),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
            nn.ConvTranspose2d(32, channels, 4, 2, 1))


class Pca(nn.Module):
    def __init__(self, inputs, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, inputs))


LATENT = 3


@dataclasses.dataclass
class Case:
    name: str
    options: str               # of `zscape train`
    data: str = "digits"
    network: str = "dense"     # dense, conv, pca
    hidden: tuple = (40,)
    has_sigma: bool = False
    label: bool = False
    metadata: bool = False     # the kind does not follow from the widths
    saved_as: torch.dtype = torch.float32


CASES = [
    Case("ae", "--model ae --hidden 40"),
    Case("ae, two hidden layers, float16", "--model ae --hidden 40,20", hidden=(40, 20),
         saved_as=torch.float16),
    Case("dae", "--model dae --hidden 40", metadata=True),
    Case("mae", "--model mae --hidden 40", metadata=True),
    Case("vae", "--model vae --hidden 40", has_sigma=True),
    Case("vae, float64", "--model vae --hidden 40", has_sigma=True, saved_as=torch.float64),
    Case("vae, bfloat16", "--model vae --hidden 40", has_sigma=True, saved_as=torch.bfloat16),
    Case("vae, learned s", "--model vae --hidden 40 --likelihood gaussian --sigma learned",
         has_sigma=True, metadata=True),
    Case("cvae", "--model cvae --hidden 40", has_sigma=True, label=True),
    Case("pca", "--model pca", network="pca", metadata=True),
    Case("ae, conv", "--model ae --network conv", network="conv", metadata=True),
    Case("vae, conv", "--model vae --network conv", network="conv", has_sigma=True, metadata=True),
    Case("vae, conv, colour", "--model vae --network conv", "colour", "conv", has_sigma=True,
         metadata=True),
    Case("vae, colour", "--model vae --hidden 40", "colour", has_sigma=True, metadata=True),
    Case("ae on vectors, overcomplete", "--model ae --hidden 128,512 --latent 128", "vectors",
         hidden=(128, 512), metadata=True),
    Case("vae on vectors", "--model vae --hidden 40", "vectors", has_sigma=True, metadata=True),
    Case("pca on vectors", "--model pca", "vectors", network="pca", metadata=True),
]


def make_data(folder, run):
    """Test split and labels of each data set: the folders that zscape reads, and arrays."""
    run("synthesize", "--count", 700, "--seed", 3, "--out", folder / "digits")
    pixels = np.frombuffer((folder / "digits" / "t10k-images-idx3-ubyte").read_bytes(), np.uint8,
                           offset=16)
    labels = np.frombuffer((folder / "digits" / "t10k-labels-idx1-ubyte").read_bytes(), np.uint8,
                           offset=8).copy()
    found = {"digits": (pixels.reshape(-1, 28, 28, 1) / 255, labels)}
    choose = np.random.default_rng(0)

    def write(name, train, test):
        (folder / name).mkdir()
        np.save(folder / name / "train-images.npy", train)
        np.save(folder / name / "test-images.npy", test)

    colour = choose.integers(0, 256, (260, 8, 12, 3), np.uint8)
    write("colour", colour[:200], colour[200:])
    found["colour"] = (colour[200:] / 255, None)
    vectors = (choose.standard_normal((560, 8)) @ choose.standard_normal((8, 96)) * 3
               + choose.uniform(-9, 9, 96)).astype(np.float32)
    write("vectors", vectors[:500], vectors[500:])
    found["vectors"] = (vectors[500:].reshape(-1, 1, 96, 1), None)
    return found


class Reader:
    """A model of one case in PyTorch, float64, with zscape's own conventions around it."""

    def __init__(self, case, path, shape):
        self.case, self.shape = case, shape
        with safe_open(path, "pt") as file:
            self.metadata = file.metadata()
        self.spec = json.loads(self.metadata["zscape"])["model"]
        heads, latent = 1 + case.has_sigma, self.spec["latent"]
        inputs = int(np.prod(shape))
        self.network = {
            "dense": lambda: Dense(inputs, case.hidden, latent, heads, 10 if case.label else 0),
            "conv": lambda: Convolutional(*shape, latent, heads),
            "pca": lambda: Pca(inputs, latent)}[case.network]().double()
        self.network.load_state_dict(load_file(path), strict=True)
        scaling = self.spec.get("scaling")
        self.scaling = scaling and [torch.tensor(scaling[key], dtype=torch.float64)
                                    for key in ("mean", "deviation")]

    def scaled(self, x):
        flat = torch.tensor(x, dtype=torch.float64).reshape(len(x), -1)
        return flat if self.scaling is None else (flat - self.scaling[0]) / self.scaling[1]

    def join(self, x, labels):
        if not self.case.label:
            return x
        one_hot = nn.functional.one_hot(torch.as_tensor(labels).long(), 10).double()
        return torch.cat([x, one_hot], 1)

    def encode(self, x, labels):
        """[N, H, W, C] in the data's units → μ, or μ and σ side by side."""
        flat = self.scaled(x)
        if self.case.network == "conv":
            heads = self.network.encoder(flat.view(-1, *self.shape).permute(0, 3, 1, 2))
        else:
            heads = self.network.encoder(self.join(flat, labels))
        if not self.case.has_sigma:
            return heads
        mean, log_variance = heads.chunk(2, 1)
        return torch.cat([mean, (log_variance / 2).exp()], 1)

    def decode(self, z, labels):
        """x̂, [N, d], in [0, 1], or in deviations from the mean where data are standardised."""
        outputs = self.network.decoder(self.join(z, labels))
        if self.case.network == "conv":
            outputs = outputs.permute(0, 2, 3, 1).flatten(1)
        has_sigmoid = self.spec["kind"] != "pca" and self.scaling is None
        return torch.sigmoid(outputs) if has_sigmoid else outputs

    def picture(self, z, labels):
        shown = self.decode(z, labels)
        return (0.5 + shown / 6 if self.scaling else shown).clamp(0, 1).view(-1, *self.shape)

    def figures(self, x, labels):
        """mse with z = μ, and KL (none without σ)."""
        codes = self.encode(x, labels)
        latent = self.spec["latent"]
        mean, sigma = codes[:, :latent], codes[:, latent:]
        mse = (self.decode(mean, labels) - self.scaled(x)).square().mean().item()
        kl = 0.5 * (mean ** 2 + sigma ** 2 - 2 * sigma.log() - 1).sum(1).mean().item() \
            if self.case.has_sigma else None
        return mse, kl


class Failure(Exception):
    pass


def expect_near(what, found, wanted, tolerance, scale=None):
    """tolerance: relative to scale, by default the largest of the wanted numbers."""
    found, wanted = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if found.shape != wanted.shape:
        raise Failure(f"{what}: shape {found.shape} instead of {wanted.shape}")
    apart = np.abs(found - wanted).max() / (scale or max(np.abs(wanted).max(), 1e-9))
    if not apart <= tolerance:
        raise Failure(f"{what}: {apart:.2g} apart instead of at most {tolerance:g}")


def check_pictures(case, reader, model, folder, run, codes, labels):
    for row in range(3):
        z = codes[row:row + 1, :reader.spec["latent"]]
        png = folder / "decoded.png"
        words = ["decode", model, "--z=" + ",".join(f"{v:.9g}" for v in z[0]), "--out", png]
        if case.label:
            words += ["--label", labels[row]]
        run(*words)
        picture = reader.picture(torch.tensor(z, dtype=torch.float64), labels[row:row + 1])[0]
        image = np.asarray(Image.open(png), np.float64).reshape(reader.shape)
        expect_near("decoded picture", image, 255 * picture.numpy(), 0.51, scale=1)


def round_trip(case, folder, run, data):
    x, labels = data[case.data]
    labels = np.zeros(len(x), np.int64) if labels is None else labels
    model, codes_file = folder / "model.safetensors", folder / "codes.npy"
    latent = "" if "--latent" in case.options else f"--latent {LATENT} "
    steps = [] if case.network == "pca" else ["--epochs", 2]
    run("train", "--data", folder / case.data, *f"{latent}{case.options}".split(), *steps,
        "--threads", 1, "--out", model)
    reader = Reader(case, model, x.shape[1:])
    with torch.no_grad():
        run("encode", model, "--data", folder / case.data, "--out", codes_file)
        codes = np.load(codes_file)
        expect_near("codes", codes, reader.encode(x, labels).numpy(), 2e-5)
        check_pictures(case, reader, model, folder, run, codes, labels)

        torch.manual_seed(0)
        for tensor in reader.network.parameters():   # what a run in Python might do to it
            tensor += 0.05 * tensor.abs().mean() * torch.randn_like(tensor)
        tensors = {name: tensor.to(case.saved_as).contiguous()
                   for name, tensor in reader.network.state_dict().items()}
        saved = folder / "python.safetensors"
        save_file(tensors, saved, reader.metadata if case.metadata else None)
        reader.network.load_state_dict(tensors, strict=True)
        mse, kl = reader.figures(x, labels)

    told = run("info", saved)
    if told.split()[:2] != ["model", reader.spec["kind"]]:
        raise Failure(f"info says {' '.join(told.split()[:2])!r} of a {reader.spec['kind']}")
    figures = json.loads(run("eval", saved, "--data", folder / case.data, "--threads", 1, "--json"))
    expect_near("mse", figures["mse"], mse, 1e-4)
    if kl is None and figures["kl"] is not None:
        raise Failure("kl: there is one without σ")
    if kl is not None:
        expect_near("kl", figures["kl"], kl, 1e-4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    options = parser.parse_args()
    torch.set_num_threads(1)

    def run(*words):
        done = subprocess.run([options.binary, *map(str, words)], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise Failure(f"zscape {words[0]}: {done.stderr.strip().splitlines()[-1]}")
        return done.stdout

    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = make_data(folder, run)
        for case in CASES:
            try:
                round_trip(case, folder, run, data)
                print(f"ok      {case.name}", flush=True)
            except (Failure, RuntimeError) as error:
                failed += 1
                print(f"FAILED  {case.name}: {error}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
