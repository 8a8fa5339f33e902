#!/usr/bin/env python3
"""Sets zscape's figures on MNIST beside published ones: bench/reference.md.

    bench/reference.py BINARY --data DIR [--only vae-20,pca] [--threads 1] [--again]

Runs each row's commands with the real binary. What a command printed is kept in
build/reference.json, its models in build/reference/, so that a row is worked out once and the
table can be made row by row; --again runs the chosen rows anew. Needs NumPy and safetensors
(.venv has both). All rows take some hours on one core, nearly all of them for vae-50 and iwae-50.
"""

import argparse
import dataclasses
import datetime
import gzip
import json
import pathlib
import platform
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
LATENT_50 = "--model vae --hidden 200,200 --latent 50 --binarise dynamic --lr-end 1e-4"


@dataclasses.dataclass
class Row:
    name: str
    what: str
    commands: list[str]              # what follows `zscape`; DATA stands for the folder
    figure: Callable[..., str]       # of each command's output in turn: JSON objects, one a line
    reference: str
    shown: str = ""                  # the commands in fewer words; empty: as they are


def train(model, options):
    return f"train --data DATA {options} --out {model}.safetensors"


def evaluate(model, options=""):
    return f"eval {model}.safetensors --data DATA {options}".rstrip()


def at_mean(model):
    """Not a command of zscape's: the reconstruction with z = μ, by the saved layers in NumPy."""
    return f"numpy {model}.safetensors"


def parts(line):
    return (f"{line['test_loss']:.1f} = {line['test_reconstruction']:.1f} + "
            f"{line['test_kl']:.1f}")


def epochs(*numbers):
    def figure(lines):
        by_epoch = {line["epoch"]: line for line in lines}
        return "; ".join(f"epoch {number}: {parts(by_epoch[number])}" for number in numbers)
    return figure


def vae_20_figure(lines, mean):
    kl = lines[-1]["test_kl"]
    return (f"{parts(lines[-1])}; z = μ: {mean[0]['reconstruction'] + kl:.1f} = "
            f"{mean[0]['reconstruction']:.1f} + {kl:.1f}")


def importance_figure(lines, figures):
    found = figures[-1]
    return (f"{signed(found['log_likelihood'])} after {lines[-1]['epoch']} epochs; ELBO "
            f"{signed(found['elbo'])} ± {found['elbo_standard_error']:.2f}, "
            f"{found['active_units']} active units")


def last(key, digits):
    return lambda *outputs: ", ".join(f"{lines[-1][key]:.{digits}f}" for lines in outputs[1::2])


def percent(value):
    return f"{100 * value:.1f}"


def signed(value):
    return f"{value:.2f}".replace("-", "−")


def few_label_row(model, what, options, reference):
    modes = ("frozen", "finetune", "scratch")

    def figure(_, *outputs):
        texts = [f"{percent(lines[-1]['accuracy'])} ± {percent(lines[-1]['accuracy_std'])}"
                 for lines in outputs]
        return "; ".join(f"{mode} {few} / {many} %"
                         for mode, few, many in zip(modes, texts[::2], texts[1::2]))

    return Row(f"few-labels-{model}", f"{what}: accuracy with 100 / 1,000 labels, 10 balanced draws",
               [train(model, options)] +
               [f"classify {model}.safetensors --data DATA --labels {labels} --mode {mode}"
                for mode in modes for labels in (100, 1000)], figure, reference,
               f"`zscape {train(model, options)}`<br>`for mode in {' '.join(modes)}; do for n in 100 "
               f"1000; do zscape classify {model}.safetensors --data DATA --labels $n --mode $mode; "
               "done; done`")


def denoising_row(name, noise):
    """The same layers twice, one of them trained on corrupted inputs; both then read such ones."""
    models = {"ae-32": "--model ae --latent 32 --epochs 20",
              f"dae-32-{name}": f"--model dae --latent 32 --noise {noise} --epochs 20"}
    return Row(f"dae-{name}", f"AE-32 and DAE-32 on test inputs with noise {noise}, clean targets: "
               "mse (on clean inputs)",
               [command for model, options in models.items() for command in
                (train(model, options), evaluate(model, f"--noise {noise}"), evaluate(model))],
               lambda _, ae, ae_clean, __, dae, dae_clean:
               f"AE {ae[0]['mse']:.5f} ({ae_clean[0]['mse']:.5f}), "
               f"DAE {dae[0]['mse']:.5f} ({dae_clean[0]['mse']:.5f})",
               "DAE below AE (Vincent et al. 2010)")


PCA = [command for k in (2, 8, 20, 32)
       for command in (train(f"pca-{k}", f"--model pca --latent {k}"), evaluate(f"pca-{k}"))]
PCA_SHOWN = ("`for k in 2 8 20 32; do zscape train --data DATA --model pca --latent $k --out "
             "pca-$k.safetensors; zscape eval pca-$k.safetensors --data DATA; done`")
SUPERVISED = ("logistic regression on pixels 74.6 / 87.4 %, SVM on pixels 77.9 / 93.0 %, SVM on "
              "PCA-32 79.7 / 93.6 % (computed)")

ROWS = [
    Row("vae-20", "VAE-20, 10 epochs: test loss",
        [train("vae-20", "--model vae --latent 20 --epochs 10"), at_mean("vae-20")],
        vae_20_figure,
        "105.4 = 80.4 + 25.0; z = μ: 96.5, 95.5 to 98 (PyTorch, measured); 105.6 "
        "(pytorch/examples)"),
    Row("vae-2", "VAE-2 after 1, 10, 30 epochs: test loss",
        [train("vae-2", "--model vae --latent 2 --epochs 30")], epochs(1, 10, 30),
        "170.8, 155.4, 150.9 = 144.8 + 6.1 (PyTorch, measured)"),
    Row("cvae-2", "CVAE-2, 10 epochs: test loss",
        [train("cvae-2", "--model cvae --latent 2 --epochs 10")], epochs(10),
        "134.2 = 129.8 + 4.4 (PyTorch, measured)"),
    Row("cvae-20", "CVAE-20, 10 epochs: test loss",
        [train("cvae-20", "--model cvae --latent 20 --epochs 10")], epochs(10),
        "102.0 = 80.1 + 22.0 (PyTorch, measured)"),
    Row("pca", "PCA with 2, 8, 20, 32 components: test mse", PCA, last("mse", 5),
        ".05567, .03744, .02354, .01683 (computed)", PCA_SHOWN),
    Row("knn", "PCA-2, PCA-20, PCA-32: 10-nearest-neighbour accuracy", PCA[:2] + PCA[4:],
        lambda *outputs: ", ".join(f"{percent(lines[-1]['knn_accuracy'])} %"
                                   for lines in outputs[1::2]),
        "44.3 %, 97.0 %, 97.4 % (computed)", PCA_SHOWN),
    Row("vae-50", "VAE-50, 2×200, binarised at random: test log p(x), 5,000 importance samples",
        [train("vae-50", f"{LATENT_50} --lambda-schedule warmup:20 --epochs 300"),
         evaluate("vae-50", "--importance-samples 5000")],
        importance_figure, "−86.8 (Burda et al. 2016, table 1)"),
    Row("iwae-50", "the same by the importance-weighted bound, K = 5",
        [train("iwae-50", f"{LATENT_50} --objective iwae --samples 5 --epochs 100"),
         evaluate("iwae-50", "--importance-samples 5000")],
        importance_figure, "−85.5 with K = 5, −84.8 with K = 50 (Burda et al. 2016, table 1)"),
    few_label_row("ae-20", "AE-20", "--model ae --latent 20 --epochs 20", SUPERVISED),
    few_label_row("vae-20-long", "VAE-20", "--model vae --latent 20 --epochs 20", SUPERVISED),
    few_label_row("pca-32", "PCA-32", "--model pca --latent 32", SUPERVISED),
    denoising_row("mask", "mask:0.25"),
    denoising_row("gaussian", "gaussian:0.3"),
]


def read_images(data):
    place = next(place for place in (pathlib.Path(data) / f"t10k-images-idx3-ubyte{ending}"
                                     for ending in ("", ".gz")) if place.exists())
    opened = gzip.open(place) if place.suffix == ".gz" else open(place, "rb")
    with opened as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784) / 255


def reconstruction_at_mean(model, data):
    """Σ_j BCE(x_j, x̂_j(μ)) over the test split, its mean: reference architecture, Bernoulli."""
    layers = load_file(model)
    x = read_images(data)

    def linear(name, inputs):
        return inputs @ layers[f"{name}.weight"].T + layers[f"{name}.bias"]

    hidden = linear("encoder.0", x)
    heads = linear("encoder.2", np.where(hidden > 0, hidden, 0.2 * hidden))
    mean = heads[:, :heads.shape[1] // 2]
    logits = linear("decoder.2", np.maximum(linear("decoder.0", mean), 0))
    return float((np.logaddexp(0, logits) - x * logits).sum(1).mean())


class Bench:
    def __init__(self, options):
        self.options = options
        self.cache_path = options.cache
        self.models = options.cache.with_suffix("")
        self.models.mkdir(parents=True, exist_ok=True)
        self.cache = json.loads(self.cache_path.read_text()) if self.cache_path.exists() else {}

    def line(self, command):
        """The command as one types it, threads included."""
        if command.startswith("numpy "):
            return command
        return f"{command} --threads {self.options.threads} --json"

    def run(self, command):
        print(command, file=sys.stderr)
        began = time.monotonic()
        if command.startswith("numpy "):
            model = self.models / command.removeprefix("numpy ")
            lines = [{"reconstruction": reconstruction_at_mean(model, self.options.data)}]
        else:
            words = [self.options.data if word == "DATA" else word for word in command.split()]
            done = subprocess.run([self.options.binary, *words], cwd=self.models, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            if done.returncode != 0:
                sys.exit(f"zscape {command}\n{done.stderr.strip().splitlines()[-1]}")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.cache[command] = {"lines": lines, "seconds": round(time.monotonic() - began, 1),
                               "date": datetime.date.today().isoformat()}
        self.cache_path.write_text(json.dumps(self.cache, indent=0))

    def work_out(self, row):
        for command in map(self.line, row.commands):
            if command not in self.cache:
                self.run(command)

    def forget(self, rows):
        for command in {self.line(command) for row in rows for command in row.commands}:
            self.cache.pop(command, None)

    def table(self):
        """The rows whose commands have all been run."""
        lines = ["| what | command | zscape | reference |", "| --- | --- | --- | --- |"]
        for row in ROWS:
            commands = [self.line(command) for command in row.commands]
            if not all(command in self.cache for command in commands):
                continue
            figure = row.figure(*(self.cache[command]["lines"] for command in commands))
            shown = row.shown or "<br>".join(
                "z = μ: the saved layers in NumPy" if command.startswith("numpy ") else
                f"`zscape {command}`" for command in row.commands)
            lines.append(f"| {row.what} (`--only {row.name}`) | {shown} | {figure} | "
                         f"{row.reference} |")
        return "\n".join(lines)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--data", required=True, help="folder with MNIST as IDX files",
                        type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="ROW,…",
                        help=f"rows to work out: {', '.join(row.name for row in ROWS)}; "
                             "'none' only writes the table (default: all)")
    parser.add_argument("--threads", type=int, default=1, help="of each command (default: 1)")
    parser.add_argument("--again", action="store_true", help="run what the cache already holds")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build" / "reference.json")
    parser.add_argument("--write", type=pathlib.Path, default=ROOT / "bench" / "reference.md")
    options = parser.parse_args()
    names = [row.name for row in ROWS]
    for name in options.only or []:
        if name not in [*names, "none"]:
            parser.error(f"--only: no row is called '{name}'; choose from {', '.join(names)}")
    bench = Bench(options)
    chosen = [row for row in ROWS if options.only is None or row.name in options.only]
    if options.again:
        bench.forget(chosen)
    for row in chosen:
        bench.work_out(row)
    version = subprocess.run([options.binary, "--version"], text=True, check=True,
                             stdout=subprocess.PIPE).stdout.strip()
    options.write.write_text(f"""# zscape beside its references

By `bench/reference.py BINARY --data DIR`, which says what is run and how; {version}, {processor()},
{datetime.date.today().isoformat()}, every command with --threads {options.threads} --json besides. MNIST, test
split of 10,000, nats per input unless said otherwise, seed 0. DATA is the folder with MNIST's IDX
files. Grey pixels are Bernoulli targets where the commands do not binarise, so that those figures
are scores and not densities.

{bench.table()}
""")


if __name__ == "__main__":
    main()
