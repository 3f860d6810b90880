"""Shuffles pairs of pictures for a judgment that does not know who made them.

usage: blind.py FOLDER SEED OURS THEIRS [OURS THEIRS ...]

Writes FOLDER/1.png, 2.png and so on, each with the two pictures of a pair as A and B, and the key,
FOLDER/key.txt. Write the judgments down before you open it.
"""

import os
import random
import sys

from PIL import Image, ImageDraw


def main():
    if len(sys.argv) < 5 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    folder, seed, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    shuffled = random.Random(seed)
    pairs = list(zip(paths[::2], paths[1::2]))
    shuffled.shuffle(pairs)
    os.makedirs(folder, exist_ok=True)
    key = []
    for number, (ours, theirs) in enumerate(pairs, 1):
        sides = [("ours", ours), ("theirs", theirs)]
        shuffled.shuffle(sides)
        pictures = [Image.open(path).convert("RGB") for _, path in sides]
        width, height = pictures[0].size
        sheet = Image.new("RGB", (2 * width + 8, height + 14), "white")
        draw = ImageDraw.Draw(sheet)
        for x, name, picture in zip((0, width + 8), "AB", pictures):
            sheet.paste(picture.resize((width, height), Image.LANCZOS), (x, 0))
            draw.text((x + 2, height + 1), name, fill="black")
        sheet.save(os.path.join(folder, f"{number}.png"))
        key.append(f"{number}: A is {sides[0][0]}, {sides[0][1]}; B is {sides[1][0]}, {sides[1][1]}")
    with open(os.path.join(folder, "key.txt"), "w") as file:
        file.write("\n".join(key) + "\n")


main()
