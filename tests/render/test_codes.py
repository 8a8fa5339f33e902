"""Codes that something else made: shown without a model, with the inputs that they belong to."""

import numpy as np
import pytest
from seeing import (Model, click_widget, difference, hover, leave_plot, picture_in, settle,
                    training_state, view, wait_for_state, widget, widgets)

TRAIN, TEST = 70, 12


class Embedding:
    """Pictures whose grey value tells their row, and codes on a circle, in another order."""

    def __init__(self, folder):
        self.folder = folder
        rows = TRAIN + TEST
        self.order = np.random.default_rng(5).permutation(rows)   # on the circle
        angle = self.order * 2 * np.pi / rows
        self.codes = (3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32)
        self.images = np.zeros((rows, 28, 28), np.uint8)
        self.images[:, 4:24, 4:24] = 60 + 2 * np.arange(rows, dtype=np.uint8)[:, None, None]
        self.labels = np.arange(rows) % 3
        # With a test part of its own, so that rows are known.
        np.savez(folder / "pictures.npz", x_train=self.images[:TRAIN], x_test=self.images[TRAIN:])
        np.save(folder / "codes.npy", self.codes)
        np.save(folder / "classes.npy", self.labels)

    def arguments(self, codes="codes.npy", labels="classes.npy"):
        return (self.folder / codes, "--images", self.folder / "pictures.npz", "--labels",
                self.folder / labels, "--threads", 1)

    def on_screen(self, window, row):
        return view(window).to_screen(self.codes[row])


@pytest.fixture
def embedding(tmp_path):
    return Embedding(tmp_path)


def at_rest(window, count=TRAIN):
    window.wait_for_event("points", count=count)
    widget(window, "preview_picture")
    leave_plot(window)
    settle(window)
    assert not window.log("error"), window.log("error")
    return window


def nearest(rows, own, count):
    """The rows of an array nearest to one of them, and their distances."""
    squares = ((rows.astype(float) - rows[own].astype(float)) ** 2).sum(axis=1)
    squares[own] = np.inf
    order = np.argsort(squares, kind="stable")[:count]
    return order, np.sqrt(squares[order])


def test_codes_alone_are_explored_with_the_picture_of_each_row(explorer, embedding):
    window = at_rest(explorer(*embedding.arguments()))
    assert training_state(window) == "loading", "Play and Pause are grey"
    for row in (5, 33, 60):
        hover(window, embedding.on_screen(window, row))
        settle(window)
        seen = window.log("hover")[-1]
        assert seen["nearest"] == f"train {row}"
        assert seen["label"] == embedding.labels[row]
        middle = picture_in(window, widget(window, "preview_picture"))[8:20, 8:20]
        assert abs(middle.mean() * 255 - embedding.images[row, 14, 14]) < 3, row

    # A click pins an input.
    before = len(window.log())
    window.click(*embedding.on_screen(window, 33))
    assert window.wait_for_event("pin", after=before)["source"] == "train 33"
    # Play does nothing: there is no model.
    window.key("space")
    settle(window)
    assert training_state(window) == "loading"


def test_neighbours_in_input_and_latent_space_stand_side_by_side(explorer, embedding):
    window = at_rest(explorer(*embedding.arguments()))
    click_widget(window, "tab_neighbours")
    for row in (33, 8):
        before = len(window.log())
        hover(window, embedding.on_screen(window, row))
        found = window.wait_for_event("neighbours", after=before, split="train", index=row)
        count = len(found["inputs"])
        assert count == len(found["codes"]) >= 10
        # Of bytes, so that the distances of both neighbours of a grey are equal to the bit.
        order, away = nearest(embedding.images[:TRAIN].reshape(TRAIN, -1), row, count)
        assert found["inputs"] == order.tolist()
        np.testing.assert_allclose(found["input_distances"], away / 255, rtol=1e-4)
        order, away = nearest(embedding.codes[:TRAIN], row, count)
        np.testing.assert_allclose(found["code_distances"], away, rtol=1e-4)
        # Two codes at either side may be equally far but for rounding.
        assert set(found["codes"][:count - 1]) <= set(nearest(embedding.codes[:TRAIN], row,
                                                              count + 1)[0].tolist())
    # They stay once the pointer has left the plot, and are seen: the first of each row.
    leave_plot(window)
    settle(window)
    found = window.log("neighbours")[-1]
    for name, rows in (("neighbour_input_0", "inputs"), ("neighbour_code_0", "codes")):
        place = widget(window, name)
        seen = picture_in(window, type(place)(place.x, place.y, place.width, place.width))
        grey = embedding.images[int(found[rows][0]), 14, 14]
        assert abs(seen[12:16, 10:14].mean() * 255 - grey) < 12, name
    # A click goes on to that input.
    before = len(window.log())
    click_widget(window, "neighbour_code_0")
    window.wait_for_event("neighbours", after=before, index=int(found["codes"][0]))


def test_high_dimensional_codes_are_seen_along_their_principal_axes(explorer, tmp_path):
    draw = np.random.default_rng(2)
    codes = draw.standard_normal((300, 5)) * [1, 9, 0.5, 4, 2] + [0, 20, 0, 0, 0]
    np.save(tmp_path / "codes.npy", codes.astype(np.float32))
    window = explorer("--codes", tmp_path / "codes.npy", "--threads", 1)
    # The codes are data, too: zscape holds out a seventh.
    count = window.wait_for(lambda lines: next(
        (line["count"] for line in lines if line["event"] == "points" and line["count"]), None))
    assert count == 300 - 300 // 7
    axes = window.wait_for_event("axes", principal=True)
    assert axes["shown"] == [0, 1]
    np.testing.assert_allclose(axes["shares"], [0.8, 0.16], atol=0.05)
    directions = np.abs(np.reshape(axes["directions"], (2, 5)))
    assert directions[0, 1] > 0.98 and directions[1, 3] > 0.98
    before = len(window.log())
    click_widget(window, "principal")
    window.wait_for_event("axes", after=before, principal=False, shown=[0, 1])


def test_codes_with_a_decoder_draw_places(explorer, command, saved, digits, tmp_path):
    path = saved("vae")
    command("encode", path, "--data", digits, "--split", "all", "--out", tmp_path / "both.npy")
    codes = np.load(tmp_path / "both.npy")[:, :2]   # μ alone
    np.save(tmp_path / "codes.npy", codes)
    window = at_rest(explorer(tmp_path / "codes.npy", "--images", digits, "--decoder", path,
                              "--threads", 1), count=600)
    assert training_state(window) == "loading"
    model = Model(path, digits)
    for place in (0.3, 0.4), (0.7, 0.6):
        picture = hover(window, view(window).plot.at(*place))
        settle(window)
        seen = picture_in(window, widget(window, "preview_picture"))
        assert difference(seen, model.decode(window.log("hover")[-1]["z"])) < 4, picture


def test_tables_and_archives_serve_as_well(explorer, embedding):
    folder = embedding.folder
    names = ["one", "two", "three"]
    (folder / "codes.csv").write_text("x,y\n" + "".join(
        f"{x:.6f},{y:.6f}\n" for x, y in embedding.codes))
    (folder / "classes.csv").write_text("kind\n" + "".join(
        f"{names[label]}\n" for label in embedding.labels))
    window = at_rest(explorer(*embedding.arguments("codes.csv", "classes.csv")))
    hover(window, embedding.on_screen(window, 5))
    settle(window)
    seen = window.log("hover")[-1]
    assert seen["nearest"] == "train 5"
    assert sorted(names)[seen["label"]] == names[embedding.labels[5]]


def test_codes_without_labels_or_inputs_are_explored_too(explorer, embedding):
    window = explorer("--codes", embedding.folder / "codes.npy", "--threads", 1)
    at_rest(window, count=TRAIN + TEST - (TRAIN + TEST) // 7)
    assert "tab_neighbours" in widgets(window)


def refusal(window):
    return window.wait_for_event("error")["text"]


def test_codes_that_do_not_fit_are_refused_in_one_sentence(explorer, embedding):
    np.save(embedding.folder / "codes.npy", embedding.codes[:50])
    window = explorer(*embedding.arguments())
    assert "50 codes for the 82 inputs of pictures" in refusal(window)


def test_labels_that_do_not_fit_are_refused_in_one_sentence(explorer, embedding):
    np.save(embedding.folder / "classes.npy", embedding.labels[:50])
    window = explorer(*embedding.arguments())
    text = refusal(window)
    assert "classes.npy' holds 50 labels for the 82 inputs" in text


def test_a_code_that_is_no_number_is_named_by_row_and_column(explorer, embedding):
    embedding.codes[17, 1] = np.nan
    np.save(embedding.folder / "codes.npy", embedding.codes)
    window = explorer(*embedding.arguments())
    text = refusal(window)
    assert "codes.npy" in text and "row 17, column 1 (counted from 0)" in text


def test_a_model_takes_the_place_of_codes(explorer, embedding):
    window = at_rest(explorer(*embedding.arguments()))
    click_widget(window, "apply")
    wait_for_state(window, "paused")
    window.key("space")
    window.wait_for(lambda lines: lines[-1]["step"] > 0, what="a step")
    assert not window.log("error")
