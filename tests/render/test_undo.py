"""Undo for models: what takes the place of a run puts it away, and it comes back whole."""

import numpy as np
from safetensors.numpy import load_file
from seeing import (click_widget, leave_plot, save, settle, single_steps, step_now, wait_for_state,
                    widget)


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def paused(training):
    window = training()
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    return window


def load(window, source):
    click_widget(window, "source", 0.3)
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, str(source))
    window.key("Return")
    leave_plot(window)


def put_away(window, count):
    return window.wait_for(lambda _: window.log("put_away")[count - 1:], what="a run put away")[0]


def test_a_reset_and_new_data_are_undone_and_the_run_trains_on(training, command, tmp_path):
    window = paused(training)
    step = step_now(window)
    before = load_file(save(window, "before.safetensors"))

    click_widget(window, "reset")
    leave_plot(window)
    gone = put_away(window, 1)
    assert gone["of_step"] == step and gone["text"].startswith("Reset.")
    window.wait_for(lambda lines: lines[-1]["step"] == 0, what="a new beginning")
    click_widget(window, "undo_0")
    leave_plot(window)
    window.wait_for(lambda lines: lines[-1]["step"] == step, what="the run again")
    settle(window)
    assert same(load_file(save(window, "undone.safetensors")), before)
    single_steps(window, 5)
    further = load_file(save(window, "further.safetensors"))
    assert not same(further, before)

    other = tmp_path / "other"
    command("synthesize", "--count", 700, "--seed", 4, "--out", other)
    load(window, other)
    gone = put_away(window, 2)
    assert gone["of_step"] == step + 5 and gone["text"].startswith("New data.")
    window.wait_for(lambda lines: lines[-1]["step"] == 0, what="a new beginning")
    settle(window)
    window.key("ctrl+z")
    window.wait_for(lambda lines: lines[-1]["step"] == step + 5, what="the run again")
    settle(window)
    assert same(load_file(save(window, "back.safetensors")), further)
    single_steps(window, 2)
    assert [line["command"] for line in window.log("command")].count("return_to") == 2


def test_runs_are_listed_gone_back_to_and_compared(training):
    window = paused(training)
    step = step_now(window)
    before = load_file(save(window, "before.safetensors"))
    click_widget(window, "reset")
    leave_plot(window)
    run = put_away(window, 1)["run"]
    window.wait_for(lambda lines: lines[-1]["step"] == 0, what="a new beginning")
    settle(window)
    single_steps(window, 3)

    click_widget(window, "tab_runs")
    leave_plot(window)
    opened = len(window.log("compare"))
    click_widget(window, f"compare_run_{run}")
    leave_plot(window)
    assert window.wait_for(lambda _: window.log("compare")[opened:], what="a second pane")[0]["open"]
    window.key("b")
    window.wait_for(lambda _: window.log("compare")[opened + 1:], what="one pane")
    settle(window)

    click_widget(window, f"run_{run}", 0.1)
    leave_plot(window)
    window.wait_for(lambda lines: lines[-1]["step"] == step, what="the run again")
    assert put_away(window, 2)["of_step"] == 3
    settle(window)
    assert same(load_file(save(window, "back.safetensors")), before)
