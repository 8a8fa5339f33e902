"""A saved model in the window: the losses of its file, and its evaluation, which is that of `zscape eval`."""

import json

import pytest
from seeing import click_widget, leave_plot, settle, wait_for_state, widget, widgets

FIGURES = ["reconstruction", "kl", "elbo", "elbo_standard_error", "log_likelihood", "log_likelihood_prior", "mse",
           "knn_accuracy", "silhouette"]


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_an_evaluation_has_the_figures_of_eval(still, saved, digits, command, kind):
    window, _ = still(kind)
    widget(window, "file_losses")   # at once, beside the button
    click_widget(window, "evaluate")
    window.wait_for(lambda _: window.log("evaluation"), what="the evaluation")
    shown = window.log("evaluation")[-1]
    widget(window, "evaluation")
    expected = json.loads(command("eval", saved(kind), "--data", digits, "--threads", 1, "--json"))
    assert shown["inputs"] == expected["images"] == 100
    for name in FIGURES:
        if expected[name] is None:
            assert shown[name] is None, name
        else:
            assert shown[name] == pytest.approx(expected[name], rel=1e-12), name


def test_a_new_model_has_no_button_in_its_curves(training):
    window = training()
    assert "evaluate" not in widgets(window)
    click_widget(window, "tab_figures")
    widget(window, "evaluate")


@pytest.mark.parametrize("said, taken", [([], "LeakyReLU(0.2)"), (["--activation", "tanh"], ", tanh, ")])
def test_a_model_without_metadata_says_what_was_assumed(explorer, saved, digits, tmp_path, said, taken):
    path = tmp_path / "foreign.safetensors"
    content = saved("vae").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + length])
    del header["__metadata__"]
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length:])
    window = explorer(path, "--data", digits, "--threads", 1, *said)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    parts = ["taken: vae of 28×28", taken, "--activation"]
    window.wait_for(lambda _: any(all(part in line["text"] for part in parts) for line in window.log("notice")),
                    what="what was assumed")
