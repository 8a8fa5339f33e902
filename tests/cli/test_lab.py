"""zscape lab and sweep: tables that do not depend on how many runs there are at once or on what broke them."""

import json
import os
import pathlib
import signal
import subprocess
import time
from html.parser import HTMLParser

import pytest
from support import png_size

EXPERIMENT = {
    "name": "tiny",
    "question": "Does a code of three numbers keep more than one of one?",
    "plan": {"model": "ae", "hidden": [16], "epochs": 1, "limit": 200, "batch": 20, "lr": 0.01},
    "axes": [{"name": "latent", "values": [1, 3]},
             {"name": "depth", "values": [{"label": "PCA", "set": {"model": "pca"}},
                                          {"label": "1", "set": {"hidden": [16]}}]}],
    "seeds": 2,
    "measure": ["mse", "test_loss", "curve:test_loss"],
    "claims": [{"says": "PCA of three axes loses less than PCA of one.",
                "if": {"falls": "mse", "along": "latent", "where": {"depth": "PCA"}}},
               {"says": "PCA of one axis loses nothing.",
                "if": {"near": [{"of": "mse", "where": {"latent": 1, "depth": "PCA"}}, 0],
                       "within": 0.001}}],
}
# Kernels are named, so that nothing is measured.
PLAIN = ["--kernels", "portable"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("lab") / "tiny.json"
    path.write_text(json.dumps(EXPERIMENT))
    return path


@pytest.fixture(scope="module")
def whole(run, digits, file, tmp_path_factory):
    """The folder of the unbroken lab, one run at a time."""
    folder = tmp_path_factory.mktemp("lab") / "whole"
    run("lab", "run", file, "--data", digits, "--jobs", 1, *PLAIN, "--out", folder)
    return folder


def results(folder):
    return (folder / "results.jsonl").read_bytes()


def workers_of(process):
    """The ids of a process's children."""
    children = pathlib.Path(f"/proc/{process}/task/{process}/children")
    try:
        return [int(word) for word in children.read_text().split()]
    except OSError:
        return []


def start(binary, *args):
    return subprocess.Popen([binary, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_alive(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_lab_leaves_a_table_its_models_and_its_verdicts(run, digits, whole):
    lines = [json.loads(line) for line in results(whole).splitlines()]
    assert [(line["axes"], line["seed"]) for line in lines] == [
        ({"latent": latent, "depth": depth}, seed) for latent in (1, 3) for depth in ("PCA", 1) for seed in (0, 1)]
    assert all(line["figures"]["mse"] > 0 and len(line["curves"]["curve:test_loss"]["y"]) == 1 for line in lines)
    assert "data" not in lines[0]["plan"] and lines[2]["plan"]["hidden"] == [16]
    assert all((whole / "models" / f"{line['key']}.safetensors").exists() for line in lines)
    for line in lines[::5]:
        model = whole / "models" / f"{line['key']}.safetensors"
        figures = run("eval", model, "--data", digits, "--threads", 1, "--seed", line["seed"], "--json").lines[0]
        assert figures["mse"] == pytest.approx(line["figures"]["mse"], rel=1e-6)
    report = run("lab", "report", whole, "--json").lines[0]
    assert report["finished"] == 8 and report["failed"] == 0
    assert [claim["verdict"] for claim in report["claims"]] == ["confirmed", "refuted"]
    mean = sum(line["figures"]["mse"] for line in lines[:2]) / 2
    assert report["rows"][0]["figures"]["mse"]["mean"] == pytest.approx(mean)
    text = run("lab", "report", whole)
    assert EXPERIMENT["question"] in text.out and "refuted    PCA of one axis loses nothing." in text.out
    assert f"saved {whole}/report/report.html" in text.err


class Page(HTMLParser):
    """Which elements are open, that they are closed in turn, and the text of each kind."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts = [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in ("meta", "img"):
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data


def test_the_report_is_a_whole_page(run, whole):
    run("lab", "report", whole)
    page = Page((whole / "report/report.html").read_text())
    assert page.open == []
    assert page.texts["h1"] == [EXPERIMENT["question"]]
    assert [text for text in page.texts["p"] if text in ("✓ Confirmed", "✗ Refuted")] == ["✓ Confirmed", "✗ Refuted"]
    assert len(page.texts["tr"]) == 1 + 4 and "script" not in page.texts
    rows = (whole / "report/runs.csv").read_text().splitlines()
    assert rows[0] == "latent,depth,seed,mse,test_loss,error" and len(rows) == 9
    assert rows[1].split(",")[:3] == ["1", "PCA", "0"] and float(rows[1].split(",")[3]) > 0
    again = json.loads((whole / "experiment.json").read_text())
    assert again == json.loads(page.texts["pre"][-1])   # so that the page alone can be repeated


def test_pictures_that_are_measured_lie_beside_the_model(run, digits, tmp_path):
    path = tmp_path / "filters.json"
    path.write_text(json.dumps({**EXPERIMENT, "axes": [], "claims": [], "seeds": 1, "measure": ["mse", {"name": "filters"}]}))
    run("lab", "run", path, "--data", digits, *PLAIN, "--out", tmp_path / "out")
    key = json.loads(results(tmp_path / "out"))["key"]
    width, height, bits, colours = png_size(tmp_path / "out" / "models" / f"{key}-filters.png")
    assert width * height >= 16 * 28 * 28 and (bits, colours) == (8, 0)


def test_the_same_line_again_runs_nothing(run, digits, file, whole):
    before = results(whole)
    again = run("lab", "run", file, "--data", digits, "--out", whole, "--json")
    assert "8 of 8 runs are done already" in again.err
    assert len(again.lines) == 1 and results(whole) == before


def test_two_at_once_give_the_same_bytes(run, digits, file, whole, tmp_path):
    told = run("lab", "run", file, "--data", digits, "--jobs", 2, *PLAIN, "--no-models", "--json", "--out", tmp_path / "two")
    assert results(tmp_path / "two") == results(whole)
    assert not (tmp_path / "two" / "models").exists()
    assert [line["done"] for line in told.lines[:-1]] == list(range(1, 9))


def test_whoever_is_killed_the_table_ends_identical(binary, run, digits, file, whole, tmp_path):
    folder = tmp_path / "broken"
    line = ["lab", "run", file, "--data", digits, "--jobs", 2, *PLAIN, "--out", folder]
    # A worker in the middle of its work: the lab replaces it.
    process = start(binary, *line, "--json")
    killed = 0
    for told in process.stdout:
        if "done" in json.loads(told) and killed == 0:
            for worker in workers_of(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
                killed += 1
    process.communicate(timeout=120)
    assert process.returncode == 0 and killed == 1
    assert results(folder) == results(whole)
    # The parent, after so many results: its workers die, and the same line goes on.
    for after in (1, 6):
        lines = results(folder).splitlines(keepends=True)
        (folder / "results.jsonl").write_bytes(b"".join(lines[:after - 1]))
        process = start(binary, *line, "--json")
        process.stdout.readline()
        workers = workers_of(process.pid)
        process.kill()
        process.communicate(timeout=120)
        deadline = time.monotonic() + 60
        while any(map(is_alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not any(map(is_alive, workers))
        with (folder / "results.jsonl").open("ab") as torn:
            torn.write(lines[-1][:57])
        run(*line)
        assert results(folder) == results(whole), after


def test_ctrl_c_ends_with_its_status_and_one_lab_has_the_folder(binary, refused, digits, file, tmp_path):
    endless = {**EXPERIMENT, "plan": {**EXPERIMENT["plan"], "epochs": 1_000_000}, "axes": [], "claims": []}
    path = tmp_path / "endless.json"
    path.write_text(json.dumps(endless))
    folder = tmp_path / "endless"
    process = start(binary, "lab", "run", path, "--data", digits, *PLAIN, "--jobs", 1, "--out", folder)
    deadline = time.monotonic() + 60
    while not workers_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    workers = workers_of(process.pid)
    refused("lab", "run", path, "--data", digits, "--out", folder, code=1, says="another lab is running in")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "0 of 2 runs are done; the same command goes on with the rest" in said
    assert workers and not any(map(is_alive, workers))


def test_a_failed_run_is_told_and_tried_again(run, digits, tmp_path):
    diverging = {**EXPERIMENT, "axes": [{"name": "lr", "values": [0.01, 1e30]}], "seeds": 1, "claims": []}
    path = tmp_path / "diverging.json"
    path.write_text(json.dumps(diverging))
    for kept in (0, 1):
        told = run("lab", "run", path, "--data", digits, *PLAIN, "--no-models", "--out", tmp_path / "out", expect=1)
        assert f"{kept} of 2 runs are done already" in told.err or kept == 0
        assert "failed: lr 1e+30, seed 0: training diverged at step" in told.err
        assert told.err.splitlines()[-1] == "zscape: 1 of 2 runs failed; the same command tries them again"
        assert "0, 1 failed" in told.out
    lines = [json.loads(line) for line in results(tmp_path / "out").splitlines()]
    assert [("error" in line) for line in lines] == [False, True]


def test_a_sweep_is_a_lab_of_options(run, digits, tmp_path):
    sweep = ["sweep", "--data", digits, "--vary", "lambda=0,2", "--vary", "hidden=16;16,8", "--limit", 200, "--epochs", 1,
             *PLAIN, "--no-models", "--out", tmp_path / "sweep", "--json"]
    told = run(*sweep).lines
    assert [row["axes"] for row in told[-1]["rows"]] == [
        {"lambda": weight, "hidden": widths} for weight in ("0", "2") for widths in ("16", "16,8")]
    assert all(row["figures"]["kl"]["seeds"] == 1 for row in told[-1]["rows"])
    # More seeds add runs.
    more = run(*sweep, "--seeds", 2)
    assert "4 of 8 runs are done already" in more.err and more.lines[-1]["finished"] == 8


def test_what_cannot_be_run_is_refused_in_one_line(refused, run, file, digits, tmp_path):
    out = ["--out", tmp_path / "none"]
    refused("lab", "run", "nothing", *out, code=2, says="nothing is no experiment and no file with one")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**EXPERIMENT, "sedes": 2}))
    refused("lab", "run", wrong, *out, code=1, says="sedes: there is no such key here; there are name")
    refused("lab", "run", file, *out, "--quick", code=1, says="it has no quick version")
    refused("lab", "run", file, *out, "--data", "nowhere", code=1, says="nowhere")
    refused("lab", "report", tmp_path, code=1, says="is no folder of results")
    refused("sweep", *out, "--vary", "lambda", code=2, says="is not an option with its values")
    refused("sweep", *out, "--vary", "lamda=1", code=2, says="it is no parameter of a run")
    refused("sweep", *out, "--vary", "latent=1", "--model", "ae", "--lambda", 3, code=2, says="--lambda: ")
    named = [line.split()[0] for line in run("lab", "list").out.splitlines()]
    assert named == sorted(named)
    assert "lab-worker" not in run("--help").out
