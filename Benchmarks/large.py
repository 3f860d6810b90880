"""Measures transfers of large pictures: memory against the plan, and time against the whole picture.

usage: large.py IMPASTO PHOTO SIZE:MEMORY... [--iterations 3 | --complete]

For each size and memory, such as 2048:1.2GB, `impasto plan` gives the planned bytes, and a transfer with a few
iterations at the full size alone its peak memory (maximum resident set size) and the time of an evaluation.
With --complete, transfers in draft quality run to their end at all their sizes, and the result is kept in the
current folder. MEMORY may be `all` for the memory of the machine, where the picture is not divided.
"""

import argparse
import json
import os
import subprocess
import tempfile

STYLE = "great-wave"


def run(command):
    """Runs a command and returns its output, with its peak memory in bytes."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            errors.seek(0)
            raise SystemExit(errors.read().decode().strip().splitlines()[-1])
    return output, usage.ru_maxrss * 1024


def seconds_an_evaluation(result):
    """The time between the first and the last step, which has neither the start nor the end in it."""
    first, last = result["curve"][0], result["curve"][-1]
    return (last["seconds"] - first["seconds"]) / (last["evaluations"] - first["evaluations"])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("impasto")
    parser.add_argument("photo")
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--complete", action="store_true")
    arguments = parser.parse_args()
    print("size,memory,plan_mb,peak_mb,peak_to_plan,tiles,tile_side,file_mb,seconds_an_evaluation,ns_a_pixel,seconds")
    for case in arguments.cases:
        size, memory = case.split(":")
        options = [arguments.photo, "--style", STYLE, "--size", size]
        options += (["--quality", "draft"] if arguments.complete
                    else ["--scales", "1", "--iterations", str(arguments.iterations)])
        options += [] if memory == "all" else ["--memory", memory]
        plan = json.loads(run([arguments.impasto, "plan", *options, "--json"])[0])
        with tempfile.TemporaryDirectory() as folder:
            path = f"large-{size}.png" if arguments.complete else f"{folder}/out.png"
            output, peak = run([arguments.impasto, "transfer", *options, "--quiet", "--json", "-o", path])
        result = json.loads(output)
        seconds = seconds_an_evaluation(result)
        pixels = result["size"]["width"] * result["size"]["height"]
        print(f"{size},{memory},{plan['bytes'] / 1e6:.0f},{peak / 1e6:.0f},{peak / plan['bytes']:.3f},{plan['tiles']},"
              f"{plan.get('tile_side', '')},{plan['file_bytes'] / 1e6:.0f},{seconds:.2f},"
              f"{1e9 * seconds / pixels:.0f},{result['curve'][-1]['seconds']:.0f}",
              flush=True)


main()
