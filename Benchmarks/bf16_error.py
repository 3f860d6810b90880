"""Measures what convolutions with products of bfloat16 would do to style transfer.

usage: bf16_error.py PHOTO PAINTING [SIZE [EVALUATIONS]]        (needs PyTorch and Pillow)

Values are rounded to bfloat16 where a kernel would round them: Winograd's points, or the maps and weights of the direct
method. Products of two such values are exact in single precision, so that sums in single precision compute what the
processor's instruction computes, up to the order of the terms. In "split" values, a second bfloat16 holds what the first
one loses; each split doubles the products.

The first table has the errors of maps, Gram matrices and the picture's gradient in VGG-16 with the paper's objective,
halfway between photo and result, against single precision: the 2-norm of the difference divided by that of the value.
The second table has the losses of L-BFGS after EVALUATIONS evaluations, computed in single precision.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from pytorch_vgg import CONTENT, MEAN, STYLE, gram, layers
from winograd import matrices

WEIGHTS = "Sources/NetworkStore/Resources/models/vgg16-hed.safetensors"
POINTS = {2: (1,), 4: (0.75, 1.5), 6: (0.5, 1, 2)}
# From this number of weights between two channels on, Impasto has no tiles of 6.
DEEP = 128 * 128


def rounded(x, split):
    """Rounds to 8 significant bits, or to the 16 of two bfloat16."""
    if not split:
        return x.bfloat16().float()
    first = x.bfloat16().float()
    return first + (x - first).bfloat16().float()


class Method:
    """A way to compute a convolution: `tile` is 0 for the direct method."""

    def __init__(self, name, tile, maps="bf16", weights="bf16", deep_only=False):
        self.name, self.tile, self.maps, self.weights, self.deep_only = name, tile, maps, weights, deep_only

    def round(self, x, kind):
        return x if kind == "exact" else rounded(x, kind == "split")

    def convolve(self, x, w):
        if self.deep_only and w.shape[0] * w.shape[1] <= DEEP or w.shape[1] == 3 or w.shape[0] == 3:
            return F.conv2d(x, w, padding=1)
        if self.tile == 0:
            return F.conv2d(self.round(x, self.maps), self.round(w, self.weights), padding=1)
        m, n = self.tile, self.tile + 2
        data, weights, output = (torch.tensor(a, dtype=torch.float32) for a in matrices(POINTS[m]))
        height, width = x.shape[2:]
        rows, columns = -(-height // m), -(-width // m)
        padded = F.pad(x[0], (1, columns * m - width + 1, 1, rows * m - height + 1))
        patches = padded.unfold(1, n, m).unfold(2, n, m)
        points = self.round(data @ patches @ data.T, self.maps).permute(3, 4, 0, 1, 2).reshape(n * n, x.shape[1], -1)
        kernels = self.round(weights @ w @ weights.T, self.weights).permute(2, 3, 0, 1).reshape(n * n, *w.shape[:2])
        products = (kernels @ points).reshape(n, n, w.shape[0], rows, columns).permute(2, 3, 4, 0, 1)
        tiles = output @ products @ output.T
        return tiles.permute(0, 1, 3, 2, 4).reshape(1, w.shape[0], rows * m, columns * m)[..., :height, :width]


class Convolution(torch.autograd.Function):
    """A convolution with methods of its own for both passes."""

    @staticmethod
    def forward(context, x, w, forward, backward):
        context.w, context.backward_method = w, backward
        return forward.convolve(x, w)

    @staticmethod
    def backward(context, gradient):
        flipped = context.w.transpose(0, 1).flip(2, 3)
        return context.backward_method.convolve(gradient, flipped), None, None, None


EXACT = Method("single precision", 0, "exact", "exact")
METHODS = [
    Method("direct", 0), Method("F(2x2)", 2), Method("F(4x4)", 4), Method("F(6x6)", 6),
    Method("F(4x4), layers of more than 128 channels", 4, deep_only=True),
    Method("F(4x4), maps split", 4, maps="split"), Method("F(4x4), weights split", 4, weights="split"),
    Method("F(4x4), both split", 4, "split", "split"), Method("F(6x6), both split", 6, "split", "split"),
]


class Objective:
    """The paper's objective of a photo and a painting."""

    def __init__(self, photo, painting, weights):
        self.weights = weights
        with torch.no_grad():
            self.content = self.features(photo)[CONTENT]
            self.targets = {name: gram(f) for name, f in self.features(painting).items() if name in STYLE}

    def features(self, picture, forward=EXACT, backward=EXACT):
        y, out = picture * 255 - MEAN, {}
        for name in layers("vgg16"):
            if name == "P":
                y = F.avg_pool2d(y, 2)
            else:
                y = Convolution.apply(y, self.weights[f"conv{name}.weight"], forward, backward)
                y = out[name] = F.relu(y + self.weights[f"conv{name}.bias"].view(1, -1, 1, 1))
        return out

    def __call__(self, picture, forward=EXACT, backward=EXACT):
        found = self.features(picture, forward, backward)
        positions = found[CONTENT].shape[2] * found[CONTENT].shape[3]
        loss = 0.5 * ((found[CONTENT] - self.content) ** 2).sum() / positions
        for name in STYLE:
            share = 20 / (4 * found[name].shape[1] ** 2)
            loss = loss + share * ((gram(found[name]) - self.targets[name]) ** 2).sum()
        return loss, found


def picture(path, size):
    image = Image.open(path).convert("RGB")
    image.thumbnail((size, size), Image.LANCZOS)
    return torch.tensor(np.asarray(image) / 255, dtype=torch.float32).permute(2, 0, 1)[None].contiguous()


def optimized(objective, start, evaluations, forward=EXACT, backward=EXACT):
    """The picture after some evaluations of L-BFGS."""
    image = start.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=evaluations, max_eval=evaluations, line_search_fn="strong_wolfe",
                                  tolerance_grad=0, tolerance_change=0)

    def closure():
        optimizer.zero_grad()
        loss, _ = objective(image, forward, backward)
        loss.backward()
        return loss

    optimizer.step(closure)
    return image.detach()


def difference(a, b):
    return ((a - b).norm() / a.norm()).item()


def evaluated(objective, image, forward=EXACT, backward=EXACT):
    image = image.clone().requires_grad_(True)
    loss, found = objective(image, forward, backward)
    loss.backward()
    return {name: found[name].detach() for name in STYLE}, image.grad


def print_errors(objective, image):
    maps, gradient = evaluated(objective, image)
    heads = [f"conv{name}" for name in STYLE[1:]] + [f"Gram {name}" for name in STYLE[1:]]
    print("| method | " + " | ".join(heads) + " | gradient, forward pass | gradient, backward pass |")
    print("|" + " --- |" * (len(heads) + 3))
    for method in METHODS:
        found, forward = evaluated(objective, image, forward=method)
        _, backward = evaluated(objective, image, backward=method)
        errors = [difference(maps[name], found[name]) for name in STYLE[1:]]
        errors += [difference(gram(maps[name]), gram(found[name])) for name in STYLE[1:]]
        errors += [difference(gradient, forward), difference(gradient, backward)]
        print(f"| {method.name} | " + " | ".join(f"{error:.1e}" for error in errors) + " |", flush=True)


def print_losses(objective, start, evaluations):
    print(f"\n| method, both passes | loss after {evaluations} evaluations | beside single precision |\n| --- | --- | --- |")
    base = None
    for method in [EXACT, *METHODS[:5]]:
        with torch.no_grad():
            loss = objective(optimized(objective, start, evaluations, method, method))[0].item()
        base = base or loss
        print(f"| {method.name} | {loss:.1f} | {100 * (loss / base - 1):+.2f} % |", flush=True)


def main():
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 192
    evaluations = int(sys.argv[4]) if len(sys.argv) > 4 else 100
    weights = {name: tensor.float() for name, tensor in load_file(WEIGHTS).items()}
    photo, painting = picture(sys.argv[1], size), picture(sys.argv[2], size)
    objective = Objective(photo, painting, weights)
    print_errors(objective, optimized(objective, photo, 20))
    print_losses(objective, photo, evaluations)


if __name__ == "__main__":
    main()
