#!/usr/bin/env python3
"""PyTorch's own architectures in zscape: there and back, and how fast they train.

    PYTHON bench/programs.py BINARY [--data MNIST] [--rounds 5] [--inputs 12800] [--threads 2] [--write FILE]

There and back: the architectures of tests/fixtures/make_programs.py are exported with random weights; μ and
decoded values of zscape must be PyTorch's to 1e-5, at first and again after zscape has trained an epoch with
λ = 2 and load() has taken the weights home with strict names. Speed: an epoch of a fully connected and of a
convolutional VAE, in zscape and in a plain eager loop of PyTorch (Adam, the same loss, batches and threads), in
turn. PYTHON is one with PyTorch, NumPy and safetensors. The exit status is 1 if a number is off.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests/fixtures"), str(ROOT / "bench/peers")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

import bursts  # noqa: E402
import make_programs  # noqa: E402
import report  # noqa: E402
import zscape_export  # noqa: E402

CLOSE = 1e-5
DECODED = 8   # codes of each architecture
LATENT = 20
BATCH = 128


def zscape(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"zscape {args[0]}: {done.stderr.strip()}")
    return done.stdout


# ---- There and back --------------------------------------------------------------------------------

def distances(binary, model, parts, shape, said, folder):
    """How far zscape's μ and decoded values are from PyTorch's, at most."""
    encoder, decoder = (part.eval() for part in parts)
    images, labels = make_programs.data()
    low, high = said.get("range", (0, 1))
    x = low + (high - low) * torch.tensor(images / 255, dtype=torch.float32).reshape(len(images), *shape)
    y = [functional.one_hot(torch.tensor(labels).long(), 3).float()] if "classes" in said else []
    codes, values, rows = folder / "codes.npy", folder / "values.npy", []
    with torch.no_grad():
        found = zscape_export._codes_of(encoder(x, *y))
        mean = found[0] if isinstance(found, tuple) else found.chunk(2, 1)[0]
        flat = mean.flatten(1).numpy()
        one = [label[:1].expand(len(mean), -1) for label in y]
        out = zscape_export._picture_of(decoder(mean, *one)).flatten(1)
    zscape(binary, "encode", model, "--data", folder / "images.npy", "--split", "all", "--out", codes)
    far = np.abs(np.load(codes)[:, :flat.shape[1]] - flat).max()
    label = ["--label", int(labels[0])] if y else []
    for row in range(DECODED):
        z = ",".join(f"{value:.9g}" for value in flat[row])
        zscape(binary, "decode", model, f"--z={z}", *label, "--out", values)
        rows.append(np.load(values).ravel())
    ours, out = np.stack(rows), out[:DECODED]
    if model.suffix == ".safetensors":   # it learned from bytes
        ours = low + (high - low) * ours / 255
    theirs = out.numpy() if np.abs(ours - out.numpy()).max() < CLOSE else torch.sigmoid(out).numpy()
    return far, np.abs(ours - theirs).max()


def there_and_back(binary, name, folder):
    make, shape, said = make_programs.MODELS[name]
    torch.manual_seed(3)
    parts = make()
    exported, trained = folder / f"{name}.pt2", folder / f"{name}.safetensors"
    zscape_export.export(*parts, exported, x=shape, **said)
    before = distances(binary, exported, parts, shape, said, folder)
    zscape(binary, "train", "--model", exported, "--data", folder / "images.npy", "--epochs", 1, "--lambda", 2,
           "--out", trained)
    former = [weight.clone() for part in parts for weight in part.parameters()]
    zscape_export.load(*parts, trained)
    if all(map(torch.equal, former, (weight for part in parts for weight in part.parameters()))):
        sys.exit(f"{name}: the weights that came back are those that went")
    return before, distances(binary, trained, parts, shape, said, folder)


# ---- Speed -----------------------------------------------------------------------------------------

class Heads(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        mean, log_variance = self.body(x).chunk(2, 1)
        return mean, log_variance


def dense():
    encoder = nn.Sequential(nn.Linear(784, 400), nn.LeakyReLU(0.2), nn.Linear(400, 2 * LATENT))
    decoder = nn.Sequential(nn.Linear(LATENT, 400), nn.ReLU(), nn.Linear(400, 784))
    return Heads(encoder), decoder, (784,)


def convolutional():
    encoder = nn.Sequential(nn.Conv2d(1, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1),
                            nn.BatchNorm2d(64), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 49, 2 * LATENT))
    decoder = nn.Sequential(nn.Linear(LATENT, 64 * 49), nn.Unflatten(1, (64, 7, 7)), nn.ReLU(),
                            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
                            nn.ConvTranspose2d(32, 1, 4, 2, 1))
    return Heads(encoder), decoder, (1, 28, 28)


def eager_epoch(encoder, decoder, optimiser, images):
    """Seconds of one epoch in PyTorch."""
    encoder.train(), decoder.train()
    began = time.perf_counter()
    for rows in torch.randperm(len(images)).split(BATCH):
        x = images[rows]
        mean, log_variance = encoder(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        bce = functional.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum")
        kl = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()
        optimiser.zero_grad()
        ((bce + kl) / len(x)).backward()
        optimiser.step()
    return time.perf_counter() - began


def speeds(options, name, make, folder):
    encoder, decoder, shape = make()
    file = folder / f"speed-{name}.pt2"
    zscape_export.export(encoder, decoder, file, x=shape, likelihood="bernoulli")
    images = torch.from_numpy(bursts.images(options.data, options.inputs)).reshape(-1, *shape)
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)
    eager_epoch(encoder, decoder, optimiser, images[:10 * BATCH])   # warm
    rows = []
    for number in range(options.rounds):
        eager = eager_epoch(encoder, decoder, optimiser, images)
        line = json.loads(zscape(options.binary, "train", "--model", file, "--data", options.data, "--limit",
                                 options.inputs, "--epochs", 2, "--batch", BATCH, "--threads", options.threads,
                                 "--json").splitlines()[-1])
        ours = options.inputs / line["samples_per_second"]
        rows.append((ours, eager))
        print(f"{name}, round {number + 1}: zscape {ours:.2f} s, PyTorch {eager:.2f} s", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--data", type=pathlib.Path, help="MNIST; without it speed is not measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inputs", type=int, default=12_800)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    far = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        images, _ = make_programs.data()
        np.save(folder / "images.npy", images)
        np.save(folder / "labels.npy", make_programs.data()[1])
        rows = []
        for program in ("mlp", "conv", "attention", "cvae"):
            before, after = there_and_back(options.binary, program, folder)
            far = far or max(*before, *after) > CLOSE
            rows.append([program, *(f"{value:.1e}" for value in (*before, *after))])
            print(*rows[-1], flush=True)
        body = (f"By `{report.command_line()}`; the largest distance to PyTorch's numbers.\n\n" +
                report.table(["architecture", "μ", "decoded", "μ after training", "decoded after"], rows))
        if options.data:
            rows = []
            for program, make in (("fully connected VAE", dense), ("convolutional VAE", convolutional)):
                taken = speeds(options, program, make, folder)
                ours, theirs = (report.median(column) for column in zip(*taken))
                rows.append([program, f"{ours:.2f}", f"{theirs:.2f}",
                             f"{report.median([a / b for a, b in taken]):.2f}"])
            body += (f"\nSeconds of an epoch of {options.inputs:,} images, batches of {BATCH}, "
                     f"{report.count_of(options.threads, 'thread')}; medians of {options.rounds} rounds.\n\n" +
                     report.table(["architecture", "zscape", "PyTorch, eager", "ratio"], rows))
    report.finish("PyTorch programs", body, options.write)
    return 1 if far else 0


if __name__ == "__main__":
    sys.exit(main())
