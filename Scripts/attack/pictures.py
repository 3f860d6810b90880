"""Pictures that lie about their sizes, are cut off, or are something else."""

import os
import struct
import zlib

from case import EXAMPLES, Case, transfer


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth=8, kind=2, data=None, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    rows = zlib.compress(b"\0" * 64 if data is None else data)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", rows)
            + chunk(b"IEND", b""))


def tiff(tags):
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"


def files():
    for width, height in [(9_999_999, 9_999_999), (1 << 31, 1), (0, 5), (100_000, 100_000),
                          (0xFFFFFFFF, 0xFFFFFFFF)]:
        yield f"PNG of {width}x{height}", "a.png", png(width, height)
    for depth, kind in [(3, 2), (16, 3), (8, 9), (0, 0)]:
        yield f"PNG of depth {depth}, kind {kind}", "a.png", png(4, 4, depth, kind)
    yield "PNG without pixels", "a.png", png(40, 40, data=b"")
    with open(os.path.join(EXAMPLES, "chelsea.jpg"), "rb") as file:
        photo = file.read()
    for size in [2, 20, 200, 2000]:
        yield f"JPEG cut at {size}", "a.jpg", photo[:size]
    yield "JPEG cut in half", "a.jpg", photo[:len(photo) // 2]
    for name, data in {
        "a.gif": b"GIF89a\xff\xff\xff\xff\x80\0\0" + b"\0" * 20,
        "a.webp": b"RIFF\xff\xff\xff\x7fWEBPVP8L\xff\xff\xff\x7f\x2f" + b"\xff" * 40,
        "a.tiff": tiff({256: 0x7FFFFFFF, 257: 0x7FFFFFFF, 258: 8, 262: 1, 273: 8, 277: 1,
                        278: 0x7FFFFFFF, 279: 4}),
        "b.tiff": b"II*\0\xff\xff\xff\xff",
        "c.tiff": tiff({256: 4, 257: 4}) [:-2],
        "a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff" * 40,
        "a.avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\xff" * 40,
        "a.bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 1 << 30, 1 << 30, 1, 24,
                                     0, 0, 0, 0, 0, 0),
        "b.bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 4, -(1 << 31), 1, 24, 0,
                                     0, 0, 0, 0, 0),
        "a.tga": struct.pack("<BBBHHBHHHHBB", 255, 1, 9, 65535, 65535, 32, 0, 0, 65535, 65535, 32, 0),
        "a.ppm": b"P6 99999999 99999999 255\n",
        "b.ppm": b"P6 -4 4 255\n" + b"\0" * 48,
        "a.pfm": b"PF\n1000000000 1000000000\n-1.0\n",
        "a.exr": b"\x76\x2f\x31\x01\x02\0\0\0" + b"\xff" * 60,
        "a.jxl": b"\xff\x0a" + b"\xff" * 60,
        "a.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 60,
        "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9999999" height="9999999"/>',
        "a.pdf": b"%PDF-1.4\n", "a.mvg": b"push graphic-context\nimage over 0,0 0,0 '/etc/passwd'",
        "a.txt": b"hello", "empty.png": b"", "zeros.png": b"\0" * 4096,
    }.items():
        yield f"broken {name}", name, data


def cases(sandbox):
    for number, (name, file, data) in enumerate(files()):
        path = sandbox.write(f"{number}-{file}", data)
        library_lines = file.endswith((".jxl", ".avif"))
        yield Case(f"photo: {name}", transfer(photo=path), library_lines=library_lines)
        yield Case(f"color: {name}", ["color", path, "--like", "small.png", "-o", "out.png"],
                   library_lines=library_lines)
