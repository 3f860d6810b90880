"""Measures whether the four edges of results are alike, at sizes around a multiple of the network's stride.

    python3 Benchmarks/edges.py PATH/TO/impasto [--base 176] [--rests 0,1,5,8,11,15]

For five photos and each size it compares the outer four rows or columns of a result with the next twelve: by their
mean, and by their gradient energy, the mean squared difference of neighbors along the edge. It prints each edge's
mean over the photos, and fails if the mean over the edges is more than 10 % beyond that of the size that fits. The
photos are those of Examples, two of them once more from other sides. Needs numpy and Pillow.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


EDGES = ("top", "bottom", "left", "right")


def photos():
    """Yields five pictures."""
    files = sorted((REPOSITORY / "Examples/photos").glob("*.jpg"))
    pictures = [Image.open(path).convert("RGB") for path in files]
    yield from pictures
    yield pictures[0].transpose(Image.ROTATE_180)
    yield pictures[-1].transpose(Image.ROTATE_180)


def edges(picture):
    """Returns each edge's difference of means, and the ratio of gradient energies, outer to inner."""
    result = {}
    for name, turned in (
        ("top", picture), ("bottom", picture[::-1]), ("left", picture.transpose(1, 0, 2)),
        ("right", picture.transpose(1, 0, 2)[::-1]),
    ):
        outer, inner = turned[:4], turned[4:16]

        def energy(rows):
            return (numpy.diff(rows, axis=1) ** 2).mean()

        result[name] = (abs(outer.mean() - inner.mean()), energy(outer) / energy(inner))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("impasto")
    parser.add_argument("--style", default="great-wave")
    parser.add_argument("--base", type=int, default=176, help="the shorter side, a multiple of 16")
    parser.add_argument("--rests", default=",".join(map(str, range(16))))
    options = parser.parse_args()
    rests = [0] + [int(rest) for rest in options.rests.split(",") if int(rest)]
    values = {}
    with tempfile.TemporaryDirectory() as folder:
        for photo in photos():
            for rest in rests:
                height, width = options.base + rest, options.base + 48 + rest
                source, target = f"{folder}/photo.png", f"{folder}/result.png"
                photo.resize((width, height), Image.LANCZOS).save(source)
                subprocess.run(
                    [options.impasto, "transfer", source, "--style", options.style, "--quality", "draft", "--size",
                     "original", "--quiet", "-o", target], check=True)
                picture = numpy.asarray(Image.open(target).convert("RGB")).astype(float)
                for edge, pair in edges(picture).items():
                    values.setdefault((rest, edge), []).append(pair)
    failed = False
    for measure, title in enumerate(("difference of means, levels", "gradient energy, outer to inner")):
        print(f"{title:32}" + "".join(f"{edge:>9}" for edge in EDGES) + f"{'mean':>9}")
        for rest in rests:
            means = [numpy.mean([pair[measure] for pair in values[rest, edge]]) for edge in EDGES]
            print(f"{rest:32}" + "".join(f"{mean:9.2f}" for mean in means) + f"{numpy.mean(means):9.2f}")
            fits = numpy.mean(means) if rest == 0 else fits
            failed = failed or numpy.mean(means) > 1.1 * fits
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
