"""Compares transfers with `--precision exact` and `--precision fast`: loss over evaluations and over time.

usage: precision.py IMPASTO FOLDER [--trials 5] PHOTO PAINTING [PHOTO PAINTING ...]

Writes FOLDER/precision.md and, for each pair, FOLDER/PHOTO-PAINTING.png with two results side by side. The
objective is that of quality.py, at 512 pixels. `impasto score` evaluates every result in single precision,
from 16 bits per channel. The last digits decide where an optimization ends, so each trial changes the
style's weight by a millionth, and the table has means with standard errors. L* is the loss of the first exact
run after 90 % of its evaluations; the times to reach it come from the runs' own curves.
"""
import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

import machine
from paper_objective import OPTIONS, STYLE_WEIGHT, resized, score
from PIL import Image

def transfer(impasto, photo, painting, output, precision, trial):
    command = [impasto, "transfer", photo, "--style", painting, "--size", "original", "--style-size", "512", "-o", output,
               "--bit-depth", "16", "--precision", precision, "--style-weight", str(STYLE_WEIGHT * (1 + trial * 1e-6)), "--quiet", "--json"]
    report = json.loads(subprocess.run([*command, *OPTIONS], check=True, stdout=subprocess.PIPE, text=True).stdout)
    report["score"] = score(impasto, output, photo, painting)
    report["curve"] = [point for point in report["curve"] if point["scale"] == report["scales"]]
    return report


def sheet(paths, target):
    pictures = [Image.open(path).convert("RGB") for path in paths]
    result = Image.new("RGB", (2 * pictures[0].width + 8, pictures[0].height), "white")
    for index, picture in enumerate(pictures):
        result.paste(picture, (index * (picture.width + 8), 0))
    result.save(target)


def compare(arguments, photo_path, painting_path, work):
    name = f"{pathlib.Path(photo_path).stem}-{pathlib.Path(painting_path).stem}"
    photo, painting = resized(photo_path, 512, work / "photo.png"), resized(painting_path, 512, work / "painting.png")
    runs = {"exact": [], "fast": []}
    for trial in range(arguments.trials):
        for precision, found in runs.items():
            found.append(transfer(arguments.impasto, photo, painting, str(work / f"{precision}-{trial}.png"), precision, trial))
    sheet([work / "exact-0.png", work / "fast-0.png"], arguments.folder / f"{name}.png")
    curve = runs["exact"][0]["curve"]
    target = curve[int(0.9 * len(curve)) - 1]["total"]
    lines = [f"### {name}", "", "| precision | evaluations | seconds | loss | beside exact | seconds to L* |", "| --- | --- | --- | --- | --- | --- |"]
    exact = statistics.mean(run["score"] for run in runs["exact"])
    for precision, found in runs.items():
        scores = [run["score"] for run in found]
        error = statistics.stdev(scores) / len(scores) ** 0.5 if len(scores) > 1 else 0
        reached = [next((point["seconds"] for point in run["curve"] if point["total"] <= target), None) for run in found]
        times = [seconds for seconds in reached if seconds]
        lines.append(
            f"| {precision} | {statistics.median(run['evaluations'] for run in found):.0f} | {statistics.median(run['seconds'] for run in found):.1f} "
            f"| {statistics.mean(scores):.5g} | {100 * (statistics.mean(scores) / exact - 1):+.2f} ± {100 * error / exact:.2f} % "
            f"| {f'{statistics.median(times):.1f}' if times else '-'} ({len(times)} of {len(found)}) |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("impasto")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("pairs", nargs="+")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{datetime.date.today()}, {machine.processor()}, {os.cpu_count()} processors. `Benchmarks/precision.py`.", ""]
    for pair in zip(arguments.pairs[::2], arguments.pairs[1::2]):
        with tempfile.TemporaryDirectory() as work:
            lines += compare(arguments, *pair, pathlib.Path(work))
        (arguments.folder / "precision.md").write_text("\n".join(lines))
    print("\n".join(lines))


main()
