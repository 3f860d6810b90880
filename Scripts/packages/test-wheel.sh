#!/bin/sh
# usage: test-wheel.sh WHEEL
# Tests a wheel's Python interface in a new environment, and its command in a new root of Debian that has Python only.
set -eu
wheel=$(realpath "$1")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
. Scripts/packages/debian-root.sh
work=$(mktemp -d)
trap 'remove_debian_root "$work/root"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "$wheel" pytest mypy
tests=$(realpath Python/tests)
(
  # The checkout's own command must not be found.
  cd "$work"
  IMPASTO=$work/venv/bin/impasto venv/bin/python -m pytest -q "$tests"
  venv/bin/python -m mypy --strict -p impasto
)

make_debian_root "$work/root" python3-venv
mkdir "$work/wheels"
"$work/venv/bin/pip" download -q --dest "$work/wheels" --only-binary :all: \
  --python-version "$(in_root "$work/root" 'python3 -c "import sys; print(sys.version_info.major, sys.version_info.minor, sep=\".\")"')" \
  "$wheel"
as_root cp -R "$work/wheels" Examples/photos/chelsea.jpg "$work/root/tmp/"
in_root "$work/root" 'cd /tmp
  python3 -m venv venv && venv/bin/pip install -q --no-index --find-links wheels impasto-style
  venv/bin/impasto --version
  venv/bin/impasto stylize chelsea.jpg --style great-wave --size 200 -o out.png --quiet
  venv/bin/impasto transfer chelsea.jpg --style auvers --size 64 --iterations 3 -o out.webp --quiet
  venv/bin/impasto styles | grep -q great-wave
  venv/bin/python -c "import impasto, numpy; print(impasto.stylize(numpy.zeros((48, 64, 3), numpy.uint8), \"udnie\").picture.shape)"'
echo "The wheel works."
