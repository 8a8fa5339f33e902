#!/usr/bin/env python3
"""What the program says of the truth, held against closed forms, on MNIST.

  pca           `pca` is read as the probabilistic PCA of Tipping and Bishop (1999): s by maximum
                likelihood and log p(x) of the test images, beside the published anchors.
  linear        A VAE without hidden layers has its optimum there (Lucas et al. 2019): trained with
                a learned s, its log p(x) must come within 0.1 nats of the closed form.
  collapse      The same with a fixed s: as many dimensions stay alive as eigenvalues of the data's
                covariance exceed λs². Counted by the eigenvalues of the covariance of μ above 0.01
                on the test images; active units beside them, since weak dimensions share axes for long.
  deep          The same counts of a VAE with 400 hidden units, which keeps what its epochs were
                enough for. Not judged.
  certificates  `zscape eval --certify` to its end, of the ready-made VAE with two dimensions, whose
                log p(x) is known by quadrature, and of a VAE with 20 that is trained here. Judged:
                that no lower bound lies above the truth.

    bench/truth.py BINARY --data MNIST [--parts pca,linear,…] [--threads 1] [--folder DIR] [--write FILE]

Needs NumPy (.venv/bin/python). Models that --folder holds already are not trained again. The exit status is 1
if a figure is off.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import report

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Computed in float64, by two programs: dimensions, s, log p(x) in nats a test image.
ANCHORS = {2: (0.2368, 14.4), 10: (0.1867, 186.0), 50: (0.1122, 517.6)}
CLOSE = 0.1              # nats, of a linear VAE from probabilistic PCA
LIVE = {3: 3, 1: 12, 0.25: 39}   # λs²: how many eigenvalues of the covariance exceed it
COUNTED = 0.01           # variance of μ that counts as live
# Steps of falling size: late ones must be small, since each is of a batch and of one draw of z.
LINEAR = ["--model", "vae", "--hidden", "none", "--likelihood", "gaussian"]
ONE = ["--importance-samples", 1]   # the least, since others are not looked at
COURSE = ["--epochs", 40, "--batch", 128, "--lr", 0.01, "--lr-end", 3e-6]
COLLAPSE = ["--epochs", 20, "--batch", 64, "--lr", 0.005, "--lr-end", 2e-5]
FINISH = ["--epochs", 20, "--batch", 1024, "--lr", 1e-3, "--lr-end", 1e-5]   # larger batches have less noise
DEEP_EPOCHS = 12


class Zscape:
    """Runs the program; knows what processor time it took."""

    def __init__(self, options, folder):
        self.options, self.folder, self.seconds, self.lines = options, folder, 0, []

    def run(self, *args):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([self.options.binary, *map(str, args)], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds += after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        if done.returncode != 0:
            sys.exit(f"zscape {' '.join(map(str, args))}: {done.stderr.strip()}")
        return done.stdout

    def took(self):
        """Processor seconds since the last call of this."""
        seconds, self.seconds = self.seconds, 0
        return f"{seconds:,.0f}"

    def train(self, name, *args, then=()):
        """then: options of a second run, which goes on with the first one's weights."""
        path = self.folder / f"{name}.safetensors"
        if path.exists():
            return path
        last = ["--data", self.options.data, "--seed", 0, "--threads", self.options.threads, "--replace"]
        begun = path.with_suffix(".begun.safetensors") if then else path
        self.run("train", *args, *last, "--out", begun)
        if then:
            self.run("train", "--model", begun, *then, *last, "--out", path)
        return path

    def evaluate(self, model, *args):
        return json.loads(self.run("eval", model, "--data", self.options.data, "--threads", self.options.threads, *args,
                                   "--json"))

    def sigma(self, model):
        return json.loads(self.run("info", model, "--json"))["sigma"]

    def live(self, model):
        """Eigenvalues of the covariance of μ on the test images that count."""
        codes = self.folder / "codes.npy"
        self.run("encode", model, "--data", self.options.data, "--split", "test", "--out", codes, "--replace")
        return live_of(np.load(codes))


def live_of(codes):
    """codes: [N, 2k], μ and σ of a model with a prior."""
    mean = codes[:, :codes.shape[1] // 2]
    return int((np.linalg.eigvalsh(np.cov(mean.T, bias=True)) > COUNTED).sum())


def words(*args):
    return " ".join(map(str, args))


def say(*row):
    print(*row, flush=True)
    return [str(cell) for cell in row]


# ---- Parts: each gives its text and whether all was as it must be ----------------------------------

def measure_pca(zscape):
    rows, good = [], True
    for latent, (sigma, likelihood) in ANCHORS.items():
        figures = zscape.evaluate(zscape.train(f"pca-{latent}", "--model", "pca", "--latent", latent))
        found = figures["ppca_sigma"], figures["ppca_log_likelihood"]
        good &= abs(found[0] - sigma) < 1e-4 and abs(found[1] - likelihood) < CLOSE
        rows.append(say(latent, f"{found[0]:.4f}", f"{sigma:.4f}", f"{found[1]:.2f}", f"{likelihood:.1f}",
                        f"{figures['ppca_rate']:.2f}", zscape.took()))
    return ("`pca` as probabilistic PCA, grey pixels in [0, 1], 10,000 test images.\n\n" +
            report.table(["dimensions", "s", "anchor", "log p(x), nats", "anchor", "rate, nats", "processor, s"],
                         rows)), good


def measure_linear(zscape):
    rows, good = [], True
    for latent in ANCHORS:
        closed = zscape.evaluate(zscape.train(f"pca-{latent}", "--model", "pca", "--latent", latent))
        zscape.took()
        model = zscape.train(f"linear-{latent}", *LINEAR, "--latent", latent, "--sigma", "learned", *COURSE,
                             then=FINISH)
        figures = zscape.evaluate(model, "--exact", *ONE)
        off = figures["log_likelihood_exact"] - closed["ppca_log_likelihood"]
        bound = figures["elbo_exact"] - closed["ppca_log_likelihood"]
        good &= abs(off) < CLOSE and abs(bound) < CLOSE
        rows.append(say(latent, f"{zscape.sigma(model):.4f}", f"{closed['ppca_sigma']:.4f}",
                        f"{figures['log_likelihood_exact']:.2f}", f"{off:+.3f}", f"{bound:+.3f}", zscape.took()))
    return (f"A linear VAE, `train {words(*LINEAR, '--sigma', 'learned', *COURSE)}` and then "
            f"`{words(*FINISH)}`; at most {CLOSE} nats from "
            "probabilistic PCA are promised.\n\n" +
            report.table(["dimensions", "s", "s of pca", "log p(x), nats", "from pca", "ELBO from it",
                          "processor, s"], rows)), good


def measure_collapse(zscape):
    rows, good = [], True
    for weight, live in LIVE.items():
        told = json.loads(zscape.run("forecast", "--data", zscape.options.data, "--likelihood", "gaussian", "--lambda",
                                     weight, "--latent", 50, "--json"))
        zscape.took()
        model = zscape.train(f"collapse-{weight}", *LINEAR, "--latent", 50, "--lambda", weight, *COLLAPSE,
                             then=["--lambda", weight, *FINISH])
        figures, found = zscape.evaluate(model, *ONE), zscape.live(model)
        good &= live == told["live_dimensions"] == found
        rows.append(say(weight, live, told["live_dimensions"], found, figures["active_units"],
                        f"{told['rate_linear']:.2f}", f"{figures['kl']:.2f}", zscape.took()))
    return (f"What λs² leaves alive of 50 dimensions of a linear VAE, s = 1, `train {words(*LINEAR, *COLLAPSE)}` "
            f"and then `{words(*FINISH)}`.\n\n" +
            report.table(["λs²", "eigenvalues above", "forecast", "live", "active units", "rate forecast",
                          "KL, nats", "processor, s"], rows)), good


def measure_deep(zscape):
    rows = []
    for weight, live in LIVE.items():
        model = zscape.train(f"deep-{weight}", "--model", "vae", "--likelihood", "gaussian", "--latent", 50, "--lambda",
                             weight, "--epochs", DEEP_EPOCHS)
        figures, found = zscape.evaluate(model, *ONE), zscape.live(model)
        rows.append(say(weight, live, found, figures["active_units"], f"{figures['kl']:.2f}", zscape.took()))
    return (f"The same with 400 hidden units after {DEEP_EPOCHS} epochs at 0.001: fewer while dimensions near the threshold "
            "still wake, more where bent ones buy what a plane does not.\n\n" +
            report.table(["λs²", "forecast (linear)", "live", "active units", "KL, nats", "processor, s"], rows)), True


def measure_certificates(zscape):
    rows, good, says = [], True, []
    models = {"vae-2-mnist": ROOT / "models/vae-2-mnist.safetensors",
              "vae-20": zscape.train("vae-20", "--model", "vae", "--latent", 20, "--binarise", "threshold", "--epochs", 6)}
    zscape.took()
    for name, path in models.items():
        made = zscape.evaluate(path, "--certify", *ONE)["certificate"]
        took = zscape.took()
        exact = made.get("exact")
        if exact:
            rows.append(say(name, "quadrature", "", f"{exact['mean']:.3f}", f"{exact['standard_error']:.3f}", "", "", "", ""))
        for estimator, effort in (("prior", "samples"), ("importance", "samples"), ("annealed", "temperatures")):
            last = made[estimator]
            good &= not exact or last["mean"] < exact["mean"] + 0.05
            rows.append(say(name, estimator, f"{last[effort]:,}", f"{last['mean']:.3f}", f"{last['standard_error']:.3f}",
                            f"{last['move']:+.3f} ± {last['move_error']:.3f}", f"{last['effective']:.1f}",
                            "yes" if last["settled"] else "no", f"{last['seconds']:.0f}"))
        drawn = made["drawn"]
        rows.append(say(name, "both bounds, drawn inputs", f"{drawn['temperatures']:,}",
                        f"{drawn['lower']:.3f} to {drawn['upper']:.3f}", f"{drawn['standard_error']:.3f}", "",
                        f"{drawn['effective']:.1f}", "", f"{drawn['seconds']:.0f}"))
        says.append(f"- {name}: *{made['verdict']}*. {made['says']} {took} s of processor time in all.")
    return ("`eval --certify`, 100 test images and 100 drawn ones.\n\n" +
            report.table(["model", "by", "effort", "log p(x), nats", "±", "moved by the last doubling",
                          "effective samples", "settled", "seconds"], rows) + "\n" + "\n".join(says) + "\n"), good


PARTS = {"pca": measure_pca, "linear": measure_linear, "collapse": measure_collapse, "deep": measure_deep,
         "certificates": measure_certificates}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a folder of MNIST's IDX files")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the models; default: a temporary one")
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section is written anew")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"--parts: no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")

    load, all_good, texts = os.getloadavg()[0], True, []
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or pathlib.Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for part in options.parts:
            say(f"---- {part}")
            text, good = PARTS[part](Zscape(options, folder))
            texts.append(text if good else text + "\n**Off.**\n")
            all_good &= good
    report.finish("Truth", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}; the program says what is measured and how);
{report.count_of(options.threads, "thread")}, load average before, by other programs: {load:.1f}. {"All as it must be." if all_good else "Not all as it must be."}

""" + "\n".join(texts), options.write)
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
