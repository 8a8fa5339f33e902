#!/usr/bin/env python3
"""What λ leaves alive, forecast and trained: a VAE of five dimensions on real data.

bench/forecast.py build/release/zscape --data MNIST prints a row for each λ and ends with 1 where a forecast is wrong;
two minutes on two cores. tests/cli/test_forecast.py asks the same of small data of known spectra."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def run(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--data", required=True)
    parser.add_argument("--lambda", dest="weights", type=float, nargs="+", default=[10, 20, 25, 36])
    parser.add_argument("--latent", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()

    print("| λ | forecast | active units |\n| ---: | ---: | ---: |")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "vae.safetensors"
        for weight in options.weights:
            shared = ["--data", options.data, "--latent", options.latent, "--lambda", weight]
            told = json.loads(run(options.binary, "forecast", *shared, "--likelihood", "bernoulli", "--json"))
            run(options.binary, "train", *shared, "--model", "vae", "--epochs", options.epochs, "--threads", 1,
                "--seed", 1, "--out", model, "--replace")
            figures = json.loads(run(options.binary, "eval", model, "--data", options.data, "--importance-samples", 1,
                                     "--threads", 1, "--json"))
            print(f"| {weight:g} | {told['live_dimensions']} | {figures['active_units']} |", flush=True)
            wrong += told["live_dimensions"] != figures["active_units"]
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
