"""What the API server itself refuses, by the CEL rules and patterns of our CRDs."""
import pathlib
import re
import subprocess
import sys

from api import Refused
from objects import merged, needs, node_pool
from scene import expect
from scenarios import scenario

ROOT = pathlib.Path(__file__).resolve().parents[3]


def requirement(key, operator, values, **more):
    return {"template": {"spec": {"requirements": [{"key": key, "operator": operator, "values": values, **more}]}}}


def label(key):
    return {"template": {"metadata": {"labels": {key: "x"}}}}


INSTANCE_TYPE = "node.kubernetes.io/instance-type"
REFUSED = {
    6: label("karpenter.sh/nodepool"),
    7: label("karpenter.sh/custom-label"),
    10: requirement("karpenter.sh/nodepool", "In", ["x"]),
    11: requirement(INSTANCE_TYPE, "In", []),
    12: requirement(INSTANCE_TYPE, "within", []),
    13: requirement(INSTANCE_TYPE, "Gt", ["1", "2"]),
    14: requirement(INSTANCE_TYPE, "Lt", ["1", "2"]),
    15: requirement(INSTANCE_TYPE, "Gte", ["1", "2"]),
    16: requirement(INSTANCE_TYPE, "Lte", ["1", "2"]),
    17: {"disruption": {"consolidateAfter": "-1s"}},
    19: requirement(INSTANCE_TYPE, "In", ["a"], minValues=-1),
    20: requirement(INSTANCE_TYPE, "In", ["a"], minValues=0),
    21: requirement(INSTANCE_TYPE, "In", ["a"], minValues=51),
    22: requirement(INSTANCE_TYPE, "In", ["a", "b"], minValues=3),
}
ACCEPTED = {
    8: label("node-restriction.kubernetes.io/custom-label"),
    9: label("subdomain.node-restriction.kubernetes.io/custom-label"),
    18: {"disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1m"}},
}


@scenario()
def node_pool_validation(scene):
    """Broken NodePools are refused, good ones accepted (05 F.3: 6-22)."""
    for number, spec in {**REFUSED, **ACCEPTED}.items():
        try:
            scene.api.create(merged(node_pool(scene.name, scene.name), {"spec": spec}), dry_run=True)
            expect(number in ACCEPTED, f"case {number} was accepted")
        except Refused as refusal:
            expect(number in REFUSED and refusal.status == 422, f"case {number}: {refusal}")


@scenario(alone=True)
def api_cases(scene):
    """The table of what the API accepts (tests/api) holds on this API server."""
    done = subprocess.run([sys.executable, ROOT / "tests/api/run_cases.py", "--karpenter", scene.plane.karpenter,
                           "--server", scene.plane.server, "--token", "admin-token"], capture_output=True, text=True)
    expect(done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:])
    scene.figures["cases"] = int(next(iter(re.findall(r"\d+", done.stdout)), 0))
