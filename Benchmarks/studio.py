"""Loads a studio, and breaks it.

usage: studio.py IMPASTO PHOTO

It needs h2load (apt install nghttp2-client).

Starts a studio in a temporary folder, and measures: the time of an optimization alone and with 1000 status requests a
second beside it, with the percentiles of their answers; memory with 1000 idle streams of events, and with 64 clients that
read slowly; the refusal of an upload of 200 MB; and 100 queued jobs over a kill. Everything is on this machine, and
bounded in number and time.
"""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request


class Studio:
    def __init__(self, impasto, folder):
        self.command = [impasto, "studio", "--no-browser", "--data", folder]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*self.command, "--port", str(self.port)], stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()

    def call(self, path, data=None, method=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}", data, method=method)
        return json.load(urllib.request.urlopen(request, timeout=60))

    def add(self, photo, **settings):
        job = {"method": "optimization", "photo": photo, "styles": ["great-wave"], "settings": settings}
        return self.call("/jobs", json.dumps(job).encode())["id"]

    def wait(self, job):
        while (found := self.call(f"/jobs/{job}"))["state"] in ("queued", "running"):
            time.sleep(0.2)
        return found

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def status_requests(port, rate, count):
    """Asks for the status over 16 connections at a steady rate, and returns the rate and the milliseconds of the answers."""
    with tempfile.NamedTemporaryFile() as log:
        run = subprocess.run(
            ["h2load", "--h1", "--clients=16", f"--requests={16 * (count // 16)}", f"--rps={rate / 16}",
             f"--log-file={log.name}", f"http://127.0.0.1:{port}/api/v1/status"],
            check=True, capture_output=True, text=True)
        rows = [line.split() for line in log.read().decode().splitlines()]
    assert all(status == "200" for _, status, _ in rows), run.stdout
    seconds = (max(int(start) for start, _, _ in rows) - min(int(start) for start, _, _ in rows)) / 1e6
    return len(rows) / seconds, sorted(int(time) / 1000 for _, _, time in rows)


async def streams(port, count):
    """Opens streams of events, and returns them."""
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    opened = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        opened.append((reader, writer))
    return opened


def main():
    impasto, photo_path = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(impasto, folder)
        with open(photo_path, "rb") as file:
            photo = studio.call("/pictures?name=photo.jpg", file.read())["id"]
        settings = {"size": 256, "iterations": 60}
        studio.wait(studio.add(photo, **settings))
        alone = studio.wait(studio.add(photo, **settings))["seconds"]
        job = studio.add(photo, **settings)
        rate, times = status_requests(studio.port, 1000, int(1000 * alone))
        loaded = studio.wait(job)["seconds"]
        print(f"{rate:.0f} status requests a second: median {statistics.median(times):.1f} ms, "
              f"99 % below {times[int(0.99 * len(times))]:.1f} ms; the job took {loaded:.1f} s instead of {alone:.1f}")

        before = studio.memory()

        async def idle():
            opened = await streams(studio.port, 1000)
            memory = studio.memory()
            for _, writer in opened:
                writer.close()
            return memory

        print(f"1000 idle streams: {asyncio.run(idle()):.0f} MB instead of {before:.0f}")

        async def slow():
            # They read nothing while a job has its steps.
            opened = await streams(studio.port, 64)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, lambda: studio.wait(studio.add(photo, size=64, iterations=400)))
            memory = studio.memory()
            for _, writer in opened:
                writer.close()
            return memory

        print(f"64 slow readers of 400 steps: {asyncio.run(slow()):.0f} MB")

        start = time.perf_counter()
        with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as client:
            client.sendall(f"POST /api/v1/pictures HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\n"
                           "Content-Length: 200000000\r\n\r\n".encode())
            answer = client.recv(4096).split(b"\r\n")[0].decode()
        print(f"an upload of 200 MB: {answer} after {1000 * (time.perf_counter() - start):.0f} ms")

        studio.call("/queue", b'{"paused": true}', "PATCH")
        jobs = [studio.add(photo, size=48, iterations=2) for _ in range(100)]
        studio.call("/queue", b'{"paused": false}', "PATCH")
        time.sleep(2)
        studio.process.kill()
        studio.process.wait()
        studio.start()
        states = [studio.wait(job)["state"] for job in jobs]
        known = {job["id"] for job in studio.call("/jobs?limit=500")["jobs"]}
        print(f"100 jobs over a kill: {states.count('finished')} finished, {len(set(jobs) - known)} lost, "
              f"{len(known) - len(set(jobs)) - 4} more than there were")
        studio.process.send_signal(signal.SIGINT)
        studio.process.wait()


main()
