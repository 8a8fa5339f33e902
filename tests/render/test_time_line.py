"""The time line: the window shows a moment of the past as it was, while commands act on now."""

import json

import numpy as np
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file
from seeing import (GROUND, Model, click_widget, difference, hover, leave_plot, picture_in, pixels,
                    rgb, save, settle, single_steps, view, wait_for_state, widget, widgets)


def pause(window):
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)


def same(one, other):
    return all(np.array_equal(one[key], other[key]) for key in one)


def facts(lines):
    """The lines about the line of facts."""
    return [line for line in lines
            if line["event"] == "widget" and line["name"] == "time_line_facts"]


def shows_the_past(window):
    """The line of facts says more than "now"."""
    return widget(window, "time_line_facts").width > 30


def step_of_last_picture(window):
    return window.log("picture")[-1]["step"]


def begin_anew(window):
    """A moment at each step from here on, so that the slider has many pixels for each."""
    pause(window)
    click_widget(window, "reset")
    leave_plot(window)
    window.wait_for(lambda lines: lines[-1]["step"] == 0, what="a new beginning")
    settle(window)


def test_a_moment_of_the_past_is_shown_as_it_was(training, digits):
    window = training()
    begin_anew(window)
    single_steps(window, 10)
    settle(window)
    hover(window, view(window).plot.center)
    then = step_of_last_picture(window)
    assert then == 10
    model = Model(save(window, "then.safetensors"), digits)
    single_steps(window, 30)
    settle(window)
    hover(window, view(window).plot.center)
    now = step_of_last_picture(window)
    assert now == 40

    # The slider's ends lie 7 pixels within its box.
    track = widget(window, "time_line")
    click_widget(window, "time_line", (7 + then / now * (track.width - 14)) / track.width)
    settle(window)
    plot = view(window)
    at = plot.to_screen((0.7, -0.4))
    picture = hover(window, at)
    settle(window)
    seen = picture_in(window, widget(window, "preview_picture"))
    assert difference(seen, model.decode(picture["z"])) < 4
    # What is asked for acts on now, and now returns.
    click_widget(window, "time_line_now")
    leave_plot(window)
    settle(window)
    picture = hover(window, at)
    settle(window)
    back = picture_in(window, widget(window, "preview_picture"))
    present = Model(save(window, "now.safetensors"), digits)
    assert difference(back, present.decode(picture["z"])) < 4
    assert difference(back, model.decode(picture["z"])) > 10


def test_the_scatter_shows_the_codes_of_the_moment(training, digits):
    window = training(steps=200)
    pause(window)
    crowd = pixels(window, widget(window, "plot"))
    click_widget(window, "time_line", 0.02)
    leave_plot(window)
    settle(window)
    past = pixels(window, widget(window, "plot"))
    assert np.abs(past - crowd).max(axis=-1).mean() > 1
    assert shows_the_past(window)
    click_widget(window, "time_line_now")
    leave_plot(window)
    settle(window)
    assert not shows_the_past(window)


def test_replay_runs_to_now_while_training_goes_on(training):
    window = training()
    pause(window)
    single_steps(window, 3)
    click_widget(window, "play")
    leave_plot(window)
    wait_for_state(window, "running")
    before = len(window.log())
    click_widget(window, "time_line_play")
    leave_plot(window)
    past = window.wait_for(lambda lines: [line for line in facts(lines[before:])
                                          if line["rect"][2] > 30], what="a past moment")[0]
    window.wait_for(lambda _: not shows_the_past(window), what="the replay to end")
    assert facts(window.log())[-1]["step"] > past["step"]


def test_the_past_becomes_a_gif(training):
    window = training(steps=100)
    pause(window)
    single_steps(window, 3)
    plot = widget(window, "plot")
    window.wheel(*plot.center, -1)   # from here on the view stays
    leave_plot(window)
    settle(window)
    click_widget(window, "time_line_gif")
    leave_plot(window)
    event = window.wait_for_event("gif")
    with Image.open(window.folder / event["file"]) as gif:
        assert gif.n_frames >= 3
        assert gif.size == (round(plot.width), round(plot.height))
        frames = []
        for number in (0, gif.n_frames - 1):
            gif.seek(number)
            frames.append(np.asarray(gif.convert("RGB")).astype(float))
    assert np.abs(frames[0] - frames[1]).max(axis=-1).mean() > 1
    settle(window)
    # All that its last frame shows is seen now; a moment holds fewer codes than a model at rest.
    middle = (slice(80, -80), slice(60, -60))   # without texts at the edges
    last = pixels(window, plot)[middle]
    ink = np.abs(frames[1][middle] - rgb(GROUND)).max(axis=-1) > 80
    again = np.abs(frames[1][middle] - last).max(axis=-1) < 60
    assert again[ink].mean() > 0.85


def test_training_goes_on_from_a_moment_of_the_past(training):
    window = training()
    begin_anew(window)
    assert "time_line_train_on" not in widgets(window)   # the present shows nothing more
    single_steps(window, 10)
    before = load_file(save(window, "then.safetensors"))
    single_steps(window, 30)
    settle(window)
    further = load_file(save(window, "now.safetensors"))
    track = widget(window, "time_line")
    click_widget(window, "time_line", (7 + 10 / 40 * (track.width - 14)) / track.width)
    leave_plot(window)
    settle(window)
    put_away = len(window.log("put_away"))
    click_widget(window, "time_line_train_on")
    leave_plot(window)
    gone = window.wait_for(lambda _: window.log("put_away")[put_away:], what="the run put away")[0]
    assert gone["of_step"] == 40 and gone["text"].startswith("Back at an earlier step.")
    window.wait_for(lambda lines: lines[-1]["step"] == 10, what="step 10")
    settle(window)
    assert same(load_file(save(window, "back.safetensors")), before)
    assert not shows_the_past(window)
    window.key("ctrl+z")
    window.wait_for(lambda lines: lines[-1]["step"] == 40, what="the run again")
    settle(window)
    assert same(load_file(save(window, "undone.safetensors")), further)


def test_a_moment_of_the_past_is_forked_with_another_lambda(training):
    window = training()
    begin_anew(window)
    single_steps(window, 10)
    then = load_file(save(window, "then.safetensors"))
    single_steps(window, 20)
    settle(window)
    track = widget(window, "time_line")
    click_widget(window, "time_line", (7 + 10 / 30 * (track.width - 14)) / track.width)
    leave_plot(window)
    settle(window)
    click_widget(window, "time_line_fork")
    settle(window)
    click_widget(window, "fork_lambda")
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, "8")
    click_widget(window, "fork_open")
    leave_plot(window)
    asked = window.wait_for_event("command", command="fork")
    assert (asked["from_step"], asked["lambda"], asked["of"]) == (10, 8, 0)
    assert "seed" not in asked and "noise" not in asked
    click_widget(window, "second_pane_header")   # its controls are shown then
    settle(window)
    fork = save(window, "fork.safetensors")
    assert same(load_file(fork), then)
    with safe_open(fork, "np") as file:
        assert json.loads(file.metadata()["zscape"])["figures"]["lambda"] == 8
