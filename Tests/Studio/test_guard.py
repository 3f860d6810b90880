"""What other sites' pages, strangers and broken clients cannot do."""

import http.client
import os
import socket
import subprocess

import pytest
from conftest import IMPASTO, Studio


def status(studio, method, path, headers, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=10)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def raw(studio, data, seconds=10):
    """What comes back for bytes until the connection ends."""
    with socket.create_connection(("127.0.0.1", studio.port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "localhost.evil.example", "10.0.0.1", ""])
def test_other_names_are_refused(studio, host):
    assert status(studio, "GET", "/", {"Host": host}) in (400, 421)


@pytest.mark.parametrize("host", ["localhost:{}", "127.0.0.1:{}", "[::1]:{}"])
def test_own_names_are_accepted(studio, host):
    assert status(studio, "GET", "/", {"Host": host.format(studio.port)}) == 200


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
])
def test_changes_from_other_sites_are_refused(studio, headers):
    body = b'{"paused": false}'
    headers = {**headers, "Content-Length": str(len(body))}
    assert status(studio, "PATCH", "/api/v1/queue", headers, body) == 403


def test_changes_from_the_own_page_are_accepted(studio):
    body = b'{"paused": false}'
    headers = {"Origin": studio.address, "Sec-Fetch-Site": "same-origin", "Content-Length": str(len(body))}
    assert status(studio, "PATCH", "/api/v1/queue", headers, body) == 200


@pytest.mark.parametrize("path", [
    "/../../etc/passwd", "/assets/../../etc/passwd", "/api/v1/pictures/..%2f..%2fetc%2fpasswd/image",
    "/api/v1/jobs/../result", "/studio.sqlite", "/assets/%2e%2e/studio.sqlite",
])
def test_no_file_of_the_machine_is_given_away(studio, path):
    found, _, body = studio.request("GET", path)
    assert found == 404 and b"root:" not in body


def test_pages_have_the_fields_that_protect_them(studio):
    _, headers, _ = studio.request("GET", "/")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_heads_and_other_methods(studio):
    found, headers, body = studio.request("HEAD", "/api/v1/styles")
    assert found == 200 and not body and int(headers["Content-Length"]) > 100
    found, headers, _ = studio.request("DELETE", "/api/v1/styles")
    assert found == 405 and "GET" in headers["Allow"]
    assert studio.request("GET", "/nothing")[0] == 404


def test_large_uploads_are_refused_before_they_come(studio):
    start = (
        f"POST /api/v1/pictures HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\n"
        "Content-Length: 200000000\r\n\r\n").encode()
    answer = raw(studio, start)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert answer.count(b"HTTP/1.1") == 1


def test_the_rest_of_a_refused_request_is_not_another_request(studio):
    hidden = f"GET /api/v1/styles HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\n\r\n".encode()
    start = (
        f"POST /api/v1/pictures HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\n"
        "Content-Length: 200000000\r\n\r\n").encode()
    assert raw(studio, start + hidden).count(b"HTTP/1.1") == 1


def test_broken_requests_end_the_connection(studio):
    for data in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: " + b"a" * 100_000 + b"\r\n\r\n"):
        assert b"HTTP/1.1 200" not in raw(studio, data)
    assert studio.request("GET", "/api/v1/status")[0] == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"method": 1}', b'{"method": "one-pass"}', b"\xff\xfe"])
def test_bodies_that_are_not_jobs(studio, body):
    found, _, answer = studio.request("POST", "/api/v1/jobs", body)
    assert found == 400 and b"message" in answer


def test_another_address_needs_the_token(tmp_path):
    studio = Studio(tmp_path / "studio", "--host", "0.0.0.0")
    try:
        token = studio.greeting.split("token=")[1].strip()
        assert studio.request("GET", "/api/v1/status")[0] == 401
        assert studio.request("GET", "/api/v1/status", headers={"Authorization": "Bearer " + "a" * len(token)})[0] == 401
        assert studio.request("GET", "/api/v1/status", headers={"Authorization": f"Bearer {token}"})[0] == 200
        found, headers, _ = studio.request("GET", f"/?token={token}")
        assert found == 303 and "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
        cookie = headers["Set-Cookie"].split(";")[0]
        assert studio.request("GET", "/", headers={"Cookie": cookie})[0] == 200
    finally:
        studio.stop()


def start(*options):
    return subprocess.run(
        [IMPASTO, "studio", "--no-browser", *options], capture_output=True, text=True, timeout=60)


def test_mistakes_at_the_start_get_one_line(studio, tmp_path):
    for options, text in [
        (["--port", str(studio.port), "--data", str(tmp_path / "other")], f"--port {studio.port}"),
        (["--port", "0"], "--port 0"),
        (["--data", str(studio.data)], str(studio.data)),
        (["--data", "/proc/none"], "/proc/none"),
        (["--token", "short"], "--token"),
    ]:
        run = start(*options)
        lines = [line for line in run.stderr.splitlines() if line.startswith("impasto:") or line.startswith("Error")]
        assert run.returncode != 0 and len(lines) == 1 and text in run.stderr, (options, run.stderr)


def test_what_others_may_read(studio):
    mode = os.stat(studio.data).st_mode & 0o077
    assert mode == 0
