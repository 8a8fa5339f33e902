"""Plain helpers of the command line's tests."""

import struct

# Threads are named, so that nothing is measured and the bits do not depend on a measurement.
SMALL_RUN = ["--limit", "2000", "--epochs", "1", "--threads", "1"]


def png_size(path):
    """Width, height, bit depth and colour type from a PNG's first chunk."""
    head = path.read_bytes()[:26]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR"
    return struct.unpack(">IIBB", head[16:26])
