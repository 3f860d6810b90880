"""Pictures as PPM files, which need no library: https://netpbm.sourceforge.net/doc/ppm.html."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def write(path: str, picture: npt.NDArray[Any]) -> None:
    """Writes an array of height x width x 3: uint8, uint16, or floats from 0 to 1, which become 16 bits.

    Raises:
        ValueError: for another array.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"a picture must have the shape height x width x 3, not {picture.shape}")
    if np.issubdtype(picture.dtype, np.floating):
        if not np.isfinite(picture).all():
            raise ValueError("a picture must have finite values")
        picture = np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
    if picture.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a picture must be uint8, uint16 or floats, not {picture.dtype}")
    height, width, _ = picture.shape
    most = np.iinfo(picture.dtype).max
    with open(path, "wb") as file:
        file.write(f"P6\n{width} {height}\n{most}\n".encode())
        file.write(np.ascontiguousarray(picture, picture.dtype.newbyteorder(">")).tobytes())


def read(path: str) -> npt.NDArray[np.uint8]:
    """Reads a file with 8 bits a channel that impasto wrote."""
    with open(path, "rb") as file:
        data = file.read()
    fields: list[bytes] = []
    position = 0
    while len(fields) < 4:
        end = data.index(b"\n", position)
        line = data[position:end]
        if not line.startswith(b"#"):
            fields += line.split()
        position = end + 1
    if fields[0] != b"P6" or fields[3] != b"255":
        raise ValueError(f"{path}: is not a PPM file with 8 bits a channel")
    width, height = int(fields[1]), int(fields[2])
    return np.frombuffer(data, np.uint8, width * height * 3, position).reshape(height, width, 3)
