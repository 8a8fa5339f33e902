"""The time line: the window shows a moment of the past as it was, while commands act on now."""

import numpy as np
from PIL import Image
from seeing import (Model, click_widget, difference, hover, leave_plot, picture_in, pixels, settle,
                    view, wait_for_state, widget)


def save(window, name):
    """By hand: the file's name into its field, then Save."""
    click_widget(window, "path", 0.3)
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, name)
    window.key("Return")
    click_widget(window, "save")
    path = window.folder / name
    window.wait_for(lambda _: path.exists(), what=f"the file {name}")
    leave_plot(window)
    return path


def pause(window):
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)


def shows_the_past(window):
    """The line of facts says more than "now"."""
    return widget(window, "time_line_facts").width > 30


def step_of_last_picture(window):
    return window.log("picture")[-1]["step"]


def test_a_moment_of_the_past_is_shown_as_it_was(training, digits):
    window = training()
    pause(window)
    hover(window, view(window).plot.center)
    then = step_of_last_picture(window)
    model = Model(save(window, "then.safetensors"), digits)
    click_widget(window, "play")
    leave_plot(window)
    window.wait_for(lambda lines: lines[-1]["step"] > 3 * then + 60, what="more training")
    pause(window)
    hover(window, view(window).plot.center)
    now = step_of_last_picture(window)

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
    window = training(steps=100)
    click_widget(window, "time_line_play")
    leave_plot(window)
    window.wait_for(lambda _: shows_the_past(window), what="a past moment")
    began = window.log()[-1]["step"]
    window.wait_for(lambda _: not shows_the_past(window), 30, "the replay to end")
    assert window.log()[-1]["step"] > began


def test_the_past_becomes_a_gif(training):
    window = training(steps=100)
    pause(window)
    plot = widget(window, "plot")
    window.wheel(*plot.center, -1)   # from here on the view stays
    leave_plot(window)
    settle(window)
    click_widget(window, "time_line_gif")
    leave_plot(window)
    event = window.wait_for_event("gif", timeout=60)
    with Image.open(window.folder / event["file"]) as gif:
        assert gif.n_frames >= 3
        assert gif.size == (round(plot.width), round(plot.height))
        frames = []
        for number in (0, gif.n_frames - 1):
            gif.seek(number)
            frames.append(np.asarray(gif.convert("RGB")).astype(float))
    assert np.abs(frames[0] - frames[1]).max(axis=-1).mean() > 1
    settle(window)
    last = pixels(window, plot)
    middle = (slice(80, -80), slice(200, -200))   # without texts at the edges
    assert np.abs(frames[1] - last)[middle].mean() < 5
