"""Nodes that are not worth their price go, as far as pods, budgets and policies let them."""
from objects import DO_NOT_DISRUPT, anti_affinity, needs
from scene import expect
from scenarios import scenario

FOUR_CPUS = {"spec": {"requirements": [needs("node.kubernetes.io/instance-type", "c-4x-amd64-linux"),
                                       needs("karpenter.sh/capacity-type", "on-demand")]}}


@scenario()
def underutilised_nodes_merge(scene):
    """The pods of one node move to others that have room, without a new one."""
    scene.pool(template=FOUR_CPUS)
    scene.deploy("big", 3, cpu="2500m", affinity=anti_affinity("big"))
    scene.eventually(60, scene.running, 3)
    scene.eventually(30, scene.nodes_are, 3)
    scene.deploy("web", 3, cpu="1")
    scene.eventually(60, scene.running, 6)
    before = scene.names(scene.nodes())
    scene.scale("big", 0)
    scene.eventually(30, scene.running, 3)
    scene.change_pool(disruption={"consolidateAfter": "0s"})
    scene.eventually(120, scene.nodes_are, 1)
    scene.eventually(60, scene.running, 3)
    expect(scene.names(scene.nodes()) <= before, "the node that is left is new")


def one_big_node(scene, budgets=None, **small):
    """A node that was bought for a pod that is gone, with a small one left on it. Its name, in a set."""
    scene.pool(disruption={"consolidateAfter": "5s", "budgets": budgets or [{"nodes": "100%"}]})
    scene.deploy("big", 1, cpu="14")
    scene.deploy("small", 1, cpu="500m", **small)
    scene.eventually(60, scene.running, 2)
    scene.eventually(30, scene.nodes_are, 1)
    scene.scale("big", 0)
    scene.eventually(30, scene.running, 1)
    return scene.names(scene.nodes())


@scenario()
def consolidation_replaces(scene):
    """One big node whose pods are gone but for one is replaced by a small one."""
    before = one_big_node(scene)
    scene.eventually(120, scene.replaced, before, 1)
    scene.eventually(60, scene.running, 1)


@scenario()
def do_not_disrupt_keeps_a_node(scene):
    """A node with a pod that may not be disrupted stays, and `karpenter explain` says why; the annotation gone, so is it."""
    before = one_big_node(scene, annotations=DO_NOT_DISRUPT)
    scene.steadily(45, scene.disrupted_at_most, 0)
    pod = scene.pods("small")[0]["metadata"]["name"]
    said = scene.ask_karpenter("explain", "node", *before)
    expect("blocked-by-pod" in said and pod in said, f"explain says {said}")
    for node in before:
        expect(node in scene.ask_karpenter("plan", "--disruption", "-o", "json"), "the live plan does not know the node")
    scene.ask_karpenter("plan")
    scene.annotate("Pod", pod, {"karpenter.sh/do-not-disrupt": None}, scene.name)
    scene.eventually(120, scene.replaced, before, 1)
    scene.eventually(60, scene.running, 1)


@scenario(default=False)
def blocking_pdb_keeps_a_node(scene):
    """So does one with a pod that its PodDisruptionBudget never lets go."""
    scene.pdb("small", minAvailable=1)
    before = one_big_node(scene)
    scene.steadily(45, scene.disrupted_at_most, 0)
    scene.api.delete("PodDisruptionBudget", "small", scene.name)
    scene.eventually(120, scene.replaced, before, 1)
    scene.eventually(60, scene.running, 1)


@scenario(default=False)
def when_empty_only(scene):
    """Under WhenEmpty an underutilised node stays, an empty one goes."""
    scene.pool(template=FOUR_CPUS, disruption={"consolidationPolicy": "WhenEmpty", "consolidateAfter": "5s"})
    scene.deploy("big", 2, cpu="3", affinity=anti_affinity("big"))
    scene.eventually(60, scene.running, 2)
    scene.deploy("small", 1, cpu="500m")
    scene.eventually(60, scene.running, 3)
    scene.scale("big", 0)
    scene.eventually(90, scene.nodes_are, 1)
    scene.steadily(45, scene.nodes_are, 1)
    scene.running(1)


@scenario(default=False)
def budget_of_another_reason(scene):
    """A budget of 0 for Underutilized keeps a half-empty node, and lets it go once it is empty (03 s4)."""
    before = one_big_node(scene, budgets=[{"nodes": "0", "reasons": ["Underutilized"]}])
    scene.steadily(45, scene.disrupted_at_most, 0)
    expect(scene.names(scene.nodes()) == before, "the node is another")
    scene.scale("small", 0)
    scene.eventually(90, scene.nodes_are, 0)
