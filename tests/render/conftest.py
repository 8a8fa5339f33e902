"""What the tests of the window share: small data, models trained once, and a window at rest."""

import subprocess

import pytest
from seeing import (LAYERS, Model, click_opened, layers, leave_plot, settle, wait_for_state)


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


def open_saved(explorer, path, digits, kind="vae", **options):
    window = explorer(path, "--data", digits, "--threads", 1, **options)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    return window, Model(path, digits, conditional=kind == "cvae")


@pytest.fixture
def still(explorer, saved, digits):
    """still("vae") -> a paused window that shows the saved model, and the same Model in NumPy."""
    def start(kind="vae", **options):
        return open_saved(explorer, saved(kind), digits, kind, **options)
    return start


@pytest.fixture(scope="module")
def shared_window(shared_explorer, saved, digits):
    return open_saved(shared_explorer, saved("vae"), digits)[0]


@pytest.fixture
def shared(shared_window, saved, digits):
    """As still() gives them, but one window for all tests of a file: each leaves no marks behind;
    layers, colours and the view come back by themselves."""
    window = shared_window
    before = layers(window)
    yield window, Model(saved("vae"), digits)
    window.key("Escape")
    for number, name in enumerate(LAYERS, 1):
        if (name in layers(window)["shown"].split()) != (name in before["shown"].split()):
            window.key(str(number))
    if layers(window)["color_by"] != before["color_by"]:
        click_opened(window, "color_by", "color_by_0")
    window.key("Home")
    leave_plot(window)
    settle(window)
    now = layers(window)
    assert all(now[key] == before[key] for key in ("shown", "hidden", "color_by"))


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
