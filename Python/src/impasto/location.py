"""Where the command is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def path() -> str:
    """The command of this package; in a checkout, that of the variable IMPASTO or of PATH.

    Raises:
        FileNotFoundError: if there is none.
    """
    own = Path(__file__).parent / "command" / "bin" / "impasto"
    for found in (os.environ.get("IMPASTO"), str(own) if own.exists() else None, shutil.which("impasto")):
        if found:
            return found
    raise FileNotFoundError("the impasto command is missing: install the wheel, or set IMPASTO to its path")
