"""Simulates an evaluation on many threads, from the times of its steps on one.

usage: threads.py IMPASTO [SIZE]

Every step of the engine is a sequence of parallel sections of equal tasks: blocks of tiles, points of Winograd's transform, or
parts of a sum. A section of n tasks takes as long as ceil(n / threads) of them, and SECTION seconds to start and end. The
counts are those of WinogradConvolution, FirstBlock and GramMatrix. Shared caches and memory are not simulated, so that real
machines are slower than this.
"""

import math
import re
import subprocess
import sys

THREADS = [1, 2, 4, 8, 16, 32, 64]
# What a section costs beside its tasks.
SECTION = 10e-6
# The channels of VGG-16's blocks.
CHANNELS = [64, 128, 256, 512, 512]
HEAVY = 2_000_000


def grid(size, tile, most, threads):
    """The number of blocks of TileGrid.blocks."""
    tiles = math.ceil(size / tile)
    across = math.ceil(tiles / most[1])
    needed = math.ceil(tiles / most[0])
    rounds = math.ceil(needed * across / threads)
    return min(tiles, max(needed, rounds * threads // across)), across


def section(count, seconds, threads):
    return math.ceil(count / threads) / count * seconds + SECTION


def winograd(size, inputs, outputs, seconds, product, threads):
    """A convolution, which spends `product` seconds in products on one thread."""
    tile = 6 if inputs * outputs <= 128 * 128 else 4
    points = (tile + 2) ** 2
    tiles = max(48 * 64 // points, 1_500_000 // (4 * points * (inputs + outputs)))
    columns = min(tiles, math.ceil(size / tile))
    most = (max(1, tiles // columns), columns)
    if points * inputs * outputs < HEAVY:
        down, across = grid(size, tile, most, threads)
        return section(down * across, seconds, threads)
    down, across = grid(size, tile, most, 1)
    blocks = down * across
    transform = (seconds - product) / 2 / blocks
    tiles = math.ceil(size / tile) ** 2 // blocks
    once = 2 * section(math.ceil(tiles / 8), transform, threads) + section(points, product / blocks, threads)
    return blocks * once


def gram_parts(channels):
    return min(64, max(4, 512 * 512 // channels**2))


def first_block(size, seconds, threads, backward):
    down, across = grid(size, 6, (6, 8), 1)
    if not backward:
        return section(gram_parts(64), seconds, threads)
    groups = [math.ceil((down - y) / 2) * math.ceil((across - x) / 2) for y in (0, 1) for x in (0, 1)]
    blocks = sum(groups)
    return sum(section(count, seconds * count / blocks, threads) for count in groups if count)


def step(name, part, size, seconds, limit, threads):
    block, number = map(int, re.search(r"conv(\d)_(\d)", name).groups())
    side = size >> (block - 1)
    if part == "gram":
        return section(gram_parts(CHANNELS[block - 1]), seconds, threads)
    if block == 1:
        return first_block(size, seconds, threads, part == "backward")
    channels = CHANNELS[block - 1]
    inputs = CHANNELS[block - 2] if number == 1 else channels
    return winograd(side, inputs, channels, seconds, min(seconds, limit / 0.85), threads)


def main():
    impasto, size = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 512
    command = [impasto, "bench", "--threads", "1", "--rounds", "3", "--width", str(size), "--height", str(size)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    steps = []
    for line in lines:
        found = re.match(r"(.*conv\S*.*?)\s+(forward|gram|backward)\s+([\d.]+)\s+\d+\s+([\d.]+)", line)
        if found:
            steps.append((found[1], found[2], float(found[3]) / 1e3, float(found[4]) / 1e3))
    alone = sum(seconds for _, _, seconds, _ in steps)
    print(f"{size}x{size}, one thread: {alone:.3f} s\n\n| threads | times as fast | busy | largest losses |\n| --- | --- | --- | --- |")
    for threads in THREADS:
        times = {(name, part): step(name, part, size, seconds, limit, threads) for name, part, seconds, limit in steps}
        whole = sum(times.values())
        lost = sorted(steps, key=lambda item: item[2] / threads - times[item[0], item[1]])[:3]
        texts = [
            f"{name} {part} {100 * (times[name, part] - seconds / threads) / whole:.0f} %" for name, part, seconds, _ in lost
        ]
        speed = alone / whole
        print(f"| {threads} | {speed:.1f} | {100 * speed / threads:.0f} % | {', '.join(texts) if threads > 1 else ''} |")


main()
