"""Prints medians and ratios of compare.sh's lines of JSON.

usage: summarize.py FILE
"""
import collections
import json
import statistics
import sys

seconds, memory = collections.defaultdict(list), collections.defaultdict(float)
for line in open(sys.argv[1]):
    row = json.loads(line)
    key = row["size"], row["name"]
    seconds[key].append(row["median"])
    memory[key] = max(memory[key], row["peak_megabytes"])

print()
for (size, name), values in sorted(seconds.items()):
    median = statistics.median(values)
    ratio = median / statistics.median(seconds[size, "impasto"])
    print(
        f"{size}x{size}  {name:22} {median:7.3f} s  ({min(values):.3f} to {max(values):.3f})"
        f"  {ratio:5.2f} x Impasto's time  peak {memory[size, name]:.0f} MB"
    )
