"""Keys, help, settings, borders, files and sessions in the real window, by a real hand."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from seeing import (Rect, click_widget, double_click, leave_plot, like, pixels, rgb, settle, view,
                    wait_for_state, widget, widgets)
from test_window import type_into
from window_manager import ask_to_close

LIGHT_GROUND = "f4f5f7"


def kept(window):
    """The environment of another window of the same person."""
    return {"XDG_CONFIG_HOME": window.environment["XDG_CONFIG_HOME"],
            "XDG_STATE_HOME": window.environment["XDG_STATE_HOME"]}


def commands(window, name):
    return [line for line in window.log("command") if line["command"] == name]


def until(window, claim, what):
    return window.wait_for(lambda _: claim(), what=what)


def test_keys_do_what_the_help_says(still):
    window, _ = still()
    before = pixels(window)
    window.key("question")
    help_at = widget(window, "help")
    settle(window)
    box = pixels(window, help_at)
    assert np.abs(box - before[round(help_at.y):round(help_at.y) + box.shape[0],
                               round(help_at.x):round(help_at.x) + box.shape[1]]
                  ).max(axis=-1).mean() > 0.3
    window.key("space")   # closes it and does nothing else
    settle(window)
    assert (pixels(window)[:-40] == before[:-40]).all()   # but for the status line
    assert not commands(window, "start")

    window.key("period")
    until(window, lambda: commands(window, "step"), "a single step")
    window.key("space")
    wait_for_state(window, "running")
    window.key("space")
    until(window, lambda: commands(window, "pause"), "the pause")
    wait_for_state(window, "paused")
    window.key("Escape")
    window.key("F12")
    shot = window.wait_for_event("screenshot")["file"]
    assert Image.open(shot).size == window.size
    assert str(window.folder) in shot and "/zscape-2" in shot
    window.key("ctrl+s")
    widget(window, "replace")   # the file was only opened
    settle(window)
    window.key("Tab")
    window.key("Return")
    saved = until(window, lambda: commands(window, "save_model"), "the save")[0]["path"]
    until(window, lambda: (window.folder / saved).exists(), "the file")
    assert window.process.poll() is None   # Esc never quits


def test_tab_gives_the_latent_view_the_window_and_takes_it_back(still):
    window, _ = still()
    former = view(window).plot
    window.key("Tab")
    until(window, lambda: view(window).plot.width > 0.9 * window.size[0], "the large view")
    settle(window)
    assert view(window).plot.height > 0.8 * window.size[1]
    window.key("Tab")
    until(window, lambda: view(window).plot == former, "the panels")
    settle(window)
    assert widgets(window)["play"]


def test_borders_are_dragged_and_a_double_click_resets(still):
    window, _ = still()
    former = view(window).plot
    border = widget(window, "border_controls")
    window.drag(border.center, (border.center[0] + 70, border.center[1]))
    until(window, lambda: abs(view(window).plot.x - former.x - 70) <= 1, "wider controls")
    settle(window)
    height = view(window).plot.height   # the narrower toolbar has taken another row
    border = widget(window, "border_curves")
    window.drag(border.at(0.6), (border.at(0.6)[0], border.at(0.6)[1] - 60))
    until(window, lambda: abs(view(window).plot.height - height + 60) <= 1, "higher curves")
    window.xdotool("windowsize", "--sync", window.window, 1024, 700)
    window.size = (1024, 700)
    settle(window)
    assert Rect(0, 0, 1024, 700).holds(view(window).plot)
    assert view(window).plot.width > 250
    window.xdotool("windowsize", "--sync", window.window, 1280, 800)
    window.size = (1280, 800)
    settle(window)
    for name in ("border_controls", "border_curves"):
        double_click(window, widget(window, name).at(0.6 if name == "border_curves" else 0.5))
        settle(window)
    assert view(window).plot == former


def test_theme_text_size_and_palette_are_remembered(still, explorer, digits):
    window, _ = still()
    click_widget(window, "settings_link")
    widget(window, "theme_light")
    settle(window)   # it moves to its place when it knows its size
    click_widget(window, "theme_light")
    until(window, lambda: like(pixels(window)[:6], LIGHT_GROUND, 6).mean() > 0.9, "the light theme")
    play = widget(window, "play").height
    click_widget(window, "text_130")
    until(window, lambda: widgets(window)["play"].height > play * 1.2, "large text")
    settle(window)
    click_widget(window, "palette_okabe-ito", 0.2)
    settle(window)
    window.key("Escape")
    settle(window)
    plot = pixels(window, view(window).plot)
    assert (np.abs(plot - rgb("0072b2")).max(axis=-1) < 30).sum() > 15   # its blue
    written = json.loads((window.folder / "config/zscape/settings.json").read_text())
    assert written["theme"] == "light" and written["text_percent"] == 130
    again = explorer("--data", digits, "--threads", 1, env=kept(window))
    widget(again, "play")
    until(again, lambda: like(pixels(again)[:6], LIGHT_GROUND, 6).mean() > 0.9, "the light theme")


def fake_chooser(folder, answer):
    """A zenity that answers after a while, as a person's would."""
    folder.mkdir()
    program = folder / "zenity"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\nsleep 1.5\n{answer}\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "XDG_CURRENT_DESKTOP": ""}


def test_the_desktops_chooser_opens_a_model_and_no_frame_waits_for_it(
        explorer, saved, digits, tmp_path):
    path = saved("vae")
    env = fake_chooser(tmp_path / "bin", f"echo {path}")
    window = explorer("--data", digits, "--threads", 1, env=env)
    wait_for_state(window, "running")
    window.key("ctrl+o")
    until(window, lambda: (tmp_path / "bin/asked").exists(), "the chooser")
    before = len(window.log("frames"))
    assert window.wait_for_event("command", command="open_model")["path"] == str(path)
    asked = (tmp_path / "bin/asked").read_text()
    assert "--file-selection" in asked
    for ending in (".safetensors", ".pt2", ".json", ".npy"):
        assert f" *{ending}" in asked
    frames = window.log("frames")[before:]
    assert all(line["per_second"] > 0 for line in frames)   # 0: less than two in a second
    recent = tmp_path / "explorer0" / "state/zscape/recent.json"
    until(window, lambda: recent.exists() and str(path) in recent.read_text(), "the recent file")


def test_without_a_chooser_a_path_is_typed_and_completed(explorer, saved, digits, tmp_path):
    path = saved("vae")
    (tmp_path / "xdotool").symlink_to(shutil.which("xdotool"))   # all that is on the path
    window = explorer("--data", digits, "--threads", 1, env={"PATH": str(tmp_path)})
    wait_for_state(window, "running")
    window.key("ctrl+o")
    widget(window, "prompt_path")
    window.wait_for_frames()
    window.key("ctrl+a")
    window.xdotool("type", "--delay", 20, "--", str(path)[:-len("e.safetensors")])
    window.key("Tab")
    window.wait_for_frames()
    window.key("Return")
    assert window.wait_for_event("command", command="open_model")["path"] == str(path)


def test_what_is_dropped_is_opened_for_what_it_is(explorer, saved, digits, tmp_path):
    np.save(tmp_path / "images.npy", np.zeros((40, 28, 28), np.uint8))
    Image.new("L", (20, 20)).save(tmp_path / "seven.png")
    path = saved("vae")
    tour = explorer("--data", digits, "--threads", 1, script=[
        {"do": "wait", "step": 5},
        {"do": "drop", "file": str(path)},
        {"do": "wait", "idle": True},
        {"do": "drop", "file": str(tmp_path / "seven.png")},
        {"do": "wait", "seconds": 0.5},
        {"do": "drop", "file": str(tmp_path / "images.npy")},
        {"do": "wait", "idle": True},
        {"do": "quit"}])
    assert tour.wait_for_end() == 0
    assert [line["path"] for line in commands(tour, "open_model")] == [str(path)]
    sources = [line["source"] for line in commands(tour, "load_data")]
    assert sources == [str(digits), str(tmp_path / "images.npy")]


def test_unsaved_work_is_asked_about_where_no_session_can_be_kept(training, tmp_path):
    (tmp_path / "no-folder").write_text("")
    window = training(env={"XDG_STATE_HOME": str(tmp_path / "no-folder")})
    assert "the session is not kept" in window.wait_for_event("error")["text"]
    # It asks after eight seconds of training; each of these lines stands for one or more.
    before = len(window.log("frames"))
    until(window, lambda: len(window.log("frames")) > before + 10, "some seconds of training")
    ask_to_close(window.display, int(window.window))
    widget(window, "close_save")
    window.wait_for_frames()
    window.key("Escape")
    window.wait_for_frames()
    before = len(window.log())
    assert window.process.poll() is None
    ask_to_close(window.display, int(window.window))
    widget(window, "close_save", after=before)
    window.wait_for_frames()
    click_widget(window, "close_save")
    assert window.wait_for_end() == 0
    assert (window.folder / "model.safetensors").exists()


def slow_to_load(folder):
    """A data set that no machine loads in seconds: one large picture under thousands of names."""
    folder.mkdir()
    Image.new("L", (6000, 6000), 90).save(folder / "0.png")
    for name in range(1, 4000):
        (folder / f"{name}.png").symlink_to(folder / "0.png")
    return folder


def test_long_work_can_be_given_up(training, tmp_path):
    data = slow_to_load(tmp_path / "slow")
    window = training()
    click_widget(window, "source")
    window.wait_for_frames()
    window.xdotool("type", "--delay", "30", str(data))
    window.wait_for_frames()
    before = len(window.log())
    window.key("Return")
    window.wait_for_event("command", after=before, command="load_data")
    widget(window, "cancel_activity", after=before)   # an earlier load had its cross elsewhere
    click_widget(window, "cancel_activity")
    window.wait_for_event("command", command="cancel")
    window.wait_for_event("notice", text=f"loading {data} was cancelled")
    step = window.log()[-1]["step"]
    window.wait_for(lambda lines: lines[-1]["step"] > step, what="training to go on")


def test_the_first_start_has_a_hint_that_the_first_pin_takes_away(explorer, digits, tmp_path):
    config = tmp_path / "new person"
    config.mkdir()
    window = explorer("--data", digits, "--threads", 1, env={"XDG_CONFIG_HOME": str(config)})
    wait_for_state(window, "running")
    widget(window, "first_hint")
    window.click(*view(window).plot.at(0.4, 0.3))
    settings = config / "zscape" / "settings.json"
    until(window, settings.exists, "the settings")
    assert json.loads(settings.read_text())["hint_seen"]
