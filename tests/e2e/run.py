#!/usr/bin/env python3
"""Plays scenarios against our controller on a real control plane (tests/e2e/README.md).

  run.py                 the default set
  run.py --quick         of these only what plays side by side (three minutes)
  run.py --all           all but those of the performance suite
  run.py --performance   those
  run.py NAME...         those whose name contains one of the words
  run.py --list
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback

from control_plane import ControlPlane
from controller import Controller
from meter import Meter
from scenarios import SCENARIOS
from scene import Scene

# What upstream too logs as errors, and what scenarios bring about: pods that do not fit, pools and classes not ready.
ORDINARY = ["could not schedule pod", "ignoring nodepool", "failed launching nodeclaim"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="karpenter-e2e-"))
        self.plane = ControlPlane(self.work, arguments.karpenter)
        self.controllers, self.problems, self.rows = [], [], []
        self.tolerated = list(ORDINARY)

    def play(self, chosen):
        started = time.monotonic()
        try:
            self.plane.start()
            self.controllers.append(Controller(self.plane, self.arguments.karpenter).start().wait_ready().wait_leader())
            self.stand_in_for_our_pod()
            print(f"control plane and controller are up after {time.monotonic() - started:.1f} s", flush=True)
            together = sorted((one for one in chosen if not one.is_alone), key=lambda one: -one.minutes)
            with concurrent.futures.ThreadPoolExecutor(max_workers=self.arguments.jobs) as pool:
                list(pool.map(self.play_one, together))
            for one in chosen:
                if one.is_alone:
                    self.play_alone(one)
            self.judge()
        finally:
            self.stop()
        print(f"{len(chosen)} scenarios, {len(self.problems)} problems, {time.monotonic() - started:.0f} s")

    def abandon(self, number, _):
        """Told to end: the children go first, scenarios under way are not waited for."""
        for process in [one.process for one in self.controllers] + list(self.plane.processes.values()):
            if process:
                process.send(signal.SIGKILL)
        print(f"ended by signal {number}; logs: {self.work}", flush=True)
        os._exit(128 + number)

    def stand_in_for_our_pod(self):
        """The public suites look for the pod whose name is the lease holder's (OPR-127)."""
        holder = self.plane.api.get("Lease", "karpenter-leader-election", "kube-system")["spec"]["holderIdentity"]
        self.plane.api.create({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": holder.split("_")[0], "namespace": "kube-system",
                         "labels": {"app.kubernetes.io/instance": "karpenter"}},
            "spec": {"nodeName": "control-plane", "tolerations": [{"operator": "Exists"}],
                     "containers": [{"name": "controller", "image": "karpenter"}]}})

    def play_alone(self, scenario):
        """With the settings that it asks for, as a controller is restarted to change them; one that has ended is no more news."""
        if scenario.settings or not self.controllers[0].process.is_running():
            self.restart(**scenario.settings)
        self.play_one(scenario)
        if scenario.settings:
            self.restart()

    def restart(self, **settings):
        self.controllers[0].process.end()
        self.controllers[0].start(**settings).wait_ready().wait_leader()

    def play_one(self, scenario):
        meter = Meter(self.controllers).start()
        started = time.monotonic()
        scene = Scene(scenario.name, self.plane, self.controllers)
        complaint = ""
        try:
            scenario.play(scene.open())
        except Exception as trouble:  # Whatever goes wrong is this scenario's failure.
            complaint = f"{type(trouble).__name__}: {trouble}"
            if not isinstance(trouble, AssertionError):
                complaint += "\n" + traceback.format_exc()
            self.keep(scene)
        try:
            scene.close()
        except Exception as trouble:
            complaint += f"\nclean-up: {trouble}"
        if not all(one.process.is_running() for one in self.controllers):
            complaint += "\nthe controller has ended"
        self.tolerated += scene.tolerated
        seconds = time.monotonic() - started
        meter.stop()
        self.rows.append({"name": scenario.name, "alone": scenario.is_alone, "seconds": round(seconds, 1), "ok": not complaint,
                          "all_cpu_s": round(meter.cpu_seconds(), 2), "all_rss_mb": round(meter.peak_mb, 1), **scene.figures})
        print(f"{'FAILED' if complaint else 'ok    '} {scenario.name} ({seconds:.0f} s)"
              + "".join(f" {key}={value}" for key, value in scene.figures.items()), flush=True)
        if complaint:
            self.problems.append(f"{scenario.name}: {complaint}")
            print("       " + complaint.strip().replace("\n", "\n       "), flush=True)

    def keep(self, scene):
        """The scene's objects, for whoever looks into its failure."""
        seen = {kind: self.plane.api.list(kind, namespace, selector) for kind, namespace, selector in (
            ("NodePool", None, scene.selector), ("NodeClaim", None, scene.selector), ("Node", None, scene.selector),
            ("Pod", scene.name, ""), ("Event", scene.name, ""), ("CapacityBuffer", scene.name, ""))}
        (self.work / f"{scene.name}.json").write_text(json.dumps(seen, indent=1))

    def judge(self):
        """What no single scenario can tell: nothing was denied, nothing went wrong in the log, nothing is left."""
        denied = self.plane.denied()
        if denied:
            self.problems.append("the API server denied: " + ", ".join(denied))
        for controller in self.controllers:
            errors = [json.dumps(one) for one in controller.errors()]
            errors = [one for one in errors if not any(re.search(pattern, one) for pattern in self.tolerated)]
            if errors:
                self.problems.append(f"{len(errors)} error records of {controller.name}:\n" + "\n".join(errors[:10]))
            if not controller.process.is_running():
                self.problems.append(f"{controller.name} has ended: {controller.tail(3)}")
        left = [one["metadata"]["name"] for kind in ("Node", "NodeClaim") for one in self.plane.api.list(kind)]
        if left != ["control-plane"]:
            self.problems.append(f"nodes and claims at the end: {left}")

    def stop(self):
        for controller in self.controllers:
            if controller.process and controller.process.is_running():
                process = controller.process
                (self.work / f"{controller.name}-metrics.txt").write_text(controller.metrics())
                self.rows.append({"name": controller.name, "cpu_s": round(process.cpu_seconds(), 2),
                                  "peak_rss_mb": round(process.peak_rss_mb(), 1)})
                print(f"{controller.name}: {process.cpu_seconds():.1f} CPU seconds, peak {process.peak_rss_mb():.0f} MB")
                process.end()
        self.plane.stop()


def is_chosen(one, arguments):
    is_performance = one.name.startswith("performance-")
    if arguments.all or arguments.performance:
        return is_performance == arguments.performance
    return one.is_default and not (arguments.quick and one.is_alone)


def table(rows):
    """Those side by side share a controller: what it used meanwhile is the most that one of them can have cost."""
    lines = ["| scenario | result | wall | controller CPU | its peak RSS |", "|---|---|---|---|---|"]
    for row in rows:
        if "ok" in row:
            most = "" if row["alone"] else "at most "
            lines.append(f"| {row['name']} | {'pass' if row['ok'] else 'FAIL'} | {row['seconds']:.0f} s | "
                         f"{most}{row['all_cpu_s']:.2f} s | {row['all_rss_mb']:.0f} MB |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--performance", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--karpenter", type=pathlib.Path, default=ROOT / "build/release/bin/karpenter")
    parser.add_argument("--jobs", type=int, default=16, help="scenarios at a time")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures there")
    parser.add_argument("--table", type=pathlib.Path, help="write them there as a Markdown table")
    parser.add_argument("--keep", action="store_true", help="keep the logs of a good run too")
    arguments = parser.parse_args()
    if arguments.list:
        for one in SCENARIOS:
            print(f"{one.name:32} {'alone ' if one.is_alone else '      '}{'default' if one.is_default else '       '} "
                  f"{one.summary}")
        return 0
    chosen = [one for one in SCENARIOS if any(word in one.name for word in arguments.names)] if arguments.names \
        else [one for one in SCENARIOS if is_chosen(one, arguments)]
    if not chosen:
        sys.exit("no scenario is named so; see --list")
    run = Run(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, run.abandon)
    try:
        run.play(chosen)
    except (TimeoutError, RuntimeError) as trouble:
        run.problems.append(str(trouble))
    if arguments.json:
        arguments.json.write_text(json.dumps(run.rows, indent=1))
    if arguments.table:
        arguments.table.write_text(table(run.rows))
    for problem in run.problems:
        print("PROBLEM " + problem)
    if run.problems or arguments.keep:
        print(f"logs: {run.work}")
    else:
        shutil.rmtree(run.work)
    return 1 if run.problems else 0


if __name__ == "__main__":
    sys.exit(main())
