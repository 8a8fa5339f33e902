"""A picture of one's own: drawn with a real pointer, read, encoded and reconstructed live."""

import numpy as np
from PIL import Image, ImageOps
from seeing import (ACCENT, click_widget, difference, leave_plot, like, picture_in, pixels, settle,
                    view, widget)


def draw(window, strokes):
    canvas = widget(window, "canvas")
    for start, end in strokes:
        window.drag(canvas.at(*start), canvas.at(*end))


def encode(model, picture):
    x = picture.reshape(1, 784)
    hidden = model.layer("encoder.0", x)
    return model.layer("encoder.2", np.where(hidden > 0, hidden, 0.2 * hidden))[0, :2]


def test_a_drawing_is_read_encoded_and_reconstructed(still):
    window, model = still("vae")
    click_widget(window, "own_image")
    draw(window, [((0.3, 0.2), (0.7, 0.2)), ((0.7, 0.2), (0.45, 0.85))])   # a seven
    leave_plot(window)
    settle(window)
    read = picture_in(window, widget(window, "own_seen"))
    rows, columns = np.nonzero(read > 0.3)
    assert 17 <= rows.max() + 1 - rows.min() <= 21   # MNIST's digits are 20 high
    assert abs((read.sum(1) @ (np.arange(28) + 0.5)) / read.sum() - 14) < 0.7
    assert abs((read.sum(0) @ (np.arange(28) + 0.5)) / read.sum() - 14) < 0.7

    code = encode(model, read)
    made = picture_in(window, widget(window, "own_reconstruction"))
    assert difference(made, model.decode(code)) < 12   # the screen has bytes, and code is of those
    # Its mark in the plot lies at the code.
    place = view(window).to_screen(code)
    x, y = round(place[0]), round(place[1])
    assert like(pixels(window)[y - 3:y + 4, x - 3:x + 4], ACCENT, 40).any()

    click_widget(window, "own_pin")
    pin = window.wait_for_event("pin")
    assert np.allclose(pin["z"], code, atol=0.15)

    click_widget(window, "own_clear")
    leave_plot(window)
    settle(window)
    assert picture_in(window, widget(window, "own_seen")).max() < 0.1


def test_a_drawing_follows_the_training(training):
    window = training(steps=30)
    click_widget(window, "own_image")
    draw(window, [((0.5, 0.15), (0.5, 0.85))])
    leave_plot(window)
    before = picture_in(window, widget(window, "own_reconstruction"))
    step = window.log()[-1]["step"]
    window.wait_for(lambda lines: lines[-1]["step"] > 3 * step + 100, what="more training")
    after = picture_in(window, widget(window, "own_reconstruction"))
    assert np.abs(after - before).max() > 0.1


def test_without_centring_the_drawing_stays_where_it_is(still):
    window, _ = still("vae")
    click_widget(window, "own_image")
    click_widget(window, "own_centred")
    draw(window, [((0.2, 0.15), (0.2, 0.4))])
    leave_plot(window)
    settle(window)
    read = picture_in(window, widget(window, "own_seen"))
    rows, columns = np.nonzero(read > 0.5)
    assert columns.max() < 9 and rows.max() < 15


def test_a_dropped_picture_is_read_like_a_drawing(explorer, saved, digits, tmp_path):
    paper = np.full((120, 90), 240, np.uint8)   # dark ink on light paper, in a corner
    paper[10:60, 60:70] = 20
    Image.fromarray(paper).save(tmp_path / "photo.png")
    window = explorer(saved("vae"), "--data", digits, "--threads", 1, script=[
        {"do": "wait", "idle": True},
        {"do": "drop", "file": str(tmp_path / "photo.png")},
        {"do": "wait", "seconds": 1},
        {"do": "screenshot", "file": "shot.png"},
        {"do": "quit"}])
    window.wait_for_end()
    rect = widget(window, "own_seen")
    seen = np.asarray(Image.open(window.folder / "shot.png").convert("L")).astype(float) / 255
    rows = (rect.y + (np.arange(28) + 0.5) * rect.height / 28).astype(int)
    columns = (rect.x + (np.arange(28) + 0.5) * rect.width / 28).astype(int)
    read = seen[np.ix_(rows, columns)]
    ink = np.argwhere(read > 0.5)
    height, width = ink.max(0) + 1 - ink.min(0)
    assert 19 <= height <= 21 and 3 <= width <= 5   # 50×10 pixels of ink, brought to 20 high
    assert abs(ink[:, 0].mean() + 0.5 - 14) < 0.7 and abs(ink[:, 1].mean() + 0.5 - 14) < 0.7


def test_a_dropped_file_that_is_no_picture_says_so(explorer, saved, digits, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    window = explorer(saved("vae"), "--data", digits, "--threads", 1, script=[
        {"do": "wait", "idle": True},
        {"do": "drop", "file": str(tmp_path / "broken.png")},
        {"do": "wait", "seconds": 1}, {"do": "quit"}])
    window.wait_for_end()
    assert any("broken.png" in line["text"] for line in window.log("error"))


def test_a_picture_beside_a_folder_of_pictures_is_read_as_they_are(explorer, command, tmp_path):
    y, x = np.mgrid[:30, :60]
    paper = (60 + 3 * x + y).astype(np.uint8)   # bright, and without symmetry
    for part in ("train", "test"):
        (tmp_path / "d" / part).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(paper // (i + 1)).save(tmp_path / "d" / part / f"{i}.png")
    exif = Image.Exif()
    exif[0x0112] = 3   # upside down
    Image.fromarray(paper[::-1, ::-1]).save(tmp_path / "own.png", exif=exif)
    model = tmp_path / "m.safetensors"
    command("train", "--data", tmp_path / "d", "--image-size", "24x24", "--fit", "pad", "--ground",
            "white", "--model", "pca", "--latent", 2, "--out", model)
    window = explorer(model, "--data", tmp_path / "d", "--threads", 1, script=[
        {"do": "wait", "idle": True}, {"do": "drop", "file": str(tmp_path / "own.png")}])
    widget(window, "own_seen")
    leave_plot(window)
    settle(window)
    told, = [line["text"] for line in window.log("notice") if "pictures brought" in line["text"]]
    assert "from 30×60 to 24×24: 6, up to 50 % white" in told
    read = 255 * picture_in(window, widget(window, "own_seen"), (24, 24))
    expected = np.asarray(ImageOps.pad(Image.fromarray(paper), (24, 24), color=255)).astype(float)
    # The edge of the ground may be mixed.
    off = np.abs(read - expected)[[*range(5), *range(7, 17), *range(19, 24)]]
    assert off.mean() < 2 and off.max() < 24
