"""Writes the small pictures of further formats for PicturesTests, with other programs' encoders.

usage: make_format_fixtures.py FOLDER
(needs Pillow 12, pillow-heif, imagecodecs, tifffile, OpenEXR, numpy)

As in make_fixtures.py every picture shows the scene of 6x4 colors, as 6x4 pixels or as blocks.
"""
import pathlib
import struct
import sys
import zlib

import imagecodecs
import numpy as np
import OpenEXR
import pillow_heif
import tifffile
from PIL import Image, ImageCms

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
W, H = 6, 4
y, x = np.mgrid[0:H, 0:W]
scene = np.stack([x * 50, y * 80, np.full_like(x, 30)], -1).astype(np.uint8)
blocks = scene.repeat(16, 0).repeat(16, 1)
rgb, large = Image.fromarray(scene), Image.fromarray(blocks)
alpha = (x * 51).astype(np.uint8)


def linear(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encoded(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


# Display P3: Pillow's sRGB profile with the primaries of P3, adapted to D50.
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


def profile_with(primaries):
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for i in range(int.from_bytes(data[128:132], "big")):
        name, at = data[132 + 12 * i : 136 + 12 * i], int.from_bytes(data[136 + 12 * i : 140 + 12 * i], "big")
        column = {b"rXYZ": 0, b"gXYZ": 1, b"bXYZ": 2}.get(bytes(name))
        if column is not None:
            data[at + 8 : at + 20] = struct.pack(">3i", *np.round(primaries[:, column] * 65536).astype(int))
    return bytes(data)


def in_p3(values):
    light = linear(values / 255) @ SRGB.T @ np.linalg.inv(P3).T
    return np.round(encoded(light) * 255).astype(np.uint8)


p3 = profile_with(P3)
image = Image.fromarray(in_p3(blocks))
xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">fixture</x:xmpmeta>'
pillow_heif.from_pillow(image).save(folder / "p3.heic", quality=95, chroma=444, icc_profile=p3, xmp=xmp)
image.save(folder / "p3.avif", quality=95, subsampling="4:4:4", icc_profile=p3)
image.save(folder / "p3.jpg", quality=100, subsampling=0, icc_profile=p3)
small = Image.fromarray(in_p3(scene))
for name in ("p3.png", "p3.tiff"):
    small.save(folder / name, icc_profile=p3)
small.save(folder / "p3.webp", lossless=True, icc_profile=p3)

# A scanner's profile with a table for the perceptual intent only; it exchanges red and green.
GRID = 17
levels = np.linspace(0, 1, GRID)
green, red, blue = np.meshgrid(levels, levels, levels, indexing="ij")
xyz = linear(np.stack([red, green, blue], -1).reshape(-1, 3)) @ SRGB.T / [0.9642, 1, 0.8249]
root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
lab = np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], -1)
table = np.clip(np.round(lab * [652.8, 256, 256] + [0, 32768, 32768]), 0, 65535).astype(">u2")
ramp = np.array([0, 65535], ">u2").tobytes()
lut = b"mft2" + bytes(4) + bytes([3, 3, GRID, 0]) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
lut += struct.pack(">2H", 2, 2) + ramp * 3 + table.tobytes() + ramp * 3
text = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Scan\0" + bytes(78)
right = b"text" + bytes(4) + b"None\0\0\0\0"
white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
tags, body, at = b"", b"", 132 + 12 * 4
for name, data in ((b"desc", text), (b"cprt", right), (b"wtpt", white), (b"A2B0", lut)):
    data += bytes(-len(data) % 4)
    tags += name + struct.pack(">2I", at + len(body), len(data))
    body += data
head = struct.pack(">I4sI4s4s4s6H4s", 0, bytes(4), 0x02400000, b"scnr", b"RGB ", b"Lab ", 2026, 1, 1, 0, 0, 0, b"acsp")
head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
profile = head + struct.pack(">I", 4) + tags + body
profile = struct.pack(">I", len(profile)) + profile[4:]
Image.fromarray(scene[..., [1, 0, 2]]).save(folder / "perceptual-profile.png", icc_profile=profile)

# TIFF: kinds that libvips reads wrong without an error, and kinds that it cannot read.
def tiff(name, values, photometric="rgb", **options):
    tifffile.imwrite(folder / name, values, photometric=photometric, metadata=None, **options)


extra = np.dstack([scene, alpha])
tiff("unspecified-sample.tiff", extra, extrasamples=[0], planarconfig="contig")
tiff("second-sample-alpha.tiff", np.dstack([scene, 255 - alpha, alpha]), extrasamples=[0, 2], planarconfig="contig")
tiff("alpha.tiff", extra, extrasamples=[2], planarconfig="contig")
tiff("premultiplied.tiff", np.round(np.dstack([scene * (alpha / 255)[..., None], alpha])).astype(np.uint8),
     extrasamples=[1], planarconfig="contig")
tiff("planar.tiff", np.moveaxis(scene, -1, 0), planarconfig="separate")
tiff("planar16.tiff", np.moveaxis(scene.astype(np.uint16) * 257, -1, 0), planarconfig="separate")
tiff("lab.tiff", scene, photometric="cielab")
tiff("twelve-bits.tiff", scene.astype(np.uint16) * 16, bitspersample=12)
tiff("half-floats.tiff", (scene / 255).astype(np.float16))
tiff("signed.tiff", scene.astype(np.int16))
tiff("float-rgb.tiff", (scene / 255).astype(np.float32))
tiff("float-p3.tiff", in_p3(scene).astype(np.float32) / 255, iccprofile=p3)
large.convert("YCbCr").save(folder / "lzw-ycbcr.tiff", compression="tiff_lzw")
large.save(folder / "jpeg-ycbcr.tiff", compression="jpeg", quality=95)
rgb.save(folder / "pages.tiff", save_all=True, append_images=[rgb, rgb])

# A DNG as cameras write it: a thumbnail first, and the sensor's values in a sub-directory.
with tifffile.TiffWriter(folder / "raw.dng") as writer:
    version = (50706, 1, 4, bytes([1, 4, 0, 0]), True)
    writer.write(scene, photometric="rgb", subfiletype=1, subifds=1, extratags=[version], metadata=None)
    writer.write(np.zeros((8, 12), np.uint16), photometric=32803, metadata=None)
# A NEF is the same without that tag.
with tifffile.TiffWriter(folder / "raw.nef") as writer:
    writer.write(scene, photometric="rgb", subfiletype=1, subifds=1, metadata=None)
    writer.write(np.zeros((8, 12), np.uint16), photometric=32803, metadata=None)

# Two resolutions, in the two units of JPEG; and turned, where they are exchanged.
large.save(folder / "dpi.jpg", quality=100, subsampling=0, dpi=(300, 150))
exif = Image.Exif()
exif[274] = 6
large.transpose(Image.Transpose.ROTATE_90).save(folder / "dpi-turned.jpg", quality=100, dpi=(150, 300), exif=exif)
rgb.save(folder / "dpi.png", dpi=(300, 150))
rgb.save(folder / "dpi.tiff", dpi=(300, 150))

# A header that claims a hundred million million pixels.
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


header = struct.pack(">2I5B", 9999999, 9999999, 8, 2, 0, 0, 0)
(folder / "huge.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))

# Rows of noise, whose bytes lie where their rows are: for tests of damage.
noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (20, 8, 3), np.uint8)).resize((64, 160), 2)
noise.save(folder / "rows.jpg", quality=90)
noise.save(folder / "rows-progressive.jpg", quality=90, progressive=True)
noise.save(folder / "rows.png")

# Simple formats.
for depth, source in ((1, rgb.convert("1")), (8, rgb.quantize(24)), (24, rgb), (32, Image.fromarray(extra))):
    source.save(folder / f"{depth}-bits.bmp")
rgb.convert("1").convert("RGB").save(folder / "1-bits.bmp.png")


def bmp(name, bits, compression, data, palette=b"", masks=b"", height=H, header=40):
    info = struct.pack("<IiiHHIIiiII", header, W, height, 1, bits, compression, len(data), 2835, 2835,
                       len(palette) // 4, 0)
    rest = info + masks + bytes(max(0, header - 40 - len(masks))) + palette
    start = struct.pack("<2sIHHI", b"BM", 14 + len(rest) + len(data), 0, 0, 14 + len(rest))
    (folder / name).write_bytes(start + rest + data)


def packed(shifts, size):
    """The rows from the bottom, each channel shifted; rows are padded to four bytes."""
    values = np.zeros((H, W), np.uint32)
    for channel, (bits, shift) in zip(range(len(shifts)), shifts):
        values |= (np.round(extra[..., channel].astype(float) / 255 * (2**bits - 1)).astype(np.uint32)) << shift
    rows = [row.astype(f"<u{size}").tobytes() for row in values[::-1]]
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


bmp("555.bmp", 16, 0, packed(((5, 10), (5, 5), (5, 0)), 2))
bmp("565.bmp", 16, 3, packed(((5, 11), (6, 5), (5, 0)), 2), masks=struct.pack("<3I", 0xF800, 0x7E0, 0x1F))
bmp("fields-alpha.bmp", 32, 3, packed(((8, 0), (8, 8), (8, 16), (8, 24)), 4),
    masks=struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000), header=124)
bmp("no-alpha.bmp", 32, 0, packed(((8, 16), (8, 8), (8, 0)), 4))
top = b"".join(row[:, ::-1].tobytes() + bytes(-3 * W % 4) for row in scene)
bmp("top-down.bmp", 24, 0, top, height=-H)
colors = b"".join(bytes([30, 80 * j, 50 * i, 0]) for j in range(H) for i in range(W))
# Literal values, runs of one, and the marks of a row's and the picture's end.
runs = b""
for j in range(H - 1, -1, -1):
    indices = [6 * j + i for i in range(W)]
    runs += bytes([0, 3, *indices[:3], 0]) + b"".join(bytes([1, i]) for i in indices[3:]) + b"\0\0"
bmp("runs8.bmp", 8, 1, runs + b"\0\1", palette=colors)
nibbles = b""
for j in range(H - 1, -1, -1):
    nibbles += bytes([0, 3, 0x01, 0x20, 3, 0x34, 0, 0])
bmp("runs4.bmp", 4, 2, nibbles + b"\0\1", palette=colors[:24])

rgb.save(folder / "24-bits.tga")
rgb.save(folder / "runs.tga", compression="tga_rle")
Image.fromarray(extra).save(folder / "32-bits.tga")
rgb.quantize(24).save(folder / "palette.tga")
rgb.convert("L").save(folder / "gray.tga")
rgb.convert("L").save(folder / "gray.tga.png")
rgb.save(folder / "bottom-up.tga", orientation=-1)
rgb.save(folder / "rgb.ppm")
rgb.convert("L").save(folder / "gray.pgm")
rgb.convert("1").save(folder / "bits.pbm")
(folder / "deep.ppm").write_bytes(b"P6 # deep\n6 4\n65535\n" + (scene.astype(">u2") * 257).tobytes())
(folder / "thousand.ppm").write_bytes(b"P6\n6 4\n1000\n" + np.round(scene / 255 * 1000).astype(">u2").tobytes())
(folder / "text.ppm").write_text("P3\n# a comment\n6 4 # and another\n255\n" + " ".join(map(str, scene.ravel())) + "\n")
(folder / "rgba.pam").write_bytes(
    b"P7\nWIDTH 6\nHEIGHT 4\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n" + extra.tobytes())
light = linear(scene / 255)
(folder / "little.pfm").write_bytes(b"PF\n6 4\n-1.0\n" + light[::-1].astype("<f4").tobytes())
(folder / "big.pfm").write_bytes(b"PF\n6 4\n1.0\n" + light[::-1].astype(">f4").tobytes())
strange = np.array([[[np.nan, np.inf, -np.inf], [5, -1, 0.5]]], "<f4")
(folder / "strange.pfm").write_bytes(b"PF\n2 1\n-1.0\n" + strange.tobytes())


def exr(name, channels, **header):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage} | header
    OpenEXR.File(header, channels).write(str(folder / name))


opacity = (alpha / 255).astype(np.float32)
exr("rgb.exr", {"RGB": light.astype(np.float32)})
exr("rgba.exr", {"RGBA": np.dstack([light * opacity[..., None], opacity]).astype(np.float32)})
exr("layer.exr", {"diffuse.R": opacity, "diffuse.G": opacity, "diffuse.B": opacity})

(folder / "rgb.jxl").write_bytes(imagecodecs.jpegxl_encode(scene, lossless=True))
# This encoder declares 16 bits to be linear light.
deep = np.round(linear(scene / 255) * 65535).astype(np.uint16)
(folder / "deep.jxl").write_bytes(imagecodecs.jpegxl_encode(deep, lossless=True))
(folder / "alpha.jxl").write_bytes(imagecodecs.jpegxl_encode(extra, lossless=True))
(folder / "float.jxl").write_bytes(imagecodecs.jpegxl_encode((scene / 255).astype(np.float32), lossless=True))
(folder / "rgb.jp2").write_bytes(imagecodecs.jpeg2k_encode(scene, reversible=True))
(folder / "deep.jp2").write_bytes(imagecodecs.jpeg2k_encode(scene.astype(np.uint16) * 257, reversible=True))
large.save(folder / "rgb.avif", quality=95, subsampling="4:4:4")
