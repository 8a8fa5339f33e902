"""PyTorch programs in the window: shown, trained with λ turned, saved, and followed while Python writes them."""

import io
import json
import os
import pathlib
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file
from seeing import (difference, hover, leave_plot, picture_in, save, settle, single_steps, view, wait_for_state, widget)

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "programs"
SIDE = (8, 8)


def sigmoid(logits):
    return (1 / (1 + np.exp(-logits.astype(float)))).reshape(SIDE)


def opened(explorer, *args):
    window = explorer(*args, "--data", PROGRAMS / "images.npy", "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    return window


def preview(window):
    settle(window)
    return picture_in(window, widget(window, "preview_picture"), SIDE)


def test_the_preview_shows_what_pytorch_decodes(explorer):
    wanted = load_file(PROGRAMS / "mlp.expected.safetensors")
    window = opened(explorer, PROGRAMS / "mlp.pt2")
    seen = 0
    for z, logits in zip(wanted["z"], wanted["out"], strict=True):
        place = view(window).to_screen(z)
        plot = view(window).plot
        if not (plot.x < place[0] < plot.x + plot.width and plot.y < place[1] < plot.y + plot.height):
            continue
        hover(window, place)
        # A pixel of the plot is a small step in latent space.
        assert difference(preview(window), sigmoid(logits)) < 6
        seen += 1
    assert seen >= 2
    assert not window.log("error")


def weights(path):
    return {name: value for name, value in load_file(path).items() if name.startswith(("encoder.", "decoder."))}


def decoded_at_zero(command, path, tmp_path):
    command("decode", path, "--z", "0,0", "--out", tmp_path / "zero.npy")
    return np.load(tmp_path / "zero.npy").reshape(SIDE)


def test_a_program_learns_in_the_window_and_comes_back(explorer, command, tmp_path):
    window = opened(explorer, PROGRAMS / "mlp.pt2")
    first = save(window, "first.safetensors")
    single_steps(window, 3)
    leave_plot(window)
    second = save(window, "second.safetensors")
    before, after = weights(first), weights(second)
    assert before.keys() == after.keys()
    assert any(not np.array_equal(before[name], after[name]) for name in before)
    assert difference(preview(window), decoded_at_zero(command, second, tmp_path)) < 3
    assert not window.log("error")


def written_with(scale, path):
    """mlp.pt2 as Python would write it later: the weights of the decoder's last layer times `scale`."""
    inner = io.BytesIO()
    with zipfile.ZipFile(PROGRAMS / "mlp.pt2") as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    with zipfile.ZipFile(io.BytesIO(parts["decoder.pt2"])) as program, zipfile.ZipFile(inner, "w") as changed:
        names = {}
        for entry in program.namelist():
            if entry.endswith("model_weights_config.json"):
                names = json.loads(program.read(entry))["config"]
        last = max((name for name in names if name.endswith(".weight")), key=lambda name: int(name.split(".")[0]))
        for entry in program.namelist():
            content = program.read(entry)
            if entry.endswith("/" + names[last]["path_name"]):
                content = (np.frombuffer(content, np.float32) * np.float32(scale)).tobytes()
            changed.writestr(entry, content)
    parts["decoder.pt2"] = inner.getvalue()
    with zipfile.ZipFile(path, "w") as packed:
        for entry, content in parts.items():
            packed.writestr(entry, content)


@pytest.mark.parametrize("scales", [(-1.0, 3.0)])
def test_the_window_follows_a_program(explorer, command, tmp_path, scales):
    folder = tmp_path / "run"
    folder.mkdir()
    window = opened(explorer, "--watch", folder)
    for count, scale in enumerate(scales, 1):
        part = tmp_path / "part"
        written_with(scale, part)
        os.replace(part, folder / "model.pt2")
        window.wait_for(lambda _, n=count: len(window.log("watched")) >= n, what=f"the program's state {count}")
        leave_plot(window)
        assert difference(preview(window), decoded_at_zero(command, folder / "model.pt2", tmp_path)) < 3
    assert not window.log("error") and not window.log("put_away")
