"""The transforms of Winograd's F(m x m, 3x3) (Lavin and Gray 2015)."""
import numpy as np


def matrices(magnitudes):
    """Returns the input, weight and output transforms for 0, plus and minus each value, and infinity."""
    points = [0.0] + [sign * a for a in magnitudes for sign in (1, -1)]
    n = len(points) + 1
    data = np.zeros((n, n))
    for i in range(n):
        others = [q for j, q in enumerate(points) if j != i]
        coefficients = np.poly(others)[::-1]
        data[i, : len(coefficients)] = coefficients
    norms = [np.prod([p - q for q in points if q != p]) for p in points]
    weights = [[p**k / norm for k in range(3)] for p, norm in zip(points, norms)] + [[0, 0, 1]]
    output = [[p**k for p in points] + [float(k == n - 3)] for k in range(n - 2)]
    return data, np.array(weights), np.array(output)
