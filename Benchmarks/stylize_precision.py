"""Measures the errors of bfloat16 in one-pass networks: Impasto's and PyTorch's.

usage: stylize_precision.py IMPASTO STATE_DICT PHOTO [PHOTO ...]

STATE_DICT is a network of PyTorch's fast_neural_style. Errors are differences from the same program's result in
single precision, as shares of the range 0...255: the mean, and the 99.9th percentile.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent / "../Tests/TestSupport"))
from stylizer_models import Johnson

impasto, path, photos = sys.argv[1], sys.argv[2], sys.argv[3:]
weights = {name: value for name, value in torch.load(path, map_location="cpu").items() if "running" not in name}
model = Johnson(weights["conv1.conv2d.weight"].shape[0], blocks=5)
model.load_state_dict(weights, strict=False)
model = model.eval().to(memory_format=torch.channels_last)


def in_pytorch(photo, rounds):
    values = torch.from_numpy(numpy.asarray(Image.open(photo).convert("RGB"), numpy.float32)).permute(2, 0, 1)[None]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=rounds):
        return model(values.contiguous(memory_format=torch.channels_last)).float()[0].permute(1, 2, 0).clamp(0, 255).numpy() / 255


def in_impasto(photo, precision, work):
    output = f"{work}/{precision}.ppm"
    subprocess.run([impasto, "stylize", photo, "--style", path, "--size", "original", "--precision", precision,
                    "--bit-depth", "16", "-o", output, "--quiet"], check=True)
    width, height = Image.open(photo).size
    # Pillow reads 8 bits only.
    pixels = pathlib.Path(output).read_bytes()[-6 * width * height:]
    return numpy.frombuffer(pixels, ">u2").reshape(height, width, 3) / 65535


print("| photo | program | mean | 99.9th percentile |\n| --- | --- | --- | --- |")
for photo in photos:
    with tempfile.TemporaryDirectory() as work:
        results = {
            "PyTorch, bf16 autocast": (in_pytorch(photo, True), in_pytorch(photo, False)),
            "Impasto, fast": (in_impasto(photo, "fast", work), in_impasto(photo, "exact", work)),
        }
    for name, (rounded, exact) in results.items():
        error = abs(rounded - exact)
        print(f"| {pathlib.Path(photo).stem} | {name} | {error.mean():.1e} | {numpy.percentile(error, 99.9):.1e} |")
