"""Neural style transfer on NumPy arrays and files, by the impasto command."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence, Union, cast

import numpy as np
import numpy.typing as npt

from . import pnm
from .location import path as command_path

__all__ = ["ImpastoError", "Picture", "Result", "score", "stylize", "transfer"]

#: A picture: the path of a file, or an array of height x width x 3 with uint8, uint16, or floats from 0 to 1.
Picture = Union[str, "os.PathLike[str]", npt.NDArray[Any]]
#: The value of an option of the command.
Setting = Union[str, int, float, bool, Sequence[Union[str, int, float]], None]


class ImpastoError(Exception):
    """What the command says went wrong."""


@dataclass(frozen=True)
class Result:
    """A repainted picture."""

    #: Height x width x 3, uint8 sRGB; None if it was written to a file.
    picture: npt.NDArray[np.uint8] | None
    #: The file that was written; None for an array.
    output: Path | None
    #: What the command reports with ``--json``: sizes, seconds, and for a transfer the losses.
    report: Mapping[str, Any]


def transfer(photo: Picture, style: Picture | Sequence[Picture], *, output: str | os.PathLike[str] | None = None,
             **settings: Setting) -> Result:
    """Repaints a photo by optimization, as ``impasto transfer`` does.

    Args:
        photo: the photo.
        style: a painting, a name from ``impasto styles``, or several of them to blend.
        output: the file to write; None returns an array.
        settings: options of the command with underscores, such as ``size=1024`` or ``style_weight=100``.

    Raises:
        ImpastoError: with the command's message.
    """
    return _repaint("transfer", photo, style, output, settings)


def stylize(photo: Picture, style: Picture | Sequence[Picture], *, output: str | os.PathLike[str] | None = None,
            **settings: Setting) -> Result:
    """Repaints a photo in one pass of a trained network, as ``impasto stylize`` does.

    Args:
        photo: the photo.
        style: a trained style, a painting, a network's file, or several of them to blend.
        output: the file to write; None returns an array.
        settings: options of the command with underscores, such as ``strength=0.5``.

    Raises:
        ImpastoError: with the command's message.
    """
    return _repaint("stylize", photo, style, output, settings)


def score(result: Picture, photo: Picture, style: Picture, **settings: Setting) -> Mapping[str, Any]:
    """The losses of any result, as ``impasto score`` measures them.

    Raises:
        ImpastoError: with the command's message.
    """
    with _Files() as files:
        return _run(["score", files.path(result), "--content", files.path(photo), "--style", files.path(style), "--json"],
                    settings)


def _repaint(command: str, photo: Picture, style: Picture | Sequence[Picture], output: str | os.PathLike[str] | None,
             settings: Mapping[str, Setting]) -> Result:
    with _Files() as files:
        styles: list[Picture] = list(style) if isinstance(style, (list, tuple)) else [cast(Picture, style)]
        arguments = [command, files.path(photo), "--json", "--quiet"]
        for each in styles:
            arguments += ["--style", files.path(each)]
        path = files.new("result.ppm") if output is None else os.fspath(output)
        report = _run([*arguments, "--output", path], settings)
        if output is None:
            return Result(pnm.read(path), None, report)
        return Result(None, Path(path), report)


class _Files(contextlib.AbstractContextManager["_Files"]):
    """Temporary files for arrays."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="impasto-")
        self._count = 0

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()

    def new(self, name: str) -> str:
        return os.path.join(self._folder.name, name)

    def path(self, picture: Picture) -> str:
        if not isinstance(picture, np.ndarray):
            return os.fspath(picture)
        self._count += 1
        path = self.new(f"array-{self._count}.ppm")
        pnm.write(path, picture)
        return path


def _options(settings: Mapping[str, Setting]) -> Iterator[str]:
    for name, value in settings.items():
        option = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        yield option
        if value is True:
            continue
        yield ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _run(arguments: Sequence[str], settings: Mapping[str, Setting]) -> Mapping[str, Any]:
    run = subprocess.run([command_path(), *arguments, *_options(settings)], stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=False)
    if run.returncode != 0:
        lines = run.stderr.strip().splitlines() or [f"impasto ended with status {run.returncode}"]
        message = lines[-1]
        raise ImpastoError(message[len("impasto: "):] if message.startswith("impasto: ") else message)
    report: dict[str, Any] = json.loads(run.stdout)
    # A batch of one photo reports its only result.
    results: list[dict[str, Any]] = report.get("results", [])
    return results[0] if results else report
