"""Pools of a fixed size (gate StaticCapacity)."""
from objects import DO_NOT_DISRUPT, anti_affinity, spread
from scene import expect
from scenarios import scenario


def static_pool(scene, replicas, **over):
    disruption = {"consolidationPolicy": "WhenEmpty", **over.pop("disruption", {})}
    scene.pool(replicas=replicas, disruption=disruption, **over)


def resize(scene, replicas):
    scene.change_pool(replicas=replicas)


@scenario()
def static_pool_grows(scene):
    """10, then 15 nodes without any pod; details of the template reach them; then none (05 F.3: 67, 68, 70)."""
    static_pool(scene, 10, template={"metadata": {"labels": {"testing/label": "l"}, "annotations": {"testing/annotation": "a"}},
                                    "spec": {"taints": [{"key": "testing/taint", "effect": "NoSchedule"}]}})
    scene.eventually(60, scene.nodes_are, 10)
    resize(scene, 15)
    scene.eventually(60, scene.nodes_are, 15)
    for one in scene.nodes():
        labels, annotations = one["metadata"]["labels"], one["metadata"]["annotations"]
        expect(labels["karpenter.sh/nodepool"] == scene.name and labels["testing/label"] == "l"
               and annotations["testing/annotation"] == "a", "details are missing")
        expect(any(taint["key"] == "testing/taint" for taint in one["spec"]["taints"]), "the taint is missing")
    resize(scene, 0)
    scene.eventually(60, scene.nodes_are, 0)


@scenario()
def static_pool_limit(scene):
    """A limit of nodes holds (05 F.3: 69)."""
    static_pool(scene, 10, limits={"nodes": "5"})
    scene.steadily(60, scene.nodes_at_most, 5, until=lambda: scene.nodes_are(5))
    scene.steadily(20, scene.claims_are, 5)


@scenario()
def static_pool_shrinks(scene):
    """5, 3, 1: empty nodes go first, the one that may not be disrupted stays (05 F.3: 71, 72)."""
    static_pool(scene, 5)
    scene.eventually(60, scene.nodes_are, 5)
    scene.pod("keeper", annotations=DO_NOT_DISRUPT)
    scene.deploy("web", 1)
    scene.eventually(60, scene.running, 2)
    used = {one["spec"]["nodeName"] for one in scene.pods()}
    kept = scene.api.get("Pod", "keeper", scene.name)["spec"]["nodeName"]
    resize(scene, 3)
    scene.eventually(60, scene.nodes_are, 3)
    expect(used <= scene.names(scene.nodes()), "a node in use was taken before an empty one")
    resize(scene, 1)
    scene.eventually(60, scene.nodes_are, 1)
    expect(scene.names(scene.nodes()) == {kept}, "not the protected node is left")
    scene.eventually(60, scene.running, 2)


@scenario()
def static_pool_drifts(scene):
    """10 nodes are replaced, never more than 20 of them, 10 disrupted (05 F.3: 73)."""
    static_pool(scene, 10)
    scene.eventually(90, scene.nodes_are, 10)
    drift_within(scene, 10, disrupted=10, nodes=20)


@scenario(default=False)
def static_pool_drifts_under_limit(scene):
    """A limit of 12 nodes lets two be replaced at a time, whatever the budget (05 F.3: 74)."""
    static_pool(scene, 10, disruption={"budgets": [{"nodes": "4"}]}, limits={"nodes": "12"})
    scene.eventually(90, scene.nodes_are, 10)
    drift_within(scene, 10, disrupted=2, nodes=12)


@scenario(default=False)
def static_pool_drifts_under_budget(scene):
    """A budget of 2 does (05 F.3: 75)."""
    static_pool(scene, 10, disruption={"budgets": [{"nodes": "2"}]}, limits={"nodes": "15"})
    scene.eventually(90, scene.nodes_are, 10)
    drift_within(scene, 10, disrupted=2, nodes=15)


def drift_within(scene, count, disrupted, nodes):
    before = scene.names(scene.nodes())
    scene.change_pool(template={"metadata": {"annotations": {"testing/changed": "yes"}}})

    def within_bounds():
        scene.disrupted_at_most(disrupted)
        scene.nodes_at_most(nodes)

    scene.steadily(5 * 60, within_bounds, until=lambda: scene.replaced(before, count))


@scenario()
def static_and_dynamic(scene):
    """Pods that avoid each other fill the static pool's nodes, a dynamic pool gives the rest (05 F.3: 76)."""
    static_pool(scene, 2)
    scene.eventually(60, scene.nodes_are, 2)
    scene.pool(scene.name + "-dynamic")
    scene.deploy("web", 5, affinity=anti_affinity("web"))
    scene.eventually(90, scene.running, 5)
    scene.eventually(30, scene.nodes_are, 5)
    dynamic = scene.claims(f"karpenter.sh/nodepool={scene.name}-dynamic")
    expect(len(dynamic) == 3, f"{len(dynamic)} dynamic claims")


@scenario(default=False)
def static_pool_scales_while_drifting(scene):
    """3 to 4 while all drift, never more than 5 (05 F.3: 77)."""
    static_pool(scene, 3, limits={"nodes": "5"})
    scene.eventually(60, scene.nodes_are, 3)
    before = scene.names(scene.nodes())
    scene.change_pool(template={"metadata": {"annotations": {"testing/changed": "yes"}}})
    resize(scene, 4)
    scene.steadily(5 * 60, scene.nodes_at_most, 5, until=lambda: scene.replaced(before, 4))


@scenario()
def static_pool_deleted(scene):
    """With the pool all its nodes go, and none comes (05 F.3: 78)."""
    static_pool(scene, 3)
    scene.eventually(60, scene.nodes_are, 3)
    scene.api.delete("NodePool", scene.name)
    scene.eventually(60, scene.nodes_are, 0)
    scene.eventually(10, scene.claims_are, 0)
    scene.steadily(10, scene.claims_are, 0)
