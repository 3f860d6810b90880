"""Times the work of `impasto bench` in PyTorch.

usage: pytorch_objective.py vgg16|vgg19 WEIGHTS.safetensors SIZE ROUNDS contiguous|channels_last|compiled|bf16|bf16-compiled
Prints one line of JSON. The last two are autocast to bfloat16 of channels_last.
"""
import json
import os
import resource
import sys
import time

import torch
from safetensors.torch import load_file

from pytorch_vgg import CONTENT, STYLE, features, gram, layers

network, weights_path, size, rounds, mode = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
torch.set_num_threads(len(os.sched_getaffinity(0)))
memory_format = torch.contiguous_format if mode == "contiguous" else torch.channels_last
weights = {}
for name, tensor in load_file(weights_path).items():
    tensor = tensor.float()
    weights[name] = tensor.contiguous(memory_format=memory_format) if tensor.dim() == 4 else tensor
LAYERS = layers(network)


def random_picture():
    return torch.rand(1, 3, size, size).contiguous(memory_format=memory_format)


with torch.no_grad():
    content = features(random_picture(), weights, LAYERS)[CONTENT]
    painting = features(random_picture(), weights, LAYERS)
    targets = {name: gram(painting[name]) for name in STYLE}
picture = random_picture().requires_grad_(True)


def objective(picture):
    found = features(picture, weights, LAYERS)
    positions = found[CONTENT].shape[2] * found[CONTENT].shape[3]
    loss = 0.5 * ((found[CONTENT] - content) ** 2).sum() / positions
    for name in STYLE:
        channels = found[name].shape[1]
        loss = loss + 10 * 0.2 / (4 * channels**2) * ((gram(found[name]) - targets[name]) ** 2).sum()
    variation = ((picture[..., 1:] - picture[..., :-1]) ** 2).sum()
    variation = variation + ((picture[..., 1:, :] - picture[..., :-1, :]) ** 2).sum()
    return loss + variation / size**2


if mode.endswith("compiled"):
    objective = torch.compile(objective)


def evaluate():
    picture.grad = None
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode.startswith("bf16")):
        loss = objective(picture)
    loss.backward()


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
    if not mode.endswith("compiled"):
        raise
    row["error"] = str(error).strip().splitlines()[0][:100]
print(json.dumps(row))
