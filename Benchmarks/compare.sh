#!/usr/bin/env bash
# usage: compare.sh PATH_OF_OBJECTIVEBENCHMARK [SIZE ...]
# Times one evaluation of objective and gradient with Impasto and with PyTorch,
# in turn, on two threads, and prints the medians and their ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
impasto=$1
shift
sizes=("${@:-512}")
rounds=${ROUNDS:-3}
evaluations=5
environment=.venv/bench
python=$environment/bin/python
weights=Sources/Impasto/Resources/models/vgg16-hed.safetensors
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# PyTorch's build for processors alone is 190 MB to download and takes 0.9 GB; pip
# gets the far larger one with CUDA where the index has no other.
prepare_pytorch() {
  "$python" -c 'import torch, safetensors' 2>/dev/null && return
  command -v python3 >/dev/null || { echo "python3 is missing." >&2; return 1; }
  local free
  free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000) }')
  echo "PyTorch is needed once: it goes into $environment, about 200 MB to download and 1 GB on disk"
  echo "(several times that if only the build with CUDA is to be had)."
  if [ "$free" -lt 3000 ]; then
    echo "Only $free MB are free here; 3000 are needed." >&2
    return 1
  fi
  python3 -m venv "$environment" &&
    { "$python" -m pip install -q --extra-index-url https://download.pytorch.org/whl/cpu 'torch==2.13.0+cpu' numpy safetensors ||
      "$python" -m pip install -q torch numpy safetensors; }
}

has_pytorch=yes
prepare_pytorch || { has_pytorch=no; echo "Going on without PyTorch: only Impasto is timed." >&2; }

for size in "${sizes[@]}"; do
  for ((round = 1; round <= rounds; round++)); do
    "$impasto" "$size" "$evaluations" | tee -a "$results"
    if [ $has_pytorch = yes ]; then
      "$python" Benchmarks/pytorch_objective.py "$weights" "$size" "$evaluations" | tee -a "$results"
    fi
  done
done

command -v python3 >/dev/null && python3 Benchmarks/summarize.py "$results"
