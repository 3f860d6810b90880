#!/bin/sh
# Writes full-size VGG files to .cache/vgg-files, with the libraries that usually write them. Tests
# also read these files if they exist.
set -eu
cd "$(dirname "$0")/.."
python=.venv/vgg-files/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv .venv/vgg-files
  "$python" -m pip install -q torch==2.13.0+cpu 2>/dev/null ||
    "$python" -m pip install -q torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu 2>/dev/null ||
    "$python" -m pip install -q torch==2.13.0
  "$python" -m pip install -q torchvision==0.28.0 --no-deps
  "$python" -m pip install -q pillow safetensors h5py keras scipy onnx protobuf numpy
fi
KERAS_HOME=$PWD/.cache/keras "$python" Tests/TestSupport/make_vgg_files.py .cache/vgg-files --full
