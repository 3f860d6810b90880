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

# PyTorch's build for processors alone is about 200 MB to download. Where only the
# build with CUDA is to be had, it is several gigabytes.
prepare_pytorch() {
  "$python" -c 'import torch, safetensors' 2>/dev/null && return
  command -v python3 >/dev/null || { echo "python3 is missing." >&2; return 1; }
  echo "PyTorch is needed once: it goes into $environment, about 200 MB to download and 1 GB on disk"
  echo "(5 GB where only the build with CUDA is to be had)."
  local free
  free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000) }')
  if [ "$free" -lt 6000 ]; then
    echo "Only $free MB are free here; 6000 are wanted." >&2
    return 1
  fi
  local pip=("$python" -m pip install -q --retries 1) version=torch==2.13.0
  python3 -m venv "$environment" && "${pip[@]}" numpy safetensors &&
    { "${pip[@]}" "$version+cpu" 2>/dev/null ||
      "${pip[@]}" "$version" --index-url https://download.pytorch.org/whl/cpu 2>/dev/null ||
      "${pip[@]}" "$version"; }
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
