#!/usr/bin/env bash
# What a newcomer does, with the real kubectl: serve the demo, scale the example up, see nodes come, drain one under a
# PodDisruptionBudget, be refused a broken NodePool, scale to zero, see nodes go.
# usage: kubectl_demo.sh KARPENTER
set -euo pipefail
karpenter=$1
export PATH="${XDG_CACHE_HOME:-$HOME/.cache}/karpenter-cpp/bin:$PATH"
command -v kubectl >/dev/null || { echo "kubectl is missing: run tools/fetch-kubectl"; exit 1; }

work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig
"$karpenter" demo --serve --speed 60 --seed 7 --kubeconfig "$KUBECONFIG" >"$work/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null; rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  tail -n 40 "$work/demo.log"
  kubectl get nodepools,nodeclaims,nodes,pods -A -o wide || true
  exit 1
}

# eventually SECONDS COMMAND...: polls until the command succeeds.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "not within time: $*"
    sleep 0.3
  done
}

running_is() { [ "$(kubectl get pods --no-headers 2>/dev/null | grep -c Running)" -eq "$1" ]; }
nodes_are() { [ "$(kubectl get nodes --no-headers 2>/dev/null | grep -c .)" -eq "$1" ]; }
nodes_at_least() { [ "$(kubectl get nodes --no-headers 2>/dev/null | grep -c ' Ready')" -ge "$1" ]; }

eventually 20 test -s "$KUBECONFIG"
eventually 20 kubectl get nodepool arm64
eventually 20 kubectl wait --for=condition=Ready nodepool/arm64 --timeout=10s

applied=$(kubectl apply -f examples/field-report 2>&1) || fail "the example is not accepted: $applied"
if grep -q -e Warning -e configured -e created <<<"$applied"; then fail "the demo's own objects differ: $applied"; fi
kubectl scale deployment inflate --replicas=5
eventually 60 running_is 5
nodes_at_least 1 || fail "no node is Ready"
kubectl get nodeclaims -o wide

# The same binary, looking at the live cluster instead of files; it changes nothing.
node=$(kubectl get pods -o jsonpath='{.items[0].spec.nodeName}')
"$karpenter" explain node "$node" >"$work/explained" || fail "no explanation of a live node"
grep -q "^node $node of NodePool arm64: .* 5 pods would move" "$work/explained" || fail "explain says $(cat "$work/explained")"
"$karpenter" plan --disruption -o json | grep -q '"nodes"' || fail "no disruption plan of a live cluster"
"$karpenter" plan | grep -q '^0 new nodes for 0 pods' || fail "a plan of a live cluster: $("$karpenter" plan 2>&1)"
if "$karpenter" explain node nobody 2>"$work/unknown"; then fail "a node that is not there is explained"; fi
grep -q 'no node and no nodeclaim named "nobody"' "$work/unknown" || fail "unreadable: $(cat "$work/unknown")"

cat >"$work/broken.yaml" <<'YAML'
apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: broken
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements:
        - {key: kubernetes.io/arch, operator: Inside, values: [arm64]}
YAML
if refusal=$(kubectl apply -f "$work/broken.yaml" 2>&1); then fail "a broken NodePool was accepted"; fi
grep -q 'spec.template.spec.requirements\[0\].operator' <<<"$refusal" || fail "unreadable refusal: $refusal"
grep -q 'supported values' <<<"$refusal" || fail "the refusal does not say what is allowed: $refusal"

kubectl create poddisruptionbudget inflate --selector=app=inflate --min-available=4 >/dev/null
node=$(kubectl get pods -o jsonpath='{.items[0].spec.nodeName}')
kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --timeout=120s >"$work/drain.log" 2>&1 \
  || { cat "$work/drain.log"; fail "drain under a budget"; }
eventually 120 running_is 5

kubectl scale deployment inflate --replicas=0
eventually 120 nodes_are 0
[ -z "$(kubectl get nodeclaims -o name)" ] || fail "nodeclaims are left"
echo "ok"
