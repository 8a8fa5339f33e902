"""Runs pytest on the files named, with the Python of .venv/ where ./dev test has made one."""

import importlib.util
import os
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
venv = root / ".venv"
if (venv / "bin/python").exists() and pathlib.Path(sys.prefix) != venv:
    os.execv(venv / "bin/python", [str(venv / "bin/python"), *sys.argv])

missing = [name for name in ("h5py", "numpy", "PIL", "pytest", "safetensors", "scipy")
           if importlib.util.find_spec(name) is None]
if missing:
    sys.exit(f"Python lacks {', '.join(missing)}: run ./dev test, which installs "
             "tests/requirements.txt into .venv/")

import pytest  # noqa: E402

sys.dont_write_bytecode = True
sys.exit(pytest.main(["-p", "no:cacheprovider", "-q", "-ra", "--rootdir", str(root / "tests"),
                      *sys.argv[1:]]))
