"""Model options, λ's course and its effects in the window, with a real pointer."""

import csv
import json

import numpy as np
import pytest
from seeing import (ACCENT, Rect, click_opened, click_widget, leave_plot, like, picture_in, pixels,
                    settle, step_now, view, wait_for_state, widget, widgets)

WARNING = "ff8f83"


def commands(window, name):
    return [line for line in window.log("command") if line["command"] == name]


def newest(window, name, **fields):
    """The newest command of this name, once it has these fields."""
    def found(_):
        lines = commands(window, name)
        return lines and all(lines[-1].get(k) == v for k, v in fields.items()) and lines[-1]
    return window.wait_for(found, what=f"the command {name} {fields}")


def type_into(window, name, text):
    click_widget(window, name)
    window.wait_for_frames()   # the field selects all
    window.xdotool("type", "--delay", "30", text)
    window.key("Return")
    window.wait_for_frames()


def bars(window):
    """How high the bars reach, as a part of the plot."""
    ink = like(pixels(window, widget(window, "bars_dimensions")), ACCENT, 30).any(axis=1)
    return ink.mean()


def in_status(window):
    """Waits until the warning is seen in the status line."""
    window.wait_for(
        lambda _: like(pixels(window, widget(window, "status_warning")), WARNING, 60).any(),
        what="the warning in the status line")


def test_a_large_lambda_collapses_the_posterior_and_the_window_says_so(training):
    window = training(steps=200)
    click_widget(window, "tab_figures")
    widget(window, "bars_sigma")
    leave_plot(window)
    window.wait_for(lambda _: bars(window) > 0.3, what="two dimensions that carry something")
    assert "code_warning" not in widgets(window)

    click_widget(window, "lambda_100")
    newest(window, "set_kl_weight", **{"lambda": 100})
    leave_plot(window)
    window.wait_for(lambda _: bars(window) < 0.1, what="the bars to fall")
    # Its place and its words follow the figures of each moment.
    window.wait_for(lambda _: like(pixels(window, widget(window, "code_warning")), WARNING, 60).any(),
                    what="the warning below the bars")
    in_status(window)

    click_widget(window, "lambda_0.1")   # and back
    leave_plot(window)
    place = widget(window, "code_warning")
    window.wait_for(lambda _: bars(window) > 0.3, what="the bars to rise")
    window.wait_for(lambda _: not like(pixels(window, place), WARNING, 60).any(),
                    what="the warning to go")


def test_the_figures_are_those_of_eval(still, saved, digits, command):
    window, _ = still()
    for split, inputs in (("train", 600), ("test", 100)):
        click_widget(window, f"split_{split}")
        leave_plot(window)
        printed = json.loads(command("eval", saved("vae"), "--data", digits, "--split", split,
                                     "--importance-samples", 1, "--json"))
        assert printed["images"] == inputs
        # The first ones may still be of the weights before the saved model was opened.
        shown = window.wait_for(
            lambda _: [line for line in window.log("figures")
                       if line["split"] == split and line["inputs"] == inputs and line["kl_per_dimension"]
                       == pytest.approx(printed["kl_per_dimension"], rel=1e-5)],
            what="the figures of the saved model")[-1]
        compared = [key for key in shown if key in printed]
        assert len(compared) == 6
        for key in compared:
            assert shown[key] == pytest.approx(printed[key], rel=1e-5), key
        assert sum(shown["kl_per_dimension"]) == pytest.approx(printed["kl"], rel=1e-5)


def test_lambda_of_nothing_is_warned_of(training):
    window = training(steps=60)
    click_widget(window, "lambda_0")
    leave_plot(window)
    in_status(window)
    click_widget(window, "tab_figures")   # which a red dot has marked
    widget(window, "code_warning")


def test_every_option_is_set_by_a_pointer(training):
    window = training(size=(1600, 1000))
    click_widget(window, "model_more")
    click_widget(window, "objective_iwae")
    type_into(window, "samples", "3")
    click_widget(window, "network_conv")
    click_opened(window, "binarise", "binarise_dynamic")
    type_into(window, "latent", "4")
    before, step = len(window.log()), step_now(window)
    click_widget(window, "apply")
    newest(window, "replace_model", kind="vae", objective="iwae", samples=3, network="conv",
           binarise="dynamic", latent=4)
    window.wait_for(lambda lines: any(line["step"] < step for line in lines[before:]),
                    what="a new beginning")

    click_widget(window, "network_mlp")
    click_opened(window, "binarise", "binarise_threshold")
    click_opened(window, "likelihood", "likelihood_gaussian")
    type_into(window, "sigma", "0.5")
    type_into(window, "hidden", "200, 100")
    click_widget(window, "apply")
    newest(window, "replace_model", likelihood="gaussian", sigma=0.5,
           hidden=[200, 100], binarise="threshold")
    click_widget(window, "sigma_learned")
    click_widget(window, "apply")
    newest(window, "replace_model", sigma="learned")

    click_widget(window, "kind_dae")
    window.wait_for_frames()   # the rows below move
    click_widget(window, "noise_gaussian")
    type_into(window, "noise_amount", "0.3")
    click_widget(window, "apply")
    newest(window, "replace_model", kind="dae", noise="gaussian:0.3")
    click_widget(window, "kind_mae")
    window.wait_for_frames()   # the rows below move
    click_opened(window, "patch", "patch_7")
    type_into(window, "mask_ratio", "0.5")
    click_widget(window, "apply")
    newest(window, "replace_model", kind="mae", patch=7, mask_ratio=0.5)
    click_widget(window, "kind_pca")
    window.wait_for_frames()   # the rows below move
    click_widget(window, "apply")
    newest(window, "replace_model", kind="pca")
    click_widget(window, "kind_cvae")
    window.wait_for_frames()   # the rows below move
    click_widget(window, "network_conv")   # greyed
    click_widget(window, "apply")
    newest(window, "replace_model", kind="cvae")
    assert not window.log("error")


def test_validation_and_patience_stop_by_themselves(training):
    window = training()
    click_widget(window, "training_more")
    type_into(window, "validation", "200")
    newest(window, "set_hold_out", validation=200, patience=0)
    type_into(window, "patience", "2")
    newest(window, "set_hold_out", validation=200, patience=2)
    type_into(window, "learning_rate_value", "1e-12")   # less than the weights' last bits
    click_widget(window, "reset")
    leave_plot(window)
    window.wait_for(lambda _: [line for line in window.log("notice")
                               if "no better validation loss for 2 epochs" in line["text"]],
                    what="the early stop")
    wait_for_state(window, "paused")


def test_lambda_rises_by_its_schedule_until_a_hand_ends_it(training):
    window = training(steps=60)
    click_opened(window, "schedule", "schedule_warmup")
    sent = newest(window, "set_kl_schedule", schedule="warmup")
    assert sent["first_step"] >= 60 and sent["steps"] == 5 * 5   # five epochs of five steps
    widget(window, "schedule_curve")
    type_into(window, "schedule_epochs", "4000")
    assert newest(window, "set_kl_schedule", steps=4000 * 5)["first_step"] == sent["first_step"]
    leave_plot(window)

    def dot():   # where the present step is on the curve
        return like(pixels(window, widget(window, "schedule_curve")), ACCENT, 40).any(axis=0)
    window.wait_for(lambda _: dot().any(), what="the present step on the curve")
    first = np.flatnonzero(dot()).mean()

    def moved(_):
        columns = np.flatnonzero(dot())
        return len(columns) and columns.mean() > first + 1
    window.wait_for(moved, what="the present step further on")
    click_opened(window, "schedule", "schedule_cyclic")
    type_into(window, "schedule_cycles", "3")
    newest(window, "set_kl_schedule", schedule="cyclic", cycles=3)
    click_widget(window, "lambda_1")
    newest(window, "set_kl_weight", **{"lambda": 1})
    widget(window, "schedule_ended")


def test_the_point_key_takes_one_step(still):
    window, _ = still()
    before = step_now(window)
    window.key("period")
    newest(window, "step")
    window.wait_for(lambda lines: lines[-1]["step"] == before + 1, what="one step")
    window.key("space")
    wait_for_state(window, "running")
    window.key("period")   # nothing while it trains
    window.wait_for_frames()
    assert len(commands(window, "step")) == 1


def test_the_curves_are_exported(training):
    window = training(steps=60)
    window.key("space")
    wait_for_state(window, "paused")
    settle(window)
    step = step_now(window)
    click_opened(window, "export_curves", "write_curves")
    window.wait_for(lambda _: window.log("notice"), what="the notice")
    assert window.log("notice")[-1]["text"] == f"wrote the curves to {window.folder / 'curves.csv'}"
    with open(window.folder / "curves.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    assert steps == sorted(set(steps)) and steps[-1] >= step
    learned = [row for row in rows if row["loss"]]
    assert float(learned[0]["loss"]) > float(learned[-1]["loss"]) > 0
    for row in learned:
        assert float(row["loss"]) == pytest.approx(
            float(row["reconstruction"]) + float(row["lambda"]) * float(row["kl"]), rel=1e-4)
    assert any(row["test_loss"] and row["mse"] and int(row["epoch"]) >= 1 for row in rows)


def test_a_file_is_not_replaced_by_a_name_that_is_typed_in_haste(shared):
    """What is typed in the popup goes into its field alone; Enter replaces nothing."""
    window, _ = shared
    kept = window.folder / "selection.csv"
    kept.write_text("of an earlier run")
    click_widget(window, "tab_curves")
    before = step_now(window)
    click_widget(window, "tab_selection")
    plot = view(window).plot
    window.key("s")
    window.drag(plot.at(0.3, 0.3), plot.at(0.7, 0.7))
    window.key("s")
    settle(window)
    click_widget(window, "export_selection")
    settle(window)
    window.key("Return")
    window.key("Return")
    settle(window)
    assert kept.read_text() == "of an earlier run"
    click_widget(window, "selection_path", 0.3)
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, "s.2.csv")
    window.key("Return")
    window.key("Return")
    window.wait_for(lambda _: (window.folder / "s.2.csv").exists(), what="the file that was typed")
    assert kept.read_text() == "of an earlier run"
    assert step_now(window) == before and not commands(window, "step")
    kept.unlink()
    leave_plot(window)
    settle(window)


@pytest.mark.parametrize("kind", ["dae", "mae"])
def test_what_is_restored_of_a_corrupted_input(still, kind):
    window, model = still(kind)
    click_widget(window, "tab_figures")
    window.move(*view(window).plot.center)
    window.wait_for(lambda _: window.log("hover") and window.log("hover")[-1]["nearest"],
                    what="the nearest input")
    widget(window, "shown_output")
    slider = widget(window, "noise_amount_shown")

    def shown(name):
        return picture_in(window, widget(window, name))

    leave_plot(window)
    window.click(*slider.at(0.01))   # nothing is corrupted
    leave_plot(window)
    settle(window)
    clean = shown("shown_clean")
    assert clean.max() > 0.8 and np.abs(shown("shown_seen") - clean).max() < 0.03
    if kind == "mae":
        assert np.abs(shown("shown_output") - clean).max() < 0.03
    nothing = shown("shown_output")

    window.click(*slider.at(0.7))
    leave_plot(window)
    settle(window)
    assert np.abs(shown("shown_clean") - clean).max() < 0.03
    assert (np.abs(shown("shown_seen") - clean) > 0.1).mean() > 0.05
    much = shown("shown_output")
    assert np.abs(much - nothing).max() > 0.1
    seen = shown("shown_seen")
    click_widget(window, "noise_again")
    leave_plot(window)
    settle(window)
    assert (np.abs(shown("shown_seen") - seen) > 0.1).mean() > 0.05


def test_the_figures_fit_the_smallest_window(training):
    window = training(size=(1024, 700))
    for panel in ("curves", "preview"):   # folded up at first
        click_widget(window, f"rail_{panel}")
        widget(window, f"border_{panel}")
    click_widget(window, "tab_figures")
    widget(window, "fact_aggregate_kl")
    strip = widget(window, "border_curves")
    panel = Rect(8, strip.y + strip.height, strip.width, 700 - 30 - strip.y - strip.height)
    for name in ("bars_dimensions", "bars_sigma", "fact_active_units", "fact_aggregate_kl"):
        assert panel.holds(widget(window, name)), name
