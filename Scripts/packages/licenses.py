"""Adds the licenses of all bundled libraries to a wheel, and checks what is bundled.

usage: licenses.py WHEEL FOLDER
"""

import base64
import hashlib
import os
import re
import subprocess
import sys
import zipfile

# Under the GPL, or of no use here.
FORBIDDEN = re.compile(r"x265|x264|de265|poppler|fftw|magick|ffmpeg|avcodec|X11|gnutls|krb5|ldap|ssh", re.IGNORECASE)
# Built by libraries.sh from Debian's sources.
BUILT_HERE = {
    "libcairo": "libcairo2",
    "libcurl": "libcurl4",
    "libhdf5": "libhdf5-103-1",
    "libopencv": "libopencv-core406",
    "libvips": "libvips42",
    "libxml2": "libxml2",
}
MOST_BYTES = 95_000_000


def package_of(library):
    """Debian's package of a bundled library, whose name has a digest before its extension."""
    stem, rest = re.fullmatch(r"(.+)-[0-9a-f]{8}(\..+)", library).groups()
    built = [package for start, package in BUILT_HERE.items() if stem.startswith(start)]
    if built:
        return built[0]
    found = subprocess.run(["dpkg", "-S", f"*/{stem}{rest}"], capture_output=True, text=True)
    if found.returncode == 0:
        return found.stdout.split(":")[0]
    raise SystemExit(f"{library}: no package is known for it")


def main():
    wheel, folder = sys.argv[1:]
    target = os.path.join(folder, os.path.basename(wheel))
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        names = source.namelist()
        libraries = sorted(os.path.basename(name) for name in names if ".libs/" in name and not name.endswith("/"))
        bad = [library for library in libraries if FORBIDDEN.search(library)]
        if bad:
            raise SystemExit(f"bundled libraries that must not be there: {bad}")
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        lines = source.read(record).decode().splitlines()
        for item in source.infolist():
            if item.filename != record:
                result.writestr(item, source.read(item))
        licenses = os.path.dirname(record) + "/licenses"
        for package in sorted({package_of(library) for library in libraries}):
            with open(f"/usr/share/doc/{package}/copyright", "rb") as file:
                text = file.read()
            name = f"{licenses}/{package}.txt"
            result.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
            lines.insert(-1, f"{name},sha256={digest},{len(text)}")
        result.writestr(record, "\n".join(lines) + "\n")
    size = os.path.getsize(target)
    print(f"{target}: {size / (1 << 20):.1f} MiB, {len(libraries)} libraries")
    if size > MOST_BYTES:
        raise SystemExit(f"{target}: is larger than {MOST_BYTES} bytes")


main()
