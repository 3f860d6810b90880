"""A disk that is full is shown, and nothing is lost."""

import os
import shutil
import subprocess

import pytest

from conftest import Studio


@pytest.fixture
def disk(tmp_path):
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("only root can make a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(disk):
    with open(disk / "ballast", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass


def test_a_full_disk_is_survived(disk, photo):
    studio = Studio(disk / "studio")
    try:
        picture = studio.upload(photo)
        before = studio.add(picture, "udnie")
        assert studio.wait(before)["state"] == "finished"
        studio.call("PATCH", "/queue", {"paused": True})
        job = studio.add(picture, "shards")
        fill(disk)
        status, _, body = studio.request("POST", "/api/v1/pictures", photo.read_bytes())
        assert (status, b"The disk is full" in body) == (507, True), body
        # The queue may already fail to note that it goes on.
        studio.request("PATCH", "/api/v1/queue", b'{"paused": false}')
        for _ in range(100):
            state = studio.call("GET", "/status")
            if state["paused"] and not state.get("running"):
                break
        assert state["paused"]
        assert studio.call("GET", f"/jobs/{job}")["state"] in ("queued", "running")
        assert studio.call("GET", f"/jobs/{before}")["state"] == "finished"
        (disk / "ballast").unlink()
        studio.call("PATCH", "/queue", {"paused": False})
        assert studio.wait(job)["state"] == "finished"
        assert shutil.disk_usage(disk).free > 0
    finally:
        studio.kill()
