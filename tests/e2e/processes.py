"""Child processes: started with their own log, ended by id, and what they cost."""
import os
import pathlib
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    def __init__(self, name, arguments, log, env=None):
        self.name, self.log = name, pathlib.Path(log)
        # A group of its own, so that a terminal's Ctrl-C reaches only us; the same session, so that it shares our priority.
        with open(self.log, "a") as out:
            self.child = subprocess.Popen([str(one) for one in arguments], stdout=out, stderr=out,
                                          env={**os.environ, **(env or {})}, process_group=0)

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child.poll() is None

    def send(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def end(self, seconds=10):
        """SIGTERM, and SIGKILL when that does not help. The exit status."""
        self.send(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.child.returncode

    def kill(self):
        self.send(signal.SIGKILL)
        self.child.wait()

    def cpu_seconds(self):
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_rss_mb(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def forget_peak(self):
        """So that peak_rss_mb is that of what comes now."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")


def wait_until(what, seconds, is_done, interval=0.2):
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(interval)
