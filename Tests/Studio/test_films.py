"""Films, from the upload to the result."""

import json
import subprocess
import time

import pytest


def probe(path):
    run = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-print_format", "json", "-show_streams", path],
        check=True, capture_output=True, text=True)
    return {stream["codec_type"]: stream for stream in json.loads(run.stdout)["streams"]}


def add(studio, photo, expected=201, **parts):
    return studio.call("POST", "/jobs", {"method": "one-pass", "photo": photo, "styles": ["shards"], **parts}, expected)


def result(studio, job, path):
    status, headers, data = studio.request("GET", f"/api/v1/jobs/{job}/result")
    assert status == 200
    path.write_bytes(data)
    return headers, data


def test_a_film_is_repainted(studio, clip, tmp_path):
    film = studio.upload(clip, "film")
    described = studio.call("GET", f"/pictures/{film}")
    assert (described["width"], described["height"], described["kind"]) == (128, 96, "film")
    assert described["seconds"] == pytest.approx(2, abs=0.1)
    assert studio.request("GET", f"/api/v1/pictures/{film}/thumbnail")[1]["Content-Type"] == "image/jpeg"
    job = add(studio, film, film={"start": 0.5, "duration": 1})
    assert job["isFilm"]
    found = studio.wait(job["id"])
    assert (found["state"], found["width"], found["height"]) == ("finished", 128, 96)
    headers, _ = result(studio, job["id"], tmp_path / "out.mp4")
    assert headers["Content-Type"] == "video/mp4"
    streams = probe(tmp_path / "out.mp4")
    assert int(streams["video"]["nb_read_frames"]) == 10
    assert "audio" in streams
    assert studio.request("GET", f"/api/v1/jobs/{job['id']}/result?side=320")[1]["Content-Type"] == "image/jpeg"
    assert b'style = ["shards"]' in studio.request("GET", f"/api/v1/jobs/{job['id']}/recipe")[2]


def test_a_browser_reads_ranges(studio, clip, tmp_path):
    job = add(studio, studio.upload(clip, "film"), film={"duration": 0.3})["id"]
    studio.wait(job)
    _, whole = result(studio, job, tmp_path / "out.mp4")
    path = f"/api/v1/jobs/{job}/result"
    for text, start, end in (("bytes=0-9", 0, 10), ("bytes=100-", 100, len(whole)), ("bytes=-7", len(whole) - 7, len(whole)),
                             ("bytes=5-999999999", 5, len(whole))):
        status, headers, data = studio.request("GET", path, headers={"Range": text})
        assert (status, data) == (206, whole[start:end]), text
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    assert studio.request("GET", path, headers={"Range": f"bytes={len(whole)}-"})[0] == 416
    for text in ("bytes=9-0", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4", "bytes=-"):
        assert studio.request("GET", path, headers={"Range": text})[0] == 200, text


def test_one_frame_is_a_picture(studio, clip):
    job = add(studio, studio.upload(clip, "film"), still=True)
    assert not job["isFilm"]
    assert studio.wait(job["id"])["state"] == "finished"
    assert studio.request("GET", f"/api/v1/jobs/{job['id']}/result")[1]["Content-Type"] == "image/png"


def test_an_optimized_film_follows_its_frames(studio, clip, tmp_path):
    job = add(studio, studio.upload(clip, "film"), method="optimization", styles=["great-wave"],
              settings={"size": 64, "iterations": 3}, film={"duration": 0.3})["id"]
    assert studio.wait(job)["state"] == "finished"
    result(studio, job, tmp_path / "out.mp4")
    video = probe(tmp_path / "out.mp4")["video"]
    assert (int(video["nb_read_frames"]), video["width"], video["height"]) == (3, 64, 48)


def test_a_film_goes_on_after_a_kill(fresh, clip, tmp_path):
    job = add(fresh, fresh.upload(clip, "film"), settings={"size": 320})["id"]
    fresh.wait(job, "running")
    time.sleep(0.5)
    fresh.kill()
    fresh.start()
    assert fresh.wait(job)["state"] == "finished"
    result(fresh, job, tmp_path / "out.mp4")
    assert int(probe(tmp_path / "out.mp4")["video"]["nb_read_frames"]) == 20
    assert list((fresh.data / "jobs" / job).glob("*.parts")) == []


def test_a_stopped_film_keeps_its_frames(studio, clip, tmp_path):
    job = add(studio, studio.upload(clip, "film"), settings={"size": 640})["id"]
    while studio.call("GET", "/status").get("progress", {}).get("iteration", 0) < 2:
        time.sleep(0.05)
    studio.call("PATCH", f"/jobs/{job}", {"action": "keep"})
    assert studio.wait(job)["state"] == "finished"
    result(studio, job, tmp_path / "out.mp4")
    assert 2 <= int(probe(tmp_path / "out.mp4")["video"]["nb_read_frames"]) < 20


def test_what_is_no_film_is_refused(studio, clip, photo, tmp_path):
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:300])
    # Lists that name other files of this machine.
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    (tmp_path / "playlist.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{clip}\n#EXT-X-ENDLIST\n")
    (tmp_path / "text.mp4").write_text("no film\n" * 200)
    for name in ("cut.mp4", "list.mp4", "playlist.m3u8", "text.mp4"):
        status, _, body = studio.request("POST", f"/api/v1/pictures?kind=film&name={name}", (tmp_path / name).read_bytes())
        assert status == 422, (name, body)
        message = json.loads(body)["error"]["message"]
        assert message.startswith(f"{name}: cannot read the film") and "incoming" not in message
    assert list((studio.data / "incoming").iterdir()) == []


def test_settings_must_fit(studio, clip, photo):
    film, still = studio.upload(clip, "film"), studio.upload(photo)
    mask = studio.upload(photo, "mask")
    assert add(studio, film, 422, film={"smooth": 2})["error"]["setting"] == "smooth"
    assert add(studio, film, 422, film={"start": -1})["error"]["setting"] == "start"
    assert add(studio, still, 422, film={"start": 1})["error"]["setting"] == "film"
    assert add(studio, film, 422, method="optimization", styles=["great-wave"], protect=mask)["error"]["setting"] == "protect"
    late = add(studio, film, film={"start": 50})["id"]
    found = studio.wait(late)
    assert (found["state"], found["setting"]) == ("failed", "start")
