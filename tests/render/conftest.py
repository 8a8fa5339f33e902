"""What the tests of the window share: small data, models trained once, and a window at rest."""

import subprocess

import pytest
from seeing import Model, leave_plot, settle, wait_for_state


@pytest.fixture(scope="session")
def command(binary):
    """command("train", "--epochs", 1): runs the program without a window; it must succeed."""
    def call(*args):
        done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300)
        assert done.returncode == 0, f"{args} ended with {done.returncode}: {done.stderr}"
        return done.stdout
    return call


@pytest.fixture(scope="session")
def digits(command, tmp_path_factory):
    """A folder of IDX files: 600 + 100 images, so that an epoch is 5 steps of 128 or fewer."""
    folder = tmp_path_factory.mktemp("data") / "digits"
    command("synthesize", "--count", 700, "--seed", 3, "--out", folder)
    return folder


@pytest.fixture(scope="session")
def saved(command, digits, tmp_path_factory):
    """saved("vae"): the path of a small trained model with two latent dimensions."""
    folder = tmp_path_factory.mktemp("models")

    def train(kind):
        path = folder / f"{kind}.safetensors"
        if not path.exists():
            command("train", "--data", digits, "--model", kind, "--latent", 2, "--epochs", 60,
                    "--threads", 1, "--out", path)
        return path
    return train


@pytest.fixture
def still(explorer, saved, digits):
    """still("vae") -> a paused window that shows the saved model, and the same Model in NumPy."""
    def start(kind="vae", **options):
        path = saved(kind)
        window = explorer(path, "--data", digits, "--threads", 1, **options)
        leave_plot(window)
        wait_for_state(window, "paused")
        settle(window)
        return window, Model(path, digits, conditional=kind == "cvae")
    return start


@pytest.fixture
def training(explorer, digits):
    """training() -> a window in which a VAE trains on the digits, some epochs in."""
    def start(steps=20, data=digits, **options):
        window = explorer("--data", data, "--threads", 1, **options)
        leave_plot(window)
        wait_for_state(window, "running")
        window.wait_for(lambda lines: lines[-1]["step"] >= steps, what=f"step {steps}")
        return window
    return start
