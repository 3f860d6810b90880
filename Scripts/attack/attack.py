#!/usr/bin/env python3
"""Attacks the real binary with hostile files, limits, signals and full disks.

Usage: attack.py BINARY [FAMILY ...]

A case either must be refused (one line on standard error, a non-zero exit status, nothing written),
or must work, or may do either. No case may crash, hang, or leave temporary files. The command ends
with status 1 if any case fails. Without families all run, in less than five minutes on two cores.
"""

import os
import sys
import time

import limits
import names
import options
import pictures
import recipes
import special_files
import streams
import stylizers
import trainings
import weights
from case import Sandbox

FAMILIES = {
    module.__name__: module
    for module in [
        weights, stylizers, trainings, pictures, recipes, special_files, names, options, streams,
        limits]
}


def main():
    binary, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:] or list(FAMILIES)
    start, count, failures = time.monotonic(), 0, []
    for family in wanted:
        begun = time.monotonic()
        with Sandbox(binary) as sandbox:
            cases = list(FAMILIES[family].cases(sandbox))
            bad = [(case, problem) for case in cases if (problem := sandbox.problem(case))]
        count += len(cases)
        failures += [(family, *failure) for failure in bad]
        seconds = time.monotonic() - begun
        print(f"{family:14} {len(cases):4} cases  {len(bad):3} failed  {seconds:5.1f} s", flush=True)
    for family, case, problem in failures:
        print(f"FAILED {family}: {case.name}: {problem}")
    print(f"{count} cases, {len(failures)} failed, {time.monotonic() - start:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
