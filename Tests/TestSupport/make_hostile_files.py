"""Writes small hostile files, which attack their reader.

usage: make_hostile_files.py FOLDER    (needs h5py, numpy)
"""
import io
import struct
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np


def write_hdf5(folder: Path) -> None:
    # Gigabytes of zeros that take no space in the file.
    with h5py.File(folder / "hostile-huge.h5", "w") as file:
        shape, chunks = (3, 3, 30000, 30000), (3, 3, 64, 64)
        file.create_dataset("block1_conv1/kernel:0", shape, "f4", chunks=chunks)
    # No numbers, in a shape whose other lengths overflow.
    with h5py.File(folder / "hostile-shape.h5", "w") as file:
        space = h5py.h5s.create_simple((0, 1 << 62, 1 << 62, 64), (0, 1 << 62, 1 << 62, 64))
        h5py.h5d.create(file.id, b"block1_conv1", h5py.h5t.IEEE_F32LE, space)
    # A chain of groups, each in the one before.
    with h5py.File(folder / "hostile-deep.h5", "w", libver="latest") as file:
        group = file.id
        for _ in range(100):
            group = h5py.h5g.create(group, b"g")
    # A data set and a group in other files, and a group that contains itself.
    with h5py.File(folder / "hostile-external.h5", "w") as file:
        outside = [("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("block1_conv1/kernel:0", (3, 3, 3, 64), "f4", external=outside)
        file["block1_conv2"] = h5py.ExternalLink("/etc/passwd", "/x")
        file["self"] = file["/"]


def write_zip(folder: Path) -> None:
    np.savez_compressed(folder / "hostile-bomb.npz", conv1_1_W=np.zeros((3, 3, 1000, 1000), "f4"))
    # A storage whose key is a path outside the archive, and one that does not exist.
    storage = b"ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU%c%sU\x03cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89NtR"
    for name, key in [("absolute", b"/etc/passwd"), ("missing", b"7")]:
        pickle = b"\x80\x02}(U\x01a" + storage % (len(key), key) + b"u."
        with zipfile.ZipFile(folder / f"hostile-{name}.pth", "w") as archive:
            archive.writestr("x/data.pkl", pickle)
            archive.writestr("x/version", b"3\n")
    # Two members with the same name.
    header = io.BytesIO()
    np.save(header, np.zeros((3, 3, 3, 8), "f4"))
    with zipfile.ZipFile(folder / "hostile-twice.npz", "w") as archive:
        for _ in range(2):
            archive.writestr("conv1_1_W.npy", header.getvalue())


    shape = "{'descr': '<f4', 'fortran_order': %s, 'shape': (0, %d, %d), }\n"
    with zipfile.ZipFile(folder / "hostile-shape.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, order in [("rows", False), ("columns", True)]:
            text = (shape % (order, 1 << 62, 1 << 62)).encode()
            header = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
            archive.writestr(f"{name}.npy", header)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_hdf5(folder)
    write_zip(folder)


if __name__ == "__main__":
    main()
