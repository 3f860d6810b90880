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
    # The script of the wheel is itself called impasto, so its own command comes first.
    for found in (str(own) if own.exists() else None, os.environ.get("IMPASTO"), shutil.which("impasto")):
        if found:
            return found
    raise FileNotFoundError("the impasto command is missing: install the wheel, or set IMPASTO to its path")
