"""How this machine trains: zscape info, --kernels and --precision."""

import shutil
import pytest
from support import SMALL_RUN

KERNELS = ("avx512", "avx2", "portable", "library")


@pytest.fixture(scope="module")
def machine(run):
    told, = run("info", "--json").lines
    return told


def test_info_without_a_name_tells_of_the_machine(run, machine):
    assert machine["type"] == "machine" and machine["processor"]
    assert 1 <= machine["threads"] <= machine["cores"]
    speeds = machine["gigaflops"]
    assert {"portable", "library"} <= set(speeds) <= set(KERNELS)
    assert all(speed > 0.1 for speed in speeds.values())
    # Nothing is clearly faster than what is taken.
    assert max(speeds.values()) <= 1.1 * speeds[machine["kernels"]]
    text = run("info").out
    assert machine["processor"] in text
    assert sum("taken" in line for line in text.splitlines()) == 1


def test_it_is_measured_once(run, machine, tmp_path):
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    first, = run("info", "--json", env=env).lines
    again, = run("info", "--json", env=env).lines
    # The number of threads is not kept where other programs disturbed its measurement.
    assert first["gigaflops"] == again["gigaflops"]
    assert set(first["gigaflops"]) == set(machine["gigaflops"])


def test_training_takes_the_kernels_that_it_is_told(run, refused, machine, digits, tmp_path):
    losses = {}
    for name in KERNELS:
        args = ["train", "--data", digits, "--epochs", 2, "--threads", 1, "--kernels", name]
        if name not in machine["gigaflops"]:
            refused(*args, code=1, says=[f"--kernels {name}", "portable, library"])
            continue
        out = tmp_path / name
        losses[name] = run(*args, "--json", "--out", out).lines[-1]["test_loss"]
        assert run(*args, "--json").lines[-1]["test_loss"] == losses[name]
    assert max(losses.values()) == pytest.approx(min(losses.values()), rel=1e-3)
    # Each sums in its own order.
    assert len({(tmp_path / name).read_bytes() for name in losses}) == len(losses)


def resumed(run, folder, *args):
    """Breaks a run off, and holds what it comes to against the unbroken one; how it goes on."""
    run("train", *args, "--epochs", 2, "--out", folder / "whole")
    run("train", *args, "--epochs", 1, "--checkpoint", folder / "kept")
    # Each time from the same checkpoint, which a resumed run would otherwise carry on.
    resume = ["train", "--resume", folder / "kept" / "checkpoint.safetensors", "--epochs", 2,
              "--checkpoint", folder / "again"]
    run(*resume, "--out", folder / "out")
    shutil.rmtree(folder / "again")
    assert (folder / "out").read_bytes() == (folder / "whole").read_bytes()
    return resume


def test_a_resumed_run_keeps_its_kernels_and_may_be_given_others(run, digits, tmp_path):
    resume = resumed(run, tmp_path, "--data", digits, "--threads", 1, "--kernels", "portable")
    run(*resume, "--kernels", "library", "--out", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() != (tmp_path / "whole").read_bytes()


def test_bf16_ends_where_single_precision_does(run, refused, machine, tmp_path):
    args = ["train", "--limit", 10000, "--epochs", 3, "--threads", 1]
    if not machine["bf16"]:
        refused(*args, "--precision", "bf16", code=1, says=["--precision bf16", "AVX512_BF16"])
        return
    single = run(*args, "--json").lines[-1]
    rounded = run(*args, "--precision", "bf16", "--json", "--out", tmp_path / "a").lines[-1]
    assert rounded["test_loss"] != single["test_loss"]
    assert rounded["test_loss"] == pytest.approx(single["test_loss"], rel=5e-3)
    run(*args, "--precision", "bf16", "--out", tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_checkpoint_keeps_its_precision(run, refused, machine, digits, tmp_path):
    if not machine["bf16"]:
        pytest.skip("this processor has no AVX512_BF16")
    resume = resumed(run, tmp_path, "--data", digits, "--threads", 1, "--precision", "bf16")
    refused(*resume, "--precision", "fp32", code=2, says=["--precision fp32", "has bf16"])


@pytest.mark.parametrize("args", [["--model", "pca"], ["--network", "conv"], ["--samples", 2],
                                  ["--objective", "iwae", "--samples", 3]])
def test_bf16_is_refused_where_it_does_nothing(refused, digits, args):
    steps = [] if "pca" in args else ["--epochs", 1]
    refused("train", "--data", digits, "--threads", 1, *steps, *args, "--precision", "bf16", code=1,
            says="--precision bf16")


def test_bf16_is_none_of_the_librarys(refused, digits):
    refused("train", "--data", digits, "--precision", "bf16", "--kernels", "library", code=1,
            says="--precision bf16")
