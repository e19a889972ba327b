"""NodeClaims that belong to no pool."""
from api import condition, is_true
from objects import SCENE, merged, needs
from scene import expect
from scenarios import scenario


@scenario()
def standalone_claim(scene):
    """Annotations, labels, taints, requests and an owner reach the node (05 F.3: 45-47)."""
    taint = {"key": "testing/taint", "value": "x", "effect": "NoSchedule"}
    scene.claim(annotations={"testing/annotation": "a"}, labels={"testing/label": "l"}, taints=[taint],
                resources={"requests": {"cpu": "3", "memory": "11Gi"}})
    scene.eventually(60, scene.has_condition, "NodeClaim", scene.name, "Ready")
    claim, node = scene.claims()[0], scene.nodes()[0]
    labels, owner = node["metadata"]["labels"], node["metadata"]["ownerReferences"][0]
    expect(labels["karpenter.sh/initialized"] == "true" and labels["karpenter.sh/registered"] == "true"
           and labels["karpenter.sh/capacity-type"] == "on-demand" and labels["testing/label"] == "l", f"labels {labels}")
    expect(node["metadata"]["annotations"].get("testing/annotation") == "a", "the annotation is missing")
    expect(taint in node["spec"]["taints"] and len(node["spec"]["taints"]) == 1, f"taints {node['spec']['taints']}")
    expect((owner["apiVersion"], owner["kind"], owner["uid"], owner.get("blockOwnerDeletion"))
           == ("karpenter.sh/v1", "NodeClaim", claim["metadata"]["uid"], True), f"owner {owner}")
    expect(int(node["status"]["allocatable"]["cpu"].rstrip("m")) >= 3, "too small")


@scenario()
def standalone_claim_deleted(scene):
    """A deleted claim takes its node along (05 F.3: 48)."""
    scene.claim()
    scene.eventually(60, scene.nodes_are, 1)
    scene.api.delete("NodeClaim", scene.name)
    scene.eventually(60, scene.nodes_are, 0)
    scene.eventually(60, scene.claims_are, 0)


@scenario()
def standalone_node_deleted(scene):
    """A deleted node takes its claim along (05 F.3: 49, 59)."""
    scene.claim()
    scene.eventually(60, scene.nodes_are, 1)
    scene.api.delete("Node", scene.nodes()[0]["metadata"]["name"])
    scene.eventually(60, scene.claims_are, 0)
    scene.eventually(60, scene.nodes_are, 0)


@scenario(default=False, minutes=16)
def registration_blocked(scene):
    """A claim whose node may not be created is given up after 15 minutes (05 F.3: 50)."""
    scene.tolerate("registration")
    forbid_nodes(scene)
    scene.claim(labels={"testing/registration": "fail"})
    scene.eventually(30, scene.has_condition, "NodeClaim", scene.name, "Registered", "Unknown")
    scene.eventually(17 * 60, scene.claims_are, 0)


def forbid_nodes(scene):
    """The API server refuses to create nodes that are labelled testing/registration=fail."""
    scene.make({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
                "metadata": {"name": scene.name},
                "spec": {"matchConstraints": {"resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nodes"]}]},
                    "validations": [{"expression":
                                     f"!('testing/registration' in object.metadata.labels && '{SCENE}' in "
                                     f"object.metadata.labels && object.metadata.labels['{SCENE}'] == '{scene.name}')"}]}})
    scene.make({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": {"name": scene.name}, "spec": {"policyName": scene.name, "validationActions": ["Deny"]}})
    wait_until_policy_applies(scene)


def wait_until_policy_applies(scene):
    probe = {"apiVersion": "v1", "kind": "Node",
             "metadata": {"name": scene.name, "labels": {SCENE: scene.name, "testing/registration": "fail"}}}

    def refused():
        try:
            scene.api.create(probe, dry_run=True)
        except Exception:
            return
        expect(False, "the admission policy does not apply")

    scene.eventually(30, refused)


@scenario()
def claim_without_class(scene):
    """A claim whose class does not exist is deleted (05 F.3: 51)."""
    scene.tolerate("class")
    scene.claim(nodeClassRef={"name": "missing"})
    scene.eventually(60, scene.claims_are, 0)


@scenario()
def claim_with_class_not_ready(scene):
    """A claim whose class is not ready is deleted (05 F.3: 52)."""
    scene.tolerate("class|NodeClass")
    scene.make({"apiVersion": "karpenter.kwok.sh/v1alpha1", "kind": "KWOKNodeClass", "metadata": {"name": scene.name}})
    scene.set_condition("KWOKNodeClass", scene.name, type="Ready", status="False", reason="TestingNotReady", message="not ready",
                        lastTransitionTime="2026-01-01T00:00:00Z")
    scene.claim(nodeClassRef={"name": scene.name})
    scene.eventually(60, scene.claims_are, 0)


@scenario(default=False)
def forged_claim(scene):
    """A claim that says it has a machine which does not exist is collected (05 F.3: 53)."""
    forbid_nodes(scene)
    scene.claim(labels={"testing/registration": "fail"})
    for _ in range(30):
        claim = scene.api.get("NodeClaim", scene.name)
        claim["status"] = {"providerID": "kwok://unknown", "nodeName": "unknown", "conditions": [
            {"type": type, "status": "True", "reason": type, "message": "",
             "lastTransitionTime": "2026-01-01T00:00:00Z"} for type in ("Launched", "Registered", "Initialized")]}
        try:
            scene.api.replace(claim, sub="status")
            break
        except Exception:
            continue
    scene.eventually(5 * 60, scene.claims_are, 0)
