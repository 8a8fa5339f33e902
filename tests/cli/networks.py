"""docs/DESIGN.md's models in NumPy, computed from the tensors of a saved file in float64."""

import json

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors import safe_open
from safetensors.numpy import load_file


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def conv2d(x, weight, bias):
    """Kernel 4×4, stride 2, padding 1. x: [N, C, H, W], weight: [O, C, 4, 4]."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
    return np.einsum("nchwij,ocij->nohw", windows, weight, optimize=True) + bias[:, None, None]


def conv_transpose2d(x, weight, bias):
    """Kernel 4×4, stride 2, padding 1. x: [N, C, H, W], weight: [C, O, 4, 4]."""
    count, _, height, width = x.shape
    out = np.zeros((count, weight.shape[1], 2 * height + 2, 2 * width + 2))
    for i in range(4):
        for j in range(4):
            out[:, :, i:i + 2 * height:2, j:j + 2 * width:2] += \
                np.einsum("nchw,co->nohw", x, weight[:, :, i, j], optimize=True)
    return out[:, :, 1:-1, 1:-1] + bias[:, None, None]


class Model:
    """A saved model. Inputs and outputs are [N, d] as data files have them."""

    def __init__(self, path, spec=None):
        self.tensors = {name: tensor.astype(np.float64) for name, tensor in
                        load_file(path).items()}
        self.metadata = None
        if spec is None:
            with safe_open(path, "numpy") as file:
                self.metadata = json.loads(file.metadata()["zscape"])
            spec = self.metadata["model"]
        self.spec = spec
        self.kind, self.latent = spec["kind"], spec["latent"]
        self.has_sigma = self.kind in ("vae", "cvae")
        scaling = spec.get("scaling")
        self.scaling = scaling and (np.array(scaling["mean"]), np.array(scaling["deviation"]))

    def layers(self, network):
        places = sorted(int(name.split(".")[1]) for name in self.tensors
                        if name.startswith(f"{network}.") and name.endswith(".weight"))
        return [(self.tensors[f"{network}.{place}.weight"], self.tensors[f"{network}.{place}.bias"])
                for place in places]

    def scaled(self, x):
        """Inputs as the network reads them."""
        x = np.asarray(x, np.float64)
        return x if self.scaling is None else (x - self.scaling[0]) / self.scaling[1]

    def with_label(self, x, labels):
        if self.kind != "cvae":
            return x
        return np.concatenate([x, np.eye(self.spec["classes"])[labels]], axis=1)

    def encode(self, x, labels=None):
        """μ and σ, [N, k] each; σ is None for kinds without. x: scaled."""
        layers = self.layers("encoder")
        if self.spec.get("network") == "conv":
            height, width, channels = self.spec["shape"]
            x = x.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
            for weight, bias in layers[:2]:
                x = conv2d(x, weight, bias)
                x = np.where(x > 0, x, 0.2 * x)
            x = x.reshape(len(x), -1) @ layers[2][0].T + layers[2][1]
        else:
            x = self.with_label(x, labels)
            for place, (weight, bias) in enumerate(layers):
                x = x @ weight.T + bias
                if place + 1 < len(layers):
                    x = np.where(x > 0, x, 0.2 * x)
        if not self.has_sigma:
            return x, None
        return x[:, :self.latent], np.exp(x[:, self.latent:] / 2)

    def decode(self, z, labels=None):
        """[N, d] on the network's scale, behind the sigmoid where there is one."""
        z = np.atleast_2d(np.asarray(z, np.float64))
        layers = self.layers("decoder")
        if self.spec.get("network") == "conv":
            height, width, _ = self.spec["shape"]
            x = np.maximum(z @ layers[0][0].T + layers[0][1], 0)
            x = x.reshape(-1, 64, height // 4, width // 4)
            x = np.maximum(conv_transpose2d(x, *layers[1]), 0)
            x = conv_transpose2d(x, *layers[2]).transpose(0, 2, 3, 1).reshape(len(z), -1)
        else:
            x = self.with_label(z, labels)
            for place, (weight, bias) in enumerate(layers):
                x = x @ weight.T + bias
                if place + 1 < len(layers):
                    x = np.maximum(x, 0)
        is_linear = len(layers) == 1 and self.spec["likelihood"] != "bernoulli"
        return x if is_linear or self.scaling is not None else sigmoid(x)

    def picture(self, x):
        """What is shown of outputs or scaled inputs: whole numbers 0 … 255, [N, d]."""
        grey = x if self.scaling is None else x / 6 + 0.5
        return np.floor(np.clip(grey, 0, 1) * 255 + 0.5)

    def decoded_picture(self, z, labels=None):
        return self.picture(self.decode(z, labels))


def tiles(path, height, width):
    """A picture cut into tiles: [rows, columns, height · width · channels], whole numbers."""
    from PIL import Image
    picture = np.asarray(Image.open(path)).astype(int)
    channels = picture.shape[2] if picture.ndim == 3 else 1
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    assert picture.shape[:2] == (rows * height, columns * width)
    cut = picture.reshape(rows, height, columns, width, channels).transpose(0, 2, 1, 3, 4)
    return cut.reshape(rows, columns, -1)


def assert_same_pictures(tiles_seen, expected):
    """Pixel values may be rounded the other way; [n, d] each."""
    assert np.shape(tiles_seen) == np.shape(expected)
    assert np.abs(tiles_seen - expected).max() <= 1
