"""What our controllers cost while something goes on, restarts included: CPU seconds and resident memory."""
import pathlib
import threading


class Meter:
    """Reads /proc once a second in a thread of its own, between `start` and `stop`."""

    def __init__(self, controllers):
        self.controllers = controllers
        self.first, self.last, self.peak_mb = {}, {}, 0.0
        self.is_running = False
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._look()
        self.is_running = True
        self.thread.start()
        return self

    def stop(self):
        self.over.set()
        self.thread.join()
        self._look()
        return self

    def cpu_seconds(self):
        """A process that was killed counts up to the last second that was seen of it."""
        return sum(last - self.first[pid] for pid, last in self.last.items())

    def _run(self):
        while not self.over.wait(1):
            self._look()

    def _look(self):
        for one in list(self.controllers):
            if one.process is None:
                continue
            pid = one.process.pid
            try:
                used = one.process.cpu_seconds()
                resident = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) / 256
            except (OSError, IndexError):
                continue  # It has ended.
            if pid not in self.first:
                # One that is started meanwhile is paid for from its beginning.
                self.first[pid] = 0.0 if self.is_running else used
            self.last[pid] = used
            self.peak_mb = max(self.peak_mb, resident)
