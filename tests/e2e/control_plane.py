"""etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok's kubelets on loopback, in a folder of their own."""
import datetime
import json
import os
import pathlib
import subprocess

from api import Api, Refused
from processes import Process, free_port, wait_until

HERE = pathlib.Path(__file__).parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))) / "karpenter-cpp"
PEERS = CACHE / "peers"
CONTROLLER_USER = "system:serviceaccount:kube-system:karpenter"

STAGES = ["node/fast/node-initialize.yaml", "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
          "pod/fast/pod-ready.yaml", "pod/fast/pod-complete.yaml"]

# Who was refused is read from here, and when pods and claims were created, to the millisecond.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Metadata", "users": [CONTROLLER_USER], "verbs": ["create", "update", "patch", "delete", "list", "watch"]},
        {"level": "Metadata", "verbs": ["create"], "resources": [{"group": "", "resources": ["pods", "pods/binding"]}]},
        {"level": "None"},
    ],
}


class ControlPlane:
    def __init__(self, work, karpenter):
        self.work, self.karpenter = pathlib.Path(work), karpenter
        self.ports = {name: free_port() for name in ("etcd", "etcd-peer", "api", "manager", "scheduler", "kwok")}
        self.server = f"https://127.0.0.1:{self.ports['api']}"
        self.api = Api(self.server, "admin-token")
        self.audit_log = self.work / "audit.log"
        self.processes = {}
        # Until it is ready an API server answers already, but knows no roles yet: it forbids everything.
        self.starts = []

    # ---- life

    def start(self):
        self._write_credentials()
        self.start_etcd()
        self.start_api_server()
        self._start("kube-controller-manager", f"--kubeconfig={self.kubeconfig('admin')}", "--leader-elect=false",
                    f"--service-account-private-key-file={self.work / 'sa.key'}", "--bind-address=127.0.0.1",
                    f"--secure-port={self.ports['manager']}", "--use-service-account-credentials=false",
                    "--concurrent-deployment-syncs=20", "--concurrent-replicaset-syncs=20", "--kube-api-qps=500",
                    "--kube-api-burst=1000")
        self._start("kube-scheduler", f"--kubeconfig={self.kubeconfig('admin')}", "--leader-elect=false",
                    "--bind-address=127.0.0.1", f"--secure-port={self.ports['scheduler']}", "--kube-api-qps=500",
                    "--kube-api-burst=1000")
        self._install()
        config = (PEERS / "kwok/kwok/kwok.yaml").read_text().replace("10247", str(self.ports["kwok"]))
        (self.work / "kwok.yaml").write_text(config)
        self._start("kwok", "--kubeconfig", self.kubeconfig("admin"), "--config", self.work / "kwok.yaml",
                    "--node-ip=127.0.0.1", f"--server-address=127.0.0.1:{self.ports['kwok']}")

    def stop(self):
        for process in reversed(list(self.processes.values())):
            process.end()

    def start_etcd(self):
        client, peer = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "etcd-peer"))
        self._start("etcd", "--data-dir", self.work / "etcd", "--listen-client-urls", client,
                    "--advertise-client-urls", client, "--listen-peer-urls", peer, "--unsafe-no-fsync",
                    "--log-level=warn")

    def start_api_server(self):
        key = self.work / "sa.key"
        self._start("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.ports['etcd']}",
                    "--bind-address=127.0.0.1", f"--secure-port={self.ports['api']}", f"--cert-dir={self.work / 'certs'}",
                    f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    f"--token-auth-file={self.work / 'tokens.csv'}", "--authorization-mode=RBAC",
                    "--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true",
                    "--disable-admission-plugins=ServiceAccount", f"--audit-log-path={self.audit_log}",
                    f"--audit-policy-file={self.work / 'audit.json'}", "--audit-log-mode=blocking-strict")
        began = datetime.datetime.now(datetime.UTC)
        wait_until("the API server is ready", 90, self._is_ready)
        self.starts.append((began, datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)))

    def _is_ready(self):
        if not self.processes["kube-apiserver"].is_running():
            raise RuntimeError(f"kube-apiserver ended: see {self.processes['kube-apiserver'].log}")
        try:
            return self.api.text("/readyz") == "ok"
        except OSError:
            return False

    def _start(self, name, *arguments):
        self.processes[name] = Process(name, [PEERS / "bin" / name, *arguments], self.work / f"{name}.log")

    def _write_credentials(self):
        subprocess.run(["openssl", "genrsa", "-out", str(self.work / "sa.key"), "2048"], check=True, capture_output=True)
        (self.work / "tokens.csv").write_text(
            "admin-token,admin,admin,system:masters\n"
            f'karpenter-token,{CONTROLLER_USER},karpenter,'
            '"system:serviceaccounts,system:serviceaccounts:kube-system,system:authenticated"\n')
        (self.work / "audit.json").write_text(json.dumps(AUDIT_POLICY))
        for user in ("admin", "karpenter"):
            self.kubeconfig(user).write_text(json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
                "clusters": [{"name": "e2e", "cluster": {"server": self.server, "insecure-skip-tls-verify": True}}],
                "users": [{"name": user, "user": {"token": f"{user}-token"}}],
                "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": user}}]}))

    def kubeconfig(self, user):
        return self.work / f"{user}.kubeconfig"

    # ---- contents

    def _install(self):
        crds = subprocess.run([self.karpenter, "crds", "--provider", "kwok", "-o", "yaml"], check=True, capture_output=True)
        (self.work / "crds.yaml").write_bytes(crds.stdout)
        kwok = PEERS / "kwok"
        self.kubectl("apply", "--server-side", "-f", self.work / "crds.yaml", "-f", kwok / "crd/bases",
                     "-f", HERE / "manifests/rbac.yaml")
        self.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        files = [kwok / "stage" / name for name in STAGES] + [HERE / "manifests/stages.yaml"]
        # A kind is served a moment after its CRD is established.
        wait_until("kwok's stages are accepted", 30,
                   lambda: self.kubectl("apply", "--server-side", *(part for one in files for part in ("-f", one)),
                                        check=False).returncode == 0)
        self.kubectl("apply", "--server-side", "-f", HERE / "manifests/control-plane.yaml")

    def kubectl(self, *arguments, check=True):
        done = subprocess.run([str(CACHE / "bin/kubectl"), "--kubeconfig", str(self.kubeconfig("admin")),
                               *map(str, arguments)], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(map(str, arguments[:2]))}: {done.stderr.strip()}")
        return done

    # ---- what the API server noted

    def audit(self):
        """Its records so far; the last may be half written."""
        if not self.audit_log.exists():
            return
        with open(self.audit_log) as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield json.loads(line)

    def denied(self):
        """What the controller was forbidden (spec 05 E: it needs nothing that it is not granted)."""
        return sorted({f"{one['verb']} {one['requestURI'].split('?')[0]}" for one in self.audit()
                       if one.get("responseStatus", {}).get("code") == 403
                       and one["user"]["username"] == CONTROLLER_USER and not self._was_starting(one)})

    def _was_starting(self, record):
        at = datetime.datetime.fromisoformat(record["stageTimestamp"])
        return any(began <= at <= ended for began, ended in self.starts)

    def exists(self, kind, name):
        try:
            return self.api.get(kind, name) is not None
        except Refused:
            return False
