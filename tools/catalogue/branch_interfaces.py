#!/usr/bin/env python3
"""Extracts branch interface counts from the limits table of aws/amazon-vpc-resource-controller-k8s.

EC2's own API does not publish how many branch interfaces (security groups for pods) a type can
carry; that table does. Output: CSV `instance_type,branch_interfaces`, sorted, 0 where the type
cannot carry a trunk interface.

    go mod download -json github.com/aws/amazon-vpc-resource-controller-k8s@v1.8.2
    tools/catalogue/branch_interfaces.py DIR/pkg/aws/vpc/limits.go > data/ec2/branch-interfaces.csv
"""
import re
import sys

ENTRY = re.compile(r'^\t"(?P<name>[\w.-]+)":\s*\{(?P<body>.*?)^\t\},', re.S | re.M)


def field(body, name):
    match = re.search(rf"\b{name}:\s*(\w+)", body)
    if match is None:
        raise SystemExit(f"no field {name} in: {body}")
    return match.group(1)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as source:
        text = source.read()
    rows = {}
    for entry in ENTRY.finditer(text):
        has_trunk = field(entry["body"], "IsTrunkingCompatible") == "true"
        rows[entry["name"]] = int(field(entry["body"], "BranchInterface")) if has_trunk else 0
    if len(rows) < 1000:
        raise SystemExit(f"only {len(rows)} types found: has the format of the table changed?")
    print("instance_type,branch_interfaces")
    for name in sorted(rows):
        print(f"{name},{rows[name]}")


if __name__ == "__main__":
    main()
