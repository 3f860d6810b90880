"""The objective that the benchmarks of whole transfers minimize and score: the paper's network, layers and losses."""
import json
import subprocess

from PIL import Image

STYLE_WEIGHT = 2e4
# All options but the style weight and the scales.
OPTIONS = ["--model", "vgg16-hed", "--pooling", "avg", "--padding", "zero", "--margin", "0",
           "--style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "--content-layers", "conv4_2",
           "--style-loss", "gram", "--normalization", "paper", "--content-weight", "1", "--tv-weight", "0"]


def score(impasto, picture, photo, painting):
    """The loss of a picture, from `impasto score`."""
    command = [impasto, "score", picture, "--content", photo, "--style", painting, "--style-size", "512", "--json"]
    losses = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return losses["content"] + STYLE_WEIGHT * losses["style"]["total"]


def resized(path, side, target):
    """Resizes a picture to a file. Every tool reads it, so their resampling cannot differ."""
    picture = Image.open(path).convert("RGB")
    factor = side / max(picture.size)
    picture.resize([round(length * factor) for length in picture.size], Image.LANCZOS).save(target)
    return str(target)
