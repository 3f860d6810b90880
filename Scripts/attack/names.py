"""Names of files that programs tend to get wrong."""

import os

from case import Case, transfer


def cases(sandbox):
    small = open(sandbox.path("small.png"), "rb").read()
    yield Case("--run that is not UTF-8", transfer("--run", b"\xff\xfe"))
    for name in [b"a", b"x" * 251 + b".png", b"\xff\xfe.png", b"-dash.png", b"a:b.png", b"c[1].png", b"d[page=1]", b"a b'\".png",
                 b"\x1b]0;owned\x07.png", b"new\nline.png", "ünïcödé-日本.png".encode()]:
        sandbox.write(name, small)
        yield Case(f"photo {name[:20]}", transfer(photo=os.path.join(b".", name)), expected="works",
                   creates="out.png")
        yield Case(f"mask {name[:20]}", transfer("--mask", os.path.join(b".", name.replace(b":", b"\\:")) + b":"),
                   expected="works", creates="out.png")
        missing = b"missing-" + name[:100]
        yield Case(f"missing {name[:20]}", transfer(photo=missing))
        if name.endswith(b".png"):
            output = os.path.join(b"out", name)
            yield Case(f"output {name[:20]}", shell="mkdir out; \"$0\" transfer small.png --style "
                       "small.png --iterations 1 --size 32 --quiet -o " + quoted(output),
                       expected="works", creates=output)
    for name in ["r", "r/", "r/s", "./r", "a.b"]:
        yield Case(f"--run {name}", transfer("--run", name) , expected="works", creates=name)
    sandbox.write("grid.toml", b'content = "small.png"\nstyle = "small.png"\niterations = 1\n'
                  b"size = 32\n[sweep]\nseed = [1]\n")
    for name in ["g", "g/h"]:
        yield Case(f"sweep -o {name}", ["sweep", "grid.toml", "-o", name, "--quiet"],
                   expected="works", creates=name)
    yield Case("a link as output is followed", shell="ln -s target.png link.png; \"$0\" transfer "
               "small.png --style small.png --iterations 1 --size 32 --quiet -o link.png && "
               "test -L link.png", expected="works", creates="target.png")
    yield Case("a pipe as output", shell="mkfifo out.png; cat out.png > copy.png & \"$0\" transfer "
               "small.png --style small.png --iterations 1 --size 32 --quiet -o out.png && wait && "
               "test -p out.png -a -s copy.png", expected="works", creates="copy.png")
    for name in ["", "out/", "out.xyz", "missing/out.png", "small.png/out.png"]:
        yield Case(f"-o {name}", transfer(output=name))
    for name in [".", "..", "/", "small.png", "small.png/run", "/proc/run"]:
        yield Case(f"--run {name}", transfer("--run", name))


def quoted(name):
    """A name of any bytes for bash."""
    return "$'" + "".join(f"\\x{byte:02x}" for byte in name) + "'"
