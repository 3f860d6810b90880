"""Prints how exact Winograd's F(4x4, 3x3) is in float32 for several pairs of points.

usage: winograd_error.py        (needs numpy)

For the points 0, +-a, +-b and infinity: the largest error as a part of the largest
value, and the root mean square error as a part of the standard deviation, of a
convolution of 256 random channels, against float64.
"""
import numpy as np


def matrices(a, b):
    """Input, weight and output transform."""
    points = [0, a, -a, b, -b]
    square = a * a * b * b
    data = [
        [square, 0, -(a * a + b * b), 0, 1, 0],
        [0, -a * b * b, -b * b, a, 1, 0],
        [0, a * b * b, -b * b, -a, 1, 0],
        [0, -a * a * b, -a * a, b, 1, 0],
        [0, a * a * b, -a * a, -b, 1, 0],
        [0, square, 0, -(a * a + b * b), 0, 1],
    ]
    norms = [np.prod([p - q for q in points if q != p]) for p in points]
    weights = [[p**k / norm for k in range(3)] for p, norm in zip(points, norms)] + [[0, 0, 1]]
    output = [[float(p) ** k for p in points] + [float(k == 3)] for k in range(4)]
    return np.array(data), np.array(weights), np.array(output)


random = np.random.default_rng(0)
channels = 256
patches = np.maximum(random.standard_normal((400, channels, 6, 6)), 0)
kernels = random.standard_normal((32, channels, 3, 3)) / np.sqrt(9 * channels)
windows = np.lib.stride_tricks.sliding_window_view(patches, (3, 3), axis=(2, 3))
exact = np.einsum("tcyxij,kcij->tkyx", windows, kernels, optimize=True)

for a, b in [(1, 2), (0.5, 1), (0.75, 1.5), (2**-0.5, 2**0.5)]:
    data, weights, output = matrices(a, b)
    single = [m.astype(np.float32) for m in (data, output)]
    u = (weights @ kernels @ weights.T).astype(np.float32)
    v = single[0] @ patches.astype(np.float32) @ single[0].T
    products = np.einsum("tcij,kcij->tkij", v, u, dtype=np.float32)
    error = np.abs(single[1] @ products @ single[1].T - exact)
    largest = error.max() / np.abs(exact).max()
    mean = np.sqrt((error**2).mean()) / exact.std()
    print(f"+-{a:.4g}, +-{b:.4g}: largest {largest:.1e}, root mean square {mean:.1e}")
