"""Archives of pictures, of other data and of WebDataset's form; and archives made to do harm."""

import io
import os
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image

RANDOM = np.random.default_rng(9)
PICTURES = RANDOM.integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)   # not symmetrical
LABELS = np.arange(30) % 3
CLASSES = ["ant", "bee", "cat"]


def png(picture):
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "png")
    return data.getvalue()


def picture_files(top=""):
    return {f"{top}{CLASSES[label]}/{i:03}.png": png(picture)
            for i, (picture, label) in enumerate(zip(PICTURES, LABELS))}


def write(path, files):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, {".gz": "w:gz", ".tgz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}.get(path.suffix, "w")) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


@pytest.fixture
def codes(run, tmp_path):
    """The codes of all inputs of a data set, by one model; lines of CSV without their first, the header."""
    model = tmp_path / "m.safetensors"

    def call(data):
        if not model.exists():
            run("train", "--data", data, "--model", "pca", "--latent", 3, "--threads", 1, "--out", model)
        run("encode", model, "--data", data, "--split", "all", "--out", tmp_path / "codes.csv")
        return (tmp_path / "codes.csv").read_text().splitlines()[1:]
    return call


def info(run, data, env=None):
    line, = run("info", data, "--json", env=env).lines
    return line


@pytest.fixture
def scratch(tmp_path):
    """A folder for temporary files, which must be empty in the end."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    yield {"TMPDIR": str(folder)}
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.xz", "a.tar.bz2"])
def test_pictures_in_an_archive_are_those_of_the_folder(codes, run, scratch, tmp_path, name):
    folder = tmp_path / "folder"
    for file, data in picture_files().items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    archive = write(tmp_path / name, picture_files("./top/" if name == "a.tar" else ""))
    assert codes(folder) == codes(archive)
    told = info(run, archive, scratch)
    assert told["classes"] == CLASSES and told["inputs"] == [6, 5, 3]


@pytest.mark.parametrize("kind", ["npy", "npy folder", "hdf5"])
def test_other_formats_in_an_archive(codes, tmp_path, kind):
    vectors = PICTURES.reshape(30, -1)
    np.save(tmp_path / "images.npy", vectors)
    np.save(tmp_path / "labels.npy", LABELS)
    files = {"images.npy": (tmp_path / "images.npy").read_bytes()}
    if kind == "npy folder":
        files["labels.npy"] = (tmp_path / "labels.npy").read_bytes()
    if kind == "hdf5":
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["images"], file["labels"] = vectors, LABELS
        files = {"README.txt": b"words", "set/a.h5": (tmp_path / "a.h5").read_bytes()}
    if kind == "npy":
        (tmp_path / "labels.npy").unlink()
    assert codes(tmp_path / "images.npy") == codes(write(tmp_path / "a.zip", files))


@pytest.mark.parametrize("labels", ["cls", "json"])
def test_webdataset(codes, run, scratch, tmp_path, labels):
    files = {}
    for i, (picture, label) in enumerate(zip(PICTURES, LABELS)):
        files[f"shard/{i:03}.png"] = png(picture)
        files[f"shard/{i:03}.{labels}"] = b"%d\n" % label if labels == "cls" else b'{"label": %d, "more": []}' % label
    archive = write(tmp_path / "shard-0.tar", files)
    told = info(run, archive, scratch)
    assert told["classes"] == ["0", "1", "2"] and told["training"] + told["test"] == 30
    by_class = {}
    for name, data in picture_files().items():
        by_class[f"{CLASSES.index(name.split('/')[0])}/{name.split('/')[1]}"] = data
    def numbers(lines):   # but for the files' own names
        return sorted(tuple(word for word in line.split(",") if ".png" not in word) for line in lines)
    assert numbers(codes(archive)) == numbers(codes(write(tmp_path / "b.zip", by_class)))


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
@pytest.mark.parametrize("name", ["../out.png", "a/../../out.png", "{absolute}/out.png"])
def test_names_that_lead_out_are_refused(refused, scratch, tmp_path, suffix, name):
    name = name.format(absolute=tmp_path)
    archive = write(tmp_path / f"a{suffix}", picture_files() | {name: png(PICTURES[0])})
    refused("info", archive, code=1, says="outside of the folder", env=scratch)
    assert not list(tmp_path.rglob("*out.png"))


def test_links_are_not_made(run, scratch, tmp_path):
    path = write(tmp_path / "a.tar", picture_files())
    with tarfile.open(path, "a") as archive:
        for kind, name in ((tarfile.SYMTYPE, "ant/link.png"), (tarfile.LNKTYPE, "ant/hard.png"), (tarfile.FIFOTYPE, "ant/pipe.png")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    told = info(run, path, scratch)
    assert told["training"] + told["test"] == 30


def test_a_bomb_is_refused(refused, scratch, tmp_path):
    archive = write(tmp_path / "a.zip", {"images.npy": bytes(80 << 20)})
    refused("info", archive, code=1, says="unpacks to more than 64 MB", env=scratch)


def test_what_ends_early_or_is_none_is_refused(refused, scratch, tmp_path):
    whole = write(tmp_path / "a.tar.gz", picture_files()).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[:len(whole) // 2])
    (tmp_path / "none.zip").write_bytes(b"no archive" * 100)
    for name in ("cut.tar.gz", "none.zip"):
        refused("info", tmp_path / name, code=1, says=[name, "cannot be unpacked"], env=scratch)
    write(tmp_path / "words.zip", {"a.txt": b"words"})
    refused("info", tmp_path / "words.zip", code=1, says="holds nothing that zscape reads", env=scratch)
    write(tmp_path / "inner.zip", {"a.zip": write(tmp_path / "b.zip", picture_files()).read_bytes()})
    refused("info", tmp_path / "inner.zip", code=1, says="holds nothing that zscape reads", env=scratch)


def test_what_a_killed_process_left_is_removed(run, tmp_path):
    (tmp_path / "zscape-archive-999999999-abc/files").mkdir(parents=True)
    (tmp_path / f"zscape-archive-{os.getpid()}-abc").mkdir()
    data = write(tmp_path / "a.zip", picture_files())
    info(run, data, {"TMPDIR": str(tmp_path)})
    assert [path.name for path in tmp_path.glob("zscape-archive-*")] == [f"zscape-archive-{os.getpid()}-abc"]
