#!/bin/sh
# Installs TensorBoard into .venv/tensorboard, for the test that reads event files back. Without an
# Internet connection that test is skipped.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/tensorboard/bin/python ] && exit 0
if python3 -m venv .venv/tensorboard.new && .venv/tensorboard.new/bin/pip install -q tensorboard==2.21.0; then
  mv .venv/tensorboard.new .venv/tensorboard
else
  rm -rf .venv/tensorboard.new
  echo "TensorBoard cannot be installed; its test will be skipped" >&2
fi
