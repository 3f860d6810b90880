#!/bin/sh
# Tests the studio of a command with scripts and in a browser. The arguments after the command are pytest's.
set -eu
IMPASTO=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
. Scripts/as-root.sh
if ! command -v chromium >/dev/null; then
  echo "Installing with apt-get: chromium"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium
fi
venv=.venv/studio
if ! "$venv/bin/python" -c 'import pytest, playwright, schemathesis, axe_playwright_python, PIL' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q pytest playwright schemathesis axe-playwright-python pillow
fi
IMPASTO=$IMPASTO exec "$venv/bin/python" -m pytest -q Tests/Studio "$@"
