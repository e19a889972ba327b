"""Pages under docs/how-to, followed line by line."""
import os
import pathlib
import re
import subprocess
import tempfile

from control_plane import CACHE
from scene import expect
from scenarios import scenario

PAGES = pathlib.Path(__file__).resolve().parents[3] / "docs/how-to"


@scenario(alone=True)
def how_to_replace_karpenter(scene):
    """docs/how-to/replace-karpenter.md: all its commands succeed, nodes stay, work goes on."""
    scene.tolerate("lease|leader")
    scene.pool()
    scene.deploy("web", 2)
    scene.eventually(60, scene.running, 2)
    scene.eventually(30, scene.nodes_are, 1)
    before = scene.names(scene.nodes())
    old_one(scene)
    ours = scene.controllers[0]
    ours.process.end()  # The page starts it.
    try:
        follow(scene, (PAGES / "replace-karpenter.md").read_text())
    finally:
        scene.api.delete("Deployment", "karpenter", "kube-system")
        scene.api.delete("ServiceAccount", "karpenter", "kube-system")
        ours.start().wait_ready().wait_leader()
    expect(scene.names(scene.nodes()) == before, "nodes have changed")


def old_one(scene):
    """A Deployment such as the chart makes; kwok runs its pod."""
    labels = {"app.kubernetes.io/name": "karpenter"}
    scene.api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "karpenter", "namespace": "kube-system"}})
    scene.api.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "karpenter", "namespace": "kube-system"},
                      "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {
                          "metadata": {"labels": labels},
                          "spec": {"nodeSelector": {"kubernetes.io/hostname": "control-plane"},
                                   "tolerations": [{"operator": "Exists"}],
                                   "containers": [{"name": "controller", "image": "karpenter",
                                                   "env": [{"name": "LOG_LEVEL", "value": "info"}]}]}}}})


def follow(scene, page):
    """Runs the page's shell blocks in one shell that stops at the first failure."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    tools = f"{CACHE / 'bin'}:{pathlib.Path(scene.plane.karpenter).resolve().parent}"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["bash", "-euxo", "pipefail", "-c", "\n".join(blocks)], cwd=folder, text=True,
                              capture_output=True, timeout=180,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}",
                                   "KUBECONFIG": str(scene.plane.kubeconfig("admin"))})
        log = pathlib.Path(folder, "karpenter.log")
        expect(done.returncode == 0, f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}\n"
               + (log.read_text()[-1500:] if log.exists() else ""))
