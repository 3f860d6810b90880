"""Writes Fixtures/expected_losses.json: losses of small pictures by the formulas of their sources.

Needs torch, numpy and safetensors. Run it from the root of the repository:
python Tests/ImpastoTests/make_expected_losses.py
Each normalization follows its publication or program, not Impasto.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

sys.path.insert(0, "Benchmarks")
from pytorch_vgg import features, layers  # noqa: E402

HEIGHT, WIDTH = 32, 48
STYLE = {"1_1": 1.0, "2_1": 3.0, "3_1": 1.0}
CONTENT = "3_2"
random = np.random.default_rng(5)


def picture():
    """Returns smooth colors as whole numbers 0...255, [height, width, 3]."""
    coarse = torch.tensor(random.random((1, 3, 6, 8)), dtype=torch.float64)
    fine = F.interpolate(coarse, (HEIGHT, WIDTH), mode="bicubic").clamp(0, 1)
    return (fine[0].permute(1, 2, 0) * 255).round().int().numpy()


def mask():
    """Returns a soft region, [height, width], 0...255."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    distance = np.hypot(y - random.uniform(8, 24), x - random.uniform(12, 36))
    return np.clip((16 - distance) * 20, 0, 255).round().astype(int)


weights = {k: v.float() for k, v in load_file("Sources/NetworkStore/Resources/models/vgg16-hed.safetensors").items()}


def maps(values):
    tensor = torch.tensor(values / 255, dtype=torch.float32).permute(2, 0, 1)[None]
    return {k: v.double() for k, v in features(tensor, weights, layers("vgg16")).items()}


def matrix(f):
    """Returns the paper's F: N channels by M positions."""
    return f[0].reshape(f.shape[1], -1)


photo, painting, image = picture(), picture(), picture()
P, A, X = maps(photo), maps(painting), maps(image)
pixels = torch.tensor(image / 255)
vertical, horizontal = pixels[1:] - pixels[:-1], pixels[:, 1:] - pixels[:, :-1]


def paper():
    """Gatys, Ecker and Bethge (2015), equations 1, 4 and 5, where w is the share of a layer."""
    content = 0.5 * ((X[CONTENT] - P[CONTENT]) ** 2).sum()
    style = 0
    for name, weight in STYLE.items():
        f, a = matrix(X[name]), matrix(A[name])
        n, m = f.shape
        e = ((f @ f.T - a @ a.T) ** 2).sum() / (4 * n**2 * m**2)
        style += weight / sum(STYLE.values()) * e
    return content, style, (vertical**2).sum() + (horizontal**2).sum()


def mean_squared():
    """PyTorch tutorial: mse_loss of features and of Gram matrices divided by a b c d."""
    content = F.mse_loss(X[CONTENT], P[CONTENT])
    style = 0
    for name, weight in STYLE.items():
        def gram(f):
            a, b, c, d = f.size()
            flat = f.view(a * b, c * d)
            return torch.mm(flat, flat.t()).div(a * b * c * d)
        style += weight * F.mse_loss(gram(X[name]), gram(A[name]))
    total = ((vertical**2).sum() + (horizontal**2).sum()) / (3 * HEIGHT * WIDTH)
    return content, style, total


def coursera():
    """The assignment's compute_content_cost and compute_layer_style_cost."""
    _, n, h, w = X[CONTENT].shape
    content = ((P[CONTENT] - X[CONTENT]) ** 2).sum() / (4 * n * h * w)
    style = 0
    for name, weight in STYLE.items():
        f, a = matrix(X[name]), matrix(A[name])
        _, n, h, w = X[name].shape
        cost = ((a @ a.T - f @ f.T) ** 2).sum() / (2 * n * h * w) ** 2
        style += weight / sum(STYLE.values()) * cost
    return content, style, paper()[2]


def neural_style():
    """neural-style.lua: MSECriterion, Gram matrices divided by nElement, and the TVLoss whose
    gradient is the sum of the differences of values 0...255."""
    content = ((X[CONTENT] - P[CONTENT]) ** 2).mean()
    style = 0
    for name, weight in STYLE.items():
        f, a = matrix(X[name]), matrix(A[name])
        g, t = f @ f.T / f.numel(), a @ a.T / a.numel()
        style += weight * ((g - t) ** 2).mean()
    total = 0.5 * (((255 * vertical) ** 2).sum() + ((255 * horizontal) ** 2).sum())
    return content, style, total


def relative():
    """Each sum of squares divided by that of the target."""
    content = ((X[CONTENT] - P[CONTENT]) ** 2).sum() / (P[CONTENT] ** 2).sum()
    style = 0
    for name, weight in STYLE.items():
        f, a = matrix(X[name]), matrix(A[name])
        g, t = f @ f.T / f.shape[1], a @ a.T / a.shape[1]
        style += weight / sum(STYLE.values()) * ((g - t) ** 2).sum() / (t**2).sum()
    return content, style, ((vertical**2).sum() + (horizontal**2).sum()) / (HEIGHT * WIDTH)


def root(a):
    values, vectors = torch.linalg.eigh(a)
    return vectors * values.clamp(min=0).sqrt() @ vectors.T


def wasserstein():
    """Olkin and Pukelsheim (1982), with noise of 0.002 times the norm of the painting's covariance,
    divided by the painting's mean square. Returns the loss of each layer, and the sums of the
    gradient of all in blocks of 4x4 pixels."""
    double = {k: v.double() for k, v in weights.items()}
    values = torch.tensor(image / 255, requires_grad=True)
    own = features(values.permute(2, 0, 1)[None], double, layers("vgg16"))
    result, total = {}, 0
    for name in STYLE:
        f, a = matrix(own[name]), matrix(A[name])
        c, t = torch.cov(f, correction=0), torch.cov(a, correction=0)
        noise = max(1e-4, 2e-3 * t.norm()) * torch.eye(len(c), dtype=torch.float64)
        c, t = c + noise, t + noise
        s = root(t)
        # The trace of a root is the sum of the eigenvalues' roots, whose gradient is well-behaved.
        trace = torch.linalg.eigvalsh(s @ c @ s).sqrt().sum()
        loss = ((f.mean(1) - a.mean(1)) ** 2).sum() + c.trace() + t.trace() - 2 * trace
        loss = loss / (a**2).sum(0).mean()
        result[f"relu{name}"] = float(loss)
        total = total + loss / len(STYLE)
    total.backward()
    blocks = values.grad.reshape(HEIGHT // 4, 4, WIDTH // 4, 4, 3).sum((1, 3))
    return {"layers": result, "gradient": blocks.flatten().tolist()}


def guided(masks):
    """Gatys et al. (2017), equations 5 and 6: the squares of each region's T sum to 1, and the
    loss of each region is weighted by its share of the picture."""
    result = {}
    for name in STYLE:
        f, a = matrix(X[name]), matrix(A[name])
        stride = HEIGHT // X[name].shape[2]
        loss = 0
        for own, other in masks:
            def weighted(features, values):
                t = torch.tensor(values / 255.0)
                t = t.reshape(HEIGHT // stride, stride, WIDTH // stride, stride).mean((1, 3)).flatten()
                normalized = features * (t / (t**2).sum().sqrt())
                return normalized @ normalized.T, (t**2).mean()
            g, share = weighted(f, own)
            target, _ = weighted(a, other)
            loss += share * ((g - target) ** 2).sum() / (4 * f.shape[0] ** 2)
        result[f"relu{name}"] = float(loss)
    return result


masks = [(mask(), mask()), (mask(), np.full((HEIGHT, WIDTH), 255))]
losses = {"paper": paper, "mean-squared": mean_squared, "coursera": coursera, "neural-style": neural_style,
          "relative": relative}
json.dump(
    {
        "height": HEIGHT, "width": WIDTH,
        "styleLayers": ",".join(f"conv{name}:{weight:g}" for name, weight in STYLE.items()),
        "contentLayer": f"conv{CONTENT}",
        "photo": photo.flatten().tolist(), "painting": painting.flatten().tolist(), "image": image.flatten().tolist(),
        "losses": {name: [float(value) for value in f()] for name, f in losses.items()},
        "masks": [[m.flatten().tolist() for m in pair] for pair in masks],
        "guided": guided(masks),
        "wasserstein": wasserstein(),
    },
    open("Tests/ImpastoTests/Fixtures/expected_losses.json", "w"), separators=(",", ":"),
)
