"""The script of the tutorial runs."""

import os
import pathlib
import re
import shutil
import subprocess

from PIL import Image

TUTORIAL = pathlib.Path(__file__).parents[2] / "docs/tutorials/studio.md"


def test_the_script_runs(studio, photo, tmp_path):
    script, = re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    shutil.copy(photo, tmp_path / "photo.jpg")
    script = script.replace("http://127.0.0.1:7575", studio.address)
    subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, check=True, timeout=60, env=os.environ)
    assert Image.open(tmp_path / "result.png").size == (160, 120)
