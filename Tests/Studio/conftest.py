"""A studio of the real program for each file of tests, on a free port and in a new folder."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

import pytest
from PIL import Image, ImageDraw

IMPASTO = os.environ["IMPASTO"]


class Studio:
    """A running studio."""

    def __init__(self, data, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = data
        self.options = options
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [IMPASTO, "studio", "--port", str(self.port), "--data", str(self.data), "--no-browser", *self.options],
            stderr=subprocess.PIPE, text=True)
        self.greeting = self.process.stderr.readline()
        assert "The studio is at" in self.greeting, self.greeting

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def request(self, method, path, body=None, headers=None):
        """The status, the fields and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data

    def call(self, method, path, body=None, expected=200):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        status, _, answer = self.request(method, "/api/v1" + path, data)
        assert status == expected, (method, path, status, answer)
        return json.loads(answer) if answer else None

    def upload(self, path, kind="photo"):
        with open(path, "rb") as file:
            name = os.path.basename(path)
            return self.call("POST", f"/pictures?kind={kind}&name={name}", file.read(), 201)["id"]

    def add(self, photo, style="shards", method="one-pass", **settings):
        request = {"method": method, "photo": photo, "styles": [style], "settings": settings}
        return self.call("POST", "/jobs", request, 201)["id"]

    def wait(self, job, *states, seconds=120):
        """Waits until a job is over, or in one of the states."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.call("GET", f"/jobs/{job}")
            if found["state"] in (states or ("finished", "failed", "canceled")):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{job} is still {found['state']}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    """A small photo with large forms."""
    path = tmp_path_factory.mktemp("pictures") / "photo.jpg"
    picture = Image.new("RGB", (160, 120), (120, 160, 220))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 80, 160, 120), fill=(60, 120, 50))
    draw.ellipse((50, 30, 110, 95), fill=(200, 80, 40))
    picture.save(path)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """A clip of two seconds with a sound."""
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=128x96:rate=10:duration=2", "-f", "lavfi", "-i",
         "sine=duration=2", "-pix_fmt", "yuv420p", "-shortest", path], check=True)
    return path


@pytest.fixture(scope="session")
def record(photo, tmp_path_factory):
    """The record of a short training."""
    folder = tmp_path_factory.mktemp("training")
    (folder / "photos").mkdir()
    # Of so many photos some are held back for previews.
    for index in range(40):
        Image.open(photo).rotate(9 * index).save(folder / "photos" / f"{index}.jpg")
    subprocess.run(
        [IMPASTO, "train", "--style", photo, "--photos", folder / "photos", "-o", folder / "net.safetensors", "--steps", "4",
         "--size", "32", "--batch", "1", "--base-channels", "4", "--style-size", "48", "--run", folder / "record", "--preview-every", "2", "--quiet"],
        check=True)
    return folder / "record"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    studio = Studio(tmp_path_factory.mktemp("studio"))
    yield studio
    studio.stop()


@pytest.fixture
def fresh(tmp_path):
    """A studio for a test that stops it."""
    studio = Studio(tmp_path / "studio")
    yield studio
    if studio.process.poll() is None:
        studio.kill()
