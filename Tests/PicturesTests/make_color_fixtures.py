"""Writes Fixtures/color_matching.json: two small pictures, and the first in the second's colors.

A drawing, most of which is white, shows the ranks of tied values.

Needs numpy: python Tests/PicturesTests/make_color_fixtures.py
"""
import json

import numpy as np

random = np.random.default_rng(7)


def picture(mean, spread, shape):
    """Returns correlated colors as whole numbers 0...255."""
    mixing = random.normal(size=(3, 3)) * spread
    values = np.array(mean) + random.normal(size=shape + (3,)) @ mixing.T
    return np.clip(np.round(values * 255), 0, 255).astype(int)


def histogram(source, target):
    """Matches the ranks of each channel, with linear interpolation."""
    result = np.empty(source.shape)
    for c in range(3):
        values, wanted = source[..., c].ravel(), np.sort(target[..., c].ravel())
        result[..., c] = np.interp(mean_ranks(values), mean_ranks(wanted), wanted).reshape(source.shape[:2])
    return result


def mean_ranks(values):
    """Returns the ranks 0...1 as scipy.stats.rankdata(values, "average") orders them, by counting."""
    below = (values[None, :] < values[:, None]).sum(1)
    tied = (values[None, :] == values[:, None]).sum(1)
    return (below + tied / 2) / values.size


def moments(pixels):
    flat = pixels.reshape(-1, 3)
    # As in ColorStatistics, a lower limit for the variance of a color.
    return flat.mean(0), np.cov(flat.T, bias=True) + 1e-4 * np.eye(3)


def root(matrix):
    """Returns the symmetric square root, along the principal axes."""
    values, axes = np.linalg.eigh(matrix)
    return axes @ np.diag(np.sqrt(values)) @ axes.T


def linear(source, target, factor):
    (mean, covariance), (wanted_mean, wanted) = moments(source), moments(target)
    matrix = factor(wanted) @ np.linalg.inv(factor(covariance))
    return (source - mean) @ matrix.T + wanted_mean


def luminance(source, target):
    """Combines Y of the source with I and Q of the target, by the matrix of NTSC's YIQ."""
    yiq = np.array([[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])
    combined = target @ yiq.T
    combined[..., 0] = (source @ yiq.T)[..., 0]
    return combined @ np.linalg.inv(yiq).T


SHAPE = (9, 11)
source, target = picture([0.5, 0.4, 0.6], 0.06, SHAPE), picture([0.4, 0.6, 0.5], 0.08, (7, 13))
same_size = picture([0.45, 0.5, 0.55], 0.05, SHAPE)
# Black lines and two gray ones on white.
drawing = np.full(SHAPE + (3,), 255)
drawing[2, 1:9], drawing[4:8, 5], drawing[7, 6:] = 0, 0, 130
a, b, c, d = source / 255, target / 255, same_size / 255, drawing / 255
results = {
    "histogram": histogram(a, b),
    "cholesky": linear(a, b, np.linalg.cholesky),
    "pca": linear(a, b, root),
    "luminance": luminance(a, c),
    "drawing": histogram(d, b),
    "likeDrawing": histogram(a, d),
}
json.dump(
    {
        "source": {"height": SHAPE[0], "width": SHAPE[1], "values": source.ravel().tolist()},
        "target": {"height": 7, "width": 13, "values": target.ravel().tolist()},
        "drawing": {"height": SHAPE[0], "width": SHAPE[1], "values": drawing.ravel().tolist()},
        "sameSize": {"height": SHAPE[0], "width": SHAPE[1], "values": same_size.ravel().tolist()},
        "results": {name: np.clip(r, 0, 1).round(7).ravel().tolist() for name, r in results.items()},
    },
    open("Tests/PicturesTests/Fixtures/color_matching.json", "w"), separators=(",", ":"),
)
