"""Repaints photos in styles with several settings, and compares the results side by side.

usage: looks.py IMPASTO FOLDER SETTINGS.toml --photos PHOTO ... --paintings PAINTING ... [options]

Each table of SETTINGS.toml is a candidate: a name, and settings of a recipe. `base`, if it is there,
holds settings of all candidates. The folder gets a picture for each candidate, photo and painting, a
sheet for each candidate and one for each pair, and a table of seconds and evenness. Pictures that
are there already are kept, so that an interrupted run continues.

Evenness is measured where the photo is even: in blocks of 16x16 pixels with a mean gradient below
4 of 255. `share` is the part of the result's gradient energy there that is in the strongest
twentieth of the blocks: isolated blots raise it. `gradient` is the mean gradient: empty areas lower
it.
"""

import argparse
import os
import subprocess
import time
import tomllib

import numpy
from PIL import Image, ImageDraw

BLOCK = 16


def gradients(picture):
    values = numpy.asarray(picture.convert("L"), float)
    return numpy.hypot(*numpy.gradient(values))


def blocks(values):
    height, width = (side // BLOCK for side in values.shape)
    return values[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)


def evenness(photo, result):
    """The share and the mean gradient in the photo's even blocks; None if it has few."""
    even = blocks(gradients(photo.resize(result.size, Image.LANCZOS))).mean((1, 3)) < 4
    if even.sum() < 40:
        return None
    found = gradients(result)
    energy = numpy.sort(blocks(found**2).sum((1, 3))[even])[::-1]
    share = energy[: max(1, len(energy) // 20)].sum() / energy.sum()
    return share, blocks(found).mean((1, 3))[even].mean()


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def options(settings):
    result = []
    for key, value in settings.items():
        result += ["--" + key, str(value)]
    return result


def sheet(rows, path, cell):
    """Writes rows of (label, picture), shrunk to cells."""
    columns = max(len(row) for row in rows)
    height = max(
        round(p.height * cell / max(p.size)) for row in rows for _, p in row) + 16
    picture = Image.new("RGB", (columns * cell, len(rows) * height), "white")
    draw = ImageDraw.Draw(picture)
    for y, row in enumerate(rows):
        for x, (label, item) in enumerate(row):
            item = item.convert("RGB")
            item.thumbnail((cell - 4, cell - 4), Image.LANCZOS)
            picture.paste(item, (x * cell + 2, y * height))
            draw.text((x * cell + 2, y * height + item.height + 1), label, fill="black")
    picture.save(path, quality=90)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("impasto")
    parser.add_argument("folder")
    parser.add_argument("settings")
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--paintings", nargs="+", required=True)
    parser.add_argument("--pairs", action="store_true",
                        help="each photo with the painting in the same place, instead of with all")
    parser.add_argument("--size", default="384")
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--cell", type=int, default=320)
    parser.add_argument("--only", nargs="+", help="names of candidates")
    arguments = parser.parse_args()
    with open(arguments.settings, "rb") as file:
        candidates = tomllib.load(file)
    base = candidates.pop("base", {})
    if arguments.only:
        candidates = {name: candidates[name] for name in arguments.only}
    pairs = (list(zip(arguments.photos, arguments.paintings)) if arguments.pairs else
             [(photo, painting) for photo in arguments.photos for painting in arguments.paintings])
    made = {}
    print("candidate                  seconds   share  gradient  (means of all pairs)")
    for name, settings in candidates.items():
        folder = os.path.join(arguments.folder, name)
        os.makedirs(folder, exist_ok=True)
        seconds, measures = [], []
        for photo, painting in pairs:
            path = os.path.join(folder, f"{stem(photo)}-{stem(painting)}.png")
            clock = path + ".seconds"
            if not os.path.exists(path):
                start = time.monotonic()
                subprocess.run(
                    [arguments.impasto, "transfer", photo, "--style", painting, "-o", path,
                     "--size", arguments.size, "--quality", arguments.quality, "--quiet",
                     *options({**base, **settings})], check=True)
                with open(clock, "w") as file:
                    file.write(str(time.monotonic() - start))
            with open(clock) as file:
                seconds.append(float(file.read()))
            result = Image.open(path)
            made[name, photo, painting] = result
            measure = evenness(Image.open(photo), result)
            if measure:
                measures.append(measure)
        share, gradient = numpy.mean(measures, 0) if measures else (float("nan"),) * 2
        print(f"{name:26} {numpy.mean(seconds):7.1f} {share:7.2f} {gradient:9.1f}", flush=True)
        columns = len(pairs) if arguments.pairs else len(arguments.paintings)
        cells = [(f"{stem(photo)} {stem(painting)}", made[name, photo, painting])
                 for photo, painting in pairs]
        sheet([cells[i:i + columns] for i in range(0, len(cells), columns)],
              os.path.join(arguments.folder, f"{name}.jpg"), arguments.cell)
    for photo, painting in pairs:
        cells = [(name, made[name, photo, painting]) for name in candidates]
        rows = [cells[i:i + 4] for i in range(0, len(cells), 4)]
        sheet(rows, os.path.join(arguments.folder, f"{stem(photo)}-{stem(painting)}.jpg"),
              arguments.cell)


main()
