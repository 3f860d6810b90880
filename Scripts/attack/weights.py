"""Weight files that lie about their sizes, are cut off, or are something else."""

import io
import json
import struct
import zipfile

from case import Case, transfer

HUGE = 1 << 62


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def npy(shape, dtype="<f4", data=b""):
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def npz(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name + ".npy", data)
    return file.getvalue()


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, data):
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def onnx(dims, raw=b""):
    tensor = b"".join(field(1, d) for d in dims) + field(2, 1) + field(8, b"conv1_1.weight") + field(9, raw)
    return field(1, 8) + field(7, field(1, field(4, b"Conv")) + field(5, tensor))


def caffe(dims):
    shape = b"".join(field(1, d) for d in dims)
    blob = field(5, struct.pack("<f", 1)) + field(7, shape)
    return field(1, b"VGG") + field(100, field(1, b"conv1_1") + field(2, b"Convolution") + field(7, blob))


SHAPES = [[0, HUGE, HUGE], [HUGE, HUGE], [-1, 3], [1 << 63, 2], [HUGE, 4, 0], [1 << 31] * 3]


def files():
    for shape in SHAPES:
        tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]}
        yield f"safetensors {shape}", "w.safetensors", safetensors({"conv1_1.weight": tensor})
        yield f"npy {shape}", "w.npy", npy(tuple(shape))
        yield f"npz {shape}", "w.npz", npz(w=npy(tuple(shape)))
        yield f"onnx {shape}", "w.onnx", onnx(shape)
        yield f"caffe {shape}", "w.caffemodel", caffe(shape)
    for offsets in [[0, HUGE], [HUGE, HUGE], [8, 0], [-8, 0], [0], [0, 4, 8]]:
        tensor = {"dtype": "F32", "shape": [1], "data_offsets": offsets}
        yield f"offsets {offsets}", "w.safetensors", safetensors({"a": tensor}, b"\0" * 4)
    yield "header longer than the file", "w.safetensors", struct.pack("<Q", HUGE) + b"{}"
    yield "negative header", "w.safetensors", struct.pack("<q", -1) + b"{}"
    yield "deep JSON", "w.safetensors", safetensors(b"[" * 100_000)
    yield "200000 tensors", "w.safetensors", safetensors(
        {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(200_000)})
    yield "name of control characters", "w.safetensors", safetensors(
        {"\x1b]0;owned\x07\u202e": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4)
    yield "zip without members", "w.npz", npz()
    yield "cut zip", "w.npz", npz(w=npy((4,), data=b"\0" * 16))[:-30]
    yield "deep varints", "w.onnx", b"\xff" * 1000
    yield "HDF5 signature alone", "w.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100
    yield "MATLAB header alone", "w.mat", b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    yield "pickle that runs a command", "w.pth", b"\x80\x02cos\nsystem\nX\x05\x00\x00\x00falseq\x00\x85q\x01Rq\x02."
    for name in ["w.safetensors", "w.pth", "w.npz", "w.onnx", "w.h5", "w.caffemodel", "w.t7"]:
        yield f"empty {name}", name, b""
        yield f"zeros {name}", name, b"\0" * 5000
        yield f"text {name}", name, b"hello world\n" * 100


def cases(sandbox):
    for number, (name, file, data) in enumerate(files()):
        path = sandbox.write(f"{number}-{file}", data)
        yield Case(name, transfer("--model", path))
