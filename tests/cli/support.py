"""Plain helpers of the command line's tests."""

import struct

import numpy as np

# Threads are named, so that nothing is measured and the bits do not depend on a measurement.
SMALL_RUN = ["--limit", "2000", "--epochs", "1", "--threads", "1"]

# A model of each kind, and the convolutional one: name -> options of train.
KINDS = {
    "ae": ["--model", "ae"],
    "dae": ["--model", "dae", "--noise", "mask:0.25"],
    "mae": ["--model", "mae", "--patch", "4", "--mask-ratio", "0.75"],
    "vae": ["--model", "vae"],
    "cvae": ["--model", "cvae"],
    "pca": ["--model", "pca"],
    "conv": ["--model", "vae", "--network", "conv"],
}
WITH_PRIOR = ("vae", "cvae", "conv")


def png_size(path):
    """Width, height, bit depth and colour type from a PNG's first chunk."""
    head = path.read_bytes()[:26]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR"
    return struct.unpack(">IIBB", head[16:26])


def read_idx(path):
    """The array of a plain IDX file."""
    content = path.read_bytes()
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write_idx(path, array):
    header = struct.pack(f">I{array.ndim}I", 0x800 | array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def idx_inputs(folder, split="test"):
    """The images of an IDX folder as [N, d] in [0, 1], and its labels."""
    name = "t10k" if split == "test" else "train"
    images = read_idx(folder / f"{name}-images-idx3-ubyte")
    return images.reshape(len(images), -1) / 255.0, read_idx(folder / f"{name}-labels-idx1-ubyte")
