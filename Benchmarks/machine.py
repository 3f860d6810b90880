"""What the benchmarks say about the machine that they run on."""
import platform
import subprocess


def output(*command: str) -> str:
    """The standard output of a command; empty if it fails or does not exist."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor() -> str:
    """The name of the processor."""
    for line in output("lscpu").splitlines():
        if line.startswith("Model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
