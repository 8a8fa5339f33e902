"""Tables, as pandas and others write them, through the binary."""

import numpy as np
import pandas as pd
import pytest

TRAIN = ["--epochs", "1", "--threads", "1", "--batch", "16", "--hidden", "8"]


def flowers(count=40, seed=0):
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(5, 2, (count, 3)), columns=["sepal length", "sepal width", "petal, length"])
    table["species"] = np.array(["setosa", "virginica", 'versi"color"'])[random.integers(0, 3, count)]
    return table


def told(run, data, *args):
    line, = run("info", data, *args, "--json").lines
    return line


def codes(run, model, data, folder, *args):
    run("encode", model, "--data", data, *args, "--split", "all", "--out", folder / "codes.npy")
    return np.load(folder / "codes.npy")


@pytest.mark.parametrize("ending, options", [
    (".csv", {"index": False}),
    (".csv", {}),                                              # the rows' numbers, without a name
    (".csv", {"index": False, "sep": ";", "decimal": ","}),
    (".tsv", {"index": False, "sep": "\t"}),
    (".csv", {"index": False, "quoting": 1, "lineterminator": "\r\n"}),
    (".csv", {"index": False, "encoding": "utf-8-sig"}),
])
def test_a_table_is_read_as_its_numbers(run, tmp_path, ending, options):
    table = flowers()
    path = tmp_path / f"flowers{ending}"
    table.to_csv(path, **options)
    numbers = table.iloc[:, :3].to_numpy()
    plain = tmp_path / "plain"
    plain.mkdir()
    names = sorted(set(table["species"]))
    np.save(plain / "images.npy", numbers)
    np.save(plain / "labels.npy", [names.index(name) for name in table["species"]])
    found = told(run, path)
    assert (found["format"], found["inputs"], found["type"]) == ("a .csv or .tsv table", [3], "float64")
    assert (found["classes"], found["range"]) == (names, None)
    reference = told(run, plain)
    for key in ("training", "test", "counts", "map"):
        assert found[key] == reference[key], key
    assert found["left_out"] == ([] if "index" in options else ["the column without a name: it counts the rows"])
    assert "sepal length, sepal width, petal, length" in run("info", path).out
    model = tmp_path / "m.safetensors"
    run("train", "--data", plain, *TRAIN, "--out", model)
    assert (codes(run, model, path, tmp_path) == codes(run, model, plain, tmp_path)).all()


def test_columns_are_told_apart(run, refused, tmp_path):
    table = flowers()
    table.insert(0, "id", range(1, 41))
    table["collector"] = [f"person {i}" for i in range(40)]
    path = tmp_path / "flowers.csv"
    table.to_csv(path, index=False)
    found = told(run, path)
    assert found["left_out"] == ["the column id: it counts the rows"]
    assert [column["name"] for column in found["metadata"]] == ["collector"]
    assert len(found["classes"]) == 3
    # Another label column, by its name or its number.
    for name in ("collector", 6):
        found = told(run, path, "--label-column", name)
        assert len(found["classes"]) == 40 and [column["name"] for column in found["metadata"]] == ["species"]
    refused("info", path, "--label-column", "colour", code=1, says=["no column 'colour'", "id, sepal length"])
    model = tmp_path / "m.safetensors"
    run("train", "--data", path, "--label-column", "collector", "--model", "cvae", *TRAIN, "--out", model)
    run("eval", model, "--data", path, "--label-column", "collector", "--threads", 1)
    # A lone column of text is the label, whatever its name, but for names of rows.
    table[["sepal length", "collector"]].to_csv(path, index=False)
    assert told(run, path)["classes"] == []
    table.assign(collector=[f"person {i % 8}" for i in range(40)])[["sepal length", "collector"]].to_csv(path, index=False)
    assert len(told(run, path)["classes"]) == 8
    # A column of fractions is none, even if it is called so.
    table = flowers()[["sepal length", "sepal width"]]
    table["target"] = np.linspace(0, 1, 40) + 0.25
    table.to_csv(path, index=False)
    found = told(run, path)
    assert (found["inputs"], found["classes"]) == ([3], [])
    refused("info", path, "--label-column", "target", code=1, says=["the label 0.25", "line 2, column target"])


@pytest.mark.parametrize("header", [True, False])
def test_digits_with_the_label_first_are_pictures(run, tmp_path, header):
    images = np.random.default_rng(0).integers(0, 256, (21, 8, 8), dtype=np.uint8)
    labels = np.arange(21) % 10
    table = pd.DataFrame(np.column_stack([labels, images.reshape(21, 64)]),
                         columns=["label"] + [f"pixel{i}" for i in range(64)])
    table.to_csv(tmp_path / "train.csv", index=False, header=header)
    np.savez(tmp_path / "plain.npz", images=images, labels=labels)
    found, plain = told(run, tmp_path / "train.csv"), told(run, tmp_path / "plain.npz")
    assert found.pop("format") != plain.pop("format")
    assert found == plain
    model = tmp_path / "m.safetensors"
    run("train", "--data", tmp_path / "plain.npz", *TRAIN, "--out", model)
    assert (codes(run, model, tmp_path / "train.csv", tmp_path) ==
            codes(run, model, tmp_path / "plain.npz", tmp_path)).all()


@pytest.mark.parametrize("text, says", [
    ("a,b\n1,2\n3\n", ["line 3 has 1 columns, and the first has 2"]),
    ("a,b,label\n" + "1,2,0\n" * 20 + "1,,0\n", ["'' in line 22, column b"]),
    ("a,b,label\n" + "1,2,0\n" * 20 + "1,x,0\n", ["'x' in line 22, column b"]),
    ("a,b,label\n" + "1,2,0\n" * 20 + "nan,2,0\n", ["'nan' in line 22, column a"]),
    ("a,b,label\n" + "1,2,0\n" * 20 + "1,2,\n", ["no label in line 22, column label"]),
    ('a,b\n1,"2\n3,4\n', ["a quote in line 2, column 2, never closes"]),
    ("1,2\n", ["a single line"]),
    ("one\ntwo\n", ["no table of two columns"]),
    ("a,b\nx,y\nz,y\n", ["no column of numbers"]),
    ("1,2\n3,\0\n", ["no table"]),
    ("", ["no table"]),
])
def test_a_table_that_is_wrong_is_refused_by_line_and_column(refused, tmp_path, text, says):
    (tmp_path / "t.csv").write_text(text)
    refused("info", tmp_path / "t.csv", code=1, says=[r"t\.csv", *says])


def test_a_label_column_is_refused_where_there_are_no_columns(refused, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, 4)), y=np.arange(6))
    for command in (["info", tmp_path / "a.npz"], ["train", "--data", tmp_path / "a.npz", "--epochs", 1]):
        refused(*command, "--label-column", "foo", code=2, says=["--label-column", "tables", "leave it out"])
