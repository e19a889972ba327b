"""Ordinary workloads: nodes come for pods, pods are bound by the real scheduler, nodes go when they are empty."""
import objects
from objects import DO_NOT_DISRUPT, anti_affinity, daemon_set, merged, needs, requests, spread
from scene import expect
from scenarios import scenario

HASH = "karpenter.sh/nodepool-hash"


@scenario()
def scale_out_and_in(scene):
    """A Deployment of 10 pods runs, then goes, and the nodes go with it (05 F.3: 56, 63)."""
    scene.pool(disruption={"consolidateAfter": "0s"})
    scene.deploy("web", 10, cpu="1")
    scene.eventually(60, scene.running, 10)
    scene.scale("web", 0)
    scene.eventually(60, scene.nodes_are, 0)


@scenario()
def daemon_set_overhead(scene):
    """Limits of a LimitRange count as requests of daemons: one node holds both (05 F.3: 1)."""
    scene.make({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits", "namespace": scene.name},
                "spec": {"limits": [{"type": "Container", "default": {"cpu": "2", "memory": "1Gi"}}]}})
    one_node_for_a_daemon_and_a_pod(scene)


@scenario()
def daemon_set_default_requests(scene):
    """So do default requests (05 F.3: 2)."""
    scene.make({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "requests", "namespace": scene.name},
                "spec": {"limits": [{"type": "Container", "defaultRequest": {"cpu": "2", "memory": "1Gi"}}]}})
    one_node_for_a_daemon_and_a_pod(scene)


def one_node_for_a_daemon_and_a_pod(scene):
    """
    The first node is too small for both: what the daemon's pods request is known once one of them exists. It takes the
    place of the other pod, whose successor gets a node for both; then the first is empty.
    """
    scene.make({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": scene.name}, "value": 1000000})
    daemons = daemon_set(scene.name, "agent", priorityClassName=scene.name)
    daemons["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "1Gi"}}
    scene.make(daemons)
    scene.pool(disruption={"consolidateAfter": "0s"})
    scene.deploy("one", 1, containers=[{"name": "main", "image": "pause", "resources": {"requests": {"memory": "1Gi"}}}])
    scene.eventually(60, scene.running, 1, "one")

    def both_on_one():
        scene.nodes_are(1)
        scene.claims_are(1)
        scene.running(2)

    scene.eventually(180, both_on_one)
    scene.steadily(5, both_on_one)


@scenario()
def host_ports(scene):
    """Daemons hold a port on one architecture, pods want it on the other; nobody is told FailedScheduling (05 F.3: 3)."""
    scene.pool(template={"spec": {"requirements": [
        needs("kubernetes.io/os", "linux"), needs("karpenter.sh/capacity-type", "on-demand"),
        needs("kubernetes.io/arch", "amd64", "arm64"), needs("karpenter.kwok.sh/instance-size", "32", operator="Lt")]}})
    for arch, port in (("amd64", 8000), ("arm64", 9000)):
        scene.daemons(f"agent-{arch}", nodeSelector={"kubernetes.io/arch": arch}, containers=[holds(port)])
    for arch, port in (("arm64", 8000), ("amd64", 9000)):
        scene.pod(f"wants-{port}", nodeSelector={"kubernetes.io/arch": arch}, containers=[holds(port)])
    scene.eventually(60, scene.running, 4)
    for name in ("wants-8000", "wants-9000"):
        expect(not scene.events("FailedScheduling", name), f"pod {name} was told FailedScheduling")


def holds(port):
    return {"name": "main", "image": "pause", "resources": requests(), "ports": [{"hostPort": port, "containerPort": port}]}


@scenario()
def zone_spread(scene):
    """Pods spread over zones are bound so: two in each of four (02 s10)."""
    scene.pool()
    scene.deploy("web", 8, cpu="1", topologySpreadConstraints=spread("web", "topology.kubernetes.io/zone"))
    scene.eventually(60, scene.running, 8)
    zone_of = {one["metadata"]["name"]: one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in scene.nodes()}
    zones = [zone_of[one["spec"]["nodeName"]] for one in scene.pods()]
    counts = {zone: zones.count(zone) for zone in zones}
    expect(sorted(counts.values()) == [2, 2, 2, 2], f"pods by zone: {counts}")


@scenario()
def hostname_anti_affinity(scene):
    """10 pods that avoid each other get 10 nodes (05 F.3: 5)."""
    each_pod_its_node(scene, 10)


@scenario(default=False)
def utilization(scene):
    """100 pods that avoid each other get exactly 100 nodes (05 F.3: 5)."""
    each_pod_its_node(scene, 100)


def each_pod_its_node(scene, count):
    scene.pool()
    scene.deploy("web", count, cpu="1800m", annotations=DO_NOT_DISRUPT, affinity=anti_affinity("web"))
    scene.eventually(60 + 2 * count, scene.running, count)
    scene.eventually(60, scene.nodes_are, count)
    scene.claims_are(count)


@scenario(default=False)
def diverse_pods(scene):
    """Affinity, anti-affinity, zone and hostname spread, side by side (05 F.3: 65)."""
    scene.pool()
    scene.eventually(120, scene.running, deploy_diverse(scene))


def deploy_diverse(scene, times=1):
    """How many pods that makes."""
    together = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"app": "together"}}}]}}
    kinds = {"plain": (10, {}), "zones": (8, {"topologySpreadConstraints": spread("zones", "topology.kubernetes.io/zone")}),
             "hosts": (6, {"topologySpreadConstraints": spread("hosts", "kubernetes.io/hostname")}),
             "apart": (5, {"affinity": anti_affinity("apart")}), "together": (6, {"affinity": together})}
    for app, (count, pod) in kinds.items():
        scene.deploy(app, times * count, cpu="500m", **pod)
    return times * sum(count for count, _ in kinds.values())


@scenario()
def hash_annotations(scene):
    """The pool carries the hash that upstream's own function gives (05 F.3: 4, 39; 01 s17)."""
    # Requirements play no part in it; this template's hash is known (01 s17.4).
    published = objects.node_pool(scene.name, scene.name + "-published")
    published["spec"]["template"] = merged(published["spec"]["template"],
                                           {"metadata": {"labels": None}, "spec": {"expireAfter": "720h"}})
    scene.make(published)
    scene.pool()

    def has_hash(pool=scene.name):
        annotations = scene.api.get("NodePool", pool)["metadata"].get("annotations", {})
        expect(annotations.get(HASH) and annotations.get(HASH + "-version") == "v3", f"annotations {annotations}")
        return annotations[HASH]

    expect(scene.eventually(20, has_hash, scene.name + "-published") == "12745407319442031341", "another hash")
    current = scene.eventually(20, has_hash)
    scene.deploy("web", 1)
    scene.eventually(60, scene.running, 1)
    claim = scene.claims()[0]["metadata"]["name"]
    stale = {HASH: "1234567890", HASH + "-version": "v0"}
    scene.annotate("NodeClaim", claim, stale)
    scene.annotate("NodePool", scene.name, stale)
    scene.eventually(20, lambda: expect(has_hash() == current, "the pool's hash is stale"))

    def claim_follows():
        annotations = scene.api.get("NodeClaim", claim)["metadata"]["annotations"]
        expect(annotations[HASH] == current, "the claim's hash is stale")

    scene.eventually(20, claim_follows)
    scene.has_condition("NodePool", scene.name, "Ready")
    scene.steadily(5, lambda: scene.claims_are(1))
    expect(not any(one["type"] == "Drifted" and one["status"] == "True"
                   for one in scene.api.get("NodeClaim", claim)["status"]["conditions"]), "the claim drifted")
