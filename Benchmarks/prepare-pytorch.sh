#!/usr/bin/env bash
# Creates .venv/bench, the Python environment with PyTorch for the benchmarks, unless it exists.
# The CPU build of PyTorch is a download of about 200 MB. If only the CUDA build is available, the
# download is several gigabytes.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.venv/bench
python=$environment/bin/python
"$python" -c 'import torch, safetensors, tifffile, PIL, matplotlib, onnx, onnxruntime' 2>/dev/null && exit
command -v python3 >/dev/null || { echo "python3 is missing." >&2; exit 1; }
echo "PyTorch is needed once: it goes into $environment, about 200 MB to download and 1 GB on disk"
echo "(5 GB where only the build with CUDA is to be had)."
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000) }')
if [ "$free" -lt 6000 ]; then
  echo "Only $free MB are free here; 6000 are wanted." >&2
  exit 1
fi
pip=("$python" -m pip install -q --retries 1) version=torch==2.13.0
python3 -m venv "$environment"
"${pip[@]}" numpy safetensors tifffile pillow matplotlib onnx onnxruntime
"${pip[@]}" "$version+cpu" 2>/dev/null ||
  "${pip[@]}" "$version" --index-url https://download.pytorch.org/whl/cpu 2>/dev/null ||
  "${pip[@]}" "$version"
