"""Compares transfers with `--precision exact` and `--precision fast`: loss over evaluations and over time.

usage: precision.py IMPASTO FOLDER PHOTO PAINTING [PHOTO PAINTING ...]

Writes FOLDER/precision.md and, for each pair, FOLDER/PHOTO-PAINTING.png with the two results side by side.
The objective is that of quality.py, at 512 pixels. `impasto score` evaluates every result in single
precision, from 16 bits per channel. Runs with the AVX2 kernels, which round otherwise, show how much a
loss scatters. L* is the loss of the exact run after 90 % of its evaluations; the times to reach it come
from the runs' own curves.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import machine
from PIL import Image

impasto, folder = sys.argv[1], pathlib.Path(sys.argv[2])
pairs = list(zip(sys.argv[3::2], sys.argv[4::2]))
OBJECTIVE = ["--model", "vgg16-hed", "--pooling", "avg", "--padding", "zero", "--margin", "0",
             "--style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "--content-layers", "conv4_2",
             "--style-loss", "gram", "--normalization", "paper", "--content-weight", "1", "--style-weight", "2e4", "--tv-weight", "0"]
RUNS = {"exact": ("exact", {}), "fast": ("fast", {}), "exact, AVX2": ("exact", {"IMPASTO_KERNELS": "avx2"})}


def output_of(command, variables={}):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}).stdout)


def transfer(photo, painting, output, precision, variables):
    start = time.perf_counter()
    report = output_of([impasto, "transfer", photo, "--style", painting, "--size", "original", "--style-size", "512", "-o", output,
                        "--bit-depth", "16", "--precision", precision, "--quiet", "--json", *OBJECTIVE], variables)
    report["wall"] = time.perf_counter() - start
    losses = output_of([impasto, "score", output, "--content", photo, "--style", painting, "--style-size", "512", "--json"])
    report["score"] = losses["content"] + 2e4 * losses["style"]["total"]
    report["curve"] = [point for point in report["curve"] if point["scale"] == report["scales"]]
    return report


def resized(path, target):
    picture = Image.open(path).convert("RGB")
    factor = 512 / max(picture.size)
    picture.resize([round(length * factor) for length in picture.size], Image.LANCZOS).save(target)
    return str(target)


def compare(photo_path, painting_path, work):
    name = f"{pathlib.Path(photo_path).stem}-{pathlib.Path(painting_path).stem}"
    photo, painting = resized(photo_path, work / "photo.png"), resized(painting_path, work / "painting.png")
    runs = {run: transfer(photo, painting, str(work / f"{run}.png"), *settings) for run, settings in RUNS.items()}
    pictures = [Image.open(work / f"{run}.png").convert("RGB") for run in ("exact", "fast")]
    sheet = Image.new("RGB", (2 * pictures[0].width + 8, pictures[0].height), "white")
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index * (picture.width + 8), 0))
    sheet.save(folder / f"{name}.png")
    curve = runs["exact"]["curve"]
    target = curve[int(0.9 * len(curve)) - 1]["total"]
    lines = [f"### {name}", "", "| run | evaluations | seconds | loss in single precision | beside exact | seconds to L* |", "| --- | --- | --- | --- | --- | --- |"]
    for run, report in runs.items():
        reached = next((point["seconds"] for point in report["curve"] if point["total"] <= target), None)
        change = 100 * (report["score"] / runs["exact"]["score"] - 1)
        lines.append(f"| {run} | {report['evaluations']} | {report['wall']:.1f} | {report['score']:.5g} | {change:+.2f} % | {f'{reached:.1f}' if reached else 'not reached'} |")
    return lines + [""]


folder.mkdir(parents=True, exist_ok=True)
lines = [f"{datetime.date.today()}, {machine.processor()}, {os.cpu_count()} processors. `Benchmarks/precision.py`.", ""]
for pair in pairs:
    with tempfile.TemporaryDirectory() as work:
        lines += compare(*pair, pathlib.Path(work))
    (folder / "precision.md").write_text("\n".join(lines))
print("\n".join(lines))
