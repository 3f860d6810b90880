"""Compares style weights: trains each shipped painting's style with several, and makes a sheet of results.

usage: style_weights.py IMPASTO PHOTOS FOLDER PHOTO... [--weights 2 5 12] [--steps 150] [--paintings NAME...]

PHOTOS is the folder to train on, and the PHOTOs after FOLDER are repainted. The paintings and the sizes of
their strokes are those of Scripts/styles.txt. The networks go to FOLDER, and those that are there are used.
The losses are means over the PHOTOs, at 384 pixels. FOLDER/NAME.png has a row for each photo: the photo, and
a result for each weight.
"""

import argparse
import json
import os
import subprocess

from PIL import Image, ImageOps

SIDE = 384


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def recipes(names):
    with open(os.path.join(os.path.dirname(__file__), "../Scripts/styles.txt"), encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and words[0] != "#" and (not names or words[0] in names):
                yield words[0], words[words.index("--style-size") + 1]


def train(arguments, name, size, weight):
    network = f"{arguments.folder}/{name}-{weight}.safetensors"
    if not os.path.exists(network):
        run(arguments.impasto, "train", "--from", "styles-26", "--add-style", "--style", name, "--photos",
            arguments.photos, "--style-size", size, "--style-weight", str(weight), "--steps", str(arguments.steps),
            "--quiet", "-o", network)
    return network


def sheet(rows, path):
    tiles = [[ImageOps.pad(Image.open(path).convert("RGB"), (SIDE, SIDE), color="white") for path in row] for row in rows]
    result = Image.new("RGB", (SIDE * len(tiles[0]), SIDE * len(tiles)))
    for y, row in enumerate(tiles):
        for x, tile in enumerate(row):
            result.paste(tile, (SIDE * x, SIDE * y))
    result.save(path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("impasto")
    parser.add_argument("photos")
    parser.add_argument("folder")
    parser.add_argument("shown", nargs="+")
    parser.add_argument("--weights", nargs="+", type=float, default=[2, 5, 12])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--paintings", nargs="+", default=[])
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    print("painting,style_weight,content,style")
    for name, size in recipes(arguments.paintings):
        rows = [[photo] for photo in arguments.shown]
        for weight in arguments.weights:
            network = train(arguments, name, size, weight)
            style = f"{network}:{name}"
            table = json.loads(
                run(arguments.impasto, "evaluate", *arguments.shown, "--style", style, "--painting",
                    f"{os.path.dirname(__file__)}/../Sources/NetworkStore/Resources/styles/{name}.jpg",
                    "--size", str(SIDE), "--evaluations", "1", "--quiet", "--json"))
            one_pass = next(row for row in table if row["photo"] == "mean")
            print(f"{name},{weight:g},{one_pass['content']:.2f},{one_pass['style']:.3f}", flush=True)
            for index, row in enumerate(rows):
                result = f"{arguments.folder}/{name}-{weight:g}-{index}.png"
                run(arguments.impasto, "stylize", row[0], "--style", style, "--size", str(SIDE), "--quiet",
                    "-o", result)
                row.append(result)
        sheet(rows, f"{arguments.folder}/{name}.png")


main()
