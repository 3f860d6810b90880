"""Checkpoints of trainings that are damaged, and photo folders that are hostile."""

import json
import os
import random
import shutil
import struct

from case import Case

HUGE = 1 << 40
SETTINGS = ("--style chelsea.jpg --photos photos --size 32 --batch 1 --base-channels 4 --style-size 32 "
            "--steps 100000 --checkpoint-every 1")


def checkpoint(sandbox):
    """The bytes of a real checkpoint."""
    os.mkdir(sandbox.path("photos"))
    shutil.copy(sandbox.path("astronaut.jpg"), sandbox.path("photos"))
    run = sandbox.shell(f'timeout -s INT 4 "$0" train {SETTINGS} -o t.safetensors --quiet')
    assert run.status == 124, run.errors
    with open(sandbox.path("t.safetensors.checkpoint"), "rb") as file:
        return file.read()


def described(data, change):
    """The checkpoint with another description."""
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    key = "impasto.training-checkpoint"
    description = json.loads(header["__metadata__"][key])
    change(description)
    header["__metadata__"][key] = json.dumps(description)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length:]


def damaged(data):
    for part in (0, 7, 8, 100, len(data) // 2, len(data) - 1):
        yield f"cut after {part} bytes", data[:part]
    source = random.Random(1)
    for number in range(20):
        copy = bytearray(data)
        for _ in range(8):
            copy[source.randrange(2000)] = source.randrange(256)
        yield f"damaged header {number}", bytes(copy)
    for key, value in [("step", -1), ("step", HUGE), ("seconds", -1), ("styles", []), ("styles", ["none.jpg"]),
                       ("styleDigests", []), ("photos", "nowhere"), ("optimizer", {}), ("start", "none"),
                       ("record", "no/where"), ("photosDigest", 1)]:
        yield f"{key} {value}", described(data, lambda d, k=key, v=value: d.update({k: v}))
    for key, value in [("size", HUGE), ("size", -4), ("batch", 0), ("baseChannels", 255), ("steps", 0),
                       ("model", "../../etc/passwd"), ("styleLayers", "conv9_9"), ("learningRate", -1),
                       ("addsStyles", True)]:
        yield f"option {key} {value}", described(data, lambda d, k=key, v=value: d["options"].update({k: v}))


def cases(sandbox):
    # Two steps are left. Other letters in names and other numbers that fit may go unnoticed.
    data = described(checkpoint(sandbox), lambda d: d["options"].update(steps=d["step"] + 2))
    for number, (name, bad) in enumerate(damaged(data)):
        path = sandbox.write(f"d{number}.safetensors.checkpoint", bad)
        resume = ["train", "--resume", path.removesuffix(".checkpoint"), "--quiet"]
        expected = "either" if name.startswith(("damaged", "record")) else "refused"
        yield Case(name, resume, expected=expected)
    sandbox.write("photos/broken.jpg", b"\xff\xd8\xff\xe0nothing")
    os.symlink(".", sandbox.path("photos/circle"))
    os.mkdir(sandbox.path("empty"))
    os.mkfifo(sandbox.path("photos/pipe.jpg"))
    train = ["train", "--style", "chelsea.jpg", "--size", "32", "--batch", "1", "--base-channels", "4",
             "--style-size", "32", "--steps", "2", "--quiet", "-o", "new.safetensors"]
    yield Case("an empty folder", [*train, "--photos", "empty"])
    yield Case("a folder with a pipe, a circle and a broken photo", [*train, "--photos", "photos"],
               expected="either", creates="new.safetensors")
