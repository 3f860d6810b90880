"""The PyTorch part of `make bench-quality`: the classic objective and its optimizers.

usage: quality_pytorch.py lbfgs PHOTO PAINTING EVALUATIONS FOLDER
       quality_pytorch.py adam PHOTO PAINTING ITERATIONS START RATE

The objective is 1 x content + 2e4 x style with the paper's losses and average pooling, for the
picture clamped to 0...1. Prints one line of JSON. `lbfgs` writes 16-bit pictures to FOLDER.
"""
import json
import os
import sys
import time

import numpy
import tifffile
import torch
from PIL import Image
from safetensors.torch import load_file

from pytorch_vgg import CONTENT, STYLE, features, gram, layers

mode, photo_path, painting_path, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
torch.set_num_threads(len(os.sched_getaffinity(0)))
weights = {
    name: tensor.float().contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor.float()
    for name, tensor in load_file("Sources/NetworkStore/Resources/models/vgg16-hed.safetensors").items()
}
LAYERS, STYLE_WEIGHT = layers("vgg16"), 2e4
SNAPSHOTS = [1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 56, 80, 110, 150, 200]


def read(path):
    array = tifffile.imread(path) / 65535 if path.endswith(".tiff") else numpy.asarray(Image.open(path)) / 255
    return torch.from_numpy(array.astype(numpy.float32)).permute(2, 0, 1)[None].contiguous()


def maps(picture):
    return features(picture.contiguous(memory_format=torch.channels_last), weights, LAYERS)


photo = read(photo_path)
with torch.no_grad():
    content = maps(photo)[CONTENT]
    painting = maps(read(painting_path))
    targets = {name: gram(painting[name]) for name in STYLE}


def objective(picture):
    found = maps(picture.clamp(0, 1))
    loss = 0.5 * ((found[CONTENT] - content) ** 2).sum()
    for name in STYLE:
        channels = found[name].shape[1]
        distance = ((gram(found[name]) - targets[name]) ** 2).sum()
        loss = loss + STYLE_WEIGHT / len(STYLE) / (4 * channels**2) * distance
    return loss


objective(photo)  # warm-up
row = {"version": torch.__version__, "threads": torch.get_num_threads()}
if mode == "lbfgs":
    picture = photo.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS(
        [picture], max_iter=count, max_eval=count, history_size=20, line_search_fn="strong_wolfe",
        tolerance_grad=0, tolerance_change=0)
    points, best, start, writing = [], None, time.perf_counter(), 0.0

    def closure():
        global best, writing
        optimizer.zero_grad()
        loss = objective(picture)
        loss.backward()
        began = time.perf_counter()
        if best is None or loss.item() < best[0]:
            best = (loss.item(), picture.detach().clamp(0, 1).clone())
        number = len(points) + 1
        points.append({"evaluations": number, "seconds": began - start - writing, "total": best[0]})
        if number in SNAPSHOTS:
            array = best[1][0].permute(1, 2, 0).numpy()
            path = f"{sys.argv[5]}/{number}.tiff"
            tifffile.imwrite(path, numpy.round(array * 65535).astype(numpy.uint16), photometric="rgb")
            points[-1]["picture"] = path
        writing += time.perf_counter() - began
        return loss

    optimizer.step(closure)
    row["curve"] = points
else:
    picture = read(sys.argv[5]).clone().requires_grad_(True)
    optimizer = torch.optim.Adam([picture], lr=float(sys.argv[6]))
    losses, seconds = [], []
    for _ in range(count):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = objective(picture)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            picture.clamp_(0, 1)
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    row.update(losses=losses, seconds=sorted(seconds)[len(seconds) // 2])
print(json.dumps(row))
