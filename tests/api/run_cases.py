#!/usr/bin/env python3
"""Asks a real kube-apiserver about the tables of tests/api/cases (tests/api/README.md).

  run_cases.py --karpenter build/release/bin/karpenter --server https://127.0.0.1:6443 --token T
  run_cases.py --karpenter build/release/bin/karpenter --start DIR   starts DIR/etcd and DIR/kube-apiserver itself

Installs what `karpenter crds` prints, sends each case as a server-side dry run, and reports differences.
Nothing is left behind but the CRDs. Exits 1 when the server and a table disagree.
"""
import argparse
import copy
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

CASES = pathlib.Path(__file__).parent / "cases"
ABSENT = object()


# ---- the tables

def value_of(text):
    if text == "absent":
        return ABSENT
    counted = re.match(r"^(\d+) ([x*]) (.*)$", text)
    if not counted:
        return json.loads(re.sub(r"<(.)\*(\d+)>", lambda m: m[1] * int(m[2]), text))
    items = [json.loads(counted[3].replace("#", str(i))) for i in range(int(counted[1]))]
    if counted[2] == "x":
        return items
    return {key: value for item in items for key, value in item.items()}


class Table:
    def __init__(self, path):
        self.provider, self.base, self.names, self.elements, self.cases = "ec2", None, {}, {}, []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("API-"):
                self.add(f"{path.name}:{number}", line)
            else:
                self.directive(line)

    def directive(self, line):
        word, rest = line.split(" ", 1)
        if word == "provider":
            self.provider = rest
        elif word == "object":
            self.base = json.loads(rest)
        elif word == "let":
            name, path = rest.split(" = ")
            self.names[name] = path
        elif word == "element":
            name, value = rest.split(" = ")
            self.elements[self.long_path(name)] = json.loads(value)
        else:
            raise ValueError(line)

    def add(self, place, line):
        columns = [column.strip() for column in line.split(" |")] + [""]
        rule, verdict, changes, expected = columns[:4]
        alternatives = [changes]
        if "each " in changes:
            before, rest = changes.split("each ", 1)
            listed, _, after = rest.partition(" & ")
            after = " & " + after if after else ""
            alternatives = [before + one + after for one in listed.split(" ; ")]
        for change in alternatives:
            self.cases.append((place, rule, verdict, change, expected))

    def long_path(self, path):
        name = re.match(r"[^.\[]*", path)[0]
        return self.names.get(name, name) + path[len(name):]

    def apply(self, changes, target):
        for change in changes.split(" & "):
            if " = " in change:
                path, value = change.split(" = ", 1)
                self.set(target, self.long_path(path.strip()), value_of(value.strip()))

    def set(self, at, path, value):
        steps, walked = path.split("."), []
        for step in steps[:-1]:
            name = step.removesuffix("[]")
            walked.append(name)
            if not isinstance(at.get(name), (dict, list)):
                at[name] = [] if step.endswith("[]") else {}
            if step.endswith("[]"):
                if not at[name]:
                    at[name] = [copy.deepcopy(self.elements.get(".".join(walked), {}))]
                at = at[name][0]
            else:
                at = at[name]
        name = steps[-1].removesuffix("[]")
        if value is ABSENT:
            at.pop(name, None)
        else:
            at[name] = [value] if steps[-1].endswith("[]") else value


def value_at(target, path):
    for step in path.split("."):
        if not isinstance(target, dict) or step not in target:
            return ABSENT
        target = target[step]
    return target


# ---- the server

class Server:
    def __init__(self, url, token):
        self.url, self.token, self.connection = urllib.parse.urlsplit(url), token, None

    def connect(self):
        if self.url.scheme == "https":
            # The server of a test signs its own certificate.
            return http.client.HTTPSConnection(self.url.netloc, context=ssl._create_unverified_context())
        return http.client.HTTPConnection(self.url.netloc)

    def call(self, method, path, body=None, kind="application/json"):
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.connection = self.connection or self.connect()
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else {"message": text.decode()}


def resource_path(crd, namespace=None):
    spec = crd["spec"]
    scope = f"/namespaces/{namespace}" if spec["scope"] == "Namespaced" else ""
    return f"/apis/{spec['group']}/{spec['versions'][0]['name']}{scope}/{spec['names']['plural']}"


def install(server, crds, problems):
    """Server-side apply, so that the provider's flavours can follow each other."""
    for crd in crds:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + crd["metadata"]["name"]
        status, answer = server.call("PATCH", path + "?fieldManager=cases&force=true", crd, "application/apply-patch+yaml")
        if status not in (200, 201):
            problems.append(f"{crd['metadata']['name']} is refused: {answer['message']}")
    for crd in crds:
        wait_until_served(server, crd, problems)


def wait_until_served(server, crd, problems):
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + crd["metadata"]["name"]
    for _ in range(100):
        status, answer = server.call("GET", path)
        conditions = {c["type"]: c for c in answer.get("status", {}).get("conditions", [])}
        if "NonStructuralSchema" in conditions:
            problems.append(f"{crd['metadata']['name']}: {conditions['NonStructuralSchema']['message']}")
            return
        established = conditions.get("Established", {}).get("status") == "True"
        if status == 200 and established and server.call("GET", resource_path(crd, "default"))[0] == 200:
            return
        time.sleep(0.1)
    problems.append(f"{crd['metadata']['name']} is not served")


def judge(server, table, path, case):
    """What the server says: (status, message, object)."""
    _, _, verdict, changes, _ = case
    subject, _, after = changes.partition("=> ") if "=> " in changes else (changes, "", "")
    item = path + "/" + table.base["metadata"]["name"]
    if verdict.startswith(("update", "status")):
        stored = copy.deepcopy(table.base)
        if verdict.startswith("update"):
            table.apply(subject, stored)
        status, stored = server.call("POST", path, stored)
        if status != 201:
            return status, "cannot be stored: " + stored["message"], None
        try:
            table.apply(after if verdict.startswith("update") else subject, stored)
            item_or_status = item + ("/status" if verdict.startswith("status") else "")
            status, answer = server.call("PUT", item_or_status + "?dryRun=All", stored)
            while status == 409:  # Somebody, our controller perhaps, has written to it meanwhile.
                stored["metadata"]["resourceVersion"] = server.call("GET", item)[1]["metadata"]["resourceVersion"]
                status, answer = server.call("PUT", item_or_status + "?dryRun=All", stored)
        finally:
            server.call("DELETE", item)
    else:
        created = copy.deepcopy(table.base)
        table.apply(subject, created)
        status, answer = server.call("POST", path + "?dryRun=All", created)
    return status, answer.get("message", ""), answer


def difference(table, case, status, message, answer):
    _, _, verdict, _, expected = case
    is_accepted = status in (200, 201)
    if verdict.endswith("reject"):
        if is_accepted:
            return "accepted"
        return "" if status in (400, 422) and expected in message else f"{status}: {message}"
    if not is_accepted:
        return f"{status}: {message}"
    if verdict == "stored":
        path, value = expected.split(" = ", 1)
        found, wanted = value_at(answer, table.long_path(path)), value_of(value)
        if found is not wanted and found != wanted:
            return f"stored {'nothing' if found is ABSENT else json.dumps(found)}"
    return ""


def check_converted(server, karpenter, paths, problems):
    """What `karpenter convert` makes of old manifests is accepted, and nothing in it is unknown."""
    folder = str(CASES.parent / "convert")
    printed = subprocess.run([karpenter, "convert", "-f", folder, "-o", "json"],
                             check=True, capture_output=True, text=True).stdout
    items = json.loads(printed)["items"]
    for item in items:
        status, answer = server.call("POST", paths[item["kind"]] + "?dryRun=All&fieldValidation=Strict", item)
        if status != 201:
            problems.append(f"converted {item['kind']} {item['metadata']['name']}: {answer['message']}")
    return len(items)


def run(server, karpenter):
    tables = [Table(path) for path in sorted(CASES.glob("*.txt"))]
    problems, count = [], 0
    for provider in ("ec2", "kwok"):
        printed = subprocess.run([karpenter, "crds", "--provider", provider, "-o", "json"],
                                 check=True, capture_output=True, text=True).stdout
        crds = json.loads(printed)["items"]
        install(server, crds, problems)
        paths = {crd["spec"]["names"]["kind"]: resource_path(crd, "default") for crd in crds}
        # The server begins to use a changed schema a moment after it has stored it.
        time.sleep(1 if provider == "ec2" else 3)
        if provider == "ec2":
            count += check_converted(server, karpenter, paths, problems)
        for table in tables:
            if table.provider != provider:
                continue
            for case in table.cases:
                count += 1
                wrong = difference(table, case, *judge(server, table, paths[table.base["kind"]], case))
                if wrong:
                    problems.append(f"{case[0]}: {case[1]} {case[2]} ({case[3][:160]}): {wrong}")
    return count, problems


# ---- starting one

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peers:
    """etcd and kube-apiserver from a folder, on free ports of loopback, ended with the block."""

    def __init__(self, folder):
        self.folder, self.processes = pathlib.Path(folder), []

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="karpenter-api-cases-"))
        etcd, peer, self.port = free_port(), free_port(), free_port()
        self.spawn("etcd", "--data-dir", self.work / "etcd", "--unsafe-no-fsync",
                   "--listen-client-urls", f"http://127.0.0.1:{etcd}", "--advertise-client-urls", f"http://127.0.0.1:{etcd}",
                   "--listen-peer-urls", f"http://127.0.0.1:{peer}")
        key = self.work / "sa.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (self.work / "tokens").write_text("token,admin,admin,system:masters\n")
        self.spawn("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1",
                   f"--secure-port={self.port}", f"--cert-dir={self.work}", f"--service-account-key-file={key}",
                   f"--service-account-signing-key-file={key}", "--service-account-issuer=https://kubernetes.default.svc",
                   f"--token-auth-file={self.work / 'tokens'}", "--authorization-mode=RBAC",
                   "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount")
        return self.wait()

    def spawn(self, name, *arguments):
        log = open(self.work / f"{name}.log", "w")
        self.processes.append(subprocess.Popen([self.folder / name, *map(str, arguments)], stdout=log, stderr=log))

    def wait(self):
        server = Server(f"https://127.0.0.1:{self.port}", "token")
        for _ in range(600):
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                if server.call("GET", "/readyz")[0] == 200 and server.call("GET", "/api/v1/namespaces/default")[0] == 200:
                    return server
            except OSError:
                server.connection = None
            time.sleep(0.2)
        sys.exit(f"the API server did not start: see {self.work}")

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--karpenter", required=True)
    parser.add_argument("--server")
    parser.add_argument("--token", default=os.environ.get("TOKEN", ""))
    parser.add_argument("--start", metavar="DIR")
    arguments = parser.parse_args()
    if arguments.start:
        with Peers(arguments.start) as server:
            count, problems = run(server, arguments.karpenter)
    elif arguments.server:
        count, problems = run(Server(arguments.server, arguments.token), arguments.karpenter)
    else:
        parser.error("give --server or --start")
    for problem in problems:
        print(problem)
    print(f"api cases: {count} asked, {len(problems)} differ from the tables")
    sys.exit(1 if problems or not count else 0)


if __name__ == "__main__":
    main()
