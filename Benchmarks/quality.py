"""Compares loss over time: the classic recipes in PyTorch and Impasto's default, in one run.

usage: quality.py IMPASTO FOLDER [--classic] PHOTO PAINTING [PHOTO PAINTING ...]

Writes FOLDER/PHOTO-PAINTING.svg and FOLDER/quality.md. `impasto score` computes every loss:
1 x content + 2e4 x style of the picture at 512 pixels. Seconds count from the first evaluation
for PyTorch, and from the start of the process to its end for Impasto. --classic adds the classic
recipe for processors, 1000 steps of Adam at 640x480, for the first pair.
"""
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plot
import numpy
import tifffile
from paper_objective import OPTIONS, STYLE_WEIGHT, resized, score
from PIL import Image

impasto, folder = sys.argv[1], pathlib.Path(sys.argv[2])
arguments = sys.argv[3:]
with_classic = "--classic" in arguments
paths = [path for path in arguments if path != "--classic"]
pairs = list(zip(paths[::2], paths[1::2]))
# Three scales reach the paper's loss soonest.
OBJECTIVE = [*OPTIONS, "--style-weight", str(STYLE_WEIGHT), "--scales", "3"]
EVALUATIONS = 200
MEAN = numpy.array([123.68, 116.779, 103.939]) / 255


def pytorch(*arguments):
    command = [sys.executable, "Benchmarks/quality_pytorch.py", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def transfer(photo, painting, output, *options):
    start = time.perf_counter()
    command = [impasto, "transfer", photo, "--style", painting, "--size", "original", "--style-size", "512", "-o", output, "--bit-depth", "16"]
    command += [*OBJECTIVE, "--quiet", "--json", *options]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    report["wall"] = time.perf_counter() - start
    report["score"] = score(impasto, output, photo, painting)
    # The report's clock starts when the photo is opened. Add the time before that.
    before = report["wall"] - report["seconds"]
    for point in report["curve"]:
        point["seconds"] += before
    # Losses at smaller scales are those of smaller pictures, which are not comparable.
    report["curve"] = [point for point in report["curve"] if point["scale"] == report["scales"]]
    return report


def first_reaching(curve, loss):
    return next((point["seconds"] for point in curve if point["total"] <= loss), None)


def ratio(theirs, ours):
    return f"{theirs / ours:.1f}" if ours else "not reached"


def compare(photo_path, painting_path, work):
    name = f"{pathlib.Path(photo_path).stem}-{pathlib.Path(painting_path).stem}"
    photo = resized(photo_path, 512, work / "photo.png")
    painting = resized(painting_path, 512, work / "painting.png")
    peer = pytorch("lbfgs", photo, painting, EVALUATIONS, work)
    snapshots = [point for point in peer["curve"] if "picture" in point]
    for point in snapshots:
        point["total"] = score(impasto, point["picture"], photo, painting)
    target, seconds = snapshots[-1]["total"], snapshots[-1]["seconds"]
    runs = {quality: transfer(photo, painting, str(work / "out.tiff"), "--quality", quality) for quality in ["draft", "standard"]}
    reached = first_reaching(runs["standard"]["curve"], target)

    figure, axes = plot.subplots(figsize=(7, 4.2))
    axes.loglog([p["seconds"] for p in snapshots], [p["total"] for p in snapshots], "o-", color="#888", label=f"PyTorch {peer['version'].split('+')[0]}, L-BFGS")
    for (quality, run), color in zip(runs.items(), ["#e8a33d", "#c2452d"]):
        axes.loglog([p["seconds"] for p in run["curve"]], [p["total"] for p in run["curve"]], color=color, label=f"Impasto, {quality}")
        axes.loglog([run["wall"]], [run["score"]], "s", color=color)
    axes.axhline(target, color="#888", linewidth=0.7, linestyle=":")
    axes.set(xlabel="seconds", ylabel="1 x content + 2e4 x style", title=name)
    axes.legend()
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})

    lines = [f"### {name}", "", "| | evaluations | seconds | loss |", "| --- | --- | --- | --- |"]
    lines += [f"| PyTorch, L-BFGS from the photo | {p['evaluations']} | {p['seconds']:.1f} | {p['total']:.4g} |" for p in snapshots if p["evaluations"] in (28, 56, 110, 200)]
    lines += [f"| Impasto, {quality} | {run['evaluations']} | {run['wall']:.1f} | {run['score']:.4g} |" for quality, run in runs.items()]
    lines += ["", f"L* = {target:.4g}, after {seconds:.0f} s. Impasto's default is there after {f'{reached:.1f} s' if reached else '-'}: **{ratio(seconds, reached)} times sooner**.", ""]
    return lines


def classic(photo_path, painting_path, work):
    photo = resized(photo_path, 640, work / "photo640.png")
    painting = resized(painting_path, 512, work / "painting.png")
    pixels = numpy.asarray(Image.open(photo)) / 255
    noise = MEAN + numpy.random.default_rng(0).uniform(-20 / 255, 20 / 255, pixels.shape)
    start = str(work / "start.tiff")
    blend = (0.4 * pixels + 0.6 * noise).clip(0, 1)
    tifffile.imwrite(start, numpy.round(blend * 65535).astype(numpy.uint16), photometric="rgb")
    rows = {}
    for rate in ["0.01", "0.02", "0.05"]:
        rows[rate] = transfer(photo, painting, str(work / "adam.tiff"), "--optimizer", "adam", "--learning-rate", rate, "--init", start, "--iterations", "1000")
    rate, best = min(rows.items(), key=lambda row: row[1]["score"])
    peer = pytorch("adam", photo, painting, 20, start, rate)
    # Impasto reports the loss after a step, PyTorch the loss before it.
    ours = [point["total"] for point in best["curve"][:19]]
    error = max(abs(a / b - 1) for a, b in zip(ours, peer["losses"][1:]))
    run = transfer(photo, painting, str(work / "out.tiff"))
    reached = first_reaching(run["curve"], best["score"])
    seconds = 1000 * peer["seconds"]
    lines = ["### The classic recipe for processors", ""]
    lines += [f"1000 steps of Adam from 0.4 photo + 0.6 noise, {pathlib.Path(photo_path).stem} and {pathlib.Path(painting_path).stem}, 640 pixels. Losses by Impasto's Adam,"]
    lines += [f"whose first 19 differ from PyTorch's by at most {error:.1e}; seconds are 1000 times PyTorch's {peer['seconds']:.2f} a step.", ""]
    lines += ["| | seconds | loss |", "| --- | --- | --- |"]
    lines += [f"| Adam, rate {rate} | {seconds:.0f} | {row['score']:.4g} |" for rate, row in rows.items()]
    lines += [f"| Impasto, default | {run['wall']:.1f} | {run['score']:.4g} |", ""]
    lines += [f"Impasto reaches the best of these after {f'{reached:.1f} s' if reached else '-'}: **{ratio(seconds, reached)} times sooner**.", ""]
    return lines


def processor():
    for line in open("/proc/cpuinfo") if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


folder.mkdir(parents=True, exist_ok=True)
text = [f"Measured with `make bench-quality` on {datetime.date.today()}, {processor()}, {len(os.sched_getaffinity(0))} threads each.", ""]
with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    for pair in pairs:
        text += compare(*pair, work)
        (folder / "quality.md").write_text("\n".join(text))
    if with_classic:
        text += classic(*pairs[0], work)
(folder / "quality.md").write_text("\n".join(text))
print("\n".join(text))
