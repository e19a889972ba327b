"""The objects that scenarios are made of. Each belongs to a scene, by label and node selector."""
import copy

SCENE = "testing/scene"
DEFAULT_CLASS = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default"}
ON_DEMAND_LINUX = [
    {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},
    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
    {"key": "karpenter.kwok.sh/instance-size", "operator": "Lt", "values": ["32"]},
]


def needs(key, *values, operator="In"):
    """A node selector requirement."""
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def merged(base, over):
    """Maps are merged, everything else is replaced; None removes."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def node_pool(scene, name, **over):
    """The pool of spec 05 F.1: nothing is disrupted unless a scenario asks. `over` goes over its spec."""
    spec = {
        "disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "Never",
                       "budgets": [{"nodes": "100%"}]},
        "template": {
            "metadata": {"labels": {SCENE: scene}},
            "spec": {"nodeClassRef": DEFAULT_CLASS, "expireAfter": "Never", "requirements": ON_DEMAND_LINUX}},
    }
    return {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name, "labels": {SCENE: scene}},
            "spec": merged(spec, over)}


def node_claim(scene, name, annotations=None, labels=None, **over):
    spec = {"nodeClassRef": DEFAULT_CLASS, "expireAfter": "Never",
            "requirements": ON_DEMAND_LINUX, "resources": {"requests": {"cpu": "1"}}}
    return {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
            "metadata": {"name": name, "labels": {SCENE: scene, **(labels or {})}, "annotations": annotations or {}},
            "spec": merged(spec, over)}


def requests(cpu="100m", memory="64Mi"):
    return {"requests": {"cpu": cpu, "memory": memory}}


def pod_template(scene, app, cpu="100m", memory="64Mi", labels=None, annotations=None, **over):
    """`over` goes over the pod's spec."""
    spec = {"nodeSelector": {SCENE: scene}, "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "main", "image": "pause", "resources": requests(cpu, memory)}]}
    return {"metadata": {"labels": {SCENE: scene, "app": app, **(labels or {})}, "annotations": annotations or {}},
            "spec": merged(spec, over)}


def deployment(scene, app, replicas, **pod):
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": app, "namespace": scene, "labels": {SCENE: scene}},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": app}},
                     "template": pod_template(scene, app, **pod)}}


def daemon_set(scene, app, **pod):
    return {"apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"name": app, "namespace": scene, "labels": {SCENE: scene}},
            "spec": {"selector": {"matchLabels": {"app": app}}, "template": pod_template(scene, app, **pod)}}


def pod(scene, name, app=None, **template):
    made = pod_template(scene, app or name, **template)
    made["metadata"].update(name=name, namespace=scene)
    return {"apiVersion": "v1", "kind": "Pod", **made}


def disruption_budget(scene, app, **spec):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": app, "namespace": scene},
            "spec": {"selector": {"matchLabels": {"app": app}}, **spec}}


def anti_affinity(app, topology="kubernetes.io/hostname"):
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": topology, "labelSelector": {"matchLabels": {"app": app}}}]}}


def spread(app, topology, skew=1):
    return [{"maxSkew": skew, "topologyKey": topology, "whenUnsatisfiable": "DoNotSchedule",
             "labelSelector": {"matchLabels": {"app": app}}}]


DO_NOT_DISRUPT = {"karpenter.sh/do-not-disrupt": "true"}


def lingers(seconds):
    """As a preStop hook would: the pod stays that long once its deletion has begun."""
    return {"pod-delete.stage.kwok.x-k8s.io/delay": f"{seconds}s"}
