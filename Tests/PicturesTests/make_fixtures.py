"""Writes the small pictures for PicturesTests, with Pillow and littleCMS.

usage: make_fixtures.py FOLDER        (needs Pillow, pillow-heif, numpy)

Every picture shows the same scene of 6x4 pixels. Each pixel has a different color, so the tests
detect a wrong orientation, channel order or scale.
"""
import pathlib
import sys

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ExifTags

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
W, H = 6, 4
y, x = np.mgrid[0:H, 0:W]
scene = np.stack([x * 50, y * 80, np.full_like(x, 30)], -1).astype(np.uint8)
rgb = Image.fromarray(scene)

rgb.save(folder / "rgb.png")
rgb.save(folder / "rgb.webp", lossless=True)
rgb.save(folder / "rgb.tiff")
# Blocks of 8x8 in one color survive JPEG nearly unchanged.
large = rgb.resize((W * 16, H * 16), Image.NEAREST)
large.save(folder / "rgb.jpg", quality=100, subsampling=0)
pillow_heif.from_pillow(large).save(folder / "rgb.heic", quality=100, chroma=444)

frames = [rgb.quantize(24), Image.new("P", (W, H), 0)]
frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:], duration=100)

alpha = (x * 51).astype(np.uint8)
Image.fromarray(np.dstack([scene, alpha])).save(folder / "alpha.png")
Image.fromarray((x * 50).astype(np.uint8)).save(folder / "gray.png")
Image.fromarray((x * 10000 + y * 257).astype(np.uint16)).save(folder / "gray16.png")
large.convert("CMYK").save(folder / "cmyk.jpg", quality=100, subsampling=0)

# Orientation 6: the viewer must turn the stored picture clockwise by 90 degrees.
exif = Image.Exif()
exif[ExifTags.Base.Orientation] = 6
exif[ExifTags.Base.Make] = "Camera of the fixtures"
exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
large.transpose(Image.Transpose.ROTATE_90).save(
    folder / "turned.jpg", quality=100, subsampling=0, exif=exif)

# The same colors, stored in sRGB with red and green exchanged. A reader that ignores the profile
# gets other colors.
swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
data = bytearray(swapped.tobytes())


def tag(name):
    for i in range(int.from_bytes(data[128:132], "big")):
        at = 132 + 12 * i
        if data[at : at + 4] == name:
            return int.from_bytes(data[at + 4 : at + 8], "big")
    raise KeyError(name)


red, green = tag(b"rXYZ"), tag(b"gXYZ")
data[red : red + 20], data[green : green + 20] = data[green : green + 20], data[red : red + 20]
Image.fromarray(scene[..., [1, 0, 2]]).save(folder / "swapped-profile.png", icc_profile=bytes(data))

# Profiles that need care: with transparency, for another kind of image, and an invalid one.
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
opaque = np.dstack([scene, np.full((H, W), 255, np.uint8)])
Image.fromarray(opaque).save(folder / "alpha-profile.png", icc_profile=profile)
Image.fromarray((x * 50).astype(np.uint8)).save(folder / "gray-rgb-profile.png", icc_profile=profile)
rgb.save(folder / "garbage-profile.png", icc_profile=b"garbage" * 30)
large.save(folder / "garbage-profile.jpg", quality=100, subsampling=0, icc_profile=b"garbage" * 30)
Image.fromarray(scene[..., 0].astype(np.float32) / 255).save(folder / "float.tiff")

(folder / "not-a-picture.jpg").write_text("This is a text.\n")
(folder / "empty.png").write_bytes(b"")
for name in ("rgb.png", "rgb.jpg", "rgb.webp", "rgb.tiff", "rgb.heic", "animated.gif"):
    bytes_ = (folder / name).read_bytes()
    (folder / f"truncated-{name}").write_bytes(bytes_[: int(len(bytes_) * 0.6)])
