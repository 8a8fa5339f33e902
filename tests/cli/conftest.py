"""What the tests of the command line share: running the program, and models trained once."""

import json
import os
import re
import subprocess
from dataclasses import dataclass

import pytest
from support import KINDS


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self):
        """Standard output as one JSON object a line; NaN and Infinity are no JSON."""
        def refuse(word):
            raise ValueError(f"{word} in JSON")
        return [json.loads(line, parse_constant=refuse) for line in self.out.splitlines()]


@pytest.fixture(scope="session")
def run(binary):
    """run("train", "--epochs", 1) -> Result; expect is the exit code that it must have."""
    def call(*args, expect=0, cwd=None, env=None, timeout=300):
        done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True, cwd=cwd,
                              env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                              timeout=timeout)
        result = Result(done.returncode, done.stdout, done.stderr)
        assert result.code == expect, f"{args} ended with {result.code}: {result.err}{result.out}"
        return result
    return call


@pytest.fixture(scope="session")
def refused(run):
    """refused("train", …, code=2, says="--lambda") -> the error, which must be one line."""
    def call(*args, code, says, **options):
        result = run(*args, expect=code, **options)
        assert result.out == ""
        errors = [line for line in result.err.splitlines() if line.startswith("zscape: ")]
        assert len(errors) == 1, result.err
        # Progress may stand before it, nothing after it.
        assert result.err.splitlines()[-1] == errors[0], result.err
        for part in [says] if isinstance(says, str) else says:
            assert re.search(part, errors[0]), f"{part!r} is not in: {errors[0]}"
        return errors[0]
    return call


class Models(dict):
    """Small trained models by name (support.KINDS), each trained when it is first asked for."""

    def __init__(self, run, digits, folder):
        super().__init__()
        self.run, self.digits, self.folder = run, digits, folder

    def __missing__(self, name):
        path = self.folder / f"{name}.safetensors"
        steps = [] if name == "pca" else ["--epochs", 3, "--lr", 0.003]
        self.run("train", "--data", self.digits, *KINDS[name], "--latent", 3, *steps,
                 "--threads", 1, "--seed", 5, "--out", path)
        self[name] = path
        return path


@pytest.fixture(scope="session")
def models(run, digits, tmp_path_factory):
    """A small model of each kind, trained on digits: name -> path."""
    return Models(run, digits, tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def digits(run, tmp_path_factory):
    """A small data set in a folder of IDX files: 600 + 100 images."""
    folder = tmp_path_factory.mktemp("data") / "digits"
    run("synthesize", "--count", 700, "--seed", 3, "--out", folder)
    return folder
