#!/usr/bin/env python3
"""What a person feels of the engine's speed: zscape_bench's figures as a section of the report.

    bench/engine.py BENCH [--repetitions 5] [--write bench/results.md]
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import report

# zscape_bench's names in words.
WORDS = {
    "synthetic_digits": "the embedded data: drawing 70,000 digits",
    "training_step/latent:2": "one training step of 128 inputs, latent 2",
    "training_step/latent:20": "the same, latent 20",
    "decode_under_the_cursor": "one code decoded, as under the pointer",
    "encode_the_scatter": "5,000 inputs encoded",
    "publish_weights": "a snapshot's weights: their copy",
    "publish_codes": "a moment's codes: 5,000 + 1,000 inputs encoded, and a decoder to keep",
}


def time_of(run):
    return f"{run['real_time']:,.2f} {run['time_unit'].replace('us', 'µs')}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--write", type=pathlib.Path, help="the report's place; its section is "
                        "written anew, the rest stays")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for filter_, repetitions in (("-training_while", options.repetitions),
                                     ("training_while", 1)):
            out = pathlib.Path(folder) / "runs.json"
            subprocess.run([options.bench, f"--benchmark_filter={filter_}",
                            f"--benchmark_repetitions={repetitions}",
                            "--benchmark_display_aggregates_only=true",
                            f"--benchmark_out={out}"], check=True)
            runs += json.loads(out.read_text())["benchmarks"]
    rows, kept = [], ""
    for name, words in WORDS.items():
        found = [run for run in runs if run["run_name"].removesuffix("/real_time")
                 .removesuffix("/iterations:1") == name]
        middle = [run for run in found if run.get("aggregate_name") == "median"] or found
        if middle:
            rows.append([words, time_of(middle[0])])
    for run in runs:
        if "kept" in run:
            kept = (f"{run['kept']:.3f} ({run['least']:.3f} … {run['most']:.3f})")
    rows.append(["training speed kept while snapshots are published 30 times a second, of that "
                 "without: median of 9 pairs (least … most)", kept])
    report.finish("Engine", f"""\
By `{report.command_line()}` ({time.strftime("%Y-%m-%d")}); load average before, by other programs: \
{load:.1f}. The reference VAE on the synthetic digits;
medians of {options.repetitions} repetitions.

{report.table(["what", "time"], rows)}""", options.write)


if __name__ == "__main__":
    main()
