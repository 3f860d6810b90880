#!/usr/bin/env bash
# usage: compare.sh IMPASTO [SIZE ...]
# Times one evaluation of the objective and its gradient with Impasto and with PyTorch, each with all
# of its settings, in alternation and on the same number of threads, for VGG-16 and VGG-19. Measures the start-up time
# and the memory of whole transfers. Writes Benchmarks/RESULTS.md. ROUNDS sets the number of rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
impasto=$1
shift
sizes=("${@:-256 512 1024}")
read -ra sizes <<<"${sizes[*]}"
rounds=${ROUNDS:-5}
python=.venv/bench/bin/python
vgg16=Sources/NetworkStore/Resources/models/vgg16-hed.safetensors
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
results=$work/results

has_pytorch=yes
Benchmarks/prepare-pytorch.sh || { has_pytorch=no; echo "Going on without PyTorch: only Impasto is timed." >&2; }

modes="contiguous channels_last compiled"
precisions=exact
# Elsewhere, PyTorch's bfloat16 is slower than single precision, and Impasto does not use it.
if grep -q -e avx512_bf16 -e amx_bf16 /proc/cpuinfo 2>/dev/null; then modes="$modes bf16 bf16-compiled"; fi
if grep -q avx512_bf16 /proc/cpuinfo 2>/dev/null; then precisions="exact fast"; fi

# The time does not depend on the values of the weights, so VGG-19 gets random ones.
networks=("vgg16 $vgg16")
if [ $has_pytorch = yes ]; then
  "$python" Benchmarks/random_vgg19.py "$work/vgg19.safetensors"
  networks+=("vgg19 $work/vgg19.safetensors")
fi

for network in "${networks[@]}"; do
  read -r name weights <<<"$network"
  for size in "${sizes[@]}"; do
    # PyTorch takes seconds per evaluation at 1024.
    evaluations=$((size > 700 ? 1 : size > 300 ? 3 : 7))
    for ((round = 1; round <= rounds; round++)); do
      for precision in $precisions; do
        echo "$name $size $round" "$("$impasto" bench --json --model "$weights" --precision "$precision" \
          --width "$size" --height "$size" --rounds "$((evaluations + 2))")" | tee -a "$results"
      done
      if [ $has_pytorch = yes ]; then
        for mode in $modes; do
          echo "$name $size $round" "$("$python" Benchmarks/pytorch_objective.py \
            "$name" "$weights" "$size" "$evaluations" "$mode")" | tee -a "$results"
        done
      fi
    done
  done
done

# Impasto by itself: time by picture size and by number of threads.
alone() { echo "alone 0 0" "$("$impasto" bench --json --rounds 5 "$@")" | tee -a "$results"; }
for ((round = 1; round <= 3; round++)); do
  for size in "256 256" "512 512" "1024 1024" "2048 2048" "4096 64" "64 4096"; do
    alone --width "${size% *}" --height "${size#* }"
  done
  alone --threads 1
done

command -v python3 >/dev/null || exit 0
python3 Benchmarks/transfer_memory.py "$impasto" 32 512 1024 2048 | tee -a "$results"
python3 Benchmarks/summarize.py "$results" Benchmarks/RESULTS.md
echo "Written to Benchmarks/RESULTS.md"
