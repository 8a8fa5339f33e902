"""sample, reconstruct, manifold and interpolate: each picture against NumPy on the weights."""

from statistics import NormalDist

import numpy as np
import pytest
from networks import Model, assert_same_pictures, tiles
from PIL import Image
from support import KINDS, WITH_PRIOR, idx_inputs, png_size, read_idx


@pytest.fixture(scope="session")
def bright(run, tmp_path_factory):
    """The digits with pixels from 60 to 255, so that a 0 is something hidden: NPY, unlabelled."""
    folder = tmp_path_factory.mktemp("bright")
    run("synthesize", "--count", 210, "--seed", 3, "--out", folder / "digits")
    for split, name in (("train", "train"), ("test", "t10k")):
        images = read_idx(folder / "digits" / f"{name}-images-idx3-ubyte")
        np.save(folder / f"{split}-images.npy", (60 + images * (195 / 255)).astype(np.uint8))
    return folder


# ---- sample --------------------------------------------------------------------------------------

def test_sample_writes_a_square_grid(run, models, tmp_path):
    for count, side in ((1, 1), (2, 2), (64, 8), (65, 9)):
        run("sample", models["vae"], "--count", count, "--out", tmp_path / "a.png")
        assert png_size(tmp_path / "a.png") == (28 * side, 28 * side, 8, 0)


def test_sample_repeats_itself_by_seed(run, models, tmp_path):
    pictures = []
    for seed in (1, 1, 2):
        run("sample", models["vae"], "--seed", seed, "--out", tmp_path / "a.png")
        pictures.append((tmp_path / "a.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


@pytest.mark.parametrize("name", KINDS)
def test_sampling_without_a_prior_says_what_that_means(run, models, tmp_path, name):
    result = run("sample", models[name], "--count", 4, "--out", tmp_path / "a.png")
    assert ("no prior" in result.err) == (name not in WITH_PRIOR)
    if name in WITH_PRIOR:
        assert result.err == ""


# ---- reconstruct ---------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["ae", "vae", "cvae", "pca", "conv"])
def test_reconstruct_shows_inputs_above_outputs(run, models, digits, tmp_path, name):
    run("reconstruct", models[name], "--data", digits, "--count", 5, "--from", 20, "--out",
        tmp_path / "a.png")
    shown = tiles(tmp_path / "a.png", 28, 28)
    images, labels = (part[20:25] for part in idx_inputs(digits))
    model = Model(models[name])
    assert shown.shape[:2] == (2, 5)
    assert (shown[0] == images * 255).all()
    assert_same_pictures(shown[1], model.decoded_picture(model.encode(images, labels)[0], labels))


def test_reconstruct_begins_a_new_block_after_sixteen(run, models, digits, tmp_path):
    run("reconstruct", models["ae"], "--data", digits, "--count", 18, "--split", "train", "--out",
        tmp_path / "a.png")
    shown = tiles(tmp_path / "a.png", 28, 28)
    images, _ = idx_inputs(digits, "train")
    assert shown.shape[:2] == (4, 16)
    assert (shown[0] == images[:16] * 255).all()
    assert (shown[2, :2] == images[16:18] * 255).all()
    assert (shown[2:, 2:] == 0).all()
    model = Model(models["ae"])
    assert_same_pictures(shown[3, :2], model.decoded_picture(model.encode(images[16:18])[0]))


def test_mask_noise_hides_exactly_its_share(run, models, bright, tmp_path):
    run("reconstruct", models["dae"], "--data", bright, "--count", 16, "--out", tmp_path / "a.png")
    target, seen, output = tiles(tmp_path / "a.png", 28, 28)
    assert (target >= 60).all()
    assert ((seen == 0).sum(1) == round(0.25 * 784)).all()
    assert (seen == np.where(seen == 0, 0, target)).all()
    assert len({row.tobytes() for row in seen == 0}) == 16   # each input has a mask of its own
    model = Model(models["dae"])
    assert_same_pictures(output, model.decoded_picture(model.encode(seen / 255)[0]))


def test_gaussian_noise_has_its_deviation(run, bright, tmp_path):
    model = tmp_path / "m.safetensors"
    run("train", "--data", bright, "--model", "dae", "--noise", "gaussian:0.05", "--epochs", 1,
        "--threads", 1, "--out", model)
    run("reconstruct", model, "--data", bright, "--count", 16, "--out", tmp_path / "a.png")
    target, seen, _ = tiles(tmp_path / "a.png", 28, 28)
    inner = (target > 90) & (target < 200)   # what the noise takes beyond 1 is not shown
    inner |= target == 60
    noise = (seen - target)[inner] / 255
    assert len(noise) > 5000
    assert noise.mean() == pytest.approx(0, abs=0.002)
    assert noise.std() == pytest.approx(0.05, rel=0.03)


def test_a_mae_hides_whole_patches_and_restores_them(run, models, bright, tmp_path):
    run("reconstruct", models["mae"], "--data", bright, "--count", 16, "--out", tmp_path / "a.png")
    target, seen, output = tiles(tmp_path / "a.png", 28, 28)
    hidden = seen == 0
    patches = hidden.reshape(16, 7, 4, 7, 4).transpose(0, 1, 3, 2, 4).reshape(16, 49, 16)
    assert (patches.all(2) == patches.any(2)).all()
    assert (patches.all(2).sum(1) == round(0.75 * 49)).all()
    assert (output[~hidden] == target[~hidden]).all()
    model = Model(models["mae"])
    expected = model.decoded_picture(model.encode(seen / 255)[0])
    assert_same_pictures(output[hidden], expected[hidden])


def test_what_is_hidden_is_decided_by_the_seed(run, models, bright, tmp_path):
    pictures = []
    for seed in (1, 1, 2):
        run("reconstruct", models["mae"], "--data", bright, "--seed", seed, "--out",
            tmp_path / "a.png")
        pictures.append((tmp_path / "a.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


# ---- manifold ------------------------------------------------------------------------------------

def quantiles(count):
    return [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]


@pytest.mark.parametrize("name", WITH_PRIOR)
def test_manifold_goes_through_the_priors_quantiles(run, models, tmp_path, name):
    label = [4] * 9 if name == "cvae" else None
    run("manifold", models[name], "--grid", 3, "--dims", "2,0",
        *(["--label", 4] if label else []), "--out", tmp_path / "a.png")
    places = quantiles(3)
    z = [[up, 0, right] for up in reversed(places) for right in places]
    assert_same_pictures(tiles(tmp_path / "a.png", 28, 28).reshape(9, 784),
                         Model(models[name]).decoded_picture(z, label))


def test_a_corner_of_the_manifold_is_what_decode_makes_of_it(run, models, tmp_path):
    run("manifold", models["vae"], "--grid", 20, "--out", tmp_path / "grid.png")
    assert png_size(tmp_path / "grid.png") == (560, 560, 8, 0)
    low = quantiles(20)[0]
    # The corner at the top left: leftmost in the first dimension, highest in the second.
    run("decode", models["vae"], "--z", f"{low!r},{-low!r},0", "--out", tmp_path / "one.png")
    assert (tiles(tmp_path / "grid.png", 28, 28)[0, 0] ==
            tiles(tmp_path / "one.png", 28, 28)[0, 0]).all()


@pytest.mark.parametrize("name", ["ae", "dae", "mae", "pca"])
def test_without_a_prior_the_manifold_spans_the_codes(run, models, digits, tmp_path, name):
    model = Model(models[name])
    run("manifold", models[name], "--grid", 4, "--dims", "1,2", "--out", tmp_path / "a.png")
    shown = tiles(tmp_path / "a.png", 28, 28)
    codes, _ = model.encode(idx_inputs(digits, "train")[0])
    # The 1 % and 99 % quantiles by the nearest of the 600 codes.
    low, high = (np.sort(codes, axis=0)[rank] for rank in (6, 593))
    rest = [0 if a <= 0 <= b else (a + b) / 2 for a, b in zip(low, high)]
    z = [[rest[0], right, up] for up in np.linspace(high[2], low[2], 4)
         for right in np.linspace(low[1], high[1], 4)]
    assert_same_pictures(shown.reshape(16, 784), model.decoded_picture(z))
    # The same from data, where the file says nothing.
    run("manifold", models[name], "--grid", 4, "--dims", "1,2", "--data", digits, "--out",
        tmp_path / "b.png")
    assert (tiles(tmp_path / "b.png", 28, 28) == shown).all()


def test_a_file_without_a_range_needs_data(run, refused, models, digits, tmp_path):
    from safetensors.numpy import load_file, save_file
    path, out = tmp_path / "python.safetensors", tmp_path / "a.png"
    save_file(load_file(models["ae"]), path)
    refused("manifold", path, "--out", out, code=1, says=["python.safetensors", "--data"])
    assert not out.exists()
    run("manifold", path, "--data", digits, "--grid", 2, "--out", out)
    assert png_size(out) == (56, 56, 8, 0)


def test_one_latent_dimension_is_one_row(run, refused, digits, tmp_path):
    model, out = tmp_path / "m.safetensors", tmp_path / "a.png"
    run("train", "--data", digits, "--latent", 1, "--epochs", 1, "--threads", 1, "--out", model)
    run("manifold", model, "--grid", 5, "--out", out)
    assert_same_pictures(tiles(out, 28, 28)[0],
                         Model(model).decoded_picture([[place] for place in quantiles(5)]))
    out.unlink()
    refused("manifold", model, "--dims", "0,1", "--out", out, code=2, says=["--dims", "one latent"])
    run("interpolate", model, "--data", digits, "--from", "test:0", "--to", "test:1", "--mode",
        "spherical", "--out", out)
    assert png_size(out) == (12 * 28, 28, 8, 0)


# ---- interpolate ---------------------------------------------------------------------------------

def interpolate(run, model, data, out, *args, ends=("test:12", "train:47")):
    run("interpolate", model, "--data", data, "--from", ends[0], "--to", ends[1], *args, "--out",
        out)
    return tiles(out, 28, 28)[0]


def end_codes(model, digits):
    images, labels = idx_inputs(digits)
    train, train_labels = idx_inputs(digits, "train")
    return (model.encode(images[12:13], labels[12:13])[0][0],
            model.encode(train[47:48], train_labels[47:48])[0][0], labels[12])


@pytest.mark.parametrize("name", KINDS)
def test_linear_interpolation_is_straight_between_the_means(run, models, digits, tmp_path, name):
    model = Model(models[name])
    start, end, label = end_codes(model, digits)
    shown = interpolate(run, models[name], digits, tmp_path / "a.png")
    assert len(shown) == 12
    z = [start + t * (end - start) for t in np.linspace(0, 1, 12)]
    assert_same_pictures(shown, model.decoded_picture(z, [label] * 12))


def test_spherical_interpolation_turns_evenly(run, models, digits, tmp_path):
    model = Model(models["vae"])
    start, end, _ = end_codes(model, digits)
    shown = interpolate(run, models["vae"], digits, tmp_path / "a.png", "--mode", "spherical",
                        "--steps", 7)
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    u, v = start / lengths[0], end / lengths[1]
    angle = np.arccos(u @ v)
    z = [((1 - t) * lengths[0] + t * lengths[1]) *
         (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
         for t in np.linspace(0, 1, 7)]
    assert_same_pictures(shown, model.decoded_picture(z))


@pytest.mark.parametrize("name", ["vae", "cvae", "conv", "ae"])
def test_a_geodesic_is_no_longer_than_the_straight_line(run, models, digits, tmp_path, name):
    straight = interpolate(run, models[name], digits, tmp_path / "a.png")
    shortest = interpolate(run, models[name], digits, tmp_path / "b.png", "--mode", "geodesic")
    def energy(pictures):
        return (np.diff(pictures / 255, axis=0)**2).sum()
    assert (shortest[[0, -1]] == straight[[0, -1]]).all()
    assert energy(shortest) <= energy(straight) * 1.01   # of rounded pictures


def test_a_geodesic_of_pca_is_straight(run, models, digits, tmp_path):
    straight = interpolate(run, models["pca"], digits, tmp_path / "a.png")
    shortest = interpolate(run, models["pca"], digits, tmp_path / "b.png", "--mode", "geodesic")
    assert np.abs(straight - shortest).max() <= 1


def test_a_gif_has_one_frame_a_step_and_runs_for_ever(run, models, digits, tmp_path):
    strip = interpolate(run, models["vae"], digits, tmp_path / "a.png", "--steps", 5)
    run("interpolate", models["vae"], "--data", digits, "--from", "test:12", "--to", "train:47",
        "--steps", 5, "--out", tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        assert (film.format, film.n_frames, film.size) == ("GIF", 5, (28, 28))
        assert film.info["loop"] == 0
        for i in range(5):
            film.seek(i)
            assert film.info["duration"] == 80
            assert (np.asarray(film.convert("L")).ravel() == strip[i]).all()


def test_a_cvae_keeps_the_label_it_begins_with(run, models, digits, tmp_path):
    model = Model(models["cvae"])
    start, end, label = end_codes(model, digits)
    other = (int(label) + 1) % 10
    shown = interpolate(run, models["cvae"], digits, tmp_path / "a.png", "--label", other,
                        "--steps", 2)
    assert_same_pictures(shown, model.decoded_picture([start, end], [other] * 2))


def test_another_ending_is_wrong_usage(refused, models, digits, tmp_path):
    refused("interpolate", models["ae"], "--data", digits, "--from", "test:0", "--to", "test:1",
            "--out", tmp_path / "a.mp4", code=2, says=["--out", r"\.gif"])
    assert list(tmp_path.iterdir()) == []
