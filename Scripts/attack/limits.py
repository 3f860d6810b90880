"""Limits on memory, threads, files and disks."""

import os
import shutil
import subprocess

from case import Case

TRANSFER = ('"$0" transfer small.png --style small.png -o out.png --iterations 2 --size 64 --quiet')


def cases(sandbox):
    for size in [200_000, 300_000, 400_000, 500_000, 600_000, 700_000, 800_000, 900_000,
                 1_000_000, 1_200_000, 1_500_000]:
        yield Case(f"ulimit -v {size}", shell=f"ulimit -v {size}; {TRANSFER}", expected="either")
        yield Case(f"color, ulimit -v {size}", expected="either", shell=
                   f'ulimit -v {size}; "$0" color chelsea.jpg --like astronaut.jpg -o out.png')
    for count in [6, 10, 20, 40]:
        yield Case(f"ulimit -n {count}", shell=f"ulimit -n {count}; {TRANSFER}", expected="either")
    for blocks in [0, 1, 8]:
        yield Case(f"ulimit -f {blocks}", shell=f"ulimit -f {blocks}; {TRANSFER}", expected="either")
    yield Case("--threads 1000", shell=f"{TRANSFER} --threads 1000", expected="works",
               creates="out.png")
    if os.geteuid() == 0 and shutil.which("setpriv"):
        os.chmod(sandbox.folder, 0o777)
        for count in [1, 4, 8, 9, 12, 20]:
            yield Case(f"ulimit -u {count}", expected="either", shell=
                       "exec setpriv --reuid 65533 --regid 65533 --clear-groups bash -c "
                       f"'ulimit -u {count}; exec {TRANSFER}' \"$0\"")
    yield from full_disks(sandbox)


def full_disks(sandbox):
    """On a disk of a megabyte, which needs permission to mount one."""
    mount = "mount -t tmpfs -o size=200k tmpfs disk"
    try:
        os.mkdir(sandbox.path("disk"))
        unshare = ["unshare", "--map-root-user", "--mount"]
        subprocess.run([*unshare, "sh", "-c", mount], cwd=sandbox.folder, check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("  no permission to mount a small disk: cases of full disks are skipped")
        return
    prefix = f"exec unshare --map-root-user --mount bash -c '{mount}; head -c 190k /dev/zero > disk/fill; "
    long = '"$0" transfer small.png --style small.png --iterations 12 --size 128 --quiet '
    yield Case("output", expected="works", shell=prefix + long + '-o disk/out.png; '
               'test $? -eq 1 -a ! -e disk/out.png\' "$0"')
    yield Case("frames", expected="works", creates="out.png", shell=prefix + long +
               '-o out.png --save-every 1 --frames disk; test $? -eq 1\' "$0"')
    yield Case("record beside an output", expected="works", shell=prefix + long +
               '-o out.png --run disk/run; test $? -eq 1\' "$0"')
    yield Case("a run leaves its neighbor", expected="works", shell=prefix +
               'mkdir disk/runs; echo kept > disk/runs/mine; ' + long +
               '--run disk/runs/big; test $? -eq 1 -a -s disk/runs/mine\' "$0"')
