#!/bin/sh
# usage: test-kernels.sh [native|neon]
# Tests the C kernels: those of this processor, or the NEON kernels, cross-compiled and run under
# emulation.
set -eu
cd "$(dirname "$0")/.."
target=${1:-native}
build=.build/kernel-tests/$target
mkdir -p "$build"
flags="-O2 -Wall -Wextra -Werror -ISources/CKernels/include"

if [ "$target" = native ]; then
  clang $flags Sources/CKernels/*.c Tests/KernelTests/kernel_tests.c -o "$build/kernel_tests" -lm
  exec "$build/kernel_tests"
fi

. Scripts/as-root.sh
if ! command -v qemu-aarch64 >/dev/null || ! command -v aarch64-linux-gnu-gcc >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    echo "qemu-aarch64 and a compiler for aarch64-linux-gnu are missing." >&2
    exit 1
  fi
  echo "Installing with apt-get: qemu-user, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
fi
# The kernels use clang's vector extensions. Only linking needs the cross-compiler.
for source in Sources/CKernels/*.c Tests/KernelTests/kernel_tests.c; do
  clang --target=aarch64-linux-gnu $flags -isystem /usr/aarch64-linux-gnu/include -c "$source" \
    -o "$build/$(basename "$source").o"
done
aarch64-linux-gnu-gcc -static "$build"/*.o -o "$build/kernel_tests" -lm
exec qemu-aarch64 "$build/kernel_tests"
