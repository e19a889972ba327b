"""What a scenario works with: a namespace, objects labelled as its own, checks that wait, and a clean end.

A check is a function that raises NotYet (through `expect`) while the cluster is not as it should be:

    scene.eventually(60, scene.running, 5)      # until it holds, or the scenario fails with its last complaint
    scene.steadily(30, scene.nodes_at_most, 2)  # it must hold all the time
"""
import os
import subprocess
import time

import objects
from api import Refused, condition, is_true
from objects import SCENE

DISRUPTED = "karpenter.sh/disrupted"


class NotYet(AssertionError):
    pass


def expect(holds, complaint):
    if not holds:
        raise NotYet(complaint)


class Scene:
    def __init__(self, name, plane, controllers):
        self.name, self.plane, self.api, self.controllers = name, plane, plane.api, controllers
        self.selector = f"{SCENE}={name}"
        self.figures, self.tolerated, self.extras = {}, [], []

    # ---- making

    def open(self):
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}})
        return self

    def make(self, thing):
        """Creates it; what has no namespace and no label of ours is removed at the end by name."""
        if "namespace" not in thing["metadata"]:
            self.extras.append((thing["kind"], thing["metadata"]["name"]))
        return self.api.create(thing)

    def pool(self, name=None, **over):
        return self.make(objects.node_pool(self.name, name or self.name, **over))

    def claim(self, name=None, **over):
        return self.make(objects.node_claim(self.name, name or self.name, **over))

    def deploy(self, app, replicas, **pod):
        return self.make(objects.deployment(self.name, app, replicas, **pod))

    def daemons(self, app, **pod):
        return self.make(objects.daemon_set(self.name, app, **pod))

    def pod(self, name, **template):
        return self.make(objects.pod(self.name, name, **template))

    def pdb(self, app, **spec):
        return self.make(objects.disruption_budget(self.name, app, **spec))

    def scale(self, app, replicas):
        self.api.merge("Deployment", app, {"spec": {"replicas": replicas}}, self.name)

    def change_pool(self, name=None, **spec):
        self.api.merge("NodePool", name or self.name, {"spec": spec})

    def annotate(self, kind, name, annotations, namespace=None):
        self.api.merge(kind, name, {"metadata": {"annotations": annotations}}, namespace)

    def set_condition(self, kind, name, **fields):
        """Writes one condition of an object's status, the others as they are."""
        for _ in range(20):
            thing = self.api.get(kind, name)
            conditions = [one for one in thing.get("status", {}).get("conditions", []) if one["type"] != fields["type"]]
            thing.setdefault("status", {})["conditions"] = conditions + [fields]
            try:
                return self.api.replace(thing, sub="status")
            except Refused as refusal:
                if refusal.status != 409:
                    raise
        raise AssertionError(f"{kind} {name} changes all the time")

    # ---- looking

    def nodes(self, selector=None):
        return self.api.list("Node", selector=selector or self.selector)

    def claims(self, selector=None):
        return self.api.list("NodeClaim", selector=selector or self.selector)

    def pods(self, app=None):
        return self.api.list("Pod", self.name, f"app={app}" if app else "")

    def ask_karpenter(self, *arguments):
        """What the command prints about this cluster."""
        done = subprocess.run([self.plane.karpenter, *arguments], text=True, capture_output=True, timeout=60,
                              env={**os.environ, "KUBECONFIG": str(self.plane.kubeconfig("admin"))})
        expect(done.returncode == 0, f"karpenter {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def names(self, things):
        return {one["metadata"]["name"] for one in things}

    def disrupted(self, nodes=None):
        """Those that carry the disruption taint or are on their way out."""
        return [one for one in (self.nodes() if nodes is None else nodes) if "deletionTimestamp" in one["metadata"]
                or any(taint["key"] == DISRUPTED for taint in one["spec"].get("taints", []))]

    def events(self, reason, pod):
        return [one for one in self.api.list("Event", self.name)
                if one["reason"] == reason and one["involvedObject"]["name"] == pod
                and (one.get("source") or {}).get("component") == "karpenter"]

    # ---- checks

    def running(self, count, app=None):
        """Exactly that many pods, all Running on a node."""
        pods = [one for one in self.pods(app) if "deletionTimestamp" not in one["metadata"]]
        done = [one for one in pods if one["status"].get("phase") == "Running" and one["spec"].get("nodeName")]
        expect(len(pods) == count and len(done) == count, f"{len(done)} of {len(pods)} pods run, not {count}")

    def nodes_are(self, count):
        found = self.nodes()
        ready = [one for one in found if is_true(one, "Ready")]
        initialized = [one for one in found if one["metadata"]["labels"].get("karpenter.sh/initialized") == "true"]
        expect(len(found) == count == len(ready) == len(initialized),
               f"{len(found)} nodes, {len(ready)} ready, {len(initialized)} initialized, not {count}")

    def nodes_at_most(self, count):
        found = len(self.nodes())
        expect(found <= count, f"{found} nodes, more than {count}")

    def nodes_at_least(self, count):
        found = len(self.nodes())
        expect(found >= count, f"{found} nodes, fewer than {count}")

    def claims_are(self, count):
        found = len(self.claims())
        expect(found == count, f"{found} claims, not {count}")

    def disrupted_at_most(self, count):
        found = len(self.disrupted())
        expect(found <= count, f"{found} nodes are disrupted, more than {count}")

    def replaced(self, old_nodes, count):
        """None of the old nodes is left, and there are that many new ones."""
        left = self.names(self.nodes()) & set(old_nodes)
        expect(not left, f"{len(left)} old nodes are left")
        self.nodes_are(count)

    def absent(self, kind, name, namespace=None):
        expect(self.api.get(kind, name, namespace) is None, f"{kind} {name} is still there")

    def has_condition(self, kind, name, type, status="True", reason=None, namespace=None):
        found = condition(self.api.get(kind, name, namespace), type)
        expect(found.get("status") == status and reason in (None, found.get("reason")),
               f"{kind} {name}: {type} is {found or 'absent'}, not {status} {reason or ''}")

    # ---- time

    def eventually(self, seconds, check, *arguments, **options):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return check(*arguments, **options)
            except (NotYet, OSError, TypeError, KeyError, IndexError) as complaint:
                if time.monotonic() > deadline:
                    raise AssertionError(f"not within {seconds} s: {complaint!r}") from None
            time.sleep(0.5)

    def steadily(self, seconds, check, *arguments, until=None, **options):
        """The check must hold all the time, for `seconds` or until `until` holds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            check(*arguments, **options)
            if until is not None:
                try:
                    return until()
                except (NotYet, KeyError) as complaint:
                    if time.monotonic() > deadline - 0.3:
                        raise AssertionError(f"not within {seconds} s: {complaint}") from None
            time.sleep(0.25)
        if until is not None:
            until()

    def tolerate(self, *patterns):
        """Error records that this scenario provokes on purpose (regular expressions on the record's text)."""
        self.tolerated += patterns

    # ---- the end

    def close(self):
        """As the public suites clean up: everything is deleted at once; all must vanish by itself."""
        for kind in ("Deployment", "DaemonSet", "PodDisruptionBudget", "CapacityBuffer", "PodTemplate"):
            for one in self.api.list(kind, self.name):
                self.api.delete(kind, one["metadata"]["name"], self.name)
        for kind, name in self.extras:
            self.api.delete(kind, name)
        for one in self.api.list("Pod", self.name):
            self.api.delete("Pod", one["metadata"]["name"], self.name, grace=0)
        for kind in ("NodeClaim", "Node"):
            for one in self.api.list(kind, selector=self.selector):
                self.api.delete(kind, one["metadata"]["name"], grace=0)
        self.eventually(90, self._is_empty)
        self.api.delete("Namespace", self.name)

    def _is_empty(self):
        left = [f"{kind} {one['metadata']['name']} (finalizers {one['metadata'].get('finalizers')})"
                for kind in ("NodePool", "NodeClaim", "Node") for one in self.api.list(kind, selector=self.selector)]
        expect(not left, "is left over: " + ", ".join(left[:5]))
