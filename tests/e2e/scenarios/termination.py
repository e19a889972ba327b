"""Nodes that end: drain, budgets of pods, grace periods, the order of eviction."""
import time

from objects import DO_NOT_DISRUPT, lingers, needs
from scene import DISRUPTED, expect
from scenarios import scenario

BUDGET_NONE = [{"nodes": "0"}]


@scenario()
def empty_node_with_budget_zero(scene):
    """An empty node is consolidatable, but a budget of 0 keeps it (05 F.3: 54)."""
    keeps_empty_node(scene, BUDGET_NONE)


@scenario(default=False)
def empty_node_with_scheduled_budget(scene):
    """So does one that is in force now (05 F.3: 55)."""
    keeps_empty_node(scene, window_around_now())


def window_around_now():
    start = time.gmtime(time.time() - 15 * 60)
    return [{"nodes": "0", "schedule": f"{start.tm_min} {start.tm_hour} * * *", "duration": "30m"}]


def keeps_empty_node(scene, budgets):
    scene.pool(disruption={"consolidateAfter": "0s", "budgets": budgets})
    scene.deploy("web", 1)
    scene.eventually(60, scene.running, 1)
    claim = scene.claims()[0]["metadata"]["name"]
    scene.scale("web", 0)
    scene.eventually(30, scene.has_condition, "NodeClaim", claim, "Consolidatable")
    scene.steadily(60, scene.disrupted_at_most, 0)
    scene.nodes_are(1)


@scenario()
def pod_disruption_budget(scene):
    """A drain waits for a PodDisruptionBudget, and goes on when it allows."""
    scene.pool()
    scene.deploy("web", 2)
    scene.pdb("web", minAvailable=2)
    scene.eventually(60, scene.running, 2)
    before = scene.names(scene.nodes())
    for name in scene.names(scene.claims()):
        scene.api.delete("NodeClaim", name)

    def tainted():
        expect(scene.disrupted(), "the node has no taint")
        expect(any(one["key"] == DISRUPTED and one["effect"] == "NoSchedule"
                   for one in scene.disrupted()[0]["spec"].get("taints", [])), "another taint")

    scene.eventually(20, tainted)
    scene.steadily(15, lambda: expect(len([one for one in scene.pods() if one["spec"].get("nodeName") in before]) == 2,
                                      "a pod was evicted against its budget"))
    scene.api.merge("PodDisruptionBudget", "web", {"spec": {"minAvailable": 1}}, scene.name)
    scene.eventually(90, scene.replaced, before, 1)
    scene.eventually(30, scene.running, 2)


@scenario()
def grace_period_of_node(scene):
    """A node's grace period ends a pod that may not be disrupted, in time for its own (05 F.3: 57)."""
    scene.pool(template={"spec": {"terminationGracePeriod": "60s"}})
    scene.pod("stays", annotations=DO_NOT_DISRUPT, terminationGracePeriodSeconds=30)
    scene.eventually(60, scene.running, 1)
    taint_comes_then_pod_leaves(scene, "stays")


@scenario(default=False)
def grace_period_with_pre_stop(scene):
    """A pod whose preStop hook takes 300 s is ended as the node's grace period ends (05 F.3: 58)."""
    scene.pool(template={"spec": {"terminationGracePeriod": "60s"}})
    scene.pod("stays", annotations=lingers(300), terminationGracePeriodSeconds=300)
    scene.eventually(60, scene.running, 1)
    taint_comes_then_pod_leaves(scene, "stays")


def taint_comes_then_pod_leaves(scene, pod):
    node = scene.nodes()[0]["metadata"]["name"]
    scene.api.delete("NodeClaim", scene.claims()[0]["metadata"]["name"])
    began = time.monotonic()

    def tainted():
        taints = scene.api.get("Node", node)["spec"].get("taints", [])
        expect(any((one["key"], one["effect"]) == (DISRUPTED, "NoSchedule") for one in taints), "no taint")

    scene.eventually(10, tainted)
    scene.figures["taint_s"] = round(time.monotonic() - began, 2)
    expect(time.monotonic() - began < 3, "the taint took more than 3 s")
    scene.steadily(25, lambda: expect(scene.api.get("Pod", pod, scene.name) is not None, "the pod left early"))
    # kwok's pods know no grace period: one that is still there counts as stuck a minute after its own has passed, and the
    # pod garbage collector takes it when its node is gone.
    scene.eventually(150, scene.nodes_are, 0)
    scene.eventually(120, scene.absent, "Pod", pod, scene.name)


@scenario(default=False, minutes=4)
def do_not_disrupt_for_a_while(scene):
    """Pods that may not be disrupted for 1m, 2m and ever leave a deleted node in that order (05 F.3: 28)."""
    scene.pool()
    for name, value in (("first", "1m"), ("second", "2m"), ("third", "true")):
        scene.pod(name, annotations={"karpenter.sh/do-not-disrupt": value})
    scene.eventually(60, scene.running, 3)
    started = time.monotonic()
    scene.api.delete("NodeClaim", scene.claims()[0]["metadata"]["name"])
    present = lambda *names: expect(scene.names(scene.pods()) >= set(names), f"of {names} only {scene.names(scene.pods())}")
    scene.steadily(max(1, 50 - (time.monotonic() - started)), present, "first", "second", "third")
    scene.eventually(30, scene.absent, "Pod", "first", scene.name)
    scene.steadily(max(1, 110 - (time.monotonic() - started)), present, "second", "third")
    scene.eventually(30, scene.absent, "Pod", "second", scene.name)
    scene.steadily(30, present, "third")
    scene.annotate("Pod", "third", {"karpenter.sh/do-not-disrupt": None}, scene.name)
    scene.eventually(60, scene.nodes_are, 0)


@scenario(default=False, minutes=4)
def drain_order(scene):
    """Ordinary pods leave first, then daemons, then critical pods, then critical daemons (05 F.3: 60)."""
    scene.pool()
    stay = {"annotations": lingers(20), "terminationGracePeriodSeconds": 60}
    scene.deploy("plain", 1, **stay)
    scene.daemons("plain-daemon", **stay)
    scene.deploy("node-critical", 1, priorityClassName="system-node-critical", **stay)
    scene.deploy("cluster-critical", 1, priorityClassName="system-cluster-critical", **stay)
    scene.daemons("node-critical-daemon", priorityClassName="system-node-critical", **stay)
    scene.daemons("cluster-critical-daemon", priorityClassName="system-cluster-critical", **stay)
    scene.eventually(60, scene.running, 6)
    scene.eventually(30, scene.nodes_are, 1)
    node = scene.nodes()[0]["metadata"]["name"]
    scene.api.merge("NodePool", scene.name, {"spec": {"limits": {"cpu": "0"}}})
    scene.api.delete("NodeClaim", scene.claims()[0]["metadata"]["name"])
    groups = [{"plain"}, {"plain-daemon"}, {"node-critical", "cluster-critical"},
              {"node-critical-daemon", "cluster-critical-daemon"}]
    for index, group in enumerate(groups):
        scene.eventually(30, lambda: expect(group <= leaving(scene, node), f"{group} do not leave: {leaving(scene, node)}"))
        later = set().union(*groups[index + 1:])
        scene.steadily(15, lambda: expect(not later & leaving(scene, node), f"{later & leaving(scene, node)} leave early"))
    scene.eventually(60, scene.nodes_are, 0)


def leaving(scene, node):
    return {one["metadata"]["labels"]["app"] for one in scene.pods()
            if one["spec"].get("nodeName") == node and "deletionTimestamp" in one["metadata"]}
