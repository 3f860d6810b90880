#!/bin/sh
# Times four decodes of a picture, first in sequence and then in parallel, with the best of five
# rounds each. libvips decodes one picture on several threads as well, so the ratio is also measured
# with one thread for each decode: there it shows only what runs side by side.
set -eu
cd "$(dirname "$0")/.."
swift build -c release --build-tests
for threads in "$(nproc)" 1; do
  echo "$(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg), libvips with $threads threads"
  VIPS_CONCURRENCY=$threads IMPASTO_BENCH_DECODING=1 \
    swift test -c release --skip-build --no-parallel --filter DecodingBenchmark | grep ratio
done
