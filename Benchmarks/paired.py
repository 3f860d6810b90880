"""Compares two builds of the command on the work of one iteration.

usage: paired.py OLD NEW [PAIRS]

The builds run in alternating order, so that a machine that slows down slows both. For each size,
prints the median seconds of both builds and the median, least and largest ratio of the pairs.
"""
import json
import statistics
import subprocess
import sys

# The rounds are fewer where one takes longer.
ROUNDS = {256: 15, 512: 7, 1024: 3}


def measure(impasto: str, size: int) -> dict:
    command = [impasto, "bench", "--json", "--width", str(size), "--height", str(size)]
    command += ["--rounds", str(ROUNDS[size])]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def main() -> None:
    builds = sys.argv[1:3]
    pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    for size in ROUNDS:
        seconds: list[list[float]] = [[], []]
        for pair in range(pairs):
            for build in (0, 1) if pair % 2 == 0 else (1, 0):
                run = measure(builds[build], size)
                seconds[build].append(statistics.median(run["seconds"]))
        ratios = [new / old for old, new in zip(*seconds)]
        old, new = map(statistics.median, seconds)
        print(
            f"{size}x{size}: old {old:.4f} s, new {new:.4f} s, ratio {statistics.median(ratios):.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
