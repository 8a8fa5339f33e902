"""A folder into which another program writes its model: the window shows the newest whole one."""

import os

import numpy as np
import pytest
from seeing import Model, difference, leave_plot, picture_in, settle, wait_for_state, widget


@pytest.fixture
def states(command, digits, tmp_path):
    """The same run after one epoch and after forty."""
    paths = []
    for epochs in (1, 40):
        paths.append(tmp_path / f"after-{epochs}.safetensors")
        command("train", "--data", digits, "--model", "vae", "--latent", 2, "--epochs", epochs, "--lr", 3e-3,
                "--threads", 1, "--out", paths[-1])
    return paths


def watched(window):
    return [line["file"] for line in window.log("watched")]


def wait_for_watched(window, count):
    window.wait_for(lambda _: len(watched(window)) >= count, what=f"model {count} of the folder")


def preview(window):
    leave_plot(window)
    settle(window)
    return picture_in(window, widget(window, "preview_picture"))


def test_the_window_follows_a_folder(explorer, digits, states, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    window = explorer("--watch", folder, "--data", digits, "--threads", 1)
    wait_for_state(window, "paused")
    place, written = folder / "model.safetensors", tmp_path / "written"

    def write(content):   # under another name, then renamed
        written.write_bytes(content)
        os.replace(written, place)
    whole = states[0].read_bytes()
    write(whole[:len(whole) // 2])   # another program is not done
    (folder / ".model.safetensors.part").write_bytes(states[1].read_bytes())
    (folder / "notes.txt").write_text("no model")
    write(whole)
    wait_for_watched(window, 1)
    assert watched(window) == [str(place)]
    first, second = (Model(path, digits).decode(np.zeros(2)) for path in states)
    assert difference(first, second) > 10
    assert difference(preview(window), first) < 4

    write(states[1].read_bytes())
    wait_for_watched(window, 2)
    assert difference(preview(window), second) < 4
    assert not window.log("error") and not window.log("put_away")

    # What a model learns here is not given up for a file.
    window.key("space")
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] >= 5, what="step 5")
    write(states[0].read_bytes())
    window.wait_for(lambda _: any("is not opened over" in line["text"] for line in window.log("notice")),
                    what="a sentence that the folder's model is not opened")
    assert len(watched(window)) == 2
