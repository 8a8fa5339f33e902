"""The place Lab by a visitor's hands: a question from prediction to verdict, with a lab that really
runs, and a folder of results that was made elsewhere."""

import contextlib
import json
import os
import subprocess
import time

import pytest
from seeing import click_widget, settle, wait_for_state, widget, widgets

EXPERIMENT = {
    "name": "two-widths", "question": "Do two dimensions beat one?",
    "text": ["A code of one number has to put all digits on a line.", "With two it has a plane."],
    "plan": {"model": "ae", "epochs": 1, "hidden": [16], "limit": 256},
    "axes": [{"name": "latent", "label": "latent dimensions", "values": [1, 2]}],
    "seeds": 2, "measure": ["test_loss", "mse"],
    "plots": [{"x": "latent", "y": "mse", "title": "Error"}],
    "claims": [{"says": "An error is less than a hundred.", "source": "Arithmetic",
                "if": {"less": [{"of": "mse", "where": {"latent": 2}}, 100]}}],
    "predict": {"ask": "How does the error change?", "kind": "curve", "answer": {"plot": 0}},
}


@pytest.fixture(scope="module")
def experiment(digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("lab") / "two-widths.json"
    path.write_text(json.dumps({**EXPERIMENT, "data": str(digits)}))
    return path


@pytest.fixture(scope="module")
def results(command, experiment):
    folder = experiment.parent / "elsewhere"
    command("lab", "run", experiment, "--jobs", 1, "--out", folder)
    return folder


def scroll_to(window, name):
    """Turns the wheel over the page until the widget lies in it."""
    page_y = window.size[1] / 2
    for _ in range(40):
        settle(window)
        here = widget(window, name)
        if 60 < here.at(0.5)[1] < window.size[1] - 60:
            return here
        window.wheel(200, page_y, -3 if here.at(0.5)[1] > page_y else 3)
    pytest.fail(f"{name} does not come into the page")


def rest(window):
    """Pauses the explorer's own model: what follows is about the lab. Ends in the place Lab."""
    window.key("F2")
    wait_for_state(window, "running")
    window.key("space")
    wait_for_state(window, "paused")
    window.key("F4")
    settle(window)


def click(window, name):
    scroll_to(window, name)
    click_widget(window, name)
    settle(window)


def children_of(pid):
    """The numbers of a process's own children."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return found.stdout.split()


def hurry(window):
    """The lab has the lowest priority: on a busy machine it would hardly get on. Where a test may,
    it gives it the usual one."""
    window.wait_for(lambda _: children_of(window.process.pid), what="the lab's process")
    for pid in children_of(window.process.pid):
        assert os.getpriority(os.PRIO_PROCESS, int(pid)) == 19
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PGRP, int(pid), 0)


def until_gone(pid):
    end = time.monotonic() + 60
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{pid}")


def lines(folder):
    path = folder / "results.jsonl"
    return path.read_text().splitlines() if path.exists() else []


def test_from_the_prediction_to_the_verdict(explorer, experiment, digits, tmp_path):
    window = explorer(experiment, "--data", digits, "--threads", 1, size=(1366, 768))
    window.wait_for_event("lab_opened")
    widget(window, "lab_question")
    rest(window)
    # Nothing runs before a prediction.
    click(window, "lab_run")
    assert not window.log("lab_run")
    pen = scroll_to(window, "lab_pen")
    window.drag((pen.x + 3, pen.y + 20), (pen.x + pen.width - 3, pen.y + pen.height - 20))
    window.wait_for_event("lab_prediction", number=0)
    click(window, "lab_keep")
    window.wait_for_event("lab_prediction", number=1)
    click(window, "lab_run")
    folder = window.wait_for_event("lab_run")["text"]
    assert folder.startswith(str(window.folder / "state" / "zscape" / "lab"))
    hurry(window)
    window.wait_for_event("lab_ended", text="", number=0, timeout=600)
    window.wait_for_event("lab_results", number=4)
    chart = scroll_to(window, "lab_chart")
    dots = [widget(window, f"lab_dot_0_{i}") for i in range(2)]
    assert dots[0].at(0.5)[0] < dots[1].at(0.5)[0]
    assert all(chart.y <= dot.at(0.5)[1] <= chart.y + chart.height for dot in dots)
    scroll_to(window, "lab_claim_0_confirmed")
    # A dot's model opens in the explorer, another one beside it.
    scroll_to(window, "lab_chart")
    window.click(*widget(window, "lab_dot_0_1").at(0.5))
    opened = window.wait_for_event("command", command="open_model")["path"]
    assert opened.startswith(folder) and os.path.exists(opened)
    settle(window)
    scroll_to(window, "lab_chart")
    window.xdotool("keydown", "shift")
    window.click(*widget(window, "lab_dot_0_0").at(0.5))
    window.xdotool("keyup", "shift")
    beside = window.wait_for_event("command", command="add_model")
    assert beside["path"].startswith(folder) and beside["path"] != opened
    window.wait_for_event("compare", open=True)
    scroll_to(window, "lab_scatter_1")
    # The window comes back with the prediction; the question is on the shelf.
    kept = json.loads((window.folder / "state" / "zscape" / "lab.json").read_text())
    guess = kept["predictions"]["two-widths"]
    assert guess["kept"] and not guess["late"]
    drawn = [height for height in guess["curve"] if height is not None]
    assert drawn[0] > 0.8 > 0.2 > drawn[-1]
    assert kept["opened"] == [str(experiment)]
    window.stop()
    again = explorer("--data", digits, "--threads", 1,
                     env={"XDG_STATE_HOME": str(window.folder / "state")})
    rest(again)
    click(again, "lab_card_0")
    widget(again, "lab_said")
    again.wait_for_event("lab_results", number=4)
    scroll_to(again, "lab_claim_0_confirmed")
    assert "lab_keep" not in widgets(again)


def test_a_running_lab_stops_and_goes_on(explorer, experiment, digits):
    slow = experiment.parent / "slow.json"
    slow.write_text(json.dumps({**EXPERIMENT, "name": "slow", "data": str(digits), "seeds": 3,
                                "plan": {**EXPERIMENT["plan"], "epochs": 400}}))
    window = explorer(slow, "--data", digits, "--threads", 1, size=(1366, 1000))
    window.wait_for_event("lab_opened")
    rest(window)
    click(window, "lab_skip")
    click(window, "lab_run")
    folder = window.wait_for_event("lab_run")["text"]
    hurry(window)
    window.wait_for(lambda _: os.path.exists(os.path.join(folder, "runs.json")), timeout=600, what="the lab")
    click(window, "lab_stop")
    window.wait_for_event("lab_ended", number=1)
    assert not children_of(window.process.pid)
    before = len(window.log())
    click(window, "lab_run")   # Continue
    window.wait_for_event("lab_run", after=before)
    window.wait_for(lambda _: children_of(window.process.pid), what="the lab's process")
    # It dies with the window, however that ends.
    lab, = children_of(window.process.pid)
    window.stop()
    until_gone(lab)


def test_a_dropped_folder_of_results_opens(explorer, results, digits):
    assert len(lines(results)) == 4
    tour = explorer("--data", digits, "--threads", 1, script=[
        {"do": "wait", "step": 5}, {"do": "drop", "file": str(results)},
        {"do": "wait", "seconds": 2}, {"do": "quit"}])
    assert tour.wait_for_end() == 0
    assert [line["path"] for line in tour.log("lab_opened")] == [str(results)]
    assert tour.log("lab_results")[-1]["number"] == 4
    shown = widgets(tour)
    # Nobody has predicted: the figures are covered.
    assert "lab_covered" in shown and "lab_chart" not in shown
    assert not tour.log("error")
