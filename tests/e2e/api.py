"""A small client of the Kubernetes API: JSON over one kept-alive connection per thread, with a bearer token."""
import http.client
import json
import ssl
import threading
import time
import urllib.parse

# kind: (API prefix, plural, is namespaced)
KINDS = {
    "CapacityBuffer": ("/apis/autoscaling.x-k8s.io/v1beta1", "capacitybuffers", True),
    "ConfigMap": ("/api/v1", "configmaps", True),
    "CustomResourceDefinition": ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", False),
    "DaemonSet": ("/apis/apps/v1", "daemonsets", True),
    "Deployment": ("/apis/apps/v1", "deployments", True),
    "DeviceClass": ("/apis/resource.k8s.io/v1", "deviceclasses", False),
    "Event": ("/api/v1", "events", True),
    "KWOKNodeClass": ("/apis/karpenter.kwok.sh/v1alpha1", "kwoknodeclasses", False),
    "Lease": ("/apis/coordination.k8s.io/v1", "leases", True),
    "LimitRange": ("/api/v1", "limitranges", True),
    "Namespace": ("/api/v1", "namespaces", False),
    "Node": ("/api/v1", "nodes", False),
    "NodeClaim": ("/apis/karpenter.sh/v1", "nodeclaims", False),
    "NodeOverlay": ("/apis/karpenter.sh/v1alpha1", "nodeoverlays", False),
    "NodePool": ("/apis/karpenter.sh/v1", "nodepools", False),
    "Pod": ("/api/v1", "pods", True),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets", True),
    "PodTemplate": ("/api/v1", "podtemplates", True),
    "PriorityClass": ("/apis/scheduling.k8s.io/v1", "priorityclasses", False),
    "ResourceClaimTemplate": ("/apis/resource.k8s.io/v1", "resourceclaimtemplates", True),
    "ResourceSlice": ("/apis/resource.k8s.io/v1", "resourceslices", False),
    "ServiceAccount": ("/api/v1", "serviceaccounts", True),
    "ValidatingAdmissionPolicy": ("/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicies", False),
    "ValidatingAdmissionPolicyBinding":
        ("/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", False),
}


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


class Api:
    def __init__(self, server, token):
        self.netloc = urllib.parse.urlsplit(server).netloc
        self.token = token
        self.local = threading.local()

    def path(self, kind, name=None, namespace=None, sub=None):
        prefix, plural, is_namespaced = KINDS[kind]
        scope = f"/namespaces/{namespace}" if is_namespaced and namespace else ""
        return f"{prefix}{scope}/{plural}" + (f"/{name}" if name else "") + (f"/{sub}" if sub else "")

    def get(self, kind, name, namespace=None):
        """The object, or None where there is none."""
        try:
            return self.call("GET", self.path(kind, name, namespace))
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise

    def list(self, kind, namespace=None, selector=""):
        return self.call("GET", self.path(kind, namespace=namespace)
                         + ("?labelSelector=" + urllib.parse.quote(selector) if selector else ""))["items"]

    def create(self, thing, dry_run=False):
        metadata = thing["metadata"]
        return self.call("POST", self.path(thing["kind"], namespace=metadata.get("namespace"))
                         + ("?dryRun=All" if dry_run else ""), thing)

    def merge(self, kind, name, change, namespace=None, sub=None):
        """A merge patch."""
        return self.call("PATCH", self.path(kind, name, namespace, sub), change, "application/merge-patch+json")

    def replace(self, thing, sub=None):
        metadata = thing["metadata"]
        return self.call("PUT", self.path(thing["kind"], metadata["name"], metadata.get("namespace"), sub), thing)

    def delete(self, kind, name, namespace=None, grace=None):
        """Whether there was something to delete."""
        options = {"propagationPolicy": "Background"}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        try:
            self.call("DELETE", self.path(kind, name, namespace), options)
            return True
        except Refused as refusal:
            if refusal.status == 404:
                return False
            raise

    def text(self, path):
        return self._send("GET", path, None, "application/json")[1].decode()

    def call(self, method, path, body=None, content_type="application/json"):
        for _ in range(20):
            status, text = self._send(method, path, None if body is None else json.dumps(body), content_type)
            if status != 429:  # "Storage is (re)initializing", for a moment after a CRD has changed.
                break
            time.sleep(0.5)
        answer = json.loads(text) if text.startswith(b"{") else {"message": text.decode(errors="replace")}
        if status >= 400:
            raise Refused(status, answer.get("message", ""))
        return answer

    def _send(self, method, path, body, content_type):
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {self.token}"}
        for attempt in (1, 2):
            connection = self._connection()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                # The server closed a connection that we kept, or restarts.
                self.local.connection = None
                if attempt == 2:
                    raise

    def _connection(self):
        if getattr(self.local, "connection", None) is None:
            # The server of a test signs its own certificate.
            self.local.connection = http.client.HTTPSConnection(
                self.netloc, timeout=60, context=ssl._create_unverified_context())
        return self.local.connection


def condition(thing, kind):
    """The status condition of that type, {} where there is none."""
    for one in (thing or {}).get("status", {}).get("conditions", []):
        if one["type"] == kind:
            return one
    return {}


def is_true(thing, kind):
    return condition(thing, kind).get("status") == "True"
