"""Ways not to reach the API server: each is told in one line that says what to do, and waited out where waiting helps."""
import json
import subprocess
import time

from controller import Controller
from scene import expect
from scenarios import scenario


class Place:
    """A folder of kubeconfigs and certificates."""

    def __init__(self, scene):
        self.plane, self.folder = scene.plane, scene.plane.work / scene.name
        self.folder.mkdir()

    def kubeconfig(self, name, server=None, cluster=None, user=None):
        path = self.folder / f"{name}.kubeconfig"
        cluster = {"server": server or self.plane.server, **(cluster or {"insecure-skip-tls-verify": True})}
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": name, "users": [{"name": "u", "user": user or {}}],
            "clusters": [{"name": "c", "cluster": cluster}], "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}}]}))
        return path

    def certificate(self, name, start, end):
        """Signed by itself: nobody knows it."""
        key, request, made = (self.folder / f"{name}.{suffix}" for suffix in ("key", "csr", "crt"))
        settings = self.folder / f"{name}.cnf"
        (self.folder / f"{name}.index").write_text("")
        (self.folder / f"{name}.serial").write_text("01")
        settings.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={self.folder}/{name}.index\nserial={self.folder}/{name}.serial\n"
                            f"new_certs_dir={self.folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        for command in (["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}"],
                        ["ca", "-batch", "-config", settings, "-selfsign", "-keyfile", key, "-in", request, "-out", made,
                         "-startdate", start, "-enddate", end]):
            subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
        return {"client-certificate": str(made), "client-key": str(key)}


@scenario(alone=True)
def bad_credentials(scene):
    """Wrong CA, unknown and expired certificates, a bad token, no rights, no server: one line each, and no end."""
    place = Place(scene)
    unknown = place.certificate("unknown", "20200101000000Z", "21000101000000Z")
    expired = place.certificate("expired", "20200101000000Z", "20200102000000Z")
    scene.make({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "poor", "namespace": scene.name}})
    token = scene.api.call("POST", f"/api/v1/namespaces/{scene.name}/serviceaccounts/poor/token",
                           {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
    for config, words in (
            (place.kubeconfig("authority", cluster={"certificate-authority": unknown["client-certificate"]}),
             ["certificate", "check certificate-authority"]),
            (place.kubeconfig("unknown-client", user=unknown), ["the server does not know who we are"]),
            (place.kubeconfig("expired-client", user=expired), ["the server does not know who we are"]),
            (place.kubeconfig("token", user={"token": "nonsense"}), ["check the credentials of context"]),
            (place.kubeconfig("poor", user={"token": token}), ["cannot get resource", "grant this permission"]),
            (place.kubeconfig("nowhere", server="https://127.0.0.1:1"), ["running and reachable?", "https://127.0.0.1:1"])):
        complains_once(scene, config, words)


def complains_once(scene, config, words):
    controller = Controller(scene.plane, scene.controllers[0].binary, f"bad-{config.stem}")
    controller.start(KUBECONFIG=str(config))
    try:
        scene.eventually(10, lambda: expect(controller.errors(), f"{config.stem}: nothing is said"))
        time.sleep(3)
        said = [json.dumps(one) for one in controller.errors()]
        expect(len(said) == 1, f"{config.stem}: {len(said)} lines: {said[:3]}")
        missing = [one for one in words if one not in said[0]]
        expect(not missing, f"{config.stem}: {missing} not in {said[0]}")
        expect(controller.process.is_running(), f"{config.stem}: it has ended")
    finally:
        controller.process.end()


@scenario(alone=True)
def missing_definition(scene):
    """A custom resource definition goes away and comes back: one line says what to install, and all goes on."""
    scene.tolerate("the server has no nodeoverlays", "NodeOverlay")
    controller = scene.controllers[0]
    name, before = "nodeoverlays.karpenter.sh", controller.lines()
    definition = scene.api.get("CustomResourceDefinition", name)
    scene.api.delete("CustomResourceDefinition", name)
    advice = "install Karpenter's custom resource definitions"
    scene.eventually(60, lambda: expect(any(advice in json.dumps(one) for one in controller.errors(before)), "nothing is said"))
    scene.api.create({**definition, "metadata": {"name": name}, "status": {}})
    scene.eventually(60, lambda: expect(any(one.get("message") == "watching again" for one in controller.records(before)),
                                        "it does not watch again"))
    expect(controller.process.is_running(), "it has ended")


@scenario()
def unusable_kubeconfig(scene):
    """A kubeconfig that cannot be used ends the program with one line (05 A.1, OPR-9)."""
    place = Place(scene)
    good = place.kubeconfig("good")
    (place.folder / "torn.kubeconfig").write_text("clusters: [")
    for arguments, environment, words in (
            (["--context=other"], {"KUBECONFIG": str(good)}, ['context "other"', "good"]),
            ([], {"KUBECONFIG": str(place.folder / "absent")}, ["absent", "No such file"]),
            ([], {"KUBECONFIG": str(place.folder / "torn.kubeconfig")}, ["torn.kubeconfig"])):
        done = subprocess.run([str(scene.plane.karpenter), "controller", "--cloud-provider=kwok", *arguments], text=True,
                              capture_output=True, timeout=20, env=environment)
        expect(done.returncode not in (0, -6, -11), f"{arguments}: status {done.returncode}")
        expect(len(done.stderr.strip().splitlines()) == 1, f"more than a line: {done.stderr}")
        missing = [one for one in words if one not in done.stderr]
        expect(not missing, f"{missing} not in {done.stderr}")
