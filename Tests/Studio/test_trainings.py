"""Trainings are watched through the studio."""

import subprocess

from conftest import IMPASTO, Studio


def test_the_record_is_watched(record, tmp_path):
    studio = Studio(tmp_path / "studio", "--training", str(record))
    try:
        training, = studio.call("GET", "/trainings")["trainings"]
        assert (training["name"], training["isRunning"], training["preview"]) == ("record", False, 4)
        steps = studio.call("GET", "/trainings/1/losses")["steps"]
        assert [step["iteration"] for step in steps] == [1, 2, 3, 4]
        assert all(step["total"] > 0 for step in steps)
        status, headers, data = studio.request("GET", "/api/v1/trainings/1/preview")
        assert (status, headers["Content-Type"], data[:2]) == (200, "image/jpeg", b"\xff\xd8")
        for number in ("0", "2", "-1", "x", "..%2F"):
            assert studio.request("GET", f"/api/v1/trainings/{number}/losses")[0] == 404
    finally:
        studio.stop()


def test_another_folder_is_refused(tmp_path):
    run = subprocess.run(
        [IMPASTO, "studio", "--no-browser", "--data", tmp_path / "studio", "--training", tmp_path], capture_output=True, text=True)
    assert run.returncode != 0
    assert "is not the record of a training" in run.stderr
    assert not (tmp_path / "studio").exists()
