#!/bin/sh
# Times four decodes of a picture, first in sequence and then in parallel, with the best of five
# rounds each. On two idle cores the ratio should be at most 0.6.
set -eu
cd "$(dirname "$0")/.."
echo "$(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg)"
IMPASTO_BENCH_DECODING=1 swift test -c release --no-parallel --filter DecodingBenchmark | grep ratio
