"""Times a step of a training in PyTorch and in Impasto, in alternating rounds, with two threads.

usage: training.py IMPASTO FOLDER [--size 256] [--batch 4] [--channels 32] [--rounds 5]

Both train Johnson's network with Adam on the same photos' sizes. The losses are those of vgg16-hed: Gram
matrices of conv1_1 to conv5_1, the features of conv4_2, and total variation. PyTorch runs contiguous, in
channels_last, and in channels_last with bf16 autocast, in processes of their own. Impasto's samples are cut
from pictures in FOLDER; PyTorch's are in memory.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../Tests/TestSupport"))
VGG16 = os.path.join(
    os.path.dirname(__file__), "../Sources/NetworkStore/Resources/models/vgg16-hed.safetensors")
MODES = ["contiguous", "channels_last", "bf16"]
THREADS = 2
# Those of an epoch of so many steps are timed after the first, which packs and allocates.
STEPS = 4


def train_in_pytorch(mode, size, batch, channels):
    """Prints the seconds of the steps and the peak memory."""
    import torch
    from pytorch_vgg import CONTENT, STYLE, features, gram, layers
    from safetensors.torch import load_file
    from stylizer_models import Johnson

    torch.set_num_threads(THREADS)
    form = torch.contiguous_format if mode == "contiguous" else torch.channels_last
    weights = {name: tensor.float().contiguous(memory_format=form) if tensor.dim() == 4 else tensor.float()
               for name, tensor in load_file(VGG16).items()}
    names = layers("vgg16")
    model = Johnson(channels, blocks=5).to(memory_format=form)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    with torch.no_grad():
        painting = features(torch.rand(1, 3, 2 * size, 2 * size), weights, names)
        targets = {name: gram(painting[name]) for name in STYLE}

    def step(photos):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=mode == "bf16"):
            pictures = model(photos * 255) / 255
            found = features(pictures, weights, names)
            with torch.no_grad():
                wanted = features(photos, weights, names[:names.index(CONTENT) + 1])[CONTENT]
        loss = ((found[CONTENT].float() - wanted.float()) ** 2).mean()
        for name in STYLE:
            for picture in range(batch):
                matrix = gram(found[name][picture:picture + 1].float())
                loss = loss + 100 * ((matrix - targets[name]) ** 2).mean()
        pictures = pictures.float()
        loss = loss + ((pictures[..., 1:] - pictures[..., :-1]) ** 2).mean()
        loss = loss + ((pictures[..., 1:, :] - pictures[..., :-1, :]) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    seconds = []
    for _ in range(STEPS):
        photos = torch.rand(batch, 3, size, size).contiguous(memory_format=form)
        start = time.perf_counter()
        step(photos)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps([statistics.median(seconds[1:]), peak]))


def pytorch(mode, size, batch, channels):
    command = [sys.executable, __file__, "--peer", mode, str(size), str(batch), str(channels)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


# Waits for a command in a process that is small itself, because a child's peak includes that of the
# process that it is forked from.
WAIT = """
import json, resource, subprocess, sys
run = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE)
seconds = json.loads(run.stdout)["step_seconds"]
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6]))
"""


def impasto(program, folder, size, batch, channels):
    command = [
        program, "train", "--style", "great-wave", "--photos", folder, "--force", "--quiet", "--json",
        "--output", os.path.join(folder, "style.safetensors"), "--model", "vgg16-hed",
        "--style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "--content-layers", "conv4_2",
        "--size", str(size), "--batch", str(batch), "--base-channels", str(channels), "--steps",
        str(STEPS), "--style-size", str(2 * size), "--threads", str(THREADS)]
    run = subprocess.run([sys.executable, "-c", WAIT, *command], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def main():
    if sys.argv[1:2] == ["--peer"]:
        train_in_pytorch(sys.argv[2], *map(int, sys.argv[3:]))
        return
    from machine import processor
    from PIL import Image

    parser = argparse.ArgumentParser()
    parser.add_argument("impasto")
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    picture = Image.open(os.path.join(os.path.dirname(__file__), "../Examples/photos/astronaut.jpg"))
    for index in range(8):
        picture.rotate(90 * index).resize((640 + 16 * index, 480)).convert("RGB").save(
            os.path.join(arguments.folder, f"{index}.jpg"))
    shape = (arguments.size, arguments.batch, arguments.channels)
    rows = {name: [] for name in ["Impasto", *MODES]}
    for _ in range(arguments.rounds):
        rows["Impasto"].append(impasto(arguments.impasto, arguments.folder, *shape))
        for mode in MODES:
            rows[mode].append(pytorch(mode, *shape))
    print(f"{processor()}, {THREADS} threads, {arguments.size} pixels, batch {arguments.batch}, "
          f"{arguments.channels} channels, medians of {arguments.rounds} rounds")
    for name, values in rows.items():
        ratio = statistics.median(row[0] / own[0] for row, own in zip(values, rows["Impasto"]))
        seconds, peak = (statistics.median(column) for column in zip(*values))
        print(f"{name:15}{seconds:8.2f} s a step{ratio:7.2f} times Impasto{peak:8.0f} MB", flush=True)


main()
