"""Parquet files as the image sets of the Hugging Face hub and pandas have them. The part that reads them is optional."""

import io
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import pandas
import pytest
from PIL import Image

BINARY = os.environ["ZSCAPE_BINARY"]
PART = pathlib.Path(BINARY).parent / "libzscape_parquet.so"
RANDOM = np.random.default_rng(12)
NAMES = ["zebra", "ant", "cow"]   # not by alphabet: the file's order counts
PICTURES = RANDOM.integers(0, 256, (30, 9, 7, 3), dtype=np.uint8)
LABELS = np.arange(30) * 7 % 3


def encoded(picture, format="PNG"):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format)
    return file.getvalue()


def table_of_hub(pictures, labels=None, names=NAMES, label="label"):
    """As the library datasets writes it: records of bytes and path, names in the metadata."""
    import pyarrow as pa
    records = pa.array([None if picture is None else {"bytes": picture, "path": None} for picture in pictures],
                       pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    columns, features = {"image": records}, {"image": {"_type": "Image"}}
    if labels is not None:
        columns[label] = pa.array(labels, pa.int64())
        features[label] = {"names": names, "_type": "ClassLabel"}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.table(columns).replace_schema_metadata(metadata)


def write(path, table, **options):
    import pyarrow.parquet
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, path, **options)
    return path


def codes(run, data, folder, *options):
    """The codes of all inputs in their order, by a model that a folder of NumPy's arrays trained; without the names of classes."""
    model = folder / "pca.safetensors"
    run("encode", model, "--data", data, "--split", "all", "--out", folder / "codes.csv", *options)
    rows = [line.split(",") for line in (folder / "codes.csv").read_text().splitlines()]
    named = rows[0].index("class") if "class" in rows[0] else None
    return "".join(",".join(cell for i, cell in enumerate(row) if i != named) + "\n" for row in rows)


@pytest.fixture
def trained(run, tmp_path):
    def train(images, labels=None):
        folder = tmp_path / "python"
        folder.mkdir()
        np.save(folder / "images.npy", images)
        if labels is not None:
            np.save(folder / "labels.npy", labels)
        run("train", "--data", folder, "--model", "pca", "--latent", 3, "--threads", 1,
            "--out", tmp_path / "pca.safetensors")
        return folder
    return train


@pytest.mark.skipif(PART.exists(), reason="this build has the part")
def test_without_the_part_a_line_says_how_to_get_it(refused, tmp_path):
    (tmp_path / "train.parquet").write_bytes(b"PAR1" + bytes(60) + b"PAR1")
    refused("info", tmp_path / "train.parquet", code=1, says=["train.parquet", "./dev with parquet"])


@pytest.mark.skipif(not PART.exists(), reason="needs ./dev with parquet")
class TestWithThePart:
    @pytest.fixture(autouse=True)
    def has_pyarrow(self):
        pytest.importorskip("pyarrow.parquet")

    @pytest.mark.parametrize("options", [{}, {"row_group_size": 7}, {"compression": "zstd"}, {"compression": "gzip"}])
    def test_pictures_of_the_hub(self, run, trained, tmp_path, options):
        data = write(tmp_path / "a file é.parquet", table_of_hub(map(encoded, PICTURES), LABELS), **options)
        told = run("info", data, "--json").lines[0]
        assert told["inputs"] == [9, 7, 3] and told["classes"] == NAMES
        assert sum(told["counts"]["training"]) + sum(told["counts"]["test"]) == 30
        folder = trained(PICTURES, LABELS)
        ours, theirs = codes(run, data, tmp_path), codes(run, folder, tmp_path)
        assert ours == theirs and len(ours.splitlines()) == 31

    def test_jpeg_and_files_of_two_parts(self, run, tmp_path):
        smooth = np.repeat(np.arange(0, 240, 30, dtype=np.uint8)[:, None], 8, 1)
        pictures = [encoded(np.roll(smooth, i, 1), "JPEG") for i in range(12)]
        for shard in range(2):
            write(tmp_path / f"set/data/train-0000{shard}-of-00002.parquet",
                  table_of_hub(pictures[shard * 4:shard * 4 + 4], [shard] * 4))
        write(tmp_path / "set/data/test-00000-of-00001.parquet", table_of_hub(pictures[8:], [2] * 4))
        write(tmp_path / "set/data/validation-00000-of-00001.parquet", table_of_hub(pictures[8:], [2] * 4))
        told = run("info", tmp_path / "set", "--json").lines[0]
        assert (told["training"], told["test"], told["inputs"]) == (8, 4, [8, 8, 1])
        assert told["counts"] == {"training": [4, 4, 0], "test": [0, 0, 4]}
        assert any("validation-00000" in line for line in told["left_out"])

    def test_a_broken_picture_is_named_by_file_and_row(self, refused, run, tmp_path):
        pictures = [encoded(picture) for picture in PICTURES]
        pictures[11] = pictures[11][:-30]
        data = write(tmp_path / "train.parquet", table_of_hub(pictures, LABELS))
        told = run("info", data, "--json").lines[0]
        assert any(f"{data}, row 11" in line for line in told["left_out"])
        for row in (3, 4):
            pictures[row] = None
        data = write(tmp_path / "train.parquet", table_of_hub(pictures, LABELS))
        refused("info", data, code=1, says=[re.escape(f"{data}, row 3"), "30"])

    def test_plain_columns_of_bytes(self, run, trained, tmp_path):
        table = table_of_hub(map(encoded, PICTURES))
        import pyarrow as pa
        data = write(tmp_path / "b.parquet", pa.table({"png": table["image"].combine_chunks().field("bytes")}))
        folder = trained(PICTURES)
        assert codes(run, data, tmp_path) == codes(run, folder, tmp_path)

    def test_a_table_of_pandas(self, run, trained, tmp_path):
        values = RANDOM.normal(3, 2, (40, 4))
        frame = pandas.DataFrame(values, columns=["a", "b", "c", "d"])
        frame["species"] = pandas.Categorical(np.array(["x", "y"])[np.arange(40) % 2])
        frame.to_parquet(tmp_path / "iris.parquet")
        told = run("info", tmp_path / "iris.parquet", "--json").lines[0]
        assert told["inputs"] == [4] and told["classes"] == ["x", "y"]
        folder = trained(values, np.arange(40) % 2)
        ours, theirs = (codes(run, data, tmp_path).splitlines() for data in (tmp_path / "iris.parquet", folder))
        assert len(ours) == 41 and [line.split(",")[1:] for line in ours[1:]] == [line.split(",")[1:] for line in theirs[1:]]

    @pytest.mark.parametrize("fixed", [False, True])
    def test_embeddings(self, run, trained, refused, tmp_path, fixed):
        import pyarrow as pa
        values = RANDOM.normal(size=(25, 6)).astype(np.float32)
        kind = pa.list_(pa.float32(), 6) if fixed else pa.list_(pa.float32())
        table = pa.table({"name": [f"n{i}" for i in range(25)], "emb": pa.array(list(values), kind), "y": LABELS[:25]})
        data = write(tmp_path / "e.parquet", table, row_group_size=10)
        folder = trained(values, LABELS[:25])
        ours = pandas.read_csv(io.StringIO(codes(run, data, tmp_path, "--label-column", "y")))
        theirs = pandas.read_csv(io.StringIO(codes(run, folder, tmp_path)))
        assert list(ours["name"]) == [f"n{i}" for i in range(25)]
        assert ours.drop(columns="name").equals(theirs)
        if not fixed:
            ragged = [*values[:12], values[12][:5], *values[13:]]
            data = write(tmp_path / "e.parquet", pa.table({"emb": pa.array(ragged, kind)}))
            refused("info", data, code=1, says=["emb", "row 12", "6", "5"])

    def test_columns_beside_pictures_are_metadata(self, run, trained, tmp_path):
        table = table_of_hub(map(encoded, PICTURES), LABELS)
        table = table.append_column("caption", [[f"c{i % 5}" for i in range(30)]]).append_column("age", [[i / 4 for i in range(30)]])
        data = write(tmp_path / "train.parquet", table, row_group_size=11)
        told = {column["name"]: column for column in run("info", data, "--json").lines[0]["metadata"]}
        assert told["caption"] == {"name": "caption", "type": "text", "missing": 0, "different": 5}
        assert told["age"] == {"name": "age", "type": "numbers", "missing": 0, "range": [0, 7.25]}
        trained(PICTURES, LABELS)
        rows = pandas.read_csv(io.StringIO(codes(run, data, tmp_path)))
        assert list(rows["age"]) == [i / 4 for i in range(30)] and list(rows["caption"][:6]) == ["c0", "c1", "c2", "c3", "c4", "c0"]

    def test_labels_of_a_test_part_that_are_withheld(self, run, refused, trained, tmp_path):
        pictures = [encoded(picture) for picture in PICTURES]
        write(tmp_path / "set/train-00000-of-00001.parquet", table_of_hub(pictures[:20], LABELS[:20]))
        write(tmp_path / "set/test-00000-of-00001.parquet", table_of_hub(pictures[20:], [-1] * 10))
        told = run("info", tmp_path / "set", "--json").lines[0]
        assert (told["training"], told["test"], told["classes"]) == (20, 10, NAMES)
        assert told["counts"]["test"] == [0, 0, 0]
        trained(PICTURES, LABELS)
        rows = pandas.read_csv(io.StringIO(codes(run, tmp_path / "set", tmp_path)))
        assert list(rows["label"][:20]) == list(LABELS[:20]) and rows["label"][20:].isna().all()
        refused("train", "--data", tmp_path / "set", "--model", "cvae", "--epochs", 1, code=1, says="labels")

    def test_missing_numbers_are_named(self, refused, tmp_path):
        import pyarrow as pa
        data = write(tmp_path / "m.parquet", pa.table({"a": [1.0, None, 3.0], "b": [1, 2, 3]}))
        refused("info", data, code=1, says=["m.parquet", "row 1", "column a"])

    def test_mutated_files_harm_nobody(self, tmp_path):
        data = write(tmp_path / "train.parquet", table_of_hub(map(encoded, PICTURES[:6]), LABELS[:6]))
        whole = data.read_bytes()
        seeds = np.random.default_rng(3)
        for _ in range(40):
            changed = bytearray(whole)
            for place in seeds.integers(4, len(whole), 6):
                changed[place] ^= 1 << seeds.integers(0, 8)
            data.write_bytes(changed if seeds.random() < 0.7 else changed[:seeds.integers(4, len(whole))])
            done = subprocess.run([BINARY, "info", data], capture_output=True, text=True, timeout=100)
            assert done.returncode in (0, 1), done
            assert sum(line.startswith("zscape: ") for line in done.stderr.splitlines()) == done.returncode, done.stderr
