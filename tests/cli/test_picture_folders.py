"""Folders of pictures against Pillow: sizes, fits, orientations, grounds, palettes; what is left
out; and models, which treat later pictures as they treated the first."""

import json
import shutil

import numpy as np
import pytest
from networks import tiles
from PIL import Image, ImageOps
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

TRAIN = ["--model", "pca", "--latent", "1", "--threads", "1"]


def scene(width, height, mode="L", seed=0):
    """A picture without symmetry: slopes, and a bright corner."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    grey = 40 + 90 * x + 60 * y + 10 * np.sin(seed + 9 * x)
    grey[:height // 4, :width // 3] = 230
    channels = [grey, 255 - grey, np.full_like(grey, 20 + seed)]
    if mode == "L":
        return Image.fromarray(grey.astype(np.uint8))
    return Image.fromarray(np.stack(channels, 2).astype(np.uint8))


def folder_of(folder, pictures, ending="png", each=None, **options):
    """train/ with the first picture, also upside down and mirrored, test/ with all in their order.
    each: the ending and the options of each picture of test/; those of the first are train/'s."""
    each = each or [(ending, options)] * len(pictures)
    first = pictures[0]
    others = [first.transpose(way) for way in (Image.FLIP_TOP_BOTTOM, Image.FLIP_LEFT_RIGHT)]
    for part, some, ways in (("train", [first, *others], each[:1] * 3), ("test", pictures, each)):
        (folder / part).mkdir(parents=True)
        for i, (picture, (end, settings)) in enumerate(zip(some, ways, strict=True)):
            picture.save(folder / part / f"{i}.{end}", **settings)
    return folder


def saved_tests(data):
    return sorted((data / "test").iterdir())


def info(run, data, *args):
    return run("info", data, *args, "--json").lines[0]


def read(run, data, folder, *args):
    """The test pictures as zscape reads them, [n, height, width(, 3)], and what it said."""
    told = info(run, data, *args)
    height, width, channels = told["inputs"]
    said = run("train", "--data", data, *args, *TRAIN, "--out", folder / "m.safetensors", "--replace").err
    run("reconstruct", folder / "m.safetensors", "--data", data, "--count", told["test"], "--out",
        folder / "a.png")
    shown = tiles(folder / "a.png", height, width)
    inputs = shown[::2].reshape(-1, height, width, channels)[:told["test"]]
    return inputs[..., 0] if channels == 1 else inputs, told, said


def test_a_photographs_proportions_are_kept(run, tmp_path):
    inputs, told, said = read(run, folder_of(tmp_path / "d", [scene(640, 480)]), tmp_path)
    assert told["inputs"] == [48, 64, 1] and told["fit"] == "crop"
    expected = np.asarray(scene(640, 480).resize((64, 48), Image.BICUBIC)).astype(int)
    assert np.abs(inputs[0] - expected)[1:-1, 1:-1].mean() < 3
    assert told["assumed"] == ["pictures brought from 480×640 to 48×64: 4; --image-size names "
                               "another size"]
    assert f"note: d: {told['assumed'][0]}" in said


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_other_proportions_are_fitted_as_told(run, tmp_path, fit):
    picture = scene(90, 60, "RGB")
    data = folder_of(tmp_path / "d", [picture])
    inputs, told, _ = read(run, data, tmp_path, "--image-size", "30x20", "--fit", fit)
    assert told["inputs"] == [30, 20, 3] and told["fit"] == fit
    size = (20, 30)
    expected = (ImageOps.fit(picture, size, Image.BICUBIC) if fit == "crop" else
                ImageOps.pad(picture, size, Image.BICUBIC) if fit == "pad" else
                picture.resize(size, Image.BICUBIC))
    close = np.abs(inputs[0] - np.asarray(expected).astype(int))
    assert close.mean() < 6 and np.median(close) <= 3
    other = {"crop": "pad", "pad": "crop", "stretch": "crop"}[fit]
    assert f"--fit {other}" in told["assumed"][0]


@pytest.mark.parametrize("orientations", [(1, 2, 3, 4), (5, 6, 7, 8)])   # those of a row turn the sides
def test_exif_turns_jpegs_upright(run, tmp_path, orientations):
    def saved(orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        return "jpg", {"quality": 95, "exif": exif}
    data = folder_of(tmp_path / "d", [scene(40, 24, seed=i) for i in range(4)], each=list(map(saved, orientations)))
    inputs, told, _ = read(run, data, tmp_path)
    for shown, file in zip(inputs, saved_tests(data), strict=True):
        upright = ImageOps.exif_transpose(Image.open(file))
        assert told["inputs"] == [upright.height, upright.width, 1]
        assert np.abs(shown - np.asarray(upright).astype(int)).max() <= 3, file
    turned = 3 if orientations[0] == 1 else 7
    assert told["assumed"] == [f"pictures turned upright, as their EXIF says: {turned}"]


def test_upright_jpegs_are_not_said_to_be_turned(run, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 1
    data = folder_of(tmp_path / "d", [scene(40, 24)], "jpg", quality=95, exif=exif)
    assert info(run, data)["assumed"] == []


@pytest.mark.parametrize("ground", ["black", "white"])
@pytest.mark.parametrize("mode, endings", [("LA", ["png"]), ("RGBA", ["png", "tga", "gif"])])
def test_transparent_parts_show_the_ground(run, tmp_path, ground, mode, endings):
    def transparent(ending):
        picture = scene(20, 12, "RGB").convert("RGBA")
        alpha = np.full((12, 20), 255, np.uint8)
        alpha[:5, 12:] = 0 if ending == "gif" else 100
        picture.putalpha(Image.fromarray(alpha))
        return picture.convert("LA") if mode == "LA" else picture
    data = folder_of(tmp_path / "d", list(map(transparent, endings)), each=[(ending, {}) for ending in endings])
    inputs, told, _ = read(run, data, tmp_path, "--ground", ground)
    for shown, file in zip(inputs, saved_tests(data), strict=True):
        under = Image.new("RGBA", (20, 12), ground)
        under.alpha_composite(Image.open(file).convert("RGBA"))
        expected = np.asarray(under.convert("RGB")).astype(int)
        assert np.abs(shown - (expected[:, :, 0] if mode == "LA" else expected)).max() <= 1, file
    assert told["ground"] == ground
    assert any("transparent" in note and f"over {ground}: {3 + len(endings)}" in note for note in told["assumed"])


def test_grey_palettes_are_grey_and_others_are_not(run, tmp_path):
    each = [(ending, {}) for ending in ("png", "gif", "bmp", "tga")]
    grey = scene(20, 12).convert("P")
    data = folder_of(tmp_path / "grey", [grey] * 4, each=each)
    assert all(Image.open(file).mode in ("P", "L") for file in saved_tests(data))
    inputs, told, _ = read(run, data, tmp_path)
    assert told["inputs"] == [12, 20, 1]   # a single one with colours would give all of them three
    assert len(inputs) == 4 and (inputs == np.asarray(scene(20, 12))).all()
    colour = scene(20, 12, "RGB").convert("P", palette=Image.ADAPTIVE, colors=16)
    data = folder_of(tmp_path / "colour", [colour] * 4, each=each)
    inputs, told, _ = read(run, data, tmp_path)
    assert told["inputs"] == [12, 20, 3]
    assert len(inputs) == 4 and (inputs == np.asarray(colour.convert("RGB"))).all()


@pytest.mark.parametrize("mode, endings", [("L", ["pgm", "gif"]), ("RGB", ["ppm"])])
def test_netpbm_and_the_first_frame_of_gifs_are_read(run, tmp_path, mode, endings):
    picture = scene(20, 12, mode)
    film = {"save_all": True, "append_images": [scene(20, 12, mode, 3)]}
    data = folder_of(tmp_path / "d", [picture] * len(endings),
                     each=[(ending, film if ending == "gif" else {}) for ending in endings])
    inputs, told, _ = read(run, data, tmp_path)
    assert told["inputs"] == [12, 20, 1 if mode == "L" else 3]
    assert len(inputs) == len(endings) and (inputs == np.asarray(picture)).all()


@pytest.mark.parametrize("mode, each", [
    ("RGB", [("webp", {"lossless": True}), ("tiff", {}), ("tif", {"compression": "tiff_lzw"})]),
    ("L", [("tif", {}), ("tif", {"compression": "tiff_adobe_deflate"})])])
def test_webp_and_tiff_are_read(run, tmp_path, mode, each):
    picture, small = scene(20, 12, mode), Image.fromarray(np.asarray(scene(20, 12, mode)) // 2)
    pictures, each = [picture, small] * len(each) + [picture], [way for way in each for _ in range(2)]
    data = folder_of(tmp_path / "d", pictures, each=[*each, ("png", {})])   # among others, in their order
    inputs, told, _ = read(run, data, tmp_path)
    assert told["inputs"] == [12, 20, 1 if mode == "L" else 3]
    for shown, expected in zip(inputs, pictures, strict=True):
        assert (shown == np.asarray(expected)).all()


def test_webp_and_tiff_know_transparency_and_orientation(run, tmp_path):
    picture = scene(20, 12, "RGB").convert("RGBA")
    picture.putalpha(Image.fromarray(np.tile(np.arange(55, 255, 10, dtype=np.uint8), (12, 1))))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = folder_of(tmp_path / "d", [picture] * 2,
                     each=[("webp", {"exif": exif, "lossless": True, "exact": True}), ("tif", {"exif": exif})])
    under = Image.new("RGBA", (20, 12), "white")
    under.alpha_composite(picture)
    expected = np.asarray(under.convert("RGB").transpose(Image.ROTATE_270)).astype(int)
    inputs, told, _ = read(run, data, tmp_path, "--ground", "white")
    assert len(inputs) == 2 and np.abs(inputs - expected).max() <= 2
    assert len(told["assumed"]) == 2 and all(": 5" in note for note in told["assumed"])


def test_damaged_webp_and_tiff_are_left_out_and_break_nothing(run, tmp_path):
    folder = tmp_path / "d"
    folder.mkdir()
    random = np.random.default_rng(5)
    for ending in ("webp", "tif"):
        scene(30, 20, "RGB").save(tmp_path / f"whole.{ending}")
        whole = (tmp_path / f"whole.{ending}").read_bytes()
        for i in range(40):
            damaged = bytearray(whole)
            for at in random.integers(4 if ending == "tif" else 12, len(whole), 1 + i % 5):
                damaged[at] = random.integers(256)
            (folder / f"{i}.{ending}").write_bytes(damaged[:len(damaged) - i % 3 * 50])
    for i in range(1900):
        (folder / f"w{i}.webp").hardlink_to(tmp_path / "whole.webp")
    told = info(run, folder)
    left_out, = told["left_out"]
    assert 10 < 1980 - told["training"] - told["test"] <= 80
    assert f"{1980 - told['training'] - told['test']} of 1980" in left_out


def test_pictures_of_16_bits_keep_their_upper_ones(run, tmp_path):
    deep = np.asarray(scene(20, 12)).astype(np.uint16) * 256 + 77
    data = folder_of(tmp_path / "d", [Image.fromarray(deep)] * 2, each=[("png", {}), ("tif", {})])
    inputs, told, _ = read(run, data, tmp_path)
    assert len(inputs) == 2 and (inputs == deep // 256).all()
    assert told["assumed"] == ["pictures of 16 bits read as 8 bits, their upper ones: 5"]


def test_pictures_that_use_12_of_16_bits_are_not_dark(run, tmp_path):
    each = [("png", {}), ("tif", {})]
    deep = np.asarray(scene(20, 12)).astype(np.uint16) * 16 + 5
    data = folder_of(tmp_path / "d", [Image.fromarray(deep)] * 2, each=each)
    inputs, told, _ = read(run, data, tmp_path)
    assert deep.max() < 4096 and told["range"] == [0, 4095]
    assert len(inputs) == 2 and (inputs == np.round(deep * (255 / 4095))).all()
    assert told["assumed"] == ["pictures of 16 bits read as 8 bits, 0 as black and 4095 as white: 5; --range LOW,HIGH "
                               "names others"]
    # The model keeps that, whatever later pictures use; --range says otherwise.
    brighter = folder_of(tmp_path / "e", [Image.fromarray(deep * 8)] * 2, each=each)
    run("reconstruct", tmp_path / "m.safetensors", "--data", brighter, "--count", 2, "--out", tmp_path / "a.png")
    for shown in tiles(tmp_path / "a.png", 12, 20)[::2].reshape(-1, 12, 20)[:2]:
        assert (shown == np.round(np.minimum(deep * 8.0, 4095) * (255 / 4095))).all()
    inputs, told, _ = read(run, data, tmp_path, "--range", "100,3000")
    assert told["range"] == [100, 3000]
    assert len(inputs) == 2 and (inputs == np.round(np.clip((deep - 100.0) / 2900, 0, 1) * 255)).all()


@pytest.mark.parametrize("scale, ends", [((1, 0), [0, 1]), ((2, -1), [-1, 1]), ((255, 0), [0, 255]), ((700, -100), None)])
def test_floats_of_tiffs_have_the_range_that_fits(run, tmp_path, scale, ends):
    unit = (np.asarray(scene(20, 12)) - 9.0) / 221     # 230 is the brightest
    numbers = (scale[0] * unit + scale[1]).astype(np.float32)
    data = folder_of(tmp_path / "d", [Image.fromarray(numbers)], "tif")
    inputs, told, _ = read(run, data, tmp_path)
    low, high = ends or (numbers.min(), numbers.max())
    assert told["range"] == pytest.approx([low, high])
    assert np.abs(inputs[0] - 255 * (numbers - low) / (high - low)).max() <= 0.51
    assert "pictures of floats read as 8 bits" in told["assumed"][0]
    # The model keeps it, and writes numbers of that scale.
    run("reconstruct", tmp_path / "m.safetensors", "--data", data, "--split", "train", "--out", tmp_path / "a.npy")
    assert np.load(tmp_path / "a.npy").max() > low + 0.7 * (high - low)


def test_floats_go_with_no_whole_numbers(run, refused, tmp_path):
    data = folder_of(tmp_path / "d", [Image.fromarray(np.asarray(scene(20, 12), np.float32))], "tif")
    scene(20, 12).save(data / "train" / "whole.png")
    refused("info", data, code=1, says=["holds floats", "one kind"])
    bad = np.asarray(scene(20, 12), np.float32).copy()
    bad[3, 4] = np.nan
    other = folder_of(tmp_path / "e", [Image.fromarray(bad)], "tif")
    refused("info", other, code=1, says="not finite in row")


def test_one_coloured_picture_makes_all_of_them_coloured(run, tmp_path):
    data = folder_of(tmp_path / "d", [scene(20, 12), scene(20, 12, "RGB")])
    inputs, told, _ = read(run, data, tmp_path)
    assert told["inputs"] == [12, 20, 3]
    assert (inputs[0] == np.asarray(scene(20, 12))[:, :, None]).all()
    assert (inputs[1] == np.asarray(scene(20, 12, "RGB"))).all()


def test_broken_pictures_and_other_files_are_counted(run, refused, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "d" / name).mkdir(parents=True)
        for i in range(20):
            scene(16, 16, seed=i).save(tmp_path / "d" / name / f"{i}.png")
        (tmp_path / "d" / name / "notes.txt").write_text("no picture")
    (tmp_path / "d" / "dog" / "7.png").write_bytes(b"broken")
    told = info(run, tmp_path / "d")
    assert told["training"] + told["test"] == 39
    assert sum(map(sum, told["counts"].values())) == 39
    endings, broken = sorted(told["left_out"])
    assert endings == "files left out, no pictures by their names: 2 (.txt 2)"
    assert "1 of 40" in broken and "dog/7.png" in broken
    assert broken in run("info", tmp_path / "d").out
    for i in range(20):
        (tmp_path / "d" / "dog" / f"{i}.png").write_bytes(b"broken")
    refused("info", tmp_path / "d", code=1, says=["20 of 40 pictures", "one in 20", "dog/0.png"])


def test_a_model_treats_later_pictures_as_it_treated_the_first(run, tmp_path):
    model, out = tmp_path / "m.safetensors", tmp_path / "a.png"
    data = folder_of(tmp_path / "d", [scene(60, 30)])
    run("train", "--data", data, *TRAIN, "--image-size", "16x16", "--fit", "pad", "--ground",
        "white", "--out", model)
    told, = run("info", model, "--json").lines
    assert (told["shape"], told["fit"], told["ground"]) == ([16, 16, 1], "pad", "white")
    assert "of a folder, fit pad, ground white" in run("info", model).out
    later = folder_of(tmp_path / "later", [scene(200, 100)])
    run("reconstruct", model, "--data", later, "--count", 1, "--out", out)
    shown = tiles(out, 16, 16)[0, 0].reshape(16, 16)
    assert (shown[:4] == 255).all() and (shown[12:] == 255).all() and (shown[4:12] < 255).all()
    run("reconstruct", model, "--data", later, "--count", 1, "--fit", "crop", "--out", out)
    assert (tiles(out, 16, 16)[0, 0] < 255).all()
    # One that learned from other data than pictures of a folder reads them at its own size.
    run("synthesize", "--count", 70, "--seed", 3, "--out", tmp_path / "digits")
    run("train", "--data", tmp_path / "digits", *TRAIN, "--out", model, "--replace")
    run("encode", model, "--data", later, "--out", tmp_path / "codes.npy")


# What zscape 0.1 wrote: no word about the fit, and its pictures were stretched to 28×28.
def test_a_run_of_an_older_version_goes_on(run, tmp_path):
    data = folder_of(tmp_path / "d", [scene(90, 60, seed=i) for i in range(4)])
    train = ["--data", data, "--epochs", 2, "--threads", 1, "--hidden", 8]
    run("train", *train, "--fit", "stretch", "--out", tmp_path / "whole")
    kept = tmp_path / "kept"
    run("train", *train[:2], "--epochs", 1, *train[4:], "--fit", "stretch", "--checkpoint", kept)
    checkpoint = kept / "checkpoint.safetensors"
    with safe_open(checkpoint, "np") as file:
        metadata = json.loads(file.metadata()["zscape_checkpoint"])
    memory = json.loads(metadata["run"])
    for newer in ("fit", "ground", "image_size"):
        del memory["plan"][newer]
    metadata["run"] = json.dumps(memory)
    metadata = {"zscape_checkpoint": json.dumps(metadata)}
    save_file(load_file(checkpoint), checkpoint, metadata)
    run("train", "--resume", checkpoint, "--epochs", 2, "--out", tmp_path / "resumed")
    assert (tmp_path / "resumed").read_bytes() == (tmp_path / "whole").read_bytes()
    # Resumed, it keeps to the size, whatever comes to the folder.
    shutil.copy(data / "test" / "0.png", tmp_path / "0.png")
    scene(640, 90).save(data / "test" / "0.png")
    err = run("train", "--resume", checkpoint, "--epochs", 3, expect=1).err
    assert "other data" in err
    shutil.copy(tmp_path / "0.png", data / "test" / "0.png")
    run("train", "--resume", checkpoint, "--epochs", 3)
