"""Measures how a batch of photos scales with shards.

usage: shards.py IMPASTO PHOTOS [--size 256]

Transfers the photos of a folder in one process of one thread, and in two at once. Then it simulates up to 1000
machines with one thread each, with the measured times: each shard takes its start and the times of its items, drawn
from the measured ones, and the batch ends with the slowest shard.
"""

import argparse
import csv
import random
import subprocess
import tempfile
import time

from machine import processor

ITEMS = 10_000


def run(impasto, photos, folder, size, shards):
    settings = [impasto, "transfer", photos, "--style", "great-wave", "--size", str(size), "--quality", "draft",
                "--threads", "1", "--quiet", "-o", folder]
    start = time.perf_counter()
    processes = [subprocess.Popen([*settings, "--shard", f"{index}/{shards}"]) for index in range(1, shards + 1)]
    assert all(process.wait() == 0 for process in processes)
    seconds = time.perf_counter() - start
    subprocess.run([*settings, "--collect"], check=True)
    with open(f"{folder}/table.csv") as file:
        items = [float(row["seconds"]) for row in csv.DictReader(file)]
    return seconds, items


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("impasto")
    parser.add_argument("photos")
    parser.add_argument("--size", type=int, default=256)
    arguments = parser.parse_args()
    print(processor())
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        alone, items = run(arguments.impasto, arguments.photos, one, arguments.size, 1)
        both, _ = run(arguments.impasto, arguments.photos, two, arguments.size, 2)
    start = alone - sum(items)
    print(f"{len(items)} photos: one shard {alone:.1f} s, two {both:.1f} s: {alone / both:.2f} times as fast; "
          f"an item takes {min(items):.1f} to {max(items):.1f} s, the start {start:.2f} s")
    random.seed(0)
    drawn = [random.choice(items) for _ in range(ITEMS)]
    print("| machines | hours | efficiency |")
    print("| --- | --- | --- |")
    for count in (1, 10, 100, 1000):
        seconds = max(start + sum(drawn[index::count]) for index in range(count))
        print(f"| {count} | {seconds / 3600:.2f} | {(start + sum(drawn)) / count / seconds:.1%} |")


main()
