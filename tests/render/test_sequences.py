"""Sequences in the window: a click follows one through latent space, and a player goes along it.

Where its steps must be is what `zscape encode` says of the same model."""

import numpy as np
import pytest
from seeing import (GROUND, Rect, click_widget, leave_plot, like, pixels, rgb, settle, view,
                    wait_for_state, widget, widgets)
from test_manners import kept
from test_selection import held
from test_sessions import close_kept

COUNT, STEPS, VALUES = 70, 40, 6
TRAINING = 60   # one in seven is for testing

# app/gui/view/latent/coloring.cpp, from the first step to the last
TIME_COLORS = np.array([rgb(color) for color in ("355f8d", "2a788e", "21918c", "22a884", "44bf70", "7ad151",
                                                 "bddf26", "fde725")])


def time_color(part):
    place = part * (len(TIME_COLORS) - 1)
    below = min(int(place), len(TIME_COLORS) - 2)
    return TIME_COLORS[below] + (TIME_COLORS[below + 1] - TIME_COLORS[below]) * (place - below)


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    """Lissajous figures of three kinds, seen by six sensors."""
    random = np.random.default_rng(7)
    folder = tmp_path_factory.mktemp("curves") / "curves"
    folder.mkdir()
    kind = np.arange(COUNT) % 3
    time = np.linspace(0, 1.8 * np.pi, STEPS)
    phase = random.uniform(0, 2 * np.pi, (COUNT, 1))
    x, y = np.sin((kind[:, None] + 1) * time + phase), np.cos(time + phase)
    images = np.stack([x, y], 2) @ random.normal(size=(2, VALUES))
    np.save(folder / "images.npy", (images + 0.02 * random.normal(size=images.shape)).astype(np.float32))
    np.save(folder / "labels.npy", kind)
    return folder


class Followed:
    """A model of the curves, and the codes of its training sequences: [sequences, steps, k]."""

    def __init__(self, command, curves, folder, latent):
        self.path = folder / f"curves-{latent}.safetensors"
        command("train", "--data", curves, "--sequence", "--model", "ae", "--latent", latent, "--hidden", 32,
                "--epochs", 25, "--threads", 1, "--out", self.path)
        out = folder / "codes.npy"
        command("encode", self.path, "--data", curves, "--sequence", "--split", "train", "--out", out)
        self.codes = np.load(out)
        assert self.codes.shape == (TRAINING, STEPS, latent)

    def open(self, explorer, curves, **options):
        window = explorer(self.path, "--data", curves, "--sequence", "--threads", 1, **options)
        leave_plot(window)
        wait_for_state(window, "paused")
        settle(window)
        return window


@pytest.fixture(scope="module")
def followed(command, curves, tmp_path_factory):
    return Followed(command, curves, tmp_path_factory.mktemp("followed"), 2)


@pytest.fixture(scope="module")
def module_window(shared_explorer, followed, curves):
    return followed.open(shared_explorer, curves)


@pytest.fixture
def window(module_window):
    """One for all tests: each leaves nothing that is followed."""
    yield module_window
    module_window.key("Escape")
    leave_plot(module_window)
    settle(module_window)
    assert not module_window.log("sequences") or module_window.log("sequences")[-1]["chosen"] == []


def on_screen(window, codes):
    return np.stack(view(window).to_screen(codes.T), axis=-1)


def lone_step(window, codes, apart=7):
    """A sequence, a step and the place of a code that no other is near to."""
    places = on_screen(window, codes.reshape(-1, 2))
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    plot = view(window).plot
    inside = ((places > (plot.x + 30, plot.y + 30)) & (places < (plot.x + plot.width - 30,
                                                                 plot.y + plot.height - 30))).all(axis=1)
    found = np.flatnonzero((gaps.min(axis=1) > apart) & inside)
    assert len(found) > 1, "no code stands alone"
    return [(index // STEPS, index % STEPS, places[index]) for index in found]


def told(window, before, **fields):
    return window.wait_for_event("sequences", after=before, **fields)


def follow(window, number):
    """By its number. The event that tells of it, with its codes."""
    before = len(window.log())
    click_widget(window, "sequence_number")
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, str(number))
    window.key("Return")
    leave_plot(window)
    return window.wait_for(
        lambda lines: next((line for line in lines[before:] if line["event"] == "sequences"
                            and line["chosen"] == [number] and line["z"]), None), what=f"sequence {number}")


def middle_of(rect):
    return np.array(rect.center)


def test_a_click_draws_the_sequence_of_a_point_as_a_line_through_its_codes(window, followed):
    number, step, place = lone_step(window, followed.codes)[0]
    before = len(window.log())
    window.click(*place)
    line = told(window, before, chosen=[int(number)], at=int(step))
    assert line["split"] == "train"
    leave_plot(window)
    settle(window)
    assert not window.log("pin"), "a click on a point of a sequence is no pin"
    # Its ends and the step stand where their codes are.
    places = on_screen(window, followed.codes[number])
    for name, at in ((f"sequence_{number}_begin", 0), (f"sequence_{number}_end", STEPS - 1),
                     ("sequence_marker", step)):
        assert middle_of(widget(window, name)) == pytest.approx(places[at], abs=1.5), name
    # A line joins the steps, in the colours of time.
    screen = pixels(window)
    right, seen = 0, 0
    for at in range(1, STEPS):
        if np.hypot(*(places[at] - places[at - 1])) < 8 or abs(at - step) < 3 or at < 3 or at > STEPS - 3:
            continue
        seen += 1
        middle = np.floor((places[at] + places[at - 1]) / 2).astype(int)
        around = screen[middle[1] - 1:middle[1] + 2, middle[0] - 1:middle[0] + 2].reshape(-1, 3)
        right += np.abs(around - time_color(at / (STEPS - 1))).max(axis=1).min() < 40
    assert seen > 8 and right / seen > 0.7, (right, seen)


def test_the_player_moves_code_input_and_reconstruction_along(window, followed):
    number = 17
    follow(window, number)
    pictures = []
    for part, at in ((0.0, 0), (0.5, None), (1.0, STEPS - 1)):
        before = len(window.log())
        bar = widget(window, "sequence_scrub")
        window.drag(bar.at(0.3 if part != 0.3 else 0.6), bar.at(part), steps=6)
        leave_plot(window)
        settle(window)
        line = window.log("sequences")[-1]
        assert line in window.log()[before:] and line["chosen"] == [number]
        assert at is None or line["at"] == at
        # The preview decodes that step's code, beside that step's input.
        code = followed.codes[number, line["at"]]
        assert line["z"] == pytest.approx(list(code), abs=1e-4)
        assert window.log("hover")[-1]["z"] == pytest.approx(list(code), abs=1e-4)
        assert line["input"] == f"train {number * STEPS + line['at']}"
        assert middle_of(widget(window, "sequence_marker")) == pytest.approx(
            on_screen(window, code[None])[0], abs=1.5)
        pictures.append(pixels(window, widget(window, "preview_picture")))
    assert all((one != other).any(axis=-1).mean() > 0.01 for one, other in zip(pictures, pictures[1:]))


def test_keys_go_along_it_although_the_pointer_rests_in_the_plot(window, followed):
    number, step, place = next(found for found in lone_step(window, followed.codes) if 2 < found[1] < STEPS - 3)
    before = len(window.log())
    window.click(*place)
    told(window, before, chosen=[int(number)], at=int(step))
    for key, way in (("Right", 1), ("Right", 2), ("Left", 1)):
        before = len(window.log())
        window.key(key)
        line = told(window, before, at=int(step) + way)
        assert line["chosen"] == [int(number)]
        settle(window)
        code = followed.codes[number, step + way]
        assert window.log("hover")[-1]["z"] == pytest.approx(list(code), abs=1e-4)
    # The pointer shows its own place once it moves.
    window.move(place[0] + 3, place[1] + 40)
    settle(window)
    here = view(window).to_latent((round(place[0] + 3), round(place[1] + 40)))
    assert window.log("hover")[-1]["z"] == pytest.approx(here, abs=1e-3)


def test_several_are_followed_with_shift_and_none_after_escape(window, followed):
    lone = lone_step(window, followed.codes)
    first = lone[0]
    second = next(found for found in lone if found[0] != first[0])
    window.click(*first[2])
    before = len(window.log())
    with held(window, "shift"):
        window.click(*second[2])
    told(window, before, chosen=[int(first[0]), int(second[0])], at=int(second[1]))
    leave_plot(window)
    settle(window)
    for number, _, _ in (first, second):
        places = on_screen(window, followed.codes[number])
        assert middle_of(widget(window, f"sequence_{number}_begin")) == pytest.approx(places[0], abs=1.5)
    followed_now = pixels(window)
    before = len(window.log())
    with held(window, "shift"):
        window.click(*second[2])
    told(window, before, chosen=[int(first[0])])
    before = len(window.log())
    window.key("Escape")
    told(window, before, chosen=[])
    leave_plot(window)
    settle(window)
    places = np.floor(on_screen(window, followed.codes[second[0]])).astype(int)[5:-5]
    changed = (pixels(window) != followed_now).any(axis=-1)[places[:, 1], places[:, 0]]
    assert changed.mean() > 0.5, "the line is still there"


def test_it_is_played_to_its_last_step(window, followed):
    follow(window, 5)
    bar = widget(window, "sequence_scrub")
    window.click(*bar.at(0.6))
    leave_plot(window)
    settle(window)
    start = window.log("sequences")[-1]["at"]
    before = len(window.log())
    click_widget(window, "sequence_play")
    leave_plot(window)
    told(window, before, playing=False, at=STEPS - 1)
    shown = [line["at"] for line in window.log()[before:] if line["event"] == "sequences"]
    assert shown == sorted(shown) and shown[0] >= start and len(set(shown)) > 5


def test_a_number_that_is_none_is_refused(window):
    before = len(window.log())
    click_widget(window, "sequence_number")
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 20, str(TRAINING))
    window.key("Return")
    widget(window, "sequence_number_refused", after=before)
    window.key("Escape")
    leave_plot(window)
    settle(window)
    assert all(line["chosen"] == [] for line in window.log()[before:] if line["event"] == "sequences")


def test_in_three_dimensions(explorer, command, curves, tmp_path):
    followed = Followed(command, curves, tmp_path, 3)
    window = followed.open(explorer, curves)
    window.key("d")
    window.wait_for(lambda lines: [line for line in lines if line["event"] == "axes"][-1]["spatial"],
                    what="three dimensions")
    line = follow(window, 30)
    assert line["z"] == pytest.approx(list(followed.codes[30, line["at"]]), abs=1e-4)
    settle(window)
    plot = view(window).plot
    begin, end = (widget(window, f"sequence_30_{which}") for which in ("begin", "end"))
    for rect in (begin, end):
        assert plot.holds(Rect(*rect.center, 0, 0))
    # The end's square has the last colour of time, in its corner too, where no point covers it.
    inside = pixels(window, Rect(end.x + 3, end.y + 3, end.width - 6, end.height - 6))
    assert like(inside, "fde725", 40).mean() > 0.6
    before = len(window.log())
    window.key("Right")
    told(window, before, at=line["at"] + 1)
    # The line turns with the camera.
    settle(window)
    window.drag((plot.x + plot.width * 0.3, plot.y + plot.height * 0.1),
                (plot.x + plot.width * 0.6, plot.y + plot.height * 0.15))
    leave_plot(window)
    settle(window)
    moved = widget(window, "sequence_30_begin")
    assert np.hypot(*(middle_of(moved) - middle_of(begin))) > 5


def test_it_follows_a_model_that_learns(explorer, curves):
    window = explorer("--data", curves, "--sequence", "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "running")
    line = follow(window, 8)
    later = window.wait_for(
        lambda lines: next((each for each in lines if each["event"] == "sequences" and each["chosen"] == [8]
                            and each["of_step"] > line["of_step"]), None), what="codes of newer weights")
    assert later["z"] != line["z"]


def test_where_the_preview_is_folded_the_step_has_its_picture_beside_it(explorer, followed, curves):
    window = followed.open(explorer, curves, size=(1024, 700))
    assert "preview_picture" not in widgets(window)
    follow(window, 3)
    picture, marker = widget(window, "cursor_picture"), widget(window, "sequence_marker")
    assert np.hypot(*(middle_of(picture) - middle_of(marker))) < 160
    bar, row = widget(window, "sequence_scrub"), widget(window, "sequence_clear")
    assert bar.width > 100 and row.x + row.width < 1024 and bar.y < view(window).plot.y


def test_followed_sequences_come_back_with_the_session(explorer, followed, curves):
    window = followed.open(explorer, curves)
    follow(window, 7)
    before = len(window.log())
    window.key("Right")
    line = told(window, before, chosen=[7])
    leave_plot(window)
    settle(window)
    close_kept(window)
    again = explorer("--threads", 1, env=kept(window))
    back = again.wait_for(lambda lines: next((each for each in lines if each["event"] == "sequences" and each["z"]), None),
                          what="the sequence")
    assert (back["chosen"], back["at"]) == ([7], line["at"])


def test_an_array_on_show_is_read_as_sequences(explorer, curves):
    """Data, more: the same array as grey pictures, and then as sequences."""
    window = explorer("--data", curves, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "running")
    assert "sequence_number" not in widgets(window)
    click_widget(window, "data_more")
    click_widget(window, "sequence_yes")
    before = len(window.log())
    click_widget(window, "load")
    widget(window, "sequence_number", after=before)
    wait_for_state(window, "running")
    line = follow(window, 8)
    assert len(line["z"]) == 2


def test_other_data_have_no_such_row(explorer, digits):
    window = explorer("--data", digits, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "running")
    window.wait_for(lambda lines: lines[-1]["step"] >= 5, what="some steps")
    assert not [name for name in widgets(window) if name.startswith("sequence")]
    assert not window.log("sequences")
