"""Our controller as one process, started as its chart would: settings in the environment, a token of its own."""
import json
import os
import pathlib
import signal
import urllib.request

from processes import Process, free_port, wait_until

LEASE = "karpenter-leader-election"


class Controller:
    def __init__(self, plane, binary, name="controller"):
        self.plane, self.binary, self.name = plane, binary, name
        self.log = plane.work / f"{name}.log"
        self.process = None

    def start(self, **settings):
        self.ports = {"metrics": free_port(), "health": free_port()}
        environment = {
            "KUBECONFIG": str(self.plane.kubeconfig("karpenter")), "LEADER_ELECTION_NAMESPACE": "kube-system",
            "PREFERENCE_POLICY": "Ignore", "LOG_LEVEL": "debug", "METRICS_PORT": str(self.ports["metrics"]),
            "HEALTH_PROBE_PORT": str(self.ports["health"]),
            "FEATURE_GATES": "StaticCapacity=true,NodeRepair=true,CapacityBuffer=true,NodeOverlay=true", **settings}
        self.process = Process(self.name, [self.binary, "controller", "--cloud-provider=kwok"], self.log, environment)
        return self

    def wait_ready(self, seconds=40):
        wait_until(f"{self.name} is ready", seconds, self._is_ready)
        return self

    def _is_ready(self):
        if not self.process.is_running():
            raise RuntimeError(f"{self.name} ended: {self.tail(3)}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['health']}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait_leader(self, seconds=40):
        wait_until(f"{self.name} leads", seconds, self.leads)
        return self

    def leads(self):
        """Only the leader has reconciled anything; its metric says so."""
        return any(line.startswith("leader_election_master_status") and line.endswith(" 1")
                   for line in self.metrics().splitlines())

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['metrics']}/metrics", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def kill(self):
        self.process.send(signal.SIGKILL)
        self.process.child.wait()

    def records(self, skip=0):
        """The log as objects; lines that are not JSON as {"level": "ERROR"}."""
        if not self.log.exists():
            return
        with open(self.log, errors="replace") as lines:
            for number, line in enumerate(lines):
                if number < skip or not line.strip():
                    continue
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    yield {"level": "ERROR", "message": "not JSON: " + line.strip()}

    def lines(self):
        return sum(1 for _ in open(self.log, errors="replace")) if self.log.exists() else 0

    def errors(self, skip=0):
        return [one for one in self.records(skip) if one.get("level") == "ERROR"]

    def tail(self, count):
        return " | ".join(pathlib.Path(self.log).read_text(errors="replace").splitlines()[-count:])
