"""The experiments that come along, each in a miniature: every column of every run comes out, or says why not."""

import json
import pathlib

import pytest

FILES = sorted((pathlib.Path(__file__).resolve().parents[2] / "assets" / "lab").glob("*.json"))
# So little of each that a run takes a moment.
SMALL = {"inputs": 3, "samples": 20, "judge_inputs": 100, "steps": 2, "draws": 2, "pairs": 2, "epochs": 2,
         "test_inputs": 50, "components": 2}
MOST = {"labels": 20}   # of a list's values, else 100


def miniature(file):
    experiment = json.loads(file.read_text())
    for key in ("quick", "plots", "claims", "predict"):
        experiment.pop(key)
    experiment["plan"].update(limit=150, batch=50, hidden=[16])
    if "epochs" not in {axis["name"] for axis in experiment.get("axes", [])}:
        experiment["plan"]["epochs"] = 1
    for measure in experiment["measure"]:
        if not isinstance(measure, dict):
            continue
        for option, value in measure.items():
            if isinstance(value, list):
                measure[option] = [each for each in value if each <= MOST.get(option, 100)]
            elif option == "labels":
                measure[option] = 40
            elif option in SMALL:
                measure[option] = SMALL[option]
            elif option == "temperatures":
                measure[option] = 2
        if measure["name"] in ("samples", "label_verdicts"):
            measure["judge_inputs"] = SMALL["judge_inputs"]
    experiment["only"] = {axis["name"]: [axis["values"][0], axis["values"][-1]] for axis in experiment.get("axes", [])}
    for values in experiment["only"].values():
        values[:] = [value["label"] if isinstance(value, dict) else value for value in values]
    experiment["seeds"] = 1
    return experiment


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_miniature_measures_each_column(run, digits, tmp_path, file):
    path, folder = tmp_path / "mini.json", tmp_path / "out"
    path.write_text(json.dumps(miniature(file)))
    run("lab", "run", path, "--data", digits, "--jobs", 1, "--no-models", "--kernels", "portable", "--out", folder)
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert results and not any("error" in result for result in results)
    columns = {name for result in results for name in result["figures"]}
    known = {name for result in results for name, value in result["figures"].items() if value is not None}
    # Above two dimensions nothing is exact, no annealing is asked for, and without a prior there is no rate.
    assert columns - known <= {"log_p_exact", "log_p_annealed", "gap_encoder", "gap_gaussian", "bytes_rate"}
