"""Cases, and the folder that each of them runs in."""

import dataclasses
import os
import shutil
import signal
import subprocess
import tempfile
from typing import Callable, Optional

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Examples/photos")
TIMEOUT = 30
# Signals that a process sends to itself when it crashes.
CRASHES = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP}


@dataclasses.dataclass
class Outcome:
    status: int
    output: bytes
    errors: bytes

    @property
    def lines(self):
        return [line for line in self.errors.split(b"\n") if line]


@dataclasses.dataclass
class Case:
    """A command with what is expected of it.

    `arguments` are the binary's; `shell` is a command for bash instead, with the binary as "$0".
    `expected` is "refused", "works" or "either". `check` returns a problem or None. With
    `library_lines` a library may print lines of its own before that of the command.
    """

    name: str
    arguments: list = dataclasses.field(default_factory=list)
    shell: Optional[str] = None
    expected: str = "refused"
    creates: Optional[str] = None
    check: Optional[Callable] = None
    timeout: float = TIMEOUT
    library_lines: bool = False


class Sandbox:
    """A folder with two small pictures, in which cases run one after another."""

    def __init__(self, binary):
        self.binary = binary

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="impasto-attack-")
        for name in ["chelsea.jpg", "astronaut.jpg"]:
            shutil.copy(os.path.join(EXAMPLES, name), self.folder)
        run = self.run(["transfer", "chelsea.jpg", "--style", "astronaut.jpg", "--size", "48",
                        "--style-size", "48", "--iterations", "1", "-o", "small.png"])
        assert run.status == 0, run.errors
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(os.fsencode(self.folder), os.fsencode(name))

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return name

    def run(self, arguments, timeout=TIMEOUT):
        environment = dict(os.environ, XDG_DATA_HOME=self.folder + "/data",
                           SWIFT_BACKTRACE="enable=no")
        run = subprocess.run([self.binary, *arguments], cwd=self.folder, env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
        return Outcome(run.returncode, run.stdout, run.stderr)

    def shell(self, command, timeout=TIMEOUT):
        environment = dict(os.environ, XDG_DATA_HOME=self.folder + "/data",
                           SWIFT_BACKTRACE="enable=no")
        process = subprocess.Popen(["bash", "-c", command, self.binary], cwd=self.folder,
                                   env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return Outcome(process.returncode, output, errors)

    def files(self):
        return {os.path.join(folder, name) for folder, folders, names in
                os.walk(os.fsencode(self.folder)) for name in names + folders}

    def problem(self, case):
        """What is wrong with the outcome of a case; None if nothing is."""
        before = self.files()
        try:
            outcome = (self.shell(case.shell, case.timeout) if case.shell is not None
                       else self.run(case.arguments, case.timeout))
        except subprocess.TimeoutExpired:
            return f"no end after {case.timeout} s"
        new = self.files() - before
        try:
            return self._problem(case, outcome, new)
        finally:
            for path in sorted(new, reverse=True):
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path, ignore_errors=True)
                elif os.path.lexists(path):
                    os.remove(path)

    def _problem(self, case, outcome, new):
        status = outcome.status
        number = -status if status < 0 else status - 128
        if number in CRASHES:
            return f"crashed with {signal.Signals(number).name}: {outcome.errors[-200:]}"
        if any(b"/.impasto-" in path for path in new):
            return f"left {new}"
        if case.expected == "works" and status != 0:
            return f"status {status}: {outcome.errors[-200:]}"
        if case.creates and case.expected == "works" and not os.path.exists(self.path(case.creates)):
            return f"{case.creates} is missing"
        if case.expected == "refused" or (case.expected == "either" and status != 0):
            if status not in (1, 64):
                return f"status {status}: {outcome.errors[-200:]}"
            lines = outcome.lines[-1:] if case.library_lines else outcome.lines
            if len(lines) != 1 or not lines[0].startswith(b"impasto: "):
                return f"not one line: {outcome.errors[-300:]}"
            if new:
                return f"wrote {new}"
        if any(byte < 0x20 for line in outcome.lines for byte in line):
            return f"control characters: {outcome.errors[-200:]}"
        return case.check(self, outcome) if case.check else None


def transfer(*options, photo="small.png", style="small.png", output="out.png"):
    """The arguments of a quick transfer."""
    return ["transfer", photo, "--style", style, "-o", output, "--iterations", "1", "--size", "32",
            "--quiet", *options]
