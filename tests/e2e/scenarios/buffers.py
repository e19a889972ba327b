"""Room kept free for pods to come (gate CapacityBuffer)."""
from objects import anti_affinity, needs, pod_template
from scene import expect
from scenarios import scenario

SMALL_NODES = [needs("node.kubernetes.io/instance-type", "c-2x-amd64-linux"),
               needs("karpenter.sh/capacity-type", "on-demand")]


def buffer_pool(scene, **over):
    scene.pool(template={"spec": {"requirements": SMALL_NODES}}, **over)


def template(scene, name="room", **pod):
    made = pod_template(scene.name, name, **{"cpu": "1", "memory": "512Mi", **pod})
    scene.make({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": name, "namespace": scene.name},
                "template": made})


def buffer(scene, name="buffer", **spec):
    scene.make({"apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
                "metadata": {"name": name, "namespace": scene.name}, "spec": spec})


def status(scene, name="buffer"):
    return scene.api.get("CapacityBuffer", name, scene.name).get("status", {})


def replicas(scene, count, name="buffer", seconds=35):
    """ReadyForProvisioning and the number of replicas are there within the contract's 30 s."""
    def check():
        found = status(scene, name)
        expect(found.get("replicas") == count, f"{found.get('replicas')} replicas, not {count}")
        scene.has_condition("CapacityBuffer", name, "ReadyForProvisioning", namespace=scene.name)
    scene.eventually(seconds, check)


def provisioned(scene, name="buffer", seconds=120):
    scene.eventually(seconds, scene.has_condition, "CapacityBuffer", name, "Provisioning", reason="FitsExistingCapacity",
                     namespace=scene.name)


def template_buffer(scene, count, name="buffer", **pod):
    template(scene, name, **pod)
    buffer(scene, name, podTemplateRef={"name": name}, replicas=count)
    replicas(scene, count, name)


@scenario()
def buffer_of_template(scene):
    """Three replicas get nodes; a changed template is seen; a deleted buffer's nodes go (05 F.3: 79, 80, 87)."""
    buffer_pool(scene, disruption={"consolidateAfter": "0s"})
    template_buffer(scene, 3)
    provisioned(scene)
    scene.nodes_at_least(2)
    generation = status(scene)["podTemplateGeneration"]
    scene.api.merge("PodTemplate", "buffer", {"template": {"metadata": {"labels": {"testing/changed": "yes"}}}}, scene.name)
    scene.eventually(60, lambda: expect(status(scene)["podTemplateGeneration"] > generation, "the template's change is not seen"))
    scene.steadily(30, scene.nodes_at_least, 2)
    scene.api.delete("CapacityBuffer", "buffer", scene.name)
    scene.eventually(120, scene.nodes_are, 0)


@scenario()
def buffer_of_deployment(scene):
    """20 % of 10 replicas, then of 20; then a fixed number (05 F.3: 81, 82, 90)."""
    buffer_pool(scene)
    scene.deploy("web", 10, cpu="100m")
    scene.eventually(60, scene.running, 10)
    web = {"apiGroup": "apps", "kind": "Deployment", "name": "web"}
    buffer(scene, scalableRef=web, percentage=20)
    replicas(scene, 2)
    buffer(scene, "fixed", scalableRef=web, replicas=3)
    replicas(scene, 3, "fixed")
    scene.scale("web", 20)
    replicas(scene, 4, seconds=60)
    provisioned(scene)


@scenario()
def buffer_without_target(scene):
    """A missing target is said, and its coming noticed (05 F.3: 83)."""
    buffer_pool(scene)
    buffer(scene, scalableRef={"apiGroup": "apps", "kind": "Deployment", "name": "web"}, replicas=1)
    scene.eventually(30, scene.has_condition, "CapacityBuffer", "buffer", "ReadyForProvisioning", "False",
                     "ScalableRefNotFound", namespace=scene.name)
    scene.deploy("web", 1, cpu="100m")
    replicas(scene, 1, seconds=60)


@scenario()
def buffer_is_used_and_refilled(scene):
    """A pod takes the buffer's place at once; the buffer gets another node (05 F.3: 84, 85)."""
    buffer_pool(scene)
    template_buffer(scene, 2)
    provisioned(scene)
    scene.eventually(30, scene.nodes_are, 2)
    before = scene.names(scene.nodes())
    scene.deploy("web", 1, cpu="1", memory="512Mi")
    scene.eventually(60, scene.running, 1)
    expect(scene.pods("web")[0]["spec"]["nodeName"] in before, "the pod got a node of its own")
    scene.eventually(120, scene.nodes_are, 3)
    provisioned(scene)


@scenario()
def buffer_nodes_stay(scene):
    """Nodes that hold buffers only are not empty, and fewer replicas let them go (05 F.3: 86, 89)."""
    buffer_pool(scene, disruption={"consolidateAfter": "0s"})
    template_buffer(scene, 3)
    provisioned(scene)
    nodes = len(scene.nodes())
    scene.eventually(30, scene.nodes_are, nodes)
    scene.steadily(60, scene.nodes_are, nodes)
    scene.api.merge("CapacityBuffer", "buffer", {"spec": {"replicas": 1}}, scene.name)
    replicas(scene, 1)
    scene.eventually(120, scene.nodes_are, 1)


@scenario(default=False)
def buffer_drifts(scene):
    """Drift replaces a buffer's nodes (05 F.3: 88)."""
    buffer_pool(scene)
    template_buffer(scene, 2)
    provisioned(scene)
    before = scene.names(scene.nodes())
    scene.change_pool(template={"metadata": {"annotations": {"testing/changed": "yes"}}})
    scene.eventually(180, lambda: expect(not before & scene.names(scene.nodes()), "old nodes are left"))
    provisioned(scene)


@scenario()
def buffer_under_pool_limit(scene):
    """A pool's limit of 4 CPU gives two nodes of ten (05 F.3: 91)."""
    # A kwok node's capacity is what its claim requests (LIF-243): one CPU, and what the cluster's network agent takes.
    scene.daemons("network", cpu="100m")
    buffer_pool(scene, limits={"cpu": "4"})
    template_buffer(scene, 10)
    scene.eventually(120, scene.nodes_are, 2)
    scene.steadily(30, scene.nodes_are, 2)


@scenario(default=False)
def two_buffers(scene):
    """Two buffers, one with a selector of its own (05 F.3: 92, 95)."""
    buffer_pool(scene)
    template_buffer(scene, 2, "first")
    template_buffer(scene, 1, "second", nodeSelector={"topology.kubernetes.io/zone": "test-zone-b"})
    provisioned(scene, "first")
    provisioned(scene, "second")
    zones = {one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in scene.nodes()}
    expect("test-zone-b" in zones, f"zones {zones}")


@scenario(default=False)
def buffers_come_and_go(scene):
    """Five quick lives of a buffer leave nothing (05 F.3: 93)."""
    buffer_pool(scene, disruption={"consolidateAfter": "0s"})
    template(scene)
    for _ in range(5):
        buffer(scene, podTemplateRef={"name": "room"}, replicas=2)
        scene.eventually(5, lambda: expect(scene.api.get("CapacityBuffer", "buffer", scene.name), "no buffer"))
        scene.api.delete("CapacityBuffer", "buffer", scene.name)
        scene.eventually(30, scene.absent, "CapacityBuffer", "buffer", scene.name)
    scene.eventually(120, scene.claims_are, 0)


@scenario(default=False)
def buffer_beside_pod(scene):
    """A buffer that fits beside a pod needs no node (05 F.3: 94)."""
    buffer_pool(scene)
    scene.deploy("web", 1, cpu="100m")
    scene.eventually(60, scene.running, 1)
    template_buffer(scene, 1, cpu="500m")
    provisioned(scene)
    scene.steadily(15, scene.claims_are, 1)


@scenario(default=False)
def buffer_expires(scene):
    """A buffer's nodes that expire are replaced (05 F.3: 96)."""
    scene.pool(template={"spec": {"requirements": SMALL_NODES, "expireAfter": "1m"}})
    template_buffer(scene, 1)
    provisioned(scene)
    before = scene.names(scene.claims())
    scene.eventually(180, lambda: expect(scene.claims() and not before & scene.names(scene.claims()), "not replaced"))
    provisioned(scene)


@scenario()
def buffer_limits(scene):
    """Limits say how many; raising them raises that (05 F.3: 97)."""
    buffer_pool(scene)
    template(scene)
    buffer(scene, podTemplateRef={"name": "room"}, limits={"cpu": "2"})
    replicas(scene, 2)
    scene.api.merge("CapacityBuffer", "buffer", {"spec": {"limits": {"cpu": "5"}}}, scene.name)
    replicas(scene, 5, seconds=60)


@scenario()
def buffer_anti_affinity(scene):
    """Replicas that avoid each other get a node each (05 F.3: 98)."""
    buffer_pool(scene)
    template_buffer(scene, 3, cpu="100m", affinity=anti_affinity("buffer"))
    provisioned(scene)
    scene.steadily(10, scene.nodes_are, 3)


@scenario(default=False)
def buffer_anti_affinity_of_deployment(scene):
    """With one real pod among them: four (05 F.3: 99)."""
    buffer_pool(scene)
    scene.deploy("web", 1, affinity=anti_affinity("web"))
    scene.eventually(60, scene.running, 1)
    buffer(scene, scalableRef={"apiGroup": "apps", "kind": "Deployment", "name": "web"}, replicas=3)
    replicas(scene, 3)
    provisioned(scene)
    scene.steadily(10, scene.nodes_are, 4)
