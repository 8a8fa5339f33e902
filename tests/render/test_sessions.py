"""Sessions in the real window: kept while one works, brought back after an end of any kind."""

import json
import shutil
import signal

import pytest
from seeing import (click_opened, click_widget, leave_plot, settle, view, wait_for_state, widget)
from test_manners import commands, fake_chooser, kept, until
from test_panes import open_beside
from window_manager import ask_to_close

OFTEN = {"ZSCAPE_SESSION_SECONDS": "0.2"}   # instead of once a minute


def sessions(window):
    """The kept sessions and their files, the newest last."""
    folder = window.folder / "state/zscape/sessions"
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [(path, json.loads(path.read_text())) for path in files]


def close_kept(window):
    ask_to_close(window.display, int(window.window))
    assert window.wait_for_end() == 0
    assert window.errors == ""


def pin_at(window, z):
    window.click(*view(window).to_screen(z))
    return window.wait_for_event("pin")["z"]


def test_the_next_start_goes_on_with_the_last_session(explorer):
    window = explorer("--threads", 1)
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] >= 30, what="step 30")
    window.key("space")
    wait_for_state(window, "paused")
    click_widget(window, "lambda_4")
    z = pin_at(window, (0.5, -0.5))
    border = widget(window, "border_curves")
    window.drag(border.at(0.6), (border.at(0.6)[0], border.at(0.6)[1] - 50))
    settle(window)
    plot = view(window).plot
    close_kept(window)
    path, session = sessions(window)[-1]
    assert session["plan"]["lambda"] == 4 and not session["running"] and session["closed"]
    run = path.parent / session["run"]
    assert run.exists()

    again = explorer("--threads", 1, env=kept(window))
    assert "Your last session was restored" in again.wait_for_event("notice")["text"]
    again.wait_for_event("pin")
    assert again.log("pin")[-1]["z"] == pytest.approx(z)
    wait_for_state(again, "paused")
    assert commands(again, "resume_run")[0]["path"] == str(run)
    assert again.log()[-1]["step"] == session["kept"]["step"] >= 30
    until(again, lambda: view(again).plot == plot, "the dragged border")
    again.key("period")
    until(again, lambda: again.log()[-1]["step"] == session["kept"]["step"] + 1, "the next step")
    close_kept(again)
    assert len(list(path.parent.glob("*.safetensors"))) == 1   # the former weights are gone
    assert sessions(window)[-1][1]["kept"]["step"] == session["kept"]["step"] + 1

    fresh = explorer("--new", "--threads", 1, env=kept(window))
    wait_for_state(fresh, "running")
    assert not commands(fresh, "resume_run")
    close_kept(fresh)
    assert len(sessions(window)) == 2   # beside the other


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_closes_the_window_and_keeps_the_session(explorer, name):
    window = explorer("--threads", 1)
    window.wait_for(lambda lines: lines[-1]["step"] >= 30, what="step 30")
    window.process.send_signal(getattr(signal, name))
    assert window.wait_for_end() == 0
    path, session = sessions(window)[-1]
    assert (path.parent / session["run"]).exists()
    assert session["closed"] and session["kept"]["step"] >= 30


def test_after_a_kill_the_next_start_brings_it_back_and_says_of_when_it_is(explorer, digits):
    window = explorer("--data", digits, "--threads", 1, env=OFTEN)
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] >= 30, what="step 30")
    z = pin_at(window, (0.5, -0.5))
    until(window, lambda: sessions(window) and sessions(window)[-1][1]["pins"] and
          sessions(window)[-1][1]["kept"]["step"] >= 30, "the session")
    window.stop()   # SIGKILL
    path, session = sessions(window)[-1]
    assert not session["closed"]

    again = explorer("--threads", 1, env=kept(window))
    told = again.wait_for_event("notice")["text"]
    assert "did not end properly" in told and f"step {session['kept']['step']:,}" in told
    again.wait_for_event("pin")
    assert again.log("pin")[-1]["z"] == pytest.approx(z)
    assert commands(again, "load_data")[0]["source"] == str(digits)
    assert commands(again, "resume_run")[0]["path"] == str(path.parent / session["run"])
    wait_for_state(again, "running")
    # It goes on in the same place, and leaves no half-written file behind.
    until(again, lambda: again.log()[-1]["step"] > session["kept"]["step"] + 20, "further steps")
    close_kept(again)
    assert [kept_path for kept_path, _ in sessions(window)] == [path]
    # A run that has learned for long has whole states of its past too.
    suffixes = {file.suffix for file in path.parent.iterdir()} - {".state"}
    assert suffixes == {".json", ".lock", ".safetensors"}


def test_a_session_with_a_model_is_kept_and_listed_by_its_data(explorer, saved, digits):
    window = explorer(saved("vae"), "--data", digits, "--threads", 1)
    wait_for_state(window, "paused")
    close_kept(window)
    path, session = sessions(window)[-1]
    assert session["plan"]["data"] == str(digits) and not session["running"]

    other = explorer("--new", "--threads", 1, env=kept(window))
    leave_plot(other)
    wait_for_state(other, "running")
    click_opened(other, "file_menu", "session_0")
    until(other, lambda: commands(other, "resume_run"), "the listed session")
    assert commands(other, "resume_run")[0]["path"] == str(path.parent / session["run"])
    wait_for_state(other, "paused")
    close_kept(other)
    # The session that gave way to it is kept too.
    assert {file["plan"]["data"] for _, file in sessions(window)} == {str(digits), "synthetic"}


def test_both_models_of_a_comparison_go_on_together(explorer, digits):
    window = explorer("--data", digits, "--threads", 1, env=OFTEN)
    leave_plot(window)
    wait_for_state(window, "running")
    open_beside(window, "compare_lambda_0")
    until(window, lambda: sessions(window) and sessions(window)[-1][1].get("other_models") and
          "run" in sessions(window)[-1][1]["other_models"][0], "both runs")
    close_kept(window)
    path, session = sessions(window)[-1]
    runs = [session["run"], session["other_models"][0]["run"]]

    again = explorer("--threads", 1, env=kept(window))
    until(again, lambda: len(commands(again, "start")) == 2, "both")
    assert [line["path"] for line in commands(again, "resume_run")] == [
        str(path.parent / run) for run in runs]
    assert [line["model"] for line in commands(again, "start")] == [0, 1]
    wait_for_state(again, "running")
    step = session["kept"]["step"]
    until(again, lambda: again.log()[-1]["step"] > step + 20, "further steps")
    close_kept(again)
    assert len(sessions(window)[-1][1]["other_models"]) == 1


def test_two_windows_keep_two_sessions(explorer, digits):
    first = explorer("--data", digits, "--threads", 1, env=OFTEN)
    leave_plot(first)
    wait_for_state(first, "running")
    pin_at(first, (0.5, -0.5))
    until(first, lambda: sessions(first) and sessions(first)[-1][1]["pins"], "the session")
    path = sessions(first)[-1][0]

    second = explorer("--threads", 1, env={**kept(first), **OFTEN})
    assert "Another window works on the last session" in second.wait_for_event("notice")["text"]
    wait_for_state(second, "running")
    until(second, lambda: len(sessions(first)) == 2, "a session of its own")
    close_kept(first)
    close_kept(second)
    by_data = {session["plan"]["data"]: session for _, session in sessions(first)}
    assert by_data.keys() == {str(digits), "synthetic"}
    assert by_data[str(digits)]["pins"] and not by_data["synthetic"]["pins"]
    assert json.loads(path.read_text()) == by_data[str(digits)]


def test_a_broken_session_is_set_aside_and_the_window_starts_fresh(explorer, tmp_path):
    folder = tmp_path / "state/zscape/sessions"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text('{"zscape_session": 1, "data": ')
    window = explorer("--threads", 1, env={"XDG_STATE_HOME": str(tmp_path / "state")})
    assert "one.json.broken" in window.wait_for_event("error")["text"]
    wait_for_state(window, "running")
    assert (folder / "one.json.broken").exists()
    assert not (folder / "one.json").exists()


def test_a_session_of_the_first_zscape_comes_back(explorer, saved, digits, tmp_path):
    """Its weights were a model beside session.json."""
    state = tmp_path / "state/zscape"
    state.mkdir(parents=True)
    (state / "session-1.safetensors").write_bytes(saved("vae").read_bytes())
    (state / "session.json").write_text(json.dumps({
        "zscape_session": 2, "plan": {"data": str(digits), "kind": "vae", "lambda": 4},
        "model": "session-1.safetensors", "running": False,
        "view": {"center": [0, 0], "height": 0, "axes": [0, 1, 2], "split": "train",
                 "hidden_labels": [], "label": 0, "layers": ["points"], "ellipses_of_all": False,
                 "hover_card": True},
        "pins": [], "paths": [], "layout": {"panels_hidden": False}}))
    window = explorer("--threads", 1, env={"XDG_STATE_HOME": str(tmp_path / "state")})
    until(window, lambda: commands(window, "set_kl_weight"), "its λ")
    assert commands(window, "open_model")[0]["path"] == str(state / "session-1.safetensors")
    wait_for_state(window, "paused")
    close_kept(window)
    assert list((state / "sessions").glob("*.json"))


def saved_session(explorer, saved, digits, tmp_path, env):
    """A window whose session was saved by hand, and its file."""
    window = explorer(saved("vae"), "--data", digits, "--threads", 1, env=env)
    leave_plot(window)
    wait_for_state(window, "paused")
    window.key("ctrl+shift+s")
    path = tmp_path / "mine.json"
    until(window, path.exists, "the session's file")
    return window, path


def test_a_session_is_saved_under_a_name_and_opened_by_it(explorer, saved, digits, tmp_path):
    env = fake_chooser(tmp_path / "bin", f"echo {tmp_path}/mine")
    window, path = saved_session(explorer, saved, digits, tmp_path, env)
    assert (tmp_path / "mine.safetensors").exists()
    again = explorer(path, "--threads", 1)
    wait_for_state(again, "paused")
    assert commands(again, "load_data")[0]["source"] == str(digits)
    assert commands(again, "resume_run")[0]["path"] == str(tmp_path / "mine.safetensors")


def copy_of(digits, folder):
    shutil.copytree(digits, folder)
    return folder


def two_pins_on(window, data):
    """A pin in free latent space and one on an input, and some steps, kept by closing."""
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] >= 30, what="step 30")
    window.key("space")
    wait_for_state(window, "paused")
    pin_at(window, (0.5, -0.5))
    close_kept(window)
    path, session = sessions(window)[-1]
    assert session["plan"]["data"] == str(data)
    session["pins"].append({**session["pins"][0], "id": 2, "name": "an input", "z": [1, 1],
                            "input": {"split": "train", "index": 7}})
    path.write_text(json.dumps(session))
    return path, session


def test_other_data_in_the_same_place_leave_the_session_as_it_is(explorer, command, digits,
                                                                 tmp_path):
    data = copy_of(digits, tmp_path / "growing")
    window = explorer("--data", data, "--threads", 1)
    path, session = two_pins_on(window, data)
    run = path.parent / session["run"]
    text, weights = path.read_bytes(), run.read_bytes()
    shutil.rmtree(data)
    command("synthesize", "--count", 720, "--seed", 3, "--out", data)

    again = explorer("--threads", 1, env=kept(window))
    until(again, lambda: len([line for line in again.log("notice") if
                              "a session of its own" in line["text"] or
                              "without the inputs" in line["text"]]) == 2, "what became of it")
    assert not [line for line in again.log("notice") if "was restored" in line["text"]]
    leave_plot(again)
    again.wait_for(lambda lines: len([line for line in lines if line["event"] == "pin"]) >= 2,
                   what="both pins")
    again.key("period")
    until(again, lambda: again.log()[-1]["step"] == 1, "a step of the new run")
    close_kept(again)
    assert (path.read_bytes(), run.read_bytes()) == (text, weights)
    other, new = sessions(window)[-1]
    assert other != path and new["kept"]["step"] == 1
    assert len(new["pins"]) == 2 and not [pin for pin in new["pins"] if "input" in pin]

    # With its data the former one is whole again.
    shutil.rmtree(data)
    copy_of(digits, data)
    back = explorer("--new", "--threads", 1, env=kept(window))
    leave_plot(back)
    wait_for_state(back, "running")
    click_opened(back, "file_menu", "session_1")
    until(back, lambda: commands(back, "resume_run"), "the listed session")
    assert commands(back, "resume_run")[0]["path"] == str(run)
    until(back, lambda: back.log()[-1]["step"] == session["kept"]["step"], "its step")
    close_kept(back)
    pins = json.loads(path.read_text())["pins"]
    assert [pin.get("input") for pin in pins] == [None, {"split": "train", "index": 7}]


@pytest.mark.parametrize("way", ["loaded", "named"])
def test_a_session_comes_back_with_data_that_were_moved(explorer, digits, tmp_path, way):
    data, moved = copy_of(digits, tmp_path / "there"), tmp_path / "elsewhere"
    window = explorer("--data", data, "--threads", 1)
    path, session = two_pins_on(window, data)
    data.rename(moved)
    if way == "loaded":
        env = {**kept(window), **fake_chooser(tmp_path / "bin", f"echo {moved}")}
        again = explorer("--threads", 1, env=env)
        until(again, lambda: [line for line in again.log("notice") if
                              "load its data" in line["text"]], "the wait for its data")
        assert not [line for line in again.log("notice") if "was restored" in line["text"]]
        leave_plot(again)
        again.key("ctrl+o")
    else:
        again = explorer(path, "--data", moved, "--threads", 1, env=kept(window))
    until(again, lambda: again.log()[-1]["step"] == session["kept"]["step"], "its step")
    until(again, lambda: len(again.log("pin")) == 2, "both pins")
    close_kept(again)
    assert [kept_path for kept_path, _ in sessions(window)] == [path]
    back = json.loads(path.read_text())
    assert back["plan"]["data"] == str(moved)
    assert back["kept"]["step"] == session["kept"]["step"]
    assert [pin.get("input") for pin in back["pins"]] == [None, {"split": "train", "index": 7}]


def test_a_model_beside_a_session_is_replaced_only_after_a_question(explorer, saved, digits,
                                                                    tmp_path):
    model = tmp_path / "mine.safetensors"
    shutil.copyfile(saved("vae"), model)
    before = model.read_bytes()
    env = fake_chooser(tmp_path / "bin", f"echo {tmp_path}/mine.json")
    window = explorer(saved("vae"), "--data", digits, "--threads", 1, env=env)
    leave_plot(window)
    wait_for_state(window, "paused")
    settle(window)
    plain = window.screen()
    window.key("ctrl+shift+s")
    place = widget(window, "replace_session")
    settle(window)
    x, y = place.at(0, 0)
    box = (round(x), round(y), round(x + place.width), round(y + place.height))
    assert window.screen().crop(box).tobytes() != plain.crop(box).tobytes()   # it is seen
    window.key("Escape")
    settle(window)
    assert model.read_bytes() == before
    seen = len(window.log())
    window.key("ctrl+shift+s")
    widget(window, "replace_session", after=seen)   # it had gone
    settle(window)
    assert model.read_bytes() == before
    click_widget(window, "replace_session")
    until(window, (tmp_path / "mine.json").exists, "the session's file")
    assert model.read_bytes() != before


def test_a_session_without_its_run_is_a_message_and_changes_nothing(explorer, saved, digits, tmp_path):
    env = fake_chooser(tmp_path / "bin", f"echo {tmp_path}/mine.json")
    window, path = saved_session(explorer, saved, digits, tmp_path, env)
    (tmp_path / "mine.safetensors").unlink()
    text = path.read_bytes()
    window.key("ctrl+o")   # in the window it is a message
    assert "mine.safetensors does not exist" in window.wait_for_event("error")["text"]
    assert not commands(window, "resume_run") and path.read_bytes() == text
    assert sorted(file.name for file in tmp_path.glob("mine*")) == ["mine.json"]
