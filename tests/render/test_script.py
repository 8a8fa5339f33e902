"""--script: a tour plays through the same input as a hand's, and what is wrong in one is said."""

import json
import subprocess

import numpy as np
import pytest
from PIL import Image
from seeing import GROUND, PANEL, Model, View, difference, like


def screenshot(window, name):
    return np.asarray(Image.open(window.folder / name).convert("RGB")).astype(float)


def test_a_short_tour(explorer, digits):
    tour = explorer("--data", digits, "--threads", 1, script=[
        {"do": "wait", "step": 30},
        {"do": "hover", "z": [0.5, -0.5]},
        {"do": "screenshot", "file": "a.png"},
        {"do": "click", "z": [-0.5, 0.8]},
        {"do": "right_drag", "from": [-1, -1], "to": [1, 0.5]},
        {"do": "set", "lambda": 20},
        {"do": "wait", "epoch": 10},
        {"do": "pause"},
        {"do": "wait", "idle": True},
        {"do": "wheel", "z": [0, 0], "by": 3},
        {"do": "key", "name": "Home"},
        {"do": "click_widget", "name": "lambda_100"},
        {"do": "save", "file": "m.safetensors"},
        {"do": "wait", "seconds": 1},
        {"do": "hover", "z": [0.25, 0.25]},
        {"do": "screenshot", "file": "b.png"},
        {"do": "quit"}])
    assert tour.wait_for_end() == 0
    assert tour.errors == ""

    log = tour.log()
    assert log[0]["event"] == "start" and log[-1]["event"] == "quit"
    commands = [line["command"] for line in log if line["event"] == "command"]
    assert commands[-4:] == ["set_kl_weight", "pause", "set_kl_weight", "save_model"]
    assert [line["lambda"] for line in tour.log("command")
            if line["command"] == "set_kl_weight"] == [20, 100]
    pause = next(line for line in log if line.get("command") == "pause")
    assert pause["step"] >= 10 * 5
    assert len(tour.log("pin")) == len(tour.log("path")) == 1
    assert [line["file"] for line in tour.log("screenshot")] == ["a.png", "b.png"]

    # The last picture shows what the saved model decodes there, and much else.
    hover = tour.log("hover")[-1]
    pixel = 1 / View.of(tour.log("layout")[-1]).scale
    assert hover["z"] == pytest.approx([0.25, 0.25], abs=pixel)
    model = Model(tour.folder / "m.safetensors", digits)
    rect = [line["rect"] for line in tour.log("widget") if line["name"] == "preview_picture"][-1]
    b = screenshot(tour, "b.png")
    assert b.shape == (800, 1280, 3)
    rows = (rect[1] + (np.arange(28) + 0.5) * rect[3] / 28).astype(int)
    columns = (rect[0] + (np.arange(28) + 0.5) * rect[2] / 28).astype(int)
    assert difference(b[np.ix_(rows, columns)].mean(axis=-1) / 255, model.decode(hover["z"])) < 4
    for picture in (screenshot(tour, "a.png"), b):
        assert 0.05 < 1 - (like(picture, GROUND, 3) | like(picture, PANEL, 3)).mean() < 0.9


def test_a_shortcut_reaches_a_text_field_with_its_modifier(explorer, digits):
    """Whatever GLFW says of the keyboard by the time of the frame."""
    tour = explorer("--data", digits, "--threads", 1, script=[
        {"do": "wait", "step": 20},
        {"do": "click_widget", "name": "source"},
        {"do": "type", "text": "/somewhere"},
        {"do": "key", "name": "Ctrl+A"},
        {"do": "type", "text": "/nowhere"},
        {"do": "key", "name": "Enter"},
        {"do": "wait", "idle": True},
        {"do": "quit"}])
    assert tour.wait_for_end() == 0
    assert [line["source"] for line in tour.log("command")
            if line["command"] == "load_data"][1:] == ["/nowhere"]


def test_a_scripted_click_is_where_its_z_is_though_the_view_moves(explorer, digits):
    wanted = [[0.3, 0.2], [-1.1, 0.7], [1.5, -0.4]]
    tour = explorer("--data", digits, "--threads", 1, script=[
        {"do": "wait", "step": 20}, {"do": "pause"}, {"do": "wait", "idle": True},
        {"do": "wait", "seconds": 1},
        *({"do": "click", "z": z} for z in wanted), {"do": "quit"}])
    assert tour.wait_for_end() == 0
    pixel = 1 / View.of(tour.log("layout")[-1]).scale
    pins = tour.log("pin")
    assert len(pins) == 3
    for pin, z in zip(pins, wanted):
        snapped = 8 * pixel if pin["source"] else 0
        assert np.hypot(*(np.array(pin["z"]) - z)) < snapped + 1.5 * pixel


@pytest.mark.parametrize("line, says", [
    ('{"do":"fly"}', '"fly" is not an action'),
    ('{"do":"wait"', "not JSON"),
    ('["wait"]', '"do"'),
    ('{"do":"wait"}', "exactly one"),
    ('{"do":"hover","z":[1]}', "two numbers"),
    ('{"do":"hover","z":[1,2],"Z":3}', '"Z"'),
    ('{"do":"set","lambda":-1}', '"lambda"'),
    ('{"do":"key","name":"Hyper"}', '"Hyper"'),
])
def test_a_bad_line_is_named_before_anything_begins(binary, xvfb, tmp_path, line, says):
    script = tmp_path / "tour.jsonl"
    script.write_text('# a tour\n{"do":"quit"}\n\n' + line + "\n")
    done = subprocess.run([binary, "--threads", "1", "--script", script],
                          env={"PATH": "/usr/bin", "DISPLAY": xvfb}, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode in (1, 2)
    assert done.stderr.count("\n") == 1 and done.stdout == ""
    assert done.stderr.startswith(f"zscape: {script}:4: ")
    assert says in done.stderr


def test_a_missing_script_is_named(binary, xvfb, tmp_path):
    done = subprocess.run([binary, "--threads", "1", "--script", tmp_path / "none.jsonl"],
                          env={"PATH": "/usr/bin", "DISPLAY": xvfb}, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode in (1, 2)
    assert done.stderr.count("\n") == 1 and "none.jsonl" in done.stderr


@pytest.mark.parametrize("line, says", [
    ({"do": "click_widget", "name": "warp"}, "warp"),
    ({"do": "wait", "step": 10**9, "timeout": 1}, "1 s"),
])
def test_a_tour_that_cannot_go_on_fails_at_its_line(explorer, digits, line, says):
    tour = explorer("--data", digits, "--threads", 1, script=[{"do": "wait", "step": 1}, line])
    assert tour.wait_for_end() == 1
    assert "script.jsonl:2: " in tour.errors and says in tour.errors
    assert tour.errors.count("\n") == 1


def test_an_empty_script_leaves_the_window_to_its_user(explorer, digits):
    window = explorer("--data", digits, "--threads", 1, script=[{"do": "wait", "step": 5}])
    window.wait_for_window()
    window.wait_for(lambda lines: lines and lines[-1]["step"] > 30, what="training afterwards")
    assert window.process.poll() is None


def test_every_line_of_the_log_is_an_event(explorer, digits):
    tour = explorer("--data", digits, "--threads", 1,
                    script=[{"do": "wait", "step": 20}, {"do": "quit"}])
    assert tour.wait_for_end() == 0
    times = []
    for text in tour.log_path.read_text().splitlines():
        line = json.loads(text)
        assert list(line)[:3] == ["event", "time", "step"]
        times.append(line["time"])
    assert times == sorted(times)
