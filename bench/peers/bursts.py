"""What the peers share: the training images, and answering bench/training.py line by line.

    loss INPUTS BATCH    one epoch over the first INPUTS: {"loss": mean}
    burst SECONDS BATCH  so many seconds of training: {"samples": n, "seconds": s}

An answer is one line of JSON. Reading the next line blocks, so that a peer off its turn sleeps.
"""

import argparse
import gzip
import json
import pathlib
import sys
import time

import numpy as np

LATENT, HIDDEN, RATE, LEAK = 2, 400, 1e-3, 0.2


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a folder of IDX files")
    parser.add_argument("--inputs", type=int, required=True, help="how many of its first images")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--how", default="")
    parser.add_argument("--device", default="cpu", help="of PyTorch: cpu or cuda")
    return parser.parse_args()


def images(folder, count):
    """[count, pixels] floats in [0, 1]."""
    plain = folder / "train-images-idx3-ubyte"
    packed = folder / "train-images-idx3-ubyte.gz"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    rows = int.from_bytes(data[4:8], "big")
    pixels = np.frombuffer(data, np.uint8, offset=16).reshape(rows, -1)[:count]
    return pixels.astype(np.float32) / 255


def serve(trainer, version):
    """trainer has epoch(inputs, batch) -> losses, and run(seconds, batch) -> samples."""
    print(json.dumps({"ready": version}), flush=True)
    for line in sys.stdin:
        word, amount, batch = line.split()
        if word == "loss":
            losses = trainer.epoch(int(amount), int(batch))
            answer = {"loss": float(np.mean(losses))}
        else:
            began = time.perf_counter()
            samples = trainer.run(float(amount), int(batch))
            answer = {"samples": samples, "seconds": time.perf_counter() - began}
        print(json.dumps(answer), flush=True)
