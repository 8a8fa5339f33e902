"""Damaged files of C libraries: whatever they break is the reader's process, and it ends soon."""

import os
import pathlib

import numpy as np
import pytest
from reader_client import Broken, Reader, Refused

BINARY = os.environ["ZSCAPE_BINARY"]
CORPUS = pathlib.Path(__file__).resolve().parent.parent / "fuzz/corpus"
# ZSCAPE_MUTATIONS=20000 looks longer.
MUTATIONS = int(os.environ.get("ZSCAPE_MUTATIONS", "60"))
SECONDS = 2   # of computing, which the kernel counts; its memory is held to a gigabyte


def mutated(data, random):
    data = bytearray(data)
    for _ in range(random.integers(1, 9)):
        place = int(random.integers(len(data)))
        match random.integers(5):
            case 0:
                data[place] = random.integers(256)
            case 1:
                data[place] ^= 1 << random.integers(8)
            case 2:   # a length or an address
                data[place:place + 8] = random.choice(
                    [bytes(8), b"\xff" * 8, b"\xff\xff\xff\x7f" + bytes(4), bytes([255] * 7 + [127])])
            case 3:
                del data[place:place + int(random.integers(1, 9))]
            case 4:
                start = int(random.integers(len(data)))
                data[place:place] = data[start:start + int(random.integers(1, 33))]
        if len(data) < 2:
            break
    if random.random() < 0.1:
        del data[int(random.integers(len(data))):]
    return bytes(data)


def outcome(format, path):
    """What came of a file."""
    with Reader(BINARY, seconds=SECONDS) as reader:
        try:
            for name, array in reader.list(format, path).items():
                size = int(np.prod(array["shape"], dtype=object))
                if size < 1 << 24:   # zscape does not ask for more from a file of this size
                    reader.read(name)
            return "data"
        except Refused as refusal:
            sentence = str(refusal)
            assert sentence and "\n" not in sentence
            return "refused"
        except Broken:
            code = reader.process.wait()
            assert code != -31   # SIGSYS: it did what no reader does
            return "stopped" if code == -24 else "broken"   # SIGXCPU


@pytest.mark.parametrize("format, name", [(path.parent.name, path.name) for folder in ("hdf5", "mat")
                                          for path in sorted((CORPUS / folder).iterdir())])
def test_mutations_end_in_data_or_a_refusal(tmp_path, format, name):
    random = np.random.default_rng([len(name), *name.encode()])
    whole = (CORPUS / format / name).read_bytes()
    path = tmp_path / "file"
    outcomes = []
    for i in range(MUTATIONS):
        path.write_bytes(mutated(whole, random))
        try:
            outcomes.append(outcome(format, path))
        except Exception:
            (tmp_path / "found").write_bytes(path.read_bytes())
            raise
    print(format, name, {what: outcomes.count(what) for what in sorted(set(outcomes))})
    assert set(outcomes) & {"refused", "stopped", "broken"}   # the damage reached the checks
