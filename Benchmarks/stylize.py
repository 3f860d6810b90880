"""Times one-pass networks against onnxruntime, in alternating rounds of one run, with two threads.

usage: stylize.py IMPASTO FOLDER [--many MULTISTYLE.onnx] [--sizes 256 512 1024] [--rounds 7] [--large]

The networks are Johnson's with 32 base channels and random weights, which PyTorch exports, and with
--many an ONNX model of many styles with the inputs `image` and `style_weights`. Times are those of the
network alone, on its second picture of a size; and of the whole process for one photo, from its
start to the written PNG file. onnxruntime's process does not count Python's start. The peaks of memory
are those of one process for one photo. Results are compared with onnxruntime's on the way. At the end,
a picture of 3000x3000 is repainted in one piece and in tiles, and with --large one of 12000x8000.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import numpy
import onnxruntime
from machine import processor
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../Tests/TestSupport"))
THREADS = 2
# The weights of a network's styles.
ROWS = numpy.eye(26, dtype=numpy.float32)[7]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(path, options)


class Peer:
    """A network in onnxruntime."""

    def __init__(self, path, white, rows):
        self.path, self.white, self.rows = path, white, rows
        self.session = session(path)

    def inputs(self, picture):
        values = numpy.asarray(picture, numpy.float32).transpose(2, 0, 1)[None] / 255 * self.white
        names = [item.name for item in self.session.get_inputs()]
        return dict(zip(names, [values] + ([self.rows] if self.rows is not None else [])))

    def run(self, inputs):
        start = time.perf_counter()
        result = self.session.run(None, inputs)[0]
        return time.perf_counter() - start, result

    def whole(self, photo, output):
        """The seconds from reading the network to the written file."""
        start = time.perf_counter()
        result = run_once(self.path, self.white, self.rows, photo)
        Image.fromarray(pixels(result, self.white)).save(output)
        return time.perf_counter() - start


def run_once(path, white, rows, photo):
    """Reads a network and a photo, and returns the result."""
    peer = Peer(path, white, rows)
    return peer.run(peer.inputs(Image.open(photo).convert("RGB")))[1]


def pixels(result, white):
    values = numpy.clip(result[0].transpose(1, 2, 0) / white, 0, 1)
    return numpy.round(255 * values).astype(numpy.uint8)


def impasto(arguments, photos, output):
    """Impasto's seconds for the last photo, and those of the whole process."""
    command = [*arguments, *photos, "-o", output, "--threads", str(THREADS), "--json", "--quiet"]
    start = time.perf_counter()
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - start
    return json.loads(run.stdout)["results"][-1]["network_seconds"], seconds


# Waits for a command in a process that is small itself, because a child's peak includes that of the
# process that it is forked from.
WAIT = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6)
"""


def peak(command):
    """The peak memory of a command in megabytes."""
    run = subprocess.run([sys.executable, "-c", WAIT, *command], stdout=subprocess.PIPE, check=True)
    return float(run.stdout)


def print_large(program, folder, picture, style, size, memory):
    """Prints the time and the peak of a large picture."""
    photo, result = os.path.join(folder, "large.jpg"), os.path.join(folder, "large-result.jpg")
    picture.resize(size).save(photo)
    command = [program, "stylize", photo, "--style", style, "--size", "original",
               "--memory", memory, "-o", result, "--threads", str(THREADS), "--quiet"]
    start = time.perf_counter()
    megabytes = peak(command)
    print(f"{size[0]}x{size[1]} in {style}, --memory {memory}: "
          f"{time.perf_counter() - start:.1f} s, {megabytes:.0f} MB", flush=True)


def johnson(folder):
    """Writes Johnson's network as ONNX and as a state dict."""
    import torch
    from stylizer_models import Johnson

    torch.manual_seed(1)
    model = Johnson(32, blocks=5).eval()
    onnx_path, state = os.path.join(folder, "johnson.onnx"), os.path.join(folder, "johnson.pth")
    torch.save(model.state_dict(), state)
    torch.onnx.export(
        model, (torch.rand(1, 3, 64, 64),), onnx_path, opset_version=14, dynamo=False,
        dynamic_axes={"picture": {2: "h", 3: "w"}}, input_names=["picture"],
        output_names=["result"])
    return onnx_path, state


def main():
    if sys.argv[1:2] == ["--peer"]:
        path, white, photo, output = sys.argv[2:]
        result = run_once(path, int(white), ROWS if white == "1" else None, photo)
        Image.fromarray(pixels(result, int(white))).save(output)
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("impasto")
    parser.add_argument("folder")
    parser.add_argument("--many")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    results = os.path.join(arguments.folder, "results")
    os.makedirs(results, exist_ok=True)
    path, state = johnson(arguments.folder)
    networks = [("Johnson's, 32 channels", Peer(path, 255, None), state)]
    if arguments.many:
        networks.append(("26 styles", Peer(arguments.many, 1, ROWS), arguments.many + ":7"))
    print(f"{processor()}, {THREADS} threads, medians of {arguments.rounds} rounds")
    print(f"{'network':24}{'size':>6}{'onnxruntime':>13}{'Impasto':>9}{'ratio':>7}"
          f"{'process':>9}{'Impasto':>9}{'MB':>7}{'Impasto':>9}{'error':>8}")
    for name, peer, style in networks:
        for size in arguments.sizes:
            photos = [os.path.join(arguments.folder, f"photo{i}-{size}.png") for i in (1, 2)]
            picture = Image.open(os.path.join(
                os.path.dirname(__file__), "../Examples/photos/astronaut.jpg"))
            picture = picture.convert("RGB").resize((size, size))
            for photo in photos:
                picture.save(photo)
            inputs = peer.inputs(picture)
            _, expected = peer.run(inputs)
            command = [arguments.impasto, "stylize", "--style", style, "--size", "original"]
            rounds = []
            for _ in range(arguments.rounds):
                theirs, _ = peer.run(inputs)
                ours, _ = impasto(command, photos, results)
                whole = peer.whole(photos[0], os.path.join(results, "peer.png"))
                _, own = impasto(command, photos[:1], os.path.join(results, "one.png"))
                rounds.append((theirs, ours, theirs / ours, whole, own))
            found = numpy.asarray(Image.open(os.path.join(results, "one.png")), int)
            error = numpy.abs(found - pixels(expected, peer.white)).max()
            theirs, ours, ratio, whole, own = map(statistics.median, zip(*rounds))
            single = os.path.join(results, "one.png")
            their_peak = peak([sys.executable, __file__, "--peer", peer.path, str(peer.white), photos[0],
                               single])
            own_peak = peak([*command, photos[0], "-o", single, "--threads", str(THREADS), "--quiet"])
            print(f"{name:24}{size:6}{theirs:13.3f}{ours:9.3f}{ratio:7.2f}{whole:9.3f}{own:9.3f}"
                  f"{their_peak:7.0f}{own_peak:9.0f}{error:4d}/255", flush=True)
    for memory in ("20GB", "700MB"):
        print_large(arguments.impasto, arguments.folder, picture, "blue-strokes", (3000, 3000), memory)
    if arguments.large:
        size = (12000, 8000)
        print_large(arguments.impasto, arguments.folder, picture, "bold-lines", size, "1.4GB")


main()
