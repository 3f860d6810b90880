"""Appends a row for a commit to Benchmarks/history.csv.

usage: history.py IMPASTO [HISTORY.csv [COMMIT]]

COMMIT is the one that IMPASTO was built from, by default the current one.

The row has the median seconds of one evaluation (VGG-16, the default objective, all threads) at
256, 512 and 1024 pixels, and the peak memory of whole transfers at 512 and 1024 pixels. Seconds
from different machines, or from one machine on different days, are not comparable. To compare them,
multiply them by the peak rate in the same row.
"""
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys

from machine import processor

SIZES = [256, 512, 1024]
ROUNDS = 3
FIELDS = ["date", "commit", "processor", "kernels", "threads", "peak_gflops"]
FIELDS += [f"evaluation_{size}_seconds" for size in SIZES]
FIELDS += ["transfer_512_megabytes", "transfer_1024_megabytes"]


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    impasto = sys.argv[1]
    folder = os.path.dirname(os.path.abspath(__file__))
    path = sys.argv[2] if len(sys.argv) > 2 else f"{folder}/history.csv"
    row = {"date": datetime.date.today().isoformat(), "processor": processor()}
    changes = output("git", "-C", folder, "status", "--porcelain", "--untracked-files=no")
    commit = output("git", "-C", folder, "rev-parse", "--short", "HEAD").strip()
    row["commit"] = sys.argv[3] if len(sys.argv) > 3 else commit + ("+" if changes else "")
    peaks = []
    for size in SIZES:
        runs = [
            json.loads(
                output(impasto, "bench", "--json", "--width", str(size), "--height", str(size), "--rounds", "5"))
            for _ in range(ROUNDS)
        ]
        peaks += [run["peak_gigaflops"] for run in runs]
        seconds = statistics.median(statistics.median(run["seconds"]) for run in runs)
        row[f"evaluation_{size}_seconds"] = f"{seconds:.4f}"
        row["kernels"], row["threads"] = runs[0]["kernels"], runs[0]["threads"]
    row["peak_gflops"] = f"{statistics.median(peaks):.0f}"
    for line in output(sys.executable, f"{folder}/transfer_memory.py", impasto, "512", "1024").splitlines():
        run = json.loads(line.split(" ", 3)[3])
        row[f"transfer_{run['size']}_megabytes"] = f"{run['peak_megabytes']:.0f}"
    is_new = not os.path.exists(path)
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(f"Added a row for {row['commit']} to {path}")


if __name__ == "__main__":
    main()
