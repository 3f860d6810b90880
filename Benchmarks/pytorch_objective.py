"""Times PyTorch on the work that ObjectiveBenchmark times.

usage: pytorch_objective.py WEIGHTS.safetensors SIZE ROUNDS
Prints one line of JSON for each memory format.
"""
import json
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

weights_path, size, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(2)
weights = {name: tensor.float() for name, tensor in load_file(weights_path).items()}
MEAN = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
CONVOLUTIONS = ["1_1", "1_2", "P", "2_1", "2_2", "P", "3_1", "3_2", "3_3", "P", "4_1", "4_2", "4_3", "P", "5_1"]
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


def measure(memory_format):
    for name in weights:
        if weights[name].dim() == 4:
            weights[name] = weights[name].contiguous(memory_format=memory_format)

    def random_picture():
        return torch.rand(1, 3, size, size).contiguous(memory_format=memory_format)

    with torch.no_grad():
        content = features(random_picture())[CONTENT]
        painting = features(random_picture())
        targets = {name: gram(painting[name]) for name in STYLE}
    picture = random_picture().requires_grad_(True)

    def evaluate():
        picture.grad = None
        found = features(picture)
        positions = found[CONTENT].shape[2] * found[CONTENT].shape[3]
        loss = 0.5 * ((found[CONTENT] - content) ** 2).sum() / positions
        for name in STYLE:
            channels = found[name].shape[1]
            loss = loss + 10 * 0.2 / (4 * channels**2) * ((gram(found[name]) - targets[name]) ** 2).sum()
        variation = ((picture[..., 1:] - picture[..., :-1]) ** 2).sum()
        variation = variation + ((picture[..., 1:, :] - picture[..., :-1, :]) ** 2).sum()
        (loss + variation / size**2).backward()

    evaluate()
    evaluate()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        evaluate()
        seconds.append(time.perf_counter() - start)
    return seconds


for label, memory_format in [("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)]:
    seconds = measure(memory_format)
    print(
        json.dumps(
            {
                "name": f"pytorch {label}",
                "size": size,
                "median": statistics.median(seconds),
                "best": min(seconds),
                "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                "version": torch.__version__,
            }
        ),
        flush=True,
    )
