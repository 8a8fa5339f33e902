"""Training in the window: the buttons, λ under a hand, pictures that follow, and the same bits."""

import json
import os
import time

import numpy as np
import pytest
from safetensors.numpy import load_file
from seeing import (ACCENT, AXIS, FORMER_RUN, TEXT, View, click_widget, difference, hover,
                    leave_plot, like, picture_in, pixels, save, settle, step_now, training_state,
                    view, wait_for_state, wait_until_asleep, widget, widgets)

EPOCH = 5   # steps: 600 images by 128


def commands(window, name):
    return [line for line in window.log("command") if line["command"] == name]


def step_shown(window):
    """The step that a window at rest is at."""
    x, y = view(window).plot.center
    before = len(window.log("picture"))
    window.move(x + before % 40, y)
    window.wait_for(lambda _: len(window.log("picture")) > before, what="a picture")
    step = window.log("picture")[-1]["step"]
    leave_plot(window)
    return step


def test_play_pause_step_reset_and_space(training):
    window = training()
    click_widget(window, "play")    # greyed while it trains
    click_widget(window, "step")
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    assert len(commands(window, "pause")) == 1 and not commands(window, "step")
    assert len(commands(window, "start")) == 1   # that of the beginning
    settle(window)
    paused = step_shown(window)
    assert paused > 0
    wait_until_asleep(window)
    assert step_shown(window) == paused

    click_widget(window, "pause")   # greyed now
    click_widget(window, "step")
    window.wait_for(lambda lines: lines[-1]["step"] == paused + 1, what="one more step")
    settle(window)
    assert step_shown(window) == paused + 1
    assert len(commands(window, "pause")) == 1

    leave_plot(window)
    window.key("space")
    window.wait_for(lambda lines: lines[-1]["step"] > paused + 20, what="training after Space")
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    assert step_shown(window) > paused + 20

    click_widget(window, "reset")
    window.wait_for_event("command", command="reset")
    leave_plot(window)
    settle(window)
    assert step_shown(window) == 0
    assert training_state(window) == "paused"
    click_widget(window, "play")
    window.wait_for(lambda lines: lines[-1]["step"] > 0, what="a new beginning")


def curve_columns(window, name, *colors):
    """How many columns of a plot have ink of one of these colours in them."""
    leave_plot(window)
    window.wait_for_frames()
    seen = pixels(window, widget(window, f"plot_{name}"))
    return np.any([like(seen, color, 40).any(axis=0) for color in colors], axis=0).sum()


def mark_columns(window):
    """The dashed vertical lines at which λ changed, in the plot of the loss."""
    ink = like(pixels(window, widget(window, "plot_loss")), AXIS, 10)
    return int((ink.mean(axis=0) > 0.25).sum())


def test_lambda_follows_a_dragged_slider_while_training(training):
    window = training()
    assert mark_columns(window) == 0
    slider = widget(window, "lambda")
    began = step_now(window)
    window.move(*slider.at(0.5))
    window.press()
    for across in np.linspace(0.55, 0.95, 9):   # at the window's pace, however slow its frames are
        asked = len(commands(window, "set_kl_weight"))
        window.move(*slider.at(across))
        window.wait_for(lambda _: len(commands(window, "set_kl_weight")) > asked, what="another λ")
    # Beyond the ends: 0 and 100 are where the track ends, however far the hand goes.
    window.move(slider.x + slider.width + 30, slider.y + 40)
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 100})
    window.release()
    window.drag(slider.at(0.98), (slider.x - 20, slider.y))
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 0})
    values = [line["lambda"] for line in commands(window, "set_kl_weight")]
    top = values.index(100)
    assert values[-1] == 0
    assert len(set(values)) > 8, "between the ends it took few values"
    assert values[:top + 1] == sorted(values[:top + 1])
    assert all(0 <= value <= 100 for value in values)
    assert window.log()[-1]["step"] > began   # it went on meanwhile
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda _: mark_columns(window) >= 1, what="a mark where λ changed")


def tensors_of(path):
    return {name: tensor.tobytes() for name, tensor in load_file(path).items()}


def test_lambda_takes_effect_on_the_very_next_step(training, command, tmp_path):
    # 100 images are one batch, so an epoch is a step, which the command line can do as well.
    data = tmp_path / "one_batch"
    command("synthesize", "--count", 116, "--out", data)
    window = training(data=data)
    window.key("space")
    wait_for_state(window, "paused")
    click_widget(window, "reset")
    settle(window)
    click_widget(window, "lambda_100")
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 100})
    click_widget(window, "step")
    leave_plot(window)
    settle(window)
    assert step_shown(window) == 1
    seen = tensors_of(save(window, "one_step.safetensors"))
    for weight, same in ((100, True), (1, False)):
        path = tmp_path / f"{weight}.safetensors"
        command("train", "--data", data, "--latent", 2, "--epochs", 1, "--threads", 1,
                "--lambda", weight, "--out", path)
        assert (tensors_of(path) == seen) == same, f"λ = {weight}"


def test_the_same_bits_with_the_window(training, digits, command, tmp_path):
    window = training(steps=2 * EPOCH)
    x, y = view(window).plot.center
    for i in range(20):   # with much to draw and decode meanwhile
        window.move(x + 5 * i, y)
    window.click(x - 50, y + 20)
    window.drag((x, y), (x + 80, y + 50), button=3)
    leave_plot(window)
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    step = step_shown(window)
    while step % EPOCH != 0:   # headless, only whole epochs can be had
        click_widget(window, "step")
        step += 1
        window.wait_for(lambda lines: lines[-1]["step"] == step, what=f"step {step}")
        settle(window)
    assert step_shown(window) == step
    seen = tensors_of(save(window, "seen.safetensors"))
    for epochs, same in ((step // EPOCH, True), (step // EPOCH + 1, False)):
        path = tmp_path / f"{epochs}.safetensors"
        command("train", "--data", digits, "--latent", 2, "--epochs", epochs, "--threads", 1,
                "--out", path)
        assert (tensors_of(path) == seen) == same, f"{epochs} epochs"


def test_pins_and_paths_are_decoded_anew_as_training_goes_on(training):
    window = training()
    x, y = view(window).plot.center
    window.click(x + 20, y + 30)
    window.wait_for_event("pin")
    window.drag((x - 90, y - 60), (x + 90, y + 60), button=3)
    window.wait_for_event("path")
    window.key("space")
    wait_for_state(window, "paused")
    leave_plot(window)
    settle(window)
    frames = ["path_1_frame_0", "path_1_frame_6", "path_1_frame_11", "preview_picture"]
    before = seen_in_marks(window, [*frames, "pin_1"])
    step = step_shown(window)
    window.key("space")
    window.wait_for(lambda lines: lines[-1]["step"] > step + 60, what="60 steps")
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    after = seen_in_marks(window, [*frames, "pin_1"])
    for name, old in before.items():
        assert difference(after[name], old) > 1, f"{name} is as it was"   # drawn twice: 0


def seen_in_marks(window, names):
    """Pictures of the preview and of the lists of pins and paths, which begin in sight."""
    leave_plot(window)
    settle(window)
    return {name: picture_in(window, widget(window, name)) for name in names}


def test_every_frame_that_sees_the_pointer_move_shows_its_picture_while_training(training):
    window = training()
    x, y = view(window).plot.center
    before = len(window.log())
    places = [(round(x - 100 + 5 * i), round(y + 40 - i)) for i in range(50)]

    def frames_seen(lines):   # that saw the pointer move
        return sum(line["event"] == "picture" and line["latency_ms"] is not None
                   for line in lines[before:])
    for number, place in enumerate(places):
        seen_so_far = frames_seen(window.log())
        window.move(*place)
        if number % 7 == 6:   # however slow the frames are, some see it on the way
            window.wait_for(lambda lines: frames_seen(lines) > seen_so_far, what="a frame")
    window.wait_for(lambda lines: lines[-1]["step"] > lines[before]["step"], what="a step")
    lines = window.log()
    seen, moved = None, 0
    for number, line in enumerate(lines):
        if line["event"] == "layout":
            seen = View.of(line)   # the view moves as well: it follows the codes
        if number < before or line["event"] != "picture" or line["latency_ms"] is None:
            continue
        moved += 1
        assert line["fresh"], line
        possible = np.array([seen.to_latent(place) for place in places])
        assert np.abs(possible - line["z"]).max(axis=1).min() < 2e-3, line
    assert moved >= 5


def test_software_frames_are_about_ten_a_second_without_input(training):
    window = training()
    before = len(window.log("frames")) + 1   # in the first the pointer may still move
    window.wait_for(lambda _: len(window.log("frames")) >= before + 3, what="three more seconds")
    rates = [line["per_second"] for line in window.log("frames")[before:]]
    assert window.log("start")[0]["software"]
    assert 0 < np.median(rates) < 20, rates


def cpu_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_paused_it_sleeps(explorer, digits):
    window = explorer("--data", digits)   # the measured number of threads, as a person has it
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] > 20, what="some steps")
    window.key("space")
    wait_for_state(window, "paused")
    x, y = view(window).plot.center
    window.click(x, y)
    window.wait_for_event("pin")
    leave_plot(window)
    wait_until_asleep(window)
    first = hover(window, (x + 30, y))["frame"]
    used = []
    for _ in range(10):   # another program's load may delay what was still to be done
        time.sleep(1.5)
        began = cpu_seconds(window.process)
        time.sleep(2)
        used.append(cpu_seconds(window.process) - began)
        if used[-1] < 0.04:
            break
    assert min(used) < 0.04, f"seconds of CPU in 2 s: {used}"

    # Nor were frames drawn: the next is numbered by what the two moves need.
    assert hover(window, (x + 60, y))["frame"] - first <= 8, "it drew though nothing moved"


CURVES = [ACCENT, TEXT, "d9a25f"]   # training, test, test sample: each may cover another


def test_the_curves_have_ink_and_a_logarithmic_scale(training):
    window = training(steps=60)
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    for name in ("loss", "reconstruction", "kl"):
        width = widget(window, f"plot_{name}").width
        assert curve_columns(window, name, ACCENT) > 0.2 * width, name
        assert curve_columns(window, name, *CURVES) > 0.8 * width, name
    for name in ("loss", "kl"):
        width = widget(window, f"plot_{name}").width
        linear = pixels(window, widget(window, f"plot_{name}"))
        click_widget(window, f"{name}_log")
        leave_plot(window)
        settle(window)
        logarithmic = pixels(window, widget(window, f"plot_{name}"))
        assert np.abs(linear - logarithmic).max(axis=-1).mean() > 0.005, name
        assert curve_columns(window, name, *CURVES) > 0.8 * width, name
        click_widget(window, f"{name}_log")
        leave_plot(window)
        settle(window)
        assert (pixels(window, widget(window, f"plot_{name}")) == linear).all(), name


def test_a_reset_leaves_the_former_runs_curve_behind(training):
    window = training(steps=60)
    assert "legend_former_run" not in widgets(window)
    window.key("space")
    wait_for_state(window, "paused")
    click_widget(window, "reset")
    leave_plot(window)
    window.wait_for(lambda lines: lines[-1]["step"] == 0, what="a new beginning")
    for step in range(1, 13):   # fewer than the former run has
        window.key("period")
        window.wait_for(lambda lines: lines[-1]["step"] == step, what=f"step {step}")
    click_widget(window, "loss_all")   # at its full length
    widget(window, "legend_former_run")
    assert curve_columns(window, "loss", FORMER_RUN) > 0.5 * widget(window, "plot_loss").width
    assert curve_columns(window, "loss", ACCENT) > 0


def test_values_below_the_pointer_are_told_in_the_curves(training):
    window = training(steps=60)
    window.key("space")
    wait_for_state(window, "paused")
    leave_plot(window)
    settle(window)
    before = pixels(window)
    window.move(*widget(window, "plot_loss").at(0.3))
    window.wait_for_frames()
    settle(window)
    # The crosshair stands in all three plots, the values above one.
    for name in ("loss", "reconstruction", "kl"):
        rect = widget(window, f"plot_{name}")
        x, y = (round(edge) for edge in rect.at(0, 0))
        box = (slice(y, y + round(rect.height)), slice(x, x + round(rect.width)))
        changed = np.abs(pixels(window)[box] - before[box]).max(axis=-1) > 10
        assert (changed.mean(axis=0) > 0.8).any(), name


@pytest.mark.parametrize("kind", ["ae", "cvae"])
def test_another_kind_of_model_is_chosen_and_applied(training, kind):
    window = training()
    click_widget(window, f"kind_{kind}")
    assert not any(line["kind"] == kind for line in commands(window, "replace_model"))
    click_widget(window, "apply")
    window.wait_for_event("command", command="replace_model", kind=kind, latent=2)
    leave_plot(window)
    if kind == "cvae":
        widget(window, "choose_label_9")
    else:   # no prior, no KL
        window.wait_for(lambda _: curve_columns(window, "kl", ACCENT) == 0, what="no curve of a KL")
    before = len(window.log("command"))
    click_widget(window, "lambda_20")
    if kind == "cvae":
        window.wait_for(lambda _: len(window.log("command")) > before, what="the command")
    else:
        window.wait_for_frames()
        assert len(window.log("command")) == before


def test_a_model_opened_and_saved_again_keeps_what_it_learned_from_and_how(explorer, command, digits, tmp_path):
    first = tmp_path / "first.safetensors"
    command("train", "--data", digits, "--limit", 80, "--seed", 9, "--lambda-schedule", "warmup:2", "--lambda", 3, "--epochs", 2,
            "--threads", 1, "--out", first)
    window = explorer(first, "--data", digits, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "paused")
    second = save(window, "second.safetensors")
    said = [json.loads(command("info", path, "--json")) for path in (first, second)]
    for key in ("limit", "seed", "lambda", "lambda_schedule", "final_lambda", "steps"):
        assert said[0].get(key) == said[1].get(key), key
    assert said[1]["limit"] == 80
    # Once it has learned from all inputs, that is over.
    before = len(window.log())
    click_widget(window, "step")
    window.wait_for(lambda lines: lines[-1]["step"] == 1, what="a step")
    third = save(window, "third.safetensors")
    assert json.loads(command("info", third, "--json"))["limit"] is None
