"""Terminals that go away, signals, and two processes at once."""

from case import Case

QUICK = '"$0" transfer small.png --style small.png -o out.png --iterations 3 --size 32'
LONG = ('"$0" transfer small.png --style small.png -o out.png --iterations 100000 --size 64 '
        "--checkpoint-every 0")
# 40 steps take long enough to be killed in, with a checkpoint after each.
STEPS = ('"$0" transfer small.png --style small.png --iterations 40 --size 64 --scales 2 '
         "--checkpoint-every 0 --quiet")


def kept(number):
    return (f"{LONG} & while [ ! -e out.png.checkpoint ]; do sleep 0.02; done; kill -{number} $!; "
            f"wait $!; test $? -eq $((128 + $(kill -l {number})))")


def killed(rows):
    return (f"{STEPS} -o whole.png || exit 1; {STEPS} --run run & "
            f"until [ -e run/checkpoint.safetensors ] && "
            f"[ $(wc -l < run/losses.csv) -gt {rows} ]; do sleep 0.005; done; kill -9 $!; "
            "wait $! 2>&-; \"$0\" transfer --resume run --quiet && cmp whole.png run/result.png")


def cases(sandbox):
    for redirection in ["2>&-", "2>/dev/full", "2>&1 | true", ">&- 2>&- <&-", "2>&1 >/dev/null | true"]:
        yield Case(redirection, shell=f"set -o pipefail; {QUICK} {redirection}", expected="works",
                   creates="out.png")
    for command in ["styles", "models list --details", "presets", "layers", "--help",
                    "transfer --help", "--version", "models path"]:
        yield Case(f"{command} > /dev/full", shell=f'"$0" {command} > /dev/full')
        yield Case(f"{command} | true", shell=f'"$0" {command} | true', expected="works")
    yield Case("--json > /dev/full", shell=f"{QUICK} --json --quiet >/dev/full; test $? -eq 1",
               expected="works", creates="out.png")
    for name in ["INT", "TERM", "HUP"]:
        yield Case(f"SIG{name} keeps the picture", shell=kept(name), expected="works",
                   creates="out.png")
    for rows in [1, 7, 14, 30]:
        yield Case(f"kill -9 after {rows} steps", shell=killed(rows), expected="works")
    sandbox.write("grid.toml", b'content = "small.png"\nstyle = "small.png"\niterations = 30\n'
                  b"size = 64\n[sweep]\nseed = [1, 2]\n")
    yield Case("two sweeps in a folder", expected="works", shell=
               '"$0" sweep grid.toml -o grid --quiet & while [ ! -e grid/.lock ]; do sleep 0.01; '
               'done; "$0" sweep grid.toml -o grid --quiet; test $? -eq 1 && wait $! && '
               "test $(ls grid/*/result.png | wc -l) -eq 2")
    yield Case("two runs in a folder", expected="works", shell=
               f"{STEPS} --run run & first=$!; {STEPS} --run run & second=$!; wait $first; a=$?; "
               "wait $second; b=$?; test $((a + b)) -eq 1 -a -e run/result.png")
    yield Case("a sweep that was killed goes on", expected="works", shell=
               '"$0" sweep grid.toml -o grid --quiet --jobs 1 & while [ ! -e grid/*/losses.csv ]; '
               'do sleep 0.01; done; kill -9 $!; wait $! 2>&-; "$0" sweep grid.toml -o grid --quiet '
               "&& test $(ls grid/*/result.png | wc -l) -eq 2")
