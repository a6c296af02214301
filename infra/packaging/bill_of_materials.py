"""Writes a software bill of materials (CycloneDX 1.6, JSON) for each packed function.

Says what cargo says of this very build: the functions are resolved together and for
one target, as they are built. `cargo metadata`, which the ready-made tools read,
resolves the whole workspace instead, and lists crates that no function has.

  scope required   linked into the binary
  scope excluded   ran while it was built: procedural macros, build scripts

Crates carry the checksum of Cargo.lock, the function that of its binary. There is no
time in it: the same commit gives the same bill.

Usage: bill_of_materials.py --target TRIPLE --output DIR FUNCTION...
       (DIR holds FUNCTION/bootstrap and gets FUNCTION.cdx.json)
"""

import argparse
import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

# `name v1.2.3 (proc-macro) (path)`, the licence, and a mark where it is seen again.
LINE = re.compile(r"(?P<depth>\d+)\t(?P<name>\S+) v(?P<version>\S+)[^\t]*\t(?P<licence>.*?)(?: \(\*\))?$")
WORKSPACE = Path(__file__).resolve().parents[2]


def cargo_tree(functions, target, edges):
    """The graph of one build: for each crate its licence, and what it depends on."""
    command = ["cargo", "tree", "--locked", "--target", target, "--edges", edges]
    command += ["--prefix", "depth", "--format", "\t{p}\t{l}"]
    for function in functions:
        command += ["--package", function]
    text = subprocess.run(command, cwd=WORKSPACE, check=True, stdout=subprocess.PIPE, text=True).stdout
    licences, edges, path = {}, {}, []
    for line in filter(None, text.splitlines()):
        found = LINE.match(line)
        if not found:
            raise SystemExit(f"bill_of_materials.py: what does cargo tree mean by {line!r}?")
        crate = (found["name"], found["version"])
        licences[crate] = found["licence"]
        path[int(found["depth"]) :] = [crate]
        edges.setdefault(crate, set())
        if len(path) > 1:
            edges[path[-2]].add(crate)
    return licences, edges


def reachable(root, edges):
    seen, waiting = {root}, [root]
    while waiting:
        fresh = edges.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
    return seen


def checksums():
    """SHA-256 of each crate of the registry; what stands in the workspace has none."""
    lock = tomllib.loads((WORKSPACE / "Cargo.lock").read_text())
    return {(one["name"], one["version"]): one["checksum"] for one in lock["package"] if "checksum" in one}


def reference(crate):
    return "@".join(crate)


def sha256(digest):
    return [{"alg": "SHA-256", "content": digest}]


def component(crate, licence, checksum, linked):
    found = {
        "type": "library",
        "bom-ref": reference(crate),
        "name": crate[0],
        "version": crate[1],
        "scope": "required" if linked else "excluded",
        # The slash is how crates wrote OR before SPDX.
        "licenses": [{"expression": re.sub(" */ *", " OR ", licence)}],
    }
    # A crate of this workspace shares its name with strangers in the registry: no purl.
    if checksum:
        found["purl"] = f"pkg:cargo/{crate[0]}@{crate[1]}"
        found["hashes"] = sha256(checksum)
    return found


def rustc():
    text = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.search(r"^release: (.*)$", text, re.MULTILINE)[1]


def standard_library(release):
    return component(("std", release), "MIT OR Apache-2.0", None, True) | {
        "description": "Rust's standard library, as the compiler brings it"
    }


def bill(root, binary, target, build, linked):
    licences, edges = build
    everything, required = reachable(root, edges), reachable(root, linked[1])
    release, known = rustc(), checksums()
    std = standard_library(release)
    crates = sorted(everything - {root})
    depends = {reference(crate): sorted(map(reference, edges[crate])) for crate in [root, *crates]}
    depends[reference(root)].append(std["bom-ref"])
    function = component(root, licences[root], None, True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "infra/package"}]},
            "component": function
            | {"type": "application", "hashes": sha256(hashlib.sha256(binary.read_bytes()).hexdigest())},
            "properties": [{"name": "rust:target", "value": target}, {"name": "rust:rustc", "value": release}],
        },
        "components": [component(one, licences[one], known.get(one), one in required) for one in crates] + [std],
        "dependencies": [{"ref": ref, "dependsOn": on} for ref, on in depends.items()],
    }


def main():
    parser = argparse.ArgumentParser(description="Writes the functions' bills of materials.")
    parser.add_argument("--target", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("functions", nargs="+")
    asked = parser.parse_args()
    build = cargo_tree(asked.functions, asked.target, "normal,build")
    linked = cargo_tree(asked.functions, asked.target, "normal,no-proc-macro")
    for name in asked.functions:
        root = next(crate for crate in build[0] if crate[0] == name)
        found = bill(root, asked.output / name / "bootstrap", asked.target, build, linked)
        (asked.output / f"{name}.cdx.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
