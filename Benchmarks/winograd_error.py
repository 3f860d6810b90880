"""Prints the error of Winograd's F(m x m, 3x3) in float32 for several sets of points.

usage: winograd_error.py        (needs numpy)

The points are 0, plus and minus each given value, and infinity. The test case is a convolution of
256 random channels, compared with float64. The errors are the largest error divided by the largest
value, and the root mean square error divided by the standard deviation.
"""
import numpy as np

from winograd import matrices

CHANNELS = 256


random = np.random.default_rng(0)
kernels = random.standard_normal((32, CHANNELS, 3, 3)) / np.sqrt(9 * CHANNELS)

for magnitudes in [(1, 2), (0.5, 1), (0.75, 1.5), (2**-0.5, 2**0.5), (0.5, 1, 2), (0.75, 1, 1.5)]:
    n = 2 * len(magnitudes) + 2
    patches = np.maximum(random.standard_normal((400, CHANNELS, n, n)), 0)
    windows = np.lib.stride_tricks.sliding_window_view(patches, (3, 3), axis=(2, 3))
    exact = np.einsum("tcyxij,kcij->tkyx", windows, kernels, optimize=True)
    data, weights, output = matrices(magnitudes)
    single = [m.astype(np.float32) for m in (data, output)]
    u = (weights @ kernels @ weights.T).astype(np.float32)
    v = single[0] @ patches.astype(np.float32) @ single[0].T
    products = np.einsum("tcij,kcij->tkij", v, u, dtype=np.float32)
    error = np.abs(single[1] @ products @ single[1].T - exact)
    largest = error.max() / np.abs(exact).max()
    mean = np.sqrt((error**2).mean()) / exact.std()
    points = ", ".join(f"+-{a:.4g}" for a in magnitudes)
    print(f"F({n - 2}), {points}: largest {largest:.1e}, root mean square {mean:.1e}")
