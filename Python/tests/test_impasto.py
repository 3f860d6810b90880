"""The Python interface against the command itself."""

import os
import subprocess

import numpy as np
import pytest

import impasto
from impasto import pnm

PHOTO = os.path.join(os.path.dirname(__file__), "../../Examples/photos/chelsea.jpg")


@pytest.fixture
def photo():
    columns, rows = np.meshgrid(np.arange(97), np.arange(61))
    return np.stack([columns * 2, rows * 4, (columns + rows) % 256], axis=2).astype(np.uint8)


def test_pictures_keep_their_bytes(photo, tmp_path):
    pnm.write(str(tmp_path / "a.ppm"), photo)
    assert np.array_equal(pnm.read(str(tmp_path / "a.ppm")), photo)


def test_an_array_gives_what_its_file_gives(photo, tmp_path):
    pnm.write(str(tmp_path / "photo.ppm"), photo)
    subprocess.run([os.environ["IMPASTO"], "stylize", tmp_path / "photo.ppm", "--style", "udnie", "-o", tmp_path / "out.ppm",
                    "--quiet"], check=True)
    result = impasto.stylize(photo, "udnie")
    assert result.picture.shape == photo.shape and result.picture.dtype == np.uint8
    assert np.array_equal(result.picture, pnm.read(str(tmp_path / "out.ppm")))
    floats = impasto.stylize(photo / 255.0, "udnie")
    assert np.abs(floats.picture.astype(int) - result.picture).max() <= 2


def test_a_file_is_written(tmp_path):
    result = impasto.stylize(PHOTO, ["udnie", "great-wave"], output=tmp_path / "out.png", size=64, style_blend=[1, 3])
    assert result.picture is None and result.output == tmp_path / "out.png"
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert result.report["size"] == {"width": 64, "height": 43}


def test_a_transfer_reports_its_losses(photo):
    result = impasto.transfer(photo, photo[::-1].copy(), iterations=3, scales=1)
    assert result.picture.shape == photo.shape
    assert result.report["iterations"] == 3 and result.report["losses"]["total"] > 0
    scored = impasto.score(photo, photo, photo[::-1].copy())
    assert scored["content"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("call, message", [
    (lambda photo: impasto.stylize(photo, "nobody"), "nobody"),
    (lambda photo: impasto.stylize("missing.jpg", "udnie"), "missing.jpg"),
    (lambda photo: impasto.transfer(photo, "udnie", size=-1), "size"),
    (lambda photo: impasto.transfer(photo, "udnie", no_such_option=1), "no-such-option"),
])
def test_errors_are_one_line(photo, call, message):
    with pytest.raises(impasto.ImpastoError) as error:
        call(photo)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("array", [
    np.zeros((4, 4)), np.zeros((4, 4, 4)), np.zeros((0, 4, 3)), np.zeros((4, 4, 3), np.int64), np.full((4, 4, 3), np.nan),
])
def test_other_arrays_are_refused(array):
    with pytest.raises(ValueError):
        impasto.stylize(array, "udnie")
