"""Pipes, devices, sockets and folders where files are expected."""

import os
import socket

from case import Case, transfer

SLOTS = {
    "photo": lambda path: transfer(photo=path),
    "style": lambda path: transfer(style=path),
    "mask": lambda path: transfer("--mask", f"{path}:"),
    "painting's mask": lambda path: transfer("--mask", f":{path}"),
    "protect": lambda path: transfer("--protect", path),
    "start": lambda path: transfer("--init", path),
    "model": lambda path: transfer("--model", path),
    "recipe": lambda path: ["transfer", "--recipe", path, "-o", "out.png", "--quiet"],
    "sweep": lambda path: ["sweep", path, "-o", "grid", "--quiet"],
    "resume": lambda path: ["transfer", "--resume", path],
    "color": lambda path: ["color", path, "--like", "small.png", "-o", "out.png"],
    "score": lambda path: ["score", path, "--content", "small.png", "--style", "small.png"],
    "inspect": lambda path: ["models", "inspect", path],
    "runs": lambda path: ["runs", "show", path],
}


def cases(sandbox):
    os.mkfifo(sandbox.path("pipe"))
    os.mkdir(sandbox.path("folder"))
    server = socket.socket(socket.AF_UNIX)
    server.bind(sandbox.folder + "/socket")
    os.symlink("loop", sandbox.path("loop"))
    for path in ["/dev/zero", "/dev/null", "/dev/full", "socket", "folder", "loop", "missing"]:
        for slot, arguments in SLOTS.items():
            yield Case(f"{path} as {slot}", arguments(path))
    for slot, arguments in SLOTS.items():
        if slot not in ("photo", "style", "color"):
            yield Case(f"pipe without a writer as {slot}", arguments("pipe"), timeout=5)
    yield Case("photo from a pipe", shell='"$0" transfer <(cat small.png) --style small.png '
               "-o out.png --iterations 1 --size 32 --quiet", expected="works", creates="out.png")
    yield Case("endless pipe as photo", shell='"$0" transfer <(head -c 1100000000 /dev/zero) '
               "--style small.png -o out.png --quiet")
    yield Case("Ctrl-C ends the wait for a pipe", timeout=10, shell=
               '"$0" transfer pipe --style small.png -o out.png --quiet & sleep 1; kill -INT $!; '
               "wait $!; test $? -eq 130", expected="works")
