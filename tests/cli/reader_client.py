"""Speaks with zscape-read as zscape does (engine/data/reader_protocol.h)."""

import json
import os
import pathlib
import socket
import struct
import subprocess

import numpy as np

MEMORY = 1 << 30


class Refused(Exception):
    """The reader said in a sentence why it does not read."""


class Broken(Exception):
    """The reader ended, or did not answer in time."""


class Reader:
    def __init__(self, binary, timeout=60, memory=MEMORY, seconds=60):
        ours, theirs = socket.socketpair()
        program = pathlib.Path(binary).parent / "zscape-read"
        self.process = subprocess.Popen([program, str(os.getpid()), str(memory), str(seconds)], stdin=theirs,
                                        stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()
        self.socket = ours
        self.socket.settimeout(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.kill()
        self.process.wait()

    def _receive(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.socket.recv(size - len(data))
            except OSError as problem:
                raise Broken(problem) from problem
            if not part:
                raise Broken(f"ended with {self.process.wait()}")
            data += part
        return bytes(data)

    def ask(self, **request):
        text = json.dumps(request).encode()
        self.socket.sendall(struct.pack("=Q", len(text)) + text)

    def frame(self):
        while True:
            kind, length = struct.unpack("=cQ", self._receive(9))
            if kind == b"P":
                continue
            contents = self._receive(length)
            if kind == b"E":
                raise Refused(contents.decode(errors="replace"))
            return kind, contents

    def json(self):
        kind, contents = self.frame()
        assert kind == b"J"
        return json.loads(contents)

    def list(self, format, path):
        self.ask(do="list", format=format, path=list(os.fsencode(path)))
        self.description = self.json()
        return {array["name"]: array for array in self.description["arrays"]}

    def read(self, name, axis=0, first=0, rows=None):
        """The rows of an array along an axis, or its texts."""
        names = [array["name"] for array in self.description["arrays"]]
        array = self.description["arrays"][names.index(name)]
        shape = list(array["shape"])
        if shape:
            shape.insert(0, shape.pop(axis))
            rows = shape[0] - first if rows is None else rows
            shape[0] = rows
        self.ask(do="read", array=names.index(name), axis=axis, first=first, rows=1 if rows is None else rows)
        if array["type"] == "text":
            return np.array(self.json())
        type = np.dtype(array["type"])
        size = int(np.prod(shape, dtype=np.int64)) * type.itemsize
        data = bytearray()
        while len(data) < size:
            kind, contents = self.frame()
            assert kind == b"B" and contents
            data += contents
        assert len(data) == size
        return np.frombuffer(bytes(data), type).reshape(shape)


def read_all(binary, format, path, **limits):
    """Every array of a file, and the sentences about what is left out."""
    with Reader(binary, **limits) as reader:
        arrays = reader.list(format, path)
        return {name: reader.read(name) for name in arrays}, reader.description["notes"]
