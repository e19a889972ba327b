"""Nodes that grow too old."""
from scene import expect
from scenarios import scenario


@scenario()
def expiration(scene):
    """A node of 30 s is replaced, its pods run on the next (05 F.3: 43)."""
    expire(scene, 1)


@scenario(default=False)
def expiration_with_budget(scene):
    """Five pods of which four must be there (05 F.3: 44)."""
    scene.pdb("web", minAvailable=4)
    expire(scene, 5)


def expire(scene, pods):
    scene.pool(template={"spec": {"expireAfter": "30s"}},
               disruption={"budgets": [{"nodes": "0", "reasons": ["Drifted"]}]})
    scene.deploy("web", pods)
    scene.eventually(60, scene.running, pods)
    before, old_nodes = scene.names(scene.claims()), scene.names(scene.nodes())
    # The replacement does not expire any more; that the old one now drifts is not what replaces it.
    scene.change_pool(template={"spec": {"expireAfter": "Never"}})
    scene.eventually(90, lambda: expect(scene.names(scene.claims()) - before, "no replacement"))
    # No further ones.
    scene.change_pool(limits={"cpu": "0"})
    scene.eventually(120, scene.replaced, old_nodes, 1)
    scene.eventually(60, scene.claims_are, 1)
    scene.eventually(60, scene.running, pods)
