"""Data that stay on a disk: --memory says how much of them may lie in memory."""

import csv
import gzip
import json
import shutil
import struct
import subprocess

import h5py
import numpy
import pytest
from PIL import Image

STEPS = ["--latent", 2, "--hidden", 16, "--threads", 1, "--kernels", "portable", "--seed", 3]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """900 pictures of 6×6: bytes in a file of their own, and the same in files that need conversion."""
    folder = tmp_path_factory.mktemp("pictures")
    numbers = numpy.random.default_rng(2).integers(0, 256, (900, 6, 6), numpy.uint8)
    numpy.save(folder / "bytes.npy", numbers)
    numpy.save(folder / "doubles.npy", numbers.astype(numpy.float64))
    numpy.savez_compressed(folder / "packed.npz", images=numbers)
    flat = numbers.reshape(900, 36)
    for name, scale in (("bytes.csv", 1), ("numbers.csv", 1000)):   # both in order, with a header
        rows = "".join(",".join(str(value * scale) for value in row) + "\n" for row in flat.tolist())
        (folder / name).write_text(",".join(f"pixel{i}" for i in range(36)) + "\n" + rows)
    (folder / "files").mkdir()
    for i, picture in enumerate(numbers):
        Image.fromarray(picture).save(folder / "files" / f"{i:03}.png")
    shutil.make_archive(str(folder / "packed"), "tar", folder / "files")
    with h5py.File(folder / "chunked.h5", "w") as file:
        file.create_dataset("images", data=numbers, chunks=(64, 6, 6), compression="gzip")
    with gzip.open(folder / "train-images-idx3-ubyte.gz", "wb") as file:
        file.write(struct.pack(">I3I", 0x803, *numbers.shape) + numbers.tobytes())
    return folder


def read_codes(path):
    """{row: (split, codes)} of a table that encode has written."""
    with open(path) as file:
        return {int(line["row"]): (line["split"], [float(line[name]) for name in line
                                                   if name.startswith(("mu", "sigma"))])
                for line in csv.DictReader(file)}


def test_info_says_what_stays_on_the_disk(run, pictures):
    there = run("info", pictures / "bytes.npy", "--memory", 1).out
    mapped = run("info", pictures / "bytes.npy", "--memory", 0).out
    assert "memory" not in there
    assert "1 MB of '" in mapped and "stay on the disk" in mapped and "--memory" in mapped
    copied = run("info", pictures / "doubles.npy", "--memory", 0).out
    assert "nameless file" in copied
    for text in (mapped, copied):
        assert "772 training, 128 test" in text
    as_json = [json.loads(run("info", pictures / "doubles.npy", "--json", "--memory", memory).out)
               for memory in (0, 1)]
    assert as_json[0] == as_json[1]


def test_training_resumes_to_the_bit(run, pictures, tmp_path):
    data = ["--data", pictures / "bytes.npy", "--memory", 0]
    whole = run("train", *data, *STEPS, "--epochs", 4, "--validation", 100,
                "--out", tmp_path / "whole.safetensors")
    assert "stay on the disk" in whole.err
    run("train", *data, *STEPS, "--epochs", 2, "--validation", 100,
        "--checkpoint", tmp_path / "run")
    # The memory is part of the run: without it the order would be another on a larger machine.
    run("train", "--resume", tmp_path / "run", "--epochs", 4,
        "--out", tmp_path / "resumed.safetensors")
    assert ((tmp_path / "whole.safetensors").read_bytes() ==
            (tmp_path / "resumed.safetensors").read_bytes())
    in_memory = run("train", "--data", pictures / "bytes.npy", *STEPS, "--epochs", 4, "--json")
    mapped = run("train", *data, *STEPS, "--epochs", 4, "--json")
    assert in_memory.lines[-1]["loss"] != mapped.lines[-1]["loss"]
    assert in_memory.lines[-1]["loss"] == pytest.approx(mapped.lines[-1]["loss"], rel=0.02)


def test_the_memory_of_a_run_stays(run, refused, pictures, tmp_path):
    run("train", "--data", pictures / "bytes.npy", "--memory", 0, *STEPS, "--epochs", 1,
        "--checkpoint", tmp_path / "run")
    refused("train", "--resume", tmp_path / "run", "--epochs", 2, "--memory", 2, code=2,
            says=["--memory 2", "contradicts"])


@pytest.mark.parametrize("bad", ["-1", "much", "inf"])
def test_memory_is_a_number(refused, pictures, bad):
    refused("train", "--data", pictures / "bytes.npy", "--memory", bad, code=2, says="at least 0")


@pytest.mark.parametrize("name", ["bytes.npy", "doubles.npy", "packed.npz", "chunked.h5", "bytes.csv", "numbers.csv", "files",
                                  "packed.tar", "train-images-idx3-ubyte.gz"])
def test_encode_and_eval_read_the_same_numbers(run, pictures, tmp_path, name):
    data = pictures / name
    model = tmp_path / "model.safetensors"
    run("train", "--data", data, "--memory", 0, *STEPS, "--epochs", 1, "--out", model)
    for memory in (0, 1):
        done = run("encode", model, "--data", data, "--split", "all", "--memory", memory,
                   "--out", tmp_path / f"all{memory}.csv")
        assert ("(--memory)" in done.err) == (memory == 0)
    tables = [read_codes(tmp_path / f"all{memory}.csv") for memory in (0, 1)]
    assert tables[0].keys() == tables[1].keys() == set(range(900))
    for row, (split, codes) in tables[0].items():
        # An input's place in its part is another, as the parts of mapped data keep the file's order.
        assert split == tables[1][row][0]
        assert codes == pytest.approx(tables[1][row][1], rel=1e-4, abs=1e-5)
    figures = [json.loads(run("eval", model, "--data", data, "--memory", memory,
                              "--importance-samples", 2, "--json").out) for memory in (0, 1)]
    assert figures[0]["mse"] == pytest.approx(figures[1]["mse"], rel=1e-6)
    assert figures[0]["images"] == figures[1]["images"]


def test_a_limit_takes_some_of_it(run, pictures, tmp_path):
    lines = [run("train", "--data", pictures / "bytes.npy", "--memory", memory, *STEPS, "--epochs", 1,
                 "--limit", 300, "--json").lines[0] for memory in (0, 1)]
    assert lines[0]["step"] == lines[1]["step"] == 3


def test_says_what_room_is_missing(refused, tmp_path):
    path = tmp_path / "images.npy"
    rows = 2**33
    with open(path, "wb") as file:
        numpy.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (rows, 64)})
        try:
            file.truncate(file.tell() + rows * 64 * 8)
        except OSError:
            pytest.skip("no sparse files of 4 TB here")
    refused("info", path, code=1, says=["needs 2097152 MB on a disk", "--memory"])


def test_a_file_that_becomes_shorter_ends_the_run_with_a_line(binary, pictures, tmp_path):
    path = tmp_path / "short.npy"
    path.write_bytes((pictures / "bytes.npy").read_bytes())
    process = subprocess.Popen(
        [binary, "train", "--data", path, "--memory", "0", *map(str, STEPS), "--epochs", "1000000",
         "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline())["epoch"] == 1
    with open(path, "r+b") as file:
        file.truncate(5000)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "became shorter while zscape read it" in errors.splitlines()[-1]


def test_sequences_stay_whole(run, tmp_path):
    numbers = numpy.random.default_rng(4).normal(3, 2, (40, 6, 5))
    numpy.save(tmp_path / "steps.npy", numbers)
    data = ["--data", tmp_path / "steps.npy", "--sequence", "--memory", 0]
    model = tmp_path / "model.safetensors"
    run("train", *data, "--model", "pca", "--latent", 2, "--threads", 1, "--out", model)
    codes = []
    for memory in (0, 1):
        out = tmp_path / f"codes{memory}.npy"
        run("encode", model, "--data", tmp_path / "steps.npy", "--sequence", "--memory", memory,
            "--split", "all", "--out", out)
        codes.append(numpy.load(out))
    assert codes[0].shape == (40, 6, 2)
    assert codes[0] == pytest.approx(codes[1], abs=1e-4)
    test = run("info", tmp_path / "steps.npy", "--sequence", "--memory", 0, "--json").lines[0]["test"]
    assert test % 6 == 0 or test == 5
