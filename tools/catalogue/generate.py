#!/usr/bin/env python3
"""Writes data/ec2/catalogue.tsv, the EC2 facts that are embedded in the binary.

Inputs: the moto wheel (DescribeInstanceTypes answers, offerings by zone, zone ids) and the CSV
files beside the output (on-demand prices of us-east-1, branch interface counts). Same inputs, same
bytes. The format is described in docs/decisions/0005-catalogue-format.md; its reader is
src/cloud/ec2/facts.cc.

    pip download --no-deps moto==5.2.5
    tools/catalogue/generate.py moto-5.2.5-py3-none-any.whl
"""
import csv
import gzip
import json
import os
import re
import sys
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "data", "ec2")
PRICED_REGION = "us-east-1"

# Zones of a type in one region: one character, the bit mask of the region's sorted zones counted
# from this character.
ZONE_MASK_BASE = 48
MAX_ZONES = 6

COLUMNS = (
    "name vcpus memory_mib architectures cpu_manufacturer clock_mhz ebs_mbps ena "
    "interfaces_by_card ipv4_per_interface network_mbps efa_interfaces branch_interfaces hypervisor "
    "flags storage_gb storage_nvme gpus accelerators neuron usage placement usd_per_hour zones"
).split()


def read_csv(name, key, value):
    with open(os.path.join(DATA, name), encoding="utf-8", newline="") as source:
        return {row[key]: row[value] for row in csv.DictReader(source)}


def is_listed(facts):
    """AWI-20: what the controller asks EC2 for."""
    return "hvm" in facts["SupportedVirtualizationTypes"] and bool(
        {"x86_64", "arm64"} & set(facts["ProcessorInfo"]["SupportedArchitectures"])
    )


def network_mbps(network):
    """AWI-531: the sum of the cards' baselines; unknown where AWS itself publishes only words."""
    if not any(character.isdigit() for character in network["NetworkPerformance"]):
        return ""
    gbps = sum(card["BaselineBandwidthInGbps"] for card in network["NetworkCards"])
    return round(gbps * 1000)


def ebs_mbps(ebs):
    if ebs["EbsOptimizedSupport"] != "default":
        return ""
    return ebs["EbsOptimizedInfo"]["MaximumBandwidthInMbps"]


def flags(facts):
    letters = {
        "m": facts["BareMetal"],
        "b": facts["BurstablePerformanceSupported"],
        "g": facts["CurrentGeneration"],
        "t": facts["NetworkInfo"]["EncryptionInTransitSupported"],
        "e": facts["NitroEnclavesSupport"] == "supported",
        "n": "nested-virtualization" in facts["ProcessorInfo"].get("SupportedFeatures", []),
    }
    return "".join(letter for letter, is_set in letters.items() if is_set)


def devices(entries, *fields):
    rows = []
    for entry in entries:
        values = []
        for path in fields:
            value = entry
            for step in path.split("."):
                value = value[step]
            values.append(str(value))
        rows.append(":".join(values))
    return ",".join(rows)


def type_row(facts, price, branch, zones):
    network = facts["NetworkInfo"]
    cards = network["NetworkCards"]
    storage = facts.get("InstanceStorageInfo", {})
    if network["DefaultNetworkCardIndex"] != 0:
        raise SystemExit(f"{facts['InstanceType']}: the default network card is not card 0")
    if [card["NetworkCardIndex"] for card in cards] != list(range(len(cards))):
        raise SystemExit(f"{facts['InstanceType']}: network cards are not numbered from 0")
    clock = facts["ProcessorInfo"].get("SustainedClockSpeedInGhz", 0)
    return [
        facts["InstanceType"],
        facts["VCpuInfo"]["DefaultVCpus"],
        facts["MemoryInfo"]["SizeInMiB"],
        ",".join(facts["ProcessorInfo"]["SupportedArchitectures"]),
        facts["ProcessorInfo"]["Manufacturer"],
        round(clock * 1000),
        ebs_mbps(facts["EbsInfo"]),
        network["EnaSupport"],
        ",".join(str(card["MaximumNetworkInterfaces"]) for card in cards),
        network["Ipv4AddressesPerInterface"],
        network_mbps(network),
        network.get("EfaInfo", {}).get("MaximumEfaInterfaces", ""),
        branch,
        facts.get("Hypervisor", ""),
        flags(facts),
        storage.get("TotalSizeInGB", ""),
        storage.get("NvmeSupport", ""),
        devices(
            facts.get("GpuInfo", {}).get("Gpus", []),
            *("Name", "Manufacturer", "Count", "MemoryInfo.SizeInMiB"),
        ),
        devices(
            facts.get("InferenceAcceleratorInfo", {}).get("Accelerators", []),
            *("Name", "Manufacturer", "Count"),
        ),
        devices(
            facts.get("NeuronInfo", {}).get("NeuronDevices", []),
            *("Name", "Count", "CoreInfo.Count"),
        ),
        ",".join(facts["SupportedUsageClasses"]),
        ",".join(facts["PlacementGroupInfo"]["SupportedStrategies"]),
        price,
        zones,
    ]


def read_offerings(wheel):
    """region -> type -> set of zones, for the regions whose offerings the wheel knows."""
    folder = "moto/ec2/resources/instance_type_offerings/availability-zone/"
    regions = {}
    for name in wheel.namelist():
        if name.startswith(folder) and name.endswith(".json.gz"):
            region = {}
            for row in json.loads(gzip.decompress(wheel.read(name))):
                region.setdefault(row["InstanceType"], set()).add(row["Location"])
            regions[os.path.basename(name).removesuffix(".json.gz")] = region
    return dict(sorted(regions.items()))


def read_zone_ids(wheel):
    text = wheel.read("moto/ec2/models/availability_zones_and_regions.py").decode()
    return {
        match["name"]: match["id"]
        for match in re.finditer(
            r'Zone\(\s*region_name="[^"]*",\s*name="(?P<name>[^"]*)",\s*zone_id="(?P<id>[^"]*)"', text
        )
    }


def zone_ids_of(region, names, known):
    """Ids of a region's zones: the wheel's, and by AWS's pattern (use1-az1) where it has none.

    Which id a zone name has differs between accounts anyway.
    """
    area, direction, number = region.split("-")
    for word in ("north", "south", "east", "west", "central"):
        direction = direction.replace(word, word[0])
    pattern = [f"{area}{direction}{number}-az{i + 1}" for i in range(2 * MAX_ZONES)]
    free = [zone_id for zone_id in pattern if zone_id not in {known.get(name) for name in names}]
    return {name: known.get(name) or free.pop(0) for name in names}


def render(wheel):
    prices = read_csv("on-demand-prices-us-east-1.csv", "instance_type", "usd_per_hour")
    branches = read_csv("branch-interfaces.csv", "instance_type", "branch_interfaces")
    types = json.loads(gzip.decompress(wheel.read("moto/ec2/resources/instance_types.json.gz")))
    known_zone_ids = read_zone_ids(wheel)
    offerings = read_offerings(wheel)
    zones = {region: sorted(set().union(*rows.values())) for region, rows in offerings.items()}
    if max(len(names) for names in zones.values()) > MAX_ZONES:
        raise SystemExit("more zones than one character can hold")
    lines = ["karpenter-ec2-catalogue\t1"]
    for region, names in zones.items():
        origin = "own" if region == PRICED_REGION else "borrowed"
        ids = zone_ids_of(region, names, known_zone_ids)
        text = ",".join(f"{name}={ids[name]}" for name in names)
        lines.append(f"region\t{region}\t{origin}\t{text}")
    lines.append("\t".join(COLUMNS))
    for name in sorted(types):
        if not is_listed(types[name]):
            continue
        masks = ""
        for region, names in zones.items():
            offered = offerings[region].get(name, ())
            mask = sum(1 << bit for bit, zone in enumerate(names) if zone in offered)
            masks += chr(ZONE_MASK_BASE + mask)
        row = type_row(types[name], prices.get(name, ""), branches.get(name, ""), masks)
        lines.append("\t".join(str(cell) for cell in row))
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        text = render(wheel)
    with open(os.path.join(DATA, "catalogue.tsv"), "w", encoding="ascii", newline="\n") as out:
        out.write(text)


if __name__ == "__main__":
    main()
