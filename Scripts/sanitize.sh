#!/bin/sh
# usage: sanitize.sh [kernels|address|thread]...
# Runs the C code, the parsers, the pictures and the thread team under AddressSanitizer,
# UndefinedBehaviorSanitizer and ThreadSanitizer; all three parts if none is named.
# Everything is built once more, optimized, in .build-sanitize.
set -eu
cd "$(dirname "$0")/.."
build=.build-sanitize
rules=$PWD/Scripts/sanitize
# After a crash Swift's backtracer can hang for minutes.
export SWIFT_BACKTRACE=enable=no
# A status that differs from the tools' own.
export UBSAN_OPTIONS=print_stacktrace=1:exitcode=99

kernels() {
  mkdir -p "$build/kernels"
  # Optimizing the checks in the unrolled kernels takes half an hour.
  clang -O0 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
    -ISources/CKernels/include Sources/CKernels/*.c Tests/KernelTests/kernel_tests.c \
    -o "$build/kernels/kernel_tests" -lm
  "$build/kernels/kernel_tests"
}

# usage: suites SANITIZER FILTER [FLAG]...
suites() {
  sanitizer=$1 filter=$2
  shift 2
  # Test targets import modules that they do not depend on, so the command is built first.
  swift build -c release --sanitize="$sanitizer" --scratch-path "$build/$sanitizer" "$@" --product impasto
  swift test -c release --sanitize="$sanitizer" --scratch-path "$build/$sanitizer" "$@" --filter "$filter"
}

# AddressSanitizer's runtime has UndefinedBehaviorSanitizer's in it. The kernels, which take
# too long to compile with all of its checks, have them in kernels().
address() {
  checks=bool,bounds,enum,float-cast-overflow,integer-divide-by-zero,shift,signed-integer-overflow
  flags="-Xcc -fsanitize=$checks -Xcc -fno-sanitize-recover=$checks"
  # The test runner and GLib keep memory until the process ends.
  export ASAN_OPTIONS=detect_leaks=0:exitcode=99
  suites address 'EngineTests|ModelFilesTests|NetworksTests|PicturesTests' $flags
  # The libraries of these formats run in the command's child process.
  bin=$(swift build -c release --sanitize=address --scratch-path "$build/address" $flags --show-bin-path)
  for file in Tests/TestSupport/VGGFiles/*.h5 Tests/TestSupport/VGGFiles/*.mat; do
    echo "$file"
    status=0
    "$bin/impasto" read-weights $$ < "$file" > "$build/weights.safetensors" || status=$?
    # Hostile files are refused with status 1.
    [ "$status" -le 1 ] || exit "$status"
  done
}

thread() {
  export TSAN_OPTIONS="suppressions=$rules/thread.supp halt_on_error=0 exitcode=66"
  suites thread 'EngineTests|ModelFilesTests|PicturesTests'
}

[ $# -gt 0 ] || set -- kernels address thread
for part; do
  case $part in
    kernels | address | thread) "$part" ;;
    *) echo "sanitize.sh: unknown part $part" >&2; exit 2 ;;
  esac
done
