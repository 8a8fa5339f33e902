"""The programs of ./dev bench, in small: that they run, and that their tables say what they should."""

import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).resolve().parent.parent.parent / "bench"

# A peer that says what it is told to say, in place of Python in a virtual environment.
PEER = """#!/usr/bin/env python3
import json, sys
print(json.dumps({"ready": "Fake 1.0"}), flush=True)
for line in sys.stdin:
    word = line.split()[0]
    print(json.dumps({"loss": 250.0} if word == "loss" else {"samples": 3000, "seconds": 2.0}),
          flush=True)
"""


def bench(name, *args, text=""):
    done = subprocess.run([sys.executable, BENCH / name, *map(str, args)], capture_output=True,
                          text=True, input=text, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(folder, python):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").write_text(python)
    (folder / "bin/python").chmod(0o755)
    return folder


def cells(text, *beginning):
    """Of the one row that begins so."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()
            if line.startswith("|")]
    found = [row for row in rows if row[:len(beginning)] == list(beginning)]
    assert len(found) == 1, text
    return found[0]


TINY = ["--rounds", 1, "--seconds", 0.02, "--batch", 64, "--threads", 1, "--precision", "fp32"]


def test_training_is_compared_with_the_peers_that_are_there(binary, digits, tmp_path):
    report = tmp_path / "results.md"
    report.write_text("# Figures\n\nOf a machine.\n\n## Mine\n\nkept\n\n## Picking\n\nkept too\n")
    peer = environment(tmp_path / "torch", PEER)
    broken = environment(tmp_path / "jax", "#!/bin/sh\necho no module named jax >&2\nexit 1\n")
    out = bench("training.py", binary, "--data", digits, *TINY, "--peers", "eager,jax",
                "--torch-venv", peer, "--jax-venv", broken, "--write", report)
    assert "left out: JAX + optax, jit: it ended: no module named jax" in out
    text = report.read_text()
    assert text.startswith("# Figures\n\nOf a machine.\n\n## Mine\n\nkept\n\n## Training beside")
    assert text.endswith("## Picking\n\nkept too\n")
    assert cells(text, "1", "64", "PyTorch, eager")[3:6] == ["1,500", "1.00", "–"]
    ours = cells(text, "1", "64", "zscape fp32")
    speed = float(ours[3].replace(",", ""))
    assert speed > 100
    assert float(ours[4]) == pytest.approx(speed / 1500, abs=0.006)
    # The products of a step of 784-400-(2·2)-400-784 are 3.148 MFLOP a sample.
    gflops = [float(cell) for cell in text.split("The limits:")[1].split("\n| 1 | 64 | ")[1]
              .split(" | ")[0::3][:2]]
    for share, most in zip(ours[6:8], gflops):
        assert float(share) == pytest.approx(speed * 3.148e-3 / most, rel=0.05, abs=0.006)
    assert "Not alike" in text   # the false peer's loss is not that of 600 digits



def test_the_gpus_bench_plays_on_a_processor_too(binary, digits, tmp_path):
    peer = environment(tmp_path / "torch", PEER)
    out = bench("gpu.py", binary, "--device", "cpu", "--data", digits, "--rounds", 1, "--seconds",
                0.02, "--batch", 64, "--threads", 1, "--epochs", 1, "--precision", "fp32,tf32",
                "--peers", "eager", "--torch-venv", peer, "--no-window")
    assert "left out: zscape tf32: zscape: --precision tf32: only GPUs have TF32" in out
    report = out[out.index("## Training on the GPU"):]
    assert cells(report, "64", "PyTorch, eager")[2:4] == ["1,500", "1.00"]
    assert float(cells(report, "64", "zscape fp32")[6].replace(",", "")) > 0

def test_peers_that_cannot_be_had_are_named(binary, digits, tmp_path):
    out = bench("training.py", binary, "--data", digits, *TINY, "--torch-venv", tmp_path / "none",
                "--jax-venv", tmp_path / "none", "--limits", tmp_path / "none")
    assert f"left out: the limits: {tmp_path}/none is not built" in out
    for peer in ("PyTorch, eager", "PyTorch, fused Adam", "PyTorch, torch.compile",
                 "JAX + optax, jit"):
        assert f"left out: {peer}: there is no {tmp_path}" in out
    assert cells(out.split("\n## ")[1], "1", "64", "zscape fp32")[4:] == ["–"] * 4


def test_sections_keep_their_order_and_the_machine_stands_above_them_once(tmp_path):
    report = tmp_path / "results.md"
    for section in ("Picking", "Engine", "Frames", "Engine"):
        bench("report.py", "--write", report, "--section", section, text=f"of {section}\n")
    bench("report.py", "--write", report)
    text = report.read_text()
    assert text.count("| processor |") == 1
    assert text.split("\n## ")[1:] == ["Engine\n\nof Engine\n", "Frames\n\nof Frames\n",
                                      "Picking\n\nof Picking\n"]


def test_growth_is_held_against_the_products(binary, tmp_path):
    report = tmp_path / "results.md"
    bench("scaling.py", binary, "--rounds", 1, "--seconds", 0.01, "--inputs", 600, "--batch", 128,
          "--hidden", 800, "--latent", 2, "--data", "600,1800", "--write", report)
    text = report.read_text()
    assert text.startswith("# Measured figures")   # the machine stands above, once
    assert text.count("| processor |") == 1
    wide = cells(text, "hidden 800")
    assert wide[1] == "6.30" and wide[4] == "2.00"
    # 784-800-(2·2)-800-784, by its layers
    assert int(wide[2].replace(",", "")) == 785 * 800 + 801 * 4 + 3 * 800 + 801 * 784
    memory = [float(cells(text, f"{rows:,} + {rows // 6:,}")[4]) for rows in (600, 1800)]
    assert 20 < memory[0] <= memory[1] < 1000
