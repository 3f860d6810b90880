"""Jobs from the request to the result."""

import http.client
import io
import json
import subprocess

from conftest import IMPASTO
from PIL import Image


def test_one_pass_gives_the_result_of_the_command(studio, photo, tmp_path):
    job = studio.add(studio.upload(photo))
    found = studio.wait(job)
    assert (found["state"], found["width"], found["height"]) == ("finished", 160, 120)
    _, headers, data = studio.request("GET", f"/api/v1/jobs/{job}/result")
    assert headers["Content-Type"] == "image/png" and headers["X-Content-Type-Options"] == "nosniff"
    own = tmp_path / "own.png"
    subprocess.run([IMPASTO, "stylize", photo, "--style", "shards", "-o", own, "--quiet"], check=True)
    assert Image.open(io.BytesIO(data)).tobytes() == Image.open(own).tobytes()


def test_optimization_shows_losses_and_repeats_its_recipe(studio, photo, tmp_path):
    job = studio.add(studio.upload(photo), "udnie", "optimization", quality="draft")
    assert studio.wait(job)["state"] == "finished"
    steps = studio.call("GET", f"/jobs/{job}/losses")["steps"]
    assert len(steps) > 10 and steps[-1]["total"] < steps[0]["total"]
    _, _, recipe = studio.request("GET", f"/api/v1/jobs/{job}/recipe")
    assert b'quality = "draft"' in recipe and b"/tmp" not in recipe
    _, _, result = studio.request("GET", f"/api/v1/jobs/{job}/result")
    carried = studio.call("POST", "/recipes", result)
    assert carried["settings"]["quality"] == "draft"
    _, headers, small = studio.request("GET", f"/api/v1/jobs/{job}/result?side=320")
    assert headers["Content-Type"] == "image/jpeg" and Image.open(io.BytesIO(small)).size == (160, 120)


def test_a_texture_needs_no_photo(studio):
    request = {"method": "optimization", "styles": ["poppies"], "settings": {"size": "48x48", "iterations": 3}}
    job = studio.call("POST", "/jobs", request, 201)
    found = studio.wait(job["id"])
    assert (found["state"], found["width"]) == ("finished", 48)


def test_own_paintings_and_masks(studio, photo, tmp_path):
    Image.linear_gradient("L").resize((160, 120)).save(tmp_path / "mask.png")
    mask = studio.upload(tmp_path / "mask.png", "mask")
    request = {
        "method": "optimization", "photo": studio.upload(photo), "styles": [studio.upload(photo, "painting")],
        "settings": {"iterations": 2, "size": 64}, "protect": mask,
    }
    assert studio.wait(studio.call("POST", "/jobs", request, 201)["id"])["state"] == "finished"


def test_stopping_keeps_or_discards(studio, photo):
    picture = studio.upload(photo)
    kept = studio.add(picture, "udnie", "optimization", quality="best", size=320)
    queued = studio.add(picture)
    studio.wait(kept, "running")
    while not studio.call("GET", f"/jobs/{kept}/losses")["steps"]:
        pass
    studio.call("PATCH", f"/jobs/{kept}", {"action": "keep"})
    assert studio.wait(kept)["state"] == "finished"
    assert studio.wait(queued)["state"] == "finished"
    gone = studio.add(picture, "udnie", "optimization", quality="best", size=320)
    studio.wait(gone, "running")
    studio.call("PATCH", f"/jobs/{gone}", {"action": "cancel"})
    assert studio.wait(gone)["state"] == "canceled"
    studio.call("GET", f"/jobs/{gone}/recipe", expected=409)


def test_the_queue_is_paused_and_reordered(studio, photo):
    studio.call("PATCH", "/queue", {"paused": True})
    picture = studio.upload(photo)
    first, second, third = (studio.add(picture, size=size) for size in (32, 40, 48))
    studio.call("PATCH", f"/jobs/{third}", {"position": 1})
    queued = studio.call("GET", "/jobs?state=queued")["jobs"]
    assert [job["id"] for job in queued] == [third, first, second]
    assert [job["position"] for job in queued] == [1, 2, 3]
    studio.call("PATCH", f"/jobs/{second}", {"action": "cancel"})
    studio.call("PATCH", "/queue", {"paused": False})
    ends = [studio.wait(job) for job in (third, first)]
    assert ends[0]["ended"] < ends[1]["ended"]


def test_history_is_searched_and_annotated(studio, photo):
    job = studio.add(studio.upload(photo), "leaded-glass", strength=0.25)
    studio.wait(job)
    studio.call("PATCH", f"/jobs/{job}", {"note": "for the hall", "stars": 4})
    for query in ("text=HALL", "style=leaded-glass", "stars=4", "setting=strength=0.25"):
        found = studio.call("GET", f"/jobs?{query}")["jobs"]
        assert [one["id"] for one in found] == [job], query
    assert not studio.call("GET", "/jobs?text=nothing-like-it")["jobs"]
    studio.call("DELETE", f"/jobs/{job}", expected=204)
    assert not studio.call("GET", "/jobs?style=leaded-glass")["jobs"]
    studio.call("PATCH", f"/jobs/{job}", {"action": "restore"})
    assert studio.call("GET", "/jobs?style=leaded-glass")["jobs"]


def test_mistakes_name_the_setting(studio, photo):
    picture = studio.upload(photo)
    for settings, setting in [
        ({"strength": 3}, "strength"), ({"size": 0}, "size"), ({"content": "/etc/passwd"}, "content"),
        ({"color": "red"}, "color"), ({"model": "/etc/passwd"}, "model"),
    ]:
        request = {"method": "one-pass", "photo": picture, "styles": ["shards"], "settings": settings}
        error = studio.call("POST", "/jobs", request, 422)["error"]
        assert error["setting"] == setting and error["message"], error
    for style in ("../photo.jpg", "/etc/passwd", "pictures", "0000000000000000"):
        request = {"method": "one-pass", "photo": picture, "styles": [style]}
        assert studio.call("POST", "/jobs", request, 422)["error"]["setting"] == "style"
    text = studio.call("POST", "/pictures?name=notes.txt", b"these are only words", 422)["error"]["message"]
    assert "notes.txt" in text


def test_a_failure_is_shown_and_can_be_tried_again(studio, tmp_path):
    Image.new("RGB", (4, 4), "red").save(tmp_path / "dot.png")
    job = studio.add(studio.upload(tmp_path / "dot.png"), "udnie", "optimization")
    found = studio.wait(job)
    assert found["state"] == "failed" and "dot.png" in found["problem"]
    studio.call("PATCH", f"/jobs/{job}", {"action": "retry"})
    assert studio.wait(job)["state"] == "failed"


def test_a_killed_studio_loses_nothing(fresh, photo):
    picture = fresh.upload(photo)
    done = fresh.add(picture)
    fresh.wait(done)
    running = fresh.add(picture, "udnie", "optimization", iterations=400, size=160)
    queued = [fresh.add(picture, size=size) for size in (32, 48)]
    fresh.wait(running, "running")
    fresh.kill()
    fresh.start()
    jobs = fresh.call("GET", "/jobs?limit=500")["jobs"]
    assert len(jobs) == 4 and len({job["id"] for job in jobs}) == 4
    fresh.wait(running, "running")
    fresh.call("PATCH", f"/jobs/{running}", {"action": "cancel"})
    for job in queued:
        assert fresh.wait(job)["state"] == "finished"
    assert fresh.request("GET", f"/api/v1/jobs/{done}/result")[0] == 200


def test_an_interrupted_optimization_continues(fresh, photo):
    picture = fresh.upload(photo)
    job = fresh.add(picture, "udnie", "optimization", iterations=120, size=160)
    fresh.wait(job, "running")
    while len(fresh.call("GET", f"/jobs/{job}/losses")["steps"]) < 5:
        pass
    assert fresh.stop() == 130
    fresh.start()
    assert fresh.wait(job)["state"] == "finished"
    steps = fresh.call("GET", f"/jobs/{job}/losses")["steps"]
    assert [step["iteration"] for step in steps] == list(range(1, 121))


class Events:
    """The events of an address, one after the other: their numbers, names and data."""

    def __init__(self, studio, path, last=None):
        connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=30)
        connection.request("GET", "/api/v1" + path, headers={"Last-Event-ID": str(last)} if last else {})
        self.answer = connection.getresponse()
        assert self.answer.headers["Content-Type"] == "text/event-stream"

    def next(self):
        event = {}
        while line := self.answer.readline().decode():
            assert not line.startswith(":"), "No event comes."
            if line == "\n" and "data" in event:
                return int(event["id"]), event["event"], json.loads(event["data"])
            key, _, value = line.rstrip("\n").partition(": ")
            event[key] = value
        raise AssertionError("The events have ended.")


def test_events_are_repeated_from_the_last_one(fresh, photo):
    picture = fresh.upload(photo)
    fresh.call("PATCH", "/queue", {"paused": True})
    job = fresh.add(picture, "udnie", "optimization", iterations=6, size=64)
    stream = Events(fresh, "/events")
    fresh.call("PATCH", "/queue", {"paused": False})
    seen = []
    state = None
    while state != "finished":
        number, name, data = stream.next()
        seen.append((number, name))
        state = data["state"] if name == "job" else state
    assert [name for _, name in seen].count("step") == 6
    assert [number for number, _ in seen] == list(range(seen[0][0], seen[-1][0] + 1))
    again = Events(fresh, "/events", last=seen[2][0])
    assert [again.next()[:2] for _ in seen[3:]] == seen[3:]
    assert Events(fresh, f"/jobs/{job}/events", last=1).next()[1] == "reload"
