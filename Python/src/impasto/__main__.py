"""Runs the command in place of this process: ``python -m impasto``, and the script of the wheel."""

import os
import sys

from .location import path


def main() -> None:
    command = path()
    os.execv(command, [command, *sys.argv[1:]])


if __name__ == "__main__":
    main()
