"""Times PyTorch on the work that `impasto bench` times.

usage: pytorch_objective.py vgg16|vgg19 WEIGHTS.safetensors SIZE ROUNDS contiguous|channels_last|compiled
Prints one line of JSON.
"""
import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

network, weights_path, size, rounds, mode = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
torch.set_num_threads(len(os.sched_getaffinity(0)))
memory_format = torch.contiguous_format if mode == "contiguous" else torch.channels_last
weights = {}
for name, tensor in load_file(weights_path).items():
    tensor = tensor.float()
    weights[name] = tensor.contiguous(memory_format=memory_format) if tensor.dim() == 4 else tensor
MEAN = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
DEEP = ["3_3"] if network == "vgg16" else ["3_3", "3_4"]
DEEPER = ["4_3"] if network == "vgg16" else ["4_3", "4_4"]
CONVOLUTIONS = ["1_1", "1_2", "P", "2_1", "2_2", "P", "3_1", "3_2", *DEEP, "P", "4_1", "4_2", *DEEPER, "P", "5_1"]
STYLE, CONTENT = ["1_1", "2_1", "3_1", "4_1", "5_1"], "4_2"


def features(picture):
    y, out = picture * 255 - MEAN, {}
    for name in CONVOLUTIONS:
        if name == "P":
            y = F.avg_pool2d(y, 2)
        else:
            y = F.relu(F.conv2d(y, weights[f"conv{name}.weight"], weights[f"conv{name}.bias"], padding=1))
            out[name] = y
    return out


def gram(f):
    matrix = f.permute(0, 2, 3, 1).reshape(-1, f.shape[1])
    return matrix.t() @ matrix / matrix.shape[0]


def random_picture():
    return torch.rand(1, 3, size, size).contiguous(memory_format=memory_format)


with torch.no_grad():
    content = features(random_picture())[CONTENT]
    painting = features(random_picture())
    targets = {name: gram(painting[name]) for name in STYLE}
picture = random_picture().requires_grad_(True)


def objective(picture):
    found = features(picture)
    positions = found[CONTENT].shape[2] * found[CONTENT].shape[3]
    loss = 0.5 * ((found[CONTENT] - content) ** 2).sum() / positions
    for name in STYLE:
        channels = found[name].shape[1]
        loss = loss + 10 * 0.2 / (4 * channels**2) * ((gram(found[name]) - targets[name]) ** 2).sum()
    variation = ((picture[..., 1:] - picture[..., :-1]) ** 2).sum()
    variation = variation + ((picture[..., 1:, :] - picture[..., :-1, :]) ** 2).sum()
    return loss + variation / size**2


if mode == "compiled":
    objective = torch.compile(objective)


def evaluate():
    picture.grad = None
    objective(picture).backward()


row = {"name": f"PyTorch {mode}", "version": torch.__version__, "threads": torch.get_num_threads()}
try:
    evaluate()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        evaluate()
        seconds.append(time.perf_counter() - start)
    row["seconds"] = seconds
    row["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
except Exception as error:
    if mode != "compiled":
        raise
    row["error"] = str(error).strip().splitlines()[0][:100]
print(json.dumps(row))
