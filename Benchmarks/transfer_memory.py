"""Measures the maximum resident size and the time of whole transfers.

usage: transfer_memory.py IMPASTO SIZE ...
Photo and painting are noise pictures of SIZE x SIZE pixels. 24 iterations go through all scales
and fill the optimizer's history. Size 32 runs a single iteration, to measure the start-up.
Prints lines for summarize.py.
"""
import json
import os
import random
import struct
import sys
import tempfile
import time
import zlib


def write_png(path, size):
    """Writes random blocks of eight pixels."""
    rows = []
    for _ in range((size + 7) // 8):
        row = b"".join(random.randbytes(3) * 8 for _ in range((size + 7) // 8))[: 3 * size]
        rows += [b"\0" + row] * 8

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        file.write(chunk(b"IDAT", zlib.compress(b"".join(rows[:size]), 1)) + chunk(b"IEND", b""))


random.seed(0)
impasto = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    for size in map(int, sys.argv[2:]):
        write_png(f"{folder}/photo.png", size)
        write_png(f"{folder}/painting.png", size)
        iterations = 1 if size == 32 else 24
        arguments = [impasto, "transfer", f"{folder}/photo.png", "--style", f"{folder}/painting.png"]
        arguments += ["-o", f"{folder}/out.png", "--size", str(size), "--iterations", str(iterations), "--quiet"]
        for _ in range(5 if size == 32 else 1):
            start = time.perf_counter()
            process = os.spawnv(os.P_NOWAIT, impasto, arguments)
            _, status, usage = os.wait4(process, 0)
            assert status == 0, arguments
            row = {"name": "transfer", "size": size, "seconds": time.perf_counter() - start}
            row["peak_megabytes"] = usage.ru_maxrss * 1024 / 1e6
            print("transfer 0 0", json.dumps(row), flush=True)
