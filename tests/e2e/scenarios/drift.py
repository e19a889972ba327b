"""Nodes whose pool has changed are replaced, within the budgets."""
import time

from api import is_true
from objects import anti_affinity, needs
from scene import DISRUPTED, expect
from scenarios import scenario
from scenarios.claims import forbid_nodes
from scenarios.termination import window_around_now
from scenarios.workloads import deploy_diverse


def change_template(scene, **metadata):
    scene.change_pool(template={"metadata": metadata or {"annotations": {"testing/changed": "yes"}}})


def all_drifted(scene, names):
    for one in scene.claims():
        expect(one["metadata"]["name"] not in names or is_true(one, "Drifted"), "a claim has not drifted")


@scenario()
def drift_of_empty_nodes(scene):
    """Three empty nodes, half of them at a time (05 F.3: 29)."""
    scene.pool(disruption={"budgets": [{"nodes": "50%"}]})
    nodes_for_apart_pods(scene, 3)
    scene.scale("web", 0)
    scene.eventually(30, scene.running, 0)
    change_template(scene)
    scene.steadily(5 * 60, scene.disrupted_at_most, 2, until=lambda: scene.nodes_are(0))


def nodes_for_apart_pods(scene, count):
    scene.deploy("web", count, affinity=anti_affinity("web"))
    scene.eventually(90, scene.running, count)
    scene.eventually(30, scene.nodes_are, count)


@scenario()
def drift_replaces(scene):
    """Five nodes with pods, three at a time, never more than eight claims (05 F.3: 31)."""
    scene.pool(disruption={"budgets": [{"nodes": "3"}]})
    nodes_for_apart_pods(scene, 5)
    before = scene.names(scene.nodes())
    change_template(scene)

    def within_bounds():
        scene.disrupted_at_most(3)
        claims = len(scene.claims())
        expect(claims <= 8, f"{claims} claims")

    scene.steadily(5 * 60, within_bounds, until=lambda: scene.replaced(before, 5))
    scene.eventually(60, scene.running, 5)


@scenario(default=False)
def drift_deletes(scene):
    """Nodes whose pods fit elsewhere are deleted, two of three at a time at most (05 F.3: 30)."""
    scene.pool(disruption={"budgets": [{"nodes": "50%"}]})
    scene.deploy("big", 3, cpu="10", affinity=anti_affinity("big"))
    scene.eventually(90, scene.running, 3)
    scene.deploy("web", 3, cpu="500m")
    scene.eventually(60, scene.running, 6)
    scene.eventually(30, scene.nodes_are, 3)
    scene.scale("big", 0)
    scene.eventually(30, scene.running, 3)
    before = scene.names(scene.nodes())
    change_template(scene)
    scene.steadily(5 * 60, scene.disrupted_at_most, 2,
                   until=lambda: expect(not before & scene.names(scene.nodes()), "old nodes are left"))
    scene.eventually(60, scene.running, 3)


@scenario()
def drift_with_budget_zero(scene):
    """Drift is seen but nothing happens (05 F.3: 32)."""
    no_disruption_though_drifted(scene, disruption={"budgets": [{"nodes": "0"}]})


@scenario(default=False)
def drift_with_scheduled_budget(scene):
    """The same in a window around now (05 F.3: 33)."""
    no_disruption_though_drifted(scene, disruption={"budgets": window_around_now()})


@scenario(default=False)
def drift_with_budget_of_another_reason(scene):
    """A budget of 0 for empty nodes does not hold up drift (03 s4)."""
    before = pool_change_replaces(
        scene, {"budgets": [{"nodes": "0", "reasons": ["Empty", "Underutilized"]}]},
        template={"metadata": {"annotations": {"testing/changed": "yes"}}})
    scene.eventually(120, scene.replaced, before, 1)


@scenario(default=False)
def drift_with_blocking_pdb(scene):
    """The same where a PodDisruptionBudget is never healthy (05 F.3: 42)."""
    scene.pdb("web", minAvailable=2)
    no_disruption_though_drifted(scene)


def no_disruption_though_drifted(scene, **pool):
    scene.pool(**pool)
    scene.deploy("web", 1)
    scene.eventually(60, scene.running, 1)
    scene.eventually(30, scene.nodes_are, 1)
    change_template(scene)
    scene.eventually(30, all_drifted, scene, scene.names(scene.claims()))
    scene.steadily(60, scene.disrupted_at_most, 0)


def pool_change_replaces(scene, disruption=None, **spec):
    scene.pool(disruption=disruption or {})
    scene.deploy("web", 1, tolerations=[{"key": "testing/changed", "operator": "Exists"}])
    scene.eventually(60, scene.running, 1)
    scene.eventually(30, scene.nodes_are, 1)
    before = scene.names(scene.nodes())
    scene.change_pool(**spec)
    return before


@scenario()
def drift_by_labels(scene):
    """A new template label replaces node and pod (05 F.3: 35); Drifted is there within 5 s (perf-drift)."""
    before = pool_change_replaces(scene, template={"metadata": {"labels": {"testing/changed": "yes"}}})
    began = time.monotonic()
    scene.eventually(5, lambda: expect(any(is_true(one, "Drifted") for one in scene.claims()), "nothing drifted"))
    scene.figures["drifted_s"] = round(time.monotonic() - began, 2)
    scene.eventually(120, scene.replaced, before, 1)
    scene.eventually(60, scene.running, 1)


@scenario(default=False, minutes=4)
def drift_of_hundred_pods(scene):
    """100 pods of a CPU run; a new template label makes a claim Drifted within 5 s, and none in the end (05 F.3: 63, 64)."""
    scene.pool()
    scene.deploy("web", 100, cpu="1")
    scene.eventually(180, scene.running, 100)
    drifts_through(scene)
    scene.eventually(60, scene.running, 100)


@scenario(default=False, minutes=5)
def drift_of_diverse_pods(scene):
    """The same for pods with affinities and spreads (05 F.3: 65, 66)."""
    scene.pool()
    count = deploy_diverse(scene, 3)
    scene.eventually(240, scene.running, count)
    drifts_through(scene)
    scene.eventually(60, scene.running, count)


def drifts_through(scene):
    change_template(scene, labels={"testing/changed": "yes"})
    drifted = lambda: [one for one in scene.claims() if is_true(one, "Drifted")]
    scene.eventually(5, lambda: expect(drifted(), "nothing drifted within 5 s"))
    began = time.monotonic()
    scene.eventually(10 * 60, lambda: expect(not drifted(), f"{len(drifted())} claims are drifted still"))
    scene.figures["drift_s"] = round(time.monotonic() - began, 1)


@scenario(default=False)
def drift_by_annotations(scene):
    """So does an annotation (05 F.3: 34)."""
    before = pool_change_replaces(scene, template={"metadata": {"annotations": {"testing/changed": "yes"}}})
    scene.eventually(120, scene.replaced, before, 1)


@scenario(default=False)
def drift_by_taints(scene):
    """So does a taint (05 F.3: 36)."""
    before = pool_change_replaces(scene, template={"spec": {"taints": [{"key": "testing/changed", "effect": "NoSchedule"}]}})
    scene.eventually(120, scene.replaced, before, 1)


@scenario(default=False)
def drift_by_startup_taints(scene):
    """So does a startup taint, once somebody removes it from the new node (05 F.3: 37)."""
    taint = {"key": "testing/changed", "effect": "NoSchedule"}
    before = pool_change_replaces(scene, template={"spec": {"startupTaints": [taint]}})

    def new_node():
        new = [one for one in scene.nodes() if one["metadata"]["name"] not in before
               and one["metadata"]["labels"].get("karpenter.sh/registered") == "true"]
        expect(new and taint in new[0]["spec"].get("taints", []), "no new node with the taint")
        return new[0]

    new = scene.eventually(120, new_node)
    rest = [one for one in new["spec"]["taints"] if one["key"] != "testing/changed"]
    scene.api.merge("Node", new["metadata"]["name"], {"spec": {"taints": rest}})
    scene.eventually(120, scene.replaced, before, 1)


@scenario()
def drift_by_requirements(scene):
    """So does a requirement that the node does not meet (05 F.3: 38)."""
    before = pool_change_replaces(scene)
    arch = scene.nodes()[0]["metadata"]["labels"]["kubernetes.io/arch"]
    other = "arm64" if arch == "amd64" else "amd64"
    scene.change_pool(template={"spec": {"requirements": [
        needs("kubernetes.io/arch", other), needs("karpenter.sh/capacity-type", "on-demand")]}})
    scene.eventually(120, scene.replaced, before, 1)
    expect(scene.nodes()[0]["metadata"]["labels"]["kubernetes.io/arch"] == other, "of the same architecture")


@scenario(default=False, minutes=13)
def drift_never_registers(scene):
    """A replacement that does not register: one node is held, then let go (05 F.3: 40)."""
    scene.tolerate("regist", "rolling back")
    scene.pool(disruption={"budgets": [{"nodes": "10%"}]})
    nodes_for_apart_pods(scene, 3)
    claims = scene.names(scene.claims())
    forbid_nodes(scene)
    change_template(scene, labels={"testing/registration": "fail"})
    scene.eventually(60, lambda: expect(len(scene.disrupted()) == 1, "no node is held"))
    scene.steadily(11 * 60, scene.disrupted_at_most, 1,
                   until=lambda: expect(not scene.disrupted(), "the node is still held"))
    scene.steadily(120, lambda: expect(claims <= scene.names(scene.claims()), "an original claim is gone"))


@scenario(default=False, minutes=12)
def drift_never_initializes(scene):
    """A replacement that registers and stays tainted: the old node is let go (05 F.3: 41)."""
    scene.tolerate("rolling back")
    scene.pool(disruption={"budgets": [{"nodes": "10%"}]})
    nodes_for_apart_pods(scene, 2)
    scene.change_pool(template={"spec": {"startupTaints": [{"key": "testing/startup", "effect": "NoSchedule"}]}})
    held = lambda: [one for one in scene.nodes() if any(t["key"] == DISRUPTED for t in one["spec"].get("taints", []))]
    scene.eventually(60, lambda: expect(len(held()) == 1, "no node is held"))
    scene.eventually(11 * 60, lambda: expect(not held(), "the node is still held"))
    scene.claims_are(3)
