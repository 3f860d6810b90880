#!/bin/sh
# Tests the Python interface with a command. The arguments after the command are pytest's.
set -eu
IMPASTO=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
venv=.venv/python
if ! "$venv/bin/python" -c 'import pytest, numpy, mypy' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q pytest numpy mypy
fi
"$venv/bin/python" -m mypy --strict Python/src/impasto
IMPASTO=$IMPASTO PYTHONPATH=Python/src exec "$venv/bin/python" -m pytest -q Python/tests "$@"
