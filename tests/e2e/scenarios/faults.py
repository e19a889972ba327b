"""Parts that fail: our controller, a second one, the API server, etcd; and others that interfere. One at a time."""
import signal
import threading
import time

from controller import Controller
from objects import ON_DEMAND_LINUX, SCENE, anti_affinity, needs
from scene import expect
from scenarios import scenario

# What a client says whose server is gone.
UNREACHABLE = r"refused|reset|closed|unreachable|timed? ?out|EOF|leader|lease|50\d|429|etcd|connect"


@scenario(alone=True)
def killed_in_every_phase(scene):
    """kill -9 while claims are made, launched, registered, disrupted and drained; all ends well."""
    scene.tolerate("lease|leader")
    scene.pool(disruption={"consolidateAfter": "0s"})
    controller = scene.controllers[0]
    scene.deploy("web", 6, cpu="1", affinity=anti_affinity("web"))
    for name, reached in (("claims", lambda: expect(scene.claims(), "no claim")),
                          ("nodes", lambda: expect(scene.nodes(), "no node")),
                          ("registered", lambda: expect(scene.nodes("karpenter.sh/registered=true," + scene.selector), "none"))):
        scene.eventually(60, reached)
        restart_killed(scene, controller, name)
    scene.eventually(90, scene.running, 6)
    scene.eventually(60, scene.nodes_are, 6)
    scene.claims_are(6)
    before = scene.names(scene.nodes())
    scene.change_pool(template={"metadata": {"annotations": {"testing/changed": "yes"}}})
    scene.eventually(60, lambda: expect(scene.disrupted(), "nothing is disrupted"))
    restart_killed(scene, controller, "disrupting")
    scene.eventually(60, lambda: expect(any("deletionTimestamp" in one["metadata"] for one in scene.claims()), "no claim ends"))
    restart_killed(scene, controller, "draining")
    scene.eventually(240, scene.replaced, before, 6)
    scene.eventually(60, scene.running, 6)
    scene.scale("web", 0)
    scene.eventually(90, scene.nodes_are, 0)
    scene.eventually(30, scene.claims_are, 0)


def restart_killed(scene, controller, phase):
    controller.kill()
    began = time.monotonic()
    controller.start().wait_ready().wait_leader()
    scene.figures[phase + "_s"] = round(time.monotonic() - began, 1)


@scenario(alone=True)
def two_replicas(scene):
    """A second replica waits, takes over at once when the first ends, and after the lease when it is killed."""
    scene.tolerate("lease|leader")
    scene.pool()
    first = scene.controllers[0]
    second = Controller(scene.plane, first.binary, "replica").start().wait_ready()
    scene.controllers.append(second)
    time.sleep(3)
    expect(first.leads() and not second.leads(), "not exactly the first leads")
    began = time.monotonic()
    status = first.process.end()
    expect(status == 0, f"the first replica ended with {status}")
    second.wait_leader(30)
    scene.figures["handed_over_s"] = round(time.monotonic() - began, 1)
    expect(time.monotonic() - began < 8, "the lease was not released")
    scene.deploy("web", 2)
    scene.eventually(60, scene.running, 2)
    first.start().wait_ready()
    began = time.monotonic()
    second.kill()
    scene.controllers.remove(second)
    first.wait_leader(40)
    scene.figures["taken_over_s"] = round(time.monotonic() - began, 1)
    scene.deploy("more", 2, cpu="14")
    scene.eventually(60, scene.running, 4)


def restart_if_ended(scene):
    """As its Deployment would: losing the lease ends the process (OPR-46)."""
    controller = scene.controllers[0]
    if not controller.process.is_running():
        scene.figures["restarted"] = 1
        controller.start().wait_ready().wait_leader()


@scenario(alone=True)
def api_server_restarts(scene):
    """The API server is killed amid a scale-out and comes back."""
    scene.tolerate(UNREACHABLE, "is forbidden")  # While it reads its roles.
    scene.pool(disruption={"consolidateAfter": "0s"})
    scene.deploy("web", 8, cpu="1", affinity=anti_affinity("web"))
    scene.eventually(30, lambda: expect(scene.claims(), "no claim"))
    scene.plane.processes["kube-apiserver"].kill()
    time.sleep(3)
    scene.plane.start_api_server()
    time.sleep(5)
    restart_if_ended(scene)
    scene.eventually(120, scene.running, 8)
    scene.nodes_are(8)
    scene.claims_are(8)
    scene.scale("web", 0)
    scene.eventually(120, scene.nodes_are, 0)


@scenario(alone=True)
def etcd_pauses(scene):
    """etcd stands still for 12 s, longer than the lease is renewed for; whoever leads then, the work is done."""
    scene.tolerate(UNREACHABLE)
    scene.pool(disruption={"consolidateAfter": "0s"})
    scene.deploy("web", 4, cpu="1", affinity=anti_affinity("web"))
    scene.eventually(30, lambda: expect(scene.claims(), "no claim"))
    etcd = scene.plane.processes["etcd"]
    etcd.send(signal.SIGSTOP)
    time.sleep(12)
    etcd.send(signal.SIGCONT)
    time.sleep(5)
    restart_if_ended(scene)
    scene.eventually(120, scene.running, 4)
    scene.eventually(60, scene.claims_are, 4)
    scene.scale("web", 0)
    scene.eventually(120, scene.nodes_are, 0)


@scenario(default=False, minutes=6)
def hostile_taints(scene):
    """Somebody taints each new node NoExecute; nodes do not run away (05 F.3: 61)."""
    spot = ON_DEMAND_LINUX[:1] + [needs("karpenter.sh/capacity-type", "spot")]
    chase_pods(scene, template={"spec": {"requirements": spot}}, disruption={"consolidateAfter": "0s"})


@scenario(default=False, minutes=6)
def hostile_taints_when_empty(scene):
    """Nor where only empty nodes go, after half a minute (05 F.3: 62)."""
    chase_pods(scene, disruption={"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s"})


def chase_pods(scene, **pool):
    scene.pool(**pool)
    over = threading.Event()

    def taint():
        while not over.wait(0.5):
            for one in scene.nodes():
                taints = one["spec"].get("taints", [])
                if not any(each["key"] == "testing/hostile" for each in taints):
                    hostile = taints + [{"key": "testing/hostile", "effect": "NoExecute"}]
                    try:
                        scene.api.merge("Node", one["metadata"]["name"], {"spec": {"taints": hostile}})
                    except Exception:
                        pass

    thread = threading.Thread(target=taint)
    thread.start()
    try:
        scene.deploy("web", 1)
        most = 0

        def bounded():
            nonlocal most
            most = max(most, len(scene.nodes()))
            expect(most < 35, f"{most} nodes")

        scene.steadily(5 * 60, bounded)
        scene.figures["most_nodes"] = most
    finally:
        over.set()
        thread.join()


@scenario(default=False)
def objects_of_others(scene):
    """Pods with a megabyte of annotations, a clock that is off, a node with nonsense: the controller goes on."""
    scene.pool()
    scene.pod("heavy", annotations={f"testing/{number}": "x" * 25_000 for number in range(10)})
    scene.api.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": scene.name, "labels": {SCENE: scene.name}},
                      "spec": {"providerID": "nonsense", "taints": [{"key": "testing/x", "effect": "NoSchedule"}]},
                      "status": {"capacity": {"cpu": "0", "example.com/thing": "9223372036854775807"}}})
    scene.deploy("web", 2)
    scene.eventually(60, scene.running, 3)
