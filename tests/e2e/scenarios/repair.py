"""Unhealthy nodes are replaced (gate NodeRepair), whatever would protect them."""
import time

from api import Refused
from objects import DO_NOT_DISRUPT
from scene import expect
from scenarios import scenario


@scenario()
def node_not_ready(scene):
    """A node that is not Ready for long, under a pod that may not be disrupted (05 F.3: 23)."""
    repair(scene, "False")


@scenario()
def node_unknown(scene):
    """One whose kubelet is gone (05 F.3: 24)."""
    repair(scene, "Unknown")


@scenario()
def node_not_ready_budget_zero(scene):
    """A budget of 0 does not hinder repair (05 F.3: 25)."""
    repair(scene, "False", disruption={"budgets": [{"nodes": "0"}]})


@scenario(default=False)
def node_not_ready_do_not_disrupt(scene):
    """Nor does an annotation on the node (05 F.3: 26)."""
    repair(scene, "False", node_annotations=DO_NOT_DISRUPT)


@scenario()
def node_not_ready_grace_period(scene):
    """Nor does a grace period of an hour (05 F.3: 27)."""
    repair(scene, "False", template={"spec": {"terminationGracePeriod": "1h"}})


def repair(scene, status, node_annotations=None, **pool):
    scene.pool(**pool)
    scene.deploy("web", 1, annotations=DO_NOT_DISRUPT)
    scene.eventually(60, scene.running, 1)
    scene.eventually(30, scene.nodes_are, 1)
    before, pods = scene.names(scene.nodes()), scene.names(scene.pods())
    node = next(iter(before))
    if node_annotations:
        scene.annotate("Node", node, node_annotations)

    def sick():
        # kwok's kubelet makes the node Ready again within milliseconds; a sick one would not.
        if scene.api.get("Node", node) is not None:
            long_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 31 * 3600))
            try:
                scene.set_condition("Node", node, type="Ready", status=status, reason="Testing", message="",
                                    lastTransitionTime=long_ago)
            except Refused as refusal:
                expect(refusal.status == 404, str(refusal))  # It went meanwhile.
        scene.replaced(before, 1)

    scene.eventually(90, sick)
    scene.eventually(60, scene.running, 1)
    expect(not pods & scene.names(scene.pods()), "the pod was not replaced")
