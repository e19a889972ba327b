"""Many pods at once: how long it takes, and what it costs. Alone, since the figures matter."""
import time
from datetime import datetime

from scene import expect
from scenarios import scenario

# 02 s16.4, the shapes of the public performance suite.
SMALL, LARGE = {"cpu": "900m", "memory": "3100Mi"}, {"cpu": "3500m", "memory": "28Gi"}


@scenario(alone=True)
def thousand_pods(scene):
    """0 to 1,000 pods (05 F.4: basic/scaleOut); the controller's own share stays small."""
    scale_out(scene, 500)
    scene.scale("small", 0)
    scene.scale("large", 0)
    scene.change_pool(disruption={"consolidateAfter": "0s"})
    began = time.monotonic()
    scene.eventually(300, scene.nodes_are, 0)
    scene.figures["gone_s"] = round(time.monotonic() - began, 1)


@scenario(default=False, alone=True)
def five_thousand_pods(scene):
    """0 to 5,000 pods of the same shapes."""
    scale_out(scene, 2500, seconds=15 * 60)


def scale_out(scene, each, seconds=300, **pool):
    scene.pool(**pool)
    scene.eventually(20, scene.has_condition, "NodePool", scene.name, "Ready")
    process = scene.controllers[0].process
    process.forget_peak()
    cpu, began, wall = process.cpu_seconds(), time.monotonic(), time.time()
    scene.deploy("small", each, **SMALL)
    scene.deploy("large", each, **LARGE)

    seen, since = 0, time.monotonic()

    def all_run():
        nonlocal seen, since
        # Asking the Deployments costs the API server little.
        ready = sum(one["status"].get("readyReplicas", 0) for one in scene.api.list("Deployment", scene.name))
        if ready != seen:
            seen, since = ready, time.monotonic()
        elif time.monotonic() - since > 20:
            since = time.monotonic()
            remind_kubelets(scene)
        expect(ready == 2 * each, f"{ready} of {2 * each} pods run")

    scene.eventually(seconds, all_run)
    took = time.monotonic() - began
    scene.running(2 * each)
    scene.figures |= {"pods": 2 * each, "nodes": len(scene.nodes()), "running_s": round(took, 1),
                      **own_share(scene, wall), "cpu_s": round(process.cpu_seconds() - cpu, 2),
                      "rss_mb": round(process.peak_rss_mb(), 1)}


def remind_kubelets(scene):
    """kwok forgets a pod that it hears of before its node: a change of the pod makes it look again."""
    for one in scene.pods():
        if one["spec"].get("nodeName") and one["status"].get("phase") == "Pending":
            scene.annotate("Pod", one["metadata"]["name"], {"testing/reminded": str(time.monotonic())}, scene.name)


def own_share(scene, since):
    """From the audit log: first pod and last pod created, first and last claim, last pod bound, after the first pod."""
    pods, claims, bound = [], [], []
    for one in scene.plane.audit():
        if one["verb"] != "create" or one.get("responseStatus", {}).get("code") != 201:
            continue
        at = datetime.fromisoformat(one["stageTimestamp"].replace("Z", "+00:00")).timestamp()
        kind = one["objectRef"]["resource"] + "/" + one["objectRef"].get("subresource", "")
        if at < since:
            continue
        if one["objectRef"].get("namespace") == scene.name and kind.startswith("pods/"):
            (bound if kind.endswith("binding") else pods).append(at)
        elif kind == "nodeclaims/":
            claims.append(at)
    if not pods or not claims:
        return {}
    first = pods[0]
    return {"last_pod_created_s": round(max(pods) - first, 2), "first_claim_s": round(min(claims) - first, 2),
            "last_claim_s": round(max(claims) - first, 2),
            "last_bound_s": round(max(bound) - first, 2) if bound else None}
