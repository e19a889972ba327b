"""Pods that claim devices (spec 05 F.5). The scenario plays the driver that says which devices a node has."""
import objects
from objects import needs
from scene import expect
from scenarios import scenario

DRIVER = "gpu.testing.example.com"


def claim_devices(scene):
    """What pods refer to as the template `gpu`."""
    scene.make({"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": scene.name},
                "spec": {"selectors": [{"cel": {"expression": f"device.driver == '{DRIVER}'"}}]}})
    request = {"name": "gpu", "exactly": {"deviceClassName": scene.name, "allocationMode": "ExactCount", "count": 1}}
    scene.make({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaimTemplate",
                "metadata": {"name": "gpu", "namespace": scene.name}, "spec": {"spec": {"devices": {"requests": [request]}}}})


def publish_device(scene, node):
    """As the driver does once a node of its configuration is there: one slice, pool DRIVER/NODE."""
    scene.make({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceSlice", "metadata": {"name": f"{scene.name}-{node['metadata']['uid']}"},
                "spec": {"driver": DRIVER, "nodeName": node["metadata"]["name"], "devices": [{"name": "gpu-0"}],
                         "pool": {"name": f"{DRIVER}/{node['metadata']['name']}", "generation": 1, "resourceSliceCount": 1}}})


@scenario()
def pods_with_devices_are_left_alone(scene):
    """No node for a pod that claims a device, one for a pod that does not; a driver's device lets it run there (05 F.5: a, f, g)."""
    scene.pool(template={"spec": {"requirements": objects.ON_DEMAND_LINUX[:2] + [
        needs("node.kubernetes.io/instance-type", "c-4x-amd64-linux", "m-8x-amd64-linux")]}})
    claim_devices(scene)
    using = {"name": "main", "image": "pause", "resources": {**objects.requests(), "claims": [{"name": "gpu"}]}}
    scene.pod("devices", containers=[using], resourceClaims=[{"name": "gpu", "resourceClaimTemplateName": "gpu"}])
    scene.steadily(25, lambda: expect(not scene.claims() and not scene.nodes(), "a node was bought for a claim of devices"))
    expect(scene.api.get("Pod", "devices", scene.name)["status"]["phase"] == "Pending", "the pod runs")
    scene.pod("plain", nodeSelector={"node.kubernetes.io/instance-type": "c-4x-amd64-linux"})
    scene.eventually(60, scene.running, 1, "plain")
    scene.eventually(30, scene.nodes_are, 1)
    publish_device(scene, scene.nodes()[0])
    scene.eventually(120, scene.running, 1, "devices")
    scene.nodes_are(1)
