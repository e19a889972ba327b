"""The public performance suite (spec 05 F.4): its workloads, its measures and its thresholds. One at a time."""
import re
import threading
import time

from objects import DO_NOT_DISRUPT, anti_affinity, spread
from scene import expect
from scenarios import scenario
from scenarios.scale import LARGE, SMALL, remind_kubelets

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
SAMPLE_SECONDS = 5
# Most minutes and least mean utilisation of CPU and memory, most MB (95th percentile) and cores (mean) of the controller.
LIMITS = {
    "basic/scaleOut": (2, 0.53, 0.65, 260, 0.50),
    "basic/consolidation": (20, 0, 0, 260, 0.25),
    "doNotDisrupt/scaleOut": (4, 0.38, 0.40, 645, 1.10),
    "doNotDisrupt/consolidation": (35, 0.38, 0.40, 585, 0.80),
    "drift/initial": (5, 0, 0, 425, 0.70),
    "drift/drift": (50, 0, 0, 470, 1.05),
    "hostNameSpreading/scaleOut": (5, 0.38, 0.40, 680, 1.15),
    "hostNameSpreading/consolidation": (30, 0.38, 0.40, 575, 1.00),
    "hostNameSpreadingXL/scaleOut": (35, 0.38, 0.40, 1330, 1.40),
    "hostNameSpreadingXL/consolidation": (35, 0.38, 0.40, 1200, 1.70),
    "interference/scaleOut": (5, 0.38, 0.40, 620, 0.90),
    "interference/interference": (10, 0.38, 0.40, 1205, 1.30),
    "interference/consolidation": (25, 0.38, 0.40, 820, 0.80),
    "wideDeployments/scaleOut": (5, 0.20, 0.20, 370, 0.70),
    "wideDeployments/consolidation": (40, 0.20, 0.20, 340, 0.30),
}
UNITS = {"": 1, "m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


class Samples:
    """The controller's own account of itself, read from /metrics every five seconds, until the block ends."""

    def __init__(self, controller):
        self.controller, self.rss, self.cpu, self.over = controller, [], [], threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self._look()

    def _run(self):
        while not self.over.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self):
        text = self.controller.metrics()
        rss, cpu = (re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
                    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"))
        if rss and cpu:
            self.rss.append(float(rss[1]) / 2**20)
            self.cpu.append((time.monotonic(), float(cpu[1])))

    def p95_mb(self):
        return sorted(self.rss)[int(0.95 * (len(self.rss) - 1))]

    def cpu_seconds(self):
        return self.cpu[-1][1] - self.cpu[0][1]

    def cores(self):
        return self.cpu_seconds() / (self.cpu[-1][0] - self.cpu[0][0])


def quantity(text):
    number, unit = re.fullmatch(r"([0-9.]+)(\D*)", text).groups()
    return float(number) * UNITS[unit]


def utilisation(scene):
    """Mean over the nodes of what their pods request by what can be had: CPU, memory."""
    requested = {}
    for pod in scene.pods():
        for container in pod["spec"]["containers"]:
            of_node = requested.setdefault(pod["spec"].get("nodeName"), {"cpu": 0.0, "memory": 0.0})
            for name in of_node:
                of_node[name] += quantity(container["resources"]["requests"][name])
    nodes = scene.nodes()
    return [sum(requested.get(one["metadata"]["name"], {}).get(name, 0) / quantity(one["status"]["allocatable"][name])
                for one in nodes) / max(1, len(nodes)) for name in ("cpu", "memory")]


def phase(scene, key, change, settled):
    """Does `change`, waits for what `settled` waits for, and holds the suite's measures against its thresholds."""
    minutes, cpu_least, memory_least, mb_most, cores_most = LIMITS[key]
    with Samples(scene.controllers[0]) as samples:
        began = time.monotonic()
        change()
        done = settled(scene, began + minutes * 60)
        total = time.monotonic() - began
    cpu, memory = utilisation(scene)
    found = {"s": round(done - began, 1), "total_s": round(total, 1), "nodes": len(scene.nodes()), "cpu_util": round(cpu, 3),
             "mem_util": round(memory, 3), "p95_mb": round(samples.p95_mb(), 1), "cores": round(samples.cores(), 3),
             "cpu_s": round(samples.cpu_seconds(), 2), "price": round(price(scene), 2)}
    scene.figures[key] = found
    for name, holds in (("time", total < minutes * 60), ("CPU utilisation", cpu > cpu_least),
                        ("memory utilisation", memory > memory_least), ("memory", found["p95_mb"] < mb_most),
                        ("cores", found["cores"] < cores_most)):
        expect(holds, f"{key}: {name} is beyond its threshold: {found}")


def price(scene):
    """What the nodes cost an hour."""
    return sum(float(one["metadata"]["labels"].get("eks-node-viewer/instance-price", 0)) for one in scene.nodes())


def all_run(count):
    """Settled when that many pods run. Asking the Deployments costs the API server little."""
    def wait(scene, deadline):
        seen, since = 0, time.monotonic()
        while True:
            ready = sum(one["status"].get("readyReplicas", 0) for one in scene.api.list("Deployment", scene.name))
            if ready == count:
                return time.monotonic()
            if ready != seen:
                seen, since = ready, time.monotonic()
            elif time.monotonic() - since > 20:
                since = time.monotonic()
                remind_kubelets(scene)
            expect(time.monotonic() < deadline, f"{ready} of {count} pods run")
            time.sleep(0.5)
    return wait


def at_rest(seconds, count, also=lambda: None):
    """Settled when for so long no node was tainted, has gone or come, and all pods run. The moment of the last change."""
    def wait(scene, deadline):
        last, seen, reminded = time.monotonic(), None, 0
        while time.monotonic() - last < seconds:
            expect(time.monotonic() < deadline, f"the fleet finds no rest: {len(scene.nodes())} nodes")
            nodes = scene.nodes()
            now = scene.names(nodes), scene.names(scene.disrupted(nodes))
            pending = count - sum(one["status"].get("readyReplicas", 0) for one in scene.api.list("Deployment", scene.name))
            if now != seen or now[1] or pending:
                last, seen = time.monotonic(), now
            if pending and time.monotonic() - reminded > 20:
                reminded = time.monotonic()
                remind_kubelets(scene)
            time.sleep(1)
        also()
        return last
    return wait


def consolidated(count):
    return at_rest(180, count)


def start(scene, **deployments):
    scene.pool(disruption={"consolidateAfter": "30s"})
    scene.eventually(20, scene.has_condition, "NodePool", scene.name, "Ready")

    def deploy():
        for app, (replicas, pod) in deployments.items():
            scene.deploy(app, replicas, **pod)
    return deploy


def to(scene, **replicas):
    def scale():
        for app, count in replicas.items():
            scene.scale(app, count)
    return scale


def empty(scene):
    """All pods go; until no node is left."""
    process = scene.controllers[0].process
    cpu, began = process.cpu_seconds(), time.monotonic()
    for one in scene.api.list("Deployment", scene.name):
        scene.scale(one["metadata"]["name"], 0)
    scene.eventually(600, scene.nodes_are, 0)
    scene.figures |= {"gone_s": round(time.monotonic() - began, 1), "gone_cpu_s": round(process.cpu_seconds() - cpu, 2)}


def spread_small():
    return {**SMALL, "topologySpreadConstraints": spread("small", HOSTNAME)}


def basic(scene):
    phase(scene, "basic/scaleOut", start(scene, small=(500, SMALL), large=(500, LARGE)), all_run(1000))
    phase(scene, "basic/consolidation", to(scene, small=350, large=350), consolidated(700))
    empty(scene)


@scenario(default=False, alone=True, minutes=15)
def performance_basic(scene):
    """0 to 1,000, to 700, to 0 pods (05 F.4: basic)."""
    basic(scene)


@scenario(default=False, alone=True, minutes=10, settings={"CONSOLIDATION": "extended"})
def performance_basic_extended(scene):
    """The same with --consolidation=extended."""
    basic(scene)


@scenario(default=False, alone=True, minutes=15)
def performance_do_not_disrupt(scene):
    """100 pods that may not be disrupted among 1,100 (05 F.4: doNotDisrupt); one of their nodes survives."""
    kept = {"cpu": "900m", "memory": "450Mi", "annotations": DO_NOT_DISRUPT}
    phase(scene, "doNotDisrupt/scaleOut", start(scene, small=(500, spread_small()), large=(500, LARGE), kept=(100, kept)),
          all_run(1100))
    protected = {one["spec"]["nodeName"] for one in scene.pods("kept")}
    phase(scene, "doNotDisrupt/consolidation", to(scene, small=250, large=250), consolidated(600))
    expect(protected <= scene.names(scene.nodes()), "a node with a protected pod has gone")


@scenario(default=False, alone=True, minutes=12)
def performance_drift(scene):
    """600 pods whose nodes drift (05 F.4: drift)."""
    phase(scene, "drift/initial", start(scene, small=(300, spread_small()), large=(300, LARGE)), all_run(600))
    before = scene.names(scene.nodes())

    def all_new():
        left = scene.names(scene.nodes()) & before
        expect(not left, f"{len(left)} old nodes are left")

    phase(scene, "drift/drift",
          lambda: scene.change_pool(template={"metadata": {"annotations": {"testing/changed": "yes"}}}),
          at_rest(120, 600, also=all_new))


def hostname_spreading(scene, key, each):
    phase(scene, key + "/scaleOut", start(scene, small=(each, spread_small()), large=(each, LARGE)), all_run(2 * each))
    less = each * 7 // 10
    phase(scene, key + "/consolidation", to(scene, small=less, large=less), consolidated(2 * less))


@scenario(default=False, alone=True, minutes=15)
def performance_hostname_spreading(scene):
    """500 pods spread over nodes, 500 large ones, then 350 and 350 (05 F.4: hostNameSpreading)."""
    hostname_spreading(scene, "hostNameSpreading", 500)


@scenario(default=False, alone=True, minutes=30)
def performance_hostname_spreading_xl(scene):
    """Twice as many (05 F.4: hostNameSpreadingXL)."""
    hostname_spreading(scene, "hostNameSpreadingXL", 1000)


@scenario(default=False, alone=True, minutes=20)
def performance_interference(scene):
    """500 pods that avoid each other, then large ones between them (05 F.4: interference)."""
    small = {**SMALL, "affinity": anti_affinity("small")}
    phase(scene, "interference/scaleOut", start(scene, small=(500, small), large=(0, LARGE)), all_run(500))
    phase(scene, "interference/interference", to(scene, small=250, large=500), all_run(750))
    phase(scene, "interference/consolidation", to(scene, small=400, large=200), consolidated(600))


@scenario(default=False, alone=True, minutes=20)
def performance_wide_deployments(scene):
    """30 Deployments, 1,000 pods, all spread over zones, some over nodes (05 F.4: wideDeployments)."""
    apps = {f"wide-{number}": (34 if number <= 10 else 33, wide_pod(number)) for number in range(1, 31)}
    phase(scene, "wideDeployments/scaleOut", start(scene, **apps), all_run(1000))
    less = {app: count * 7 // 10 for app, (count, _) in apps.items()}
    phase(scene, "wideDeployments/consolidation", to(scene, **less), consolidated(sum(less.values())))


def wide_pod(number):
    app = f"wide-{number}"
    pod = {**(SMALL if number % 2 else LARGE), "topologySpreadConstraints": spread(app, ZONE)}
    if number <= 3:
        pod["affinity"] = anti_affinity(app)
    elif number <= 6:
        pod["topologySpreadConstraints"] = spread(app, ZONE) + spread(app, HOSTNAME)
    return pod
