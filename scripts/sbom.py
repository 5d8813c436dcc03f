#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a program built here, in SPDX 2.3 (JSON), on stdout.

Holds the program, the packages whose libraries it is linked with (ldd), and those that were compiled into it: headers,
and the tools that made its kernel side. Versions and sources are those of the distribution's packages (dpkg); the same
program and packages give the same text. SOURCE_DATE_EPOCH is its time.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

# What of cmake/Dependencies.cmake is headers alone, or in part.
COMPILED_IN = ("nlohmann-json3-dev", "libexpected-dev", "libcli11-dev")
BUILT_WITH = ("g++", "clang", "bpftool", "linux-tools-generic")  # of the last two, the one that is there


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def linked(program: Path) -> list[str]:
    """Names of the packages that hold the libraries which the program is linked with."""
    names = set()
    for line in output("ldd", str(program)).splitlines():
        found = re.match(r"\s*(\S+) => (/\S+)", line)
        if found:
            # By its name: where /lib is a link to /usr/lib, dpkg knows one of the two paths.
            for row in output("dpkg", "-S", found[1]).splitlines():
                holder, path = row.split(": ", 1)
                if path.removeprefix("/usr") == found[2].removeprefix("/usr"):
                    names.add(holder.split(":")[0])
    return sorted(names)


def is_installed(name: str) -> bool:
    return subprocess.run(["dpkg-query", "-W", name], capture_output=True).returncode == 0


def package(name: str, purpose: str) -> dict:
    version, architecture, source = output(
        "dpkg-query", "-W", "-f", "${Version}\t${Architecture}\t${source:Package}\n", name
    ).splitlines()[0].split("\t")
    distribution = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    ).get("ID", "linux").strip('"')
    return {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": purpose,
        "sourceInfo": f"built from the source package {source}",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:deb/{distribution}/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}"
                f"?arch={architecture}",
            }
        ],
    }


def document(program: Path, version: str) -> dict:
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    created = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    own = {
        "SPDXID": "SPDXRef-Package-bongsu",
        "name": "bongsu",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0 AND (BSD-2-Clause OR GPL-2.0-only)",
        "licenseDeclared": "Apache-2.0 AND (BSD-2-Clause OR GPL-2.0-only)",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
    }
    libraries = [package(name, "LIBRARY") for name in linked(program)]
    headers = [package(name, "LIBRARY") for name in COMPILED_IN]
    tools = [package(name, "APPLICATION") for name in BUILT_WITH if is_installed(name)]

    def relation(kind: str, others: list[dict], reverse: bool = False) -> list[dict]:
        rows = []
        for other in others:
            first, second = own["SPDXID"], other["SPDXID"]
            if reverse:
                first, second = second, first
            rows.append({"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second})
        return rows

    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"bongsu-{version}",
        "documentNamespace": f"urn:bongsu:sbom:{version}:{digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: scripts/sbom.py"]},
        "documentDescribes": [own["SPDXID"]],
        "packages": [own, *libraries, *headers, *tools],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": own["SPDXID"],
            },
            *relation("DYNAMIC_LINK", libraries),
            *relation("STATIC_LINK", headers),
            *relation("BUILD_TOOL_OF", tools, reverse=True),
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, help="as it is given away: its digest is in the bill")
    parser.add_argument("--version", required=True)
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        print(f"{arguments.program}: no such program", file=sys.stderr)
        return 2
    print(json.dumps(document(arguments.program, arguments.version), indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
