"""What λ will do, in the window: the forecast beside its slider, the translator of losses, and the plane on which each λ
leaves a dot; by a real pointer, held against the command line's figures and NumPy's."""

import json
import math

import numpy as np
import pytest
from seeing import (ACCENT, click_opened, click_widget, leave_plot, like, pixels, rgb, settle, wait_for_state, widget,
                    widgets)


def commands(window, name):
    return [line for line in window.log("command") if line["command"] == name]


def rest_on_lambda(window):
    """Until the forecast is on the screen."""
    window.move(*widget(window, "lambda").at(0.5))
    return window.wait_for_event("forecast")


def newest_forecast(window, **wanted):
    return window.wait_for(
        lambda _: window.log("forecast") and all(window.log("forecast")[-1][key] == value for key, value in wanted.items())
        and window.log("forecast")[-1], what=f"a forecast with {wanted}")


def position_of(weight):
    """Where λ stands on its slider: app/gui/panels/controls/controls_panel.cpp."""
    return 0.04 + 0.96 * math.log(weight / 0.01) / math.log(100 / 0.01)


def told(command, data, *options):
    return json.loads(command("forecast", "--data", data, *options, "--json"))


def test_the_forecast_comes_when_the_pointer_rests_on_lambda(still, digits, command):
    window, _ = still()
    assert not commands(window, "measure_spectrum") and "forecast" not in widgets(window)
    rest_on_lambda(window)
    said = newest_forecast(window, **{"lambda": 1})
    wanted = told(command, digits, "--likelihood", "bernoulli", "--latent", 2, "--lambda", 1)
    assert said["live_dimensions"] == wanted["live_dimensions"] == 2 and said["latent"] == 2
    window.wait_for(lambda _: window.log("forecast")[-1]["active_units"] == 2, what="what came true")
    # A tick for each latent dimension, where λ would take it.
    window.wait_for_frames()
    slider = widget(window, "lambda")
    for number, threshold in enumerate(wanted["eigenvalues"][:2]):
        tick = widget(window, f"lambda_tick_{number}")
        along = (tick.center[0] - slider.x - 7) / (slider.width - 2 * 7)   # the knob stays so far from the ends
        assert along == pytest.approx(position_of(threshold), abs=0.01)
        leave_plot(window)
        assert like(pixels(window, tick), ACCENT, 40).any()   # alive
    click_widget(window, "lambda_100")
    leave_plot(window)
    assert newest_forecast(window, **{"lambda": 100})["live_dimensions"] == 0
    window.wait_for(lambda _: not like(pixels(window, widget(window, "lambda_tick_0")), ACCENT, 40).any(),
                    what="ticks of dimensions that will die")
    assert len(commands(window, "measure_spectrum")) == 1


def test_what_was_forecast_comes_true(training):
    window = training(steps=200)
    rest_on_lambda(window)
    click_widget(window, "lambda_100")
    leave_plot(window)
    newest_forecast(window, **{"lambda": 100, "live_dimensions": 0, "active_units": 0})


def test_a_loss_of_other_code_becomes_lambda_and_s(still):
    window, _ = still(size=(1400, 1000))
    click_widget(window, "training_more")
    click_opened(window, "translate_loss", "translate_said")
    # "mean squared error averaged over pixels plus 0.00025 · KL, 64×64×3"
    click_widget(window, "translate_error_mse")
    click_widget(window, "translate_reduction_mean")
    for name, text in (("translate_inputs", "64x64x3"), ("translate_kl_weight", "0.00025")):
        click_widget(window, name)
        window.xdotool("key", "ctrl+a")
        window.xdotool("type", "--delay", 20, text)
        window.key("Return")
    click_widget(window, "translate_set")   # greyed: the model is scored by cross entropy
    window.wait_for_frames()
    assert not commands(window, "set_kl_weight")
    click_widget(window, "translate_make")
    made = window.wait_for_event("command", command="replace_model", likelihood="gaussian")
    assert made["sigma"] == pytest.approx(1.536**0.5)
    window.wait_for_event("command", command="set_kl_weight", **{"lambda": 1})
    leave_plot(window)
    settle(window)
    # Now it is such a model, and λ alone is enough for another loss.
    click_opened(window, "translate_loss", "translate_said")
    click_widget(window, "translate_set")   # sums of 1 · (x − x̂)² and 1 · KL: λ s² = ½
    said = window.wait_for(lambda _: len(commands(window, "set_kl_weight")) == 2 and commands(window, "set_kl_weight")[-1],
                           what="λ of the loss")
    assert said["lambda"] == pytest.approx(0.5 / 1.536)


def dots(window):
    found = widgets(window)
    return [found[name] for name in (f"rate_dot_{number}" for number in range(9)) if name in found]


def is_traded(smaller, larger):
    return smaller.center[0] > larger.center[0] + 5 and smaller.center[1] > larger.center[1] + 5


def test_each_lambda_leaves_a_dot_on_the_plane(training):
    window = training(steps=300)
    assert "tab_rate" not in widgets(window)
    rest_on_lambda(window)
    click_widget(window, "tab_rate")
    leave_plot(window)
    window.wait_for(lambda _: len(dots(window)) == 1, what="the dot of λ = 1")
    click_widget(window, "lambda_20")
    leave_plot(window)
    # In the order of λ: a larger one buys a smaller rate with a larger distortion (y down).
    window.wait_for(lambda _: len(dots(window)) == 2 and is_traded(*dots(window)), what="two dots, 1 and 20")
    click_widget(window, "lambda_0.1")
    leave_plot(window)
    window.wait_for(lambda _: len(dots(window)) == 3 and dots(window)[0].center[0] > dots(window)[2].center[0] + 5,
                    what="a third dot, that of 0.1, with more rate than 20")
    click_widget(window, "pause")
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    # A dot that was left before 300 steps is hollow, so that its ink depends on the machine.
    plot, three = widget(window, "plot_rate"), dots(window)
    assert len(three) == 3 and all(plot.holds(dot) for dot in three)
    seen = pixels(window, plot)
    # Lines of equal −ELBO and the linear forecast of the rate.
    assert widget(window, "rate_linear").height > 50
    assert np.abs(seen - rgb("d9a25f")).max(axis=-1).min() < 30
