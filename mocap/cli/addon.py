"""Make the add-on for another program, ready to install there.

mocap addon blender              (writes mocap_bridge-blender-VERSION.zip here)
mocap addon maya -o dist         (into a folder)
mocap addon unity                (a package, .tgz)

What it prints says how to install it. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "addon"
HELP = "the add-on for Blender, Maya or Unity, to install there"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="PROGRAM", help="whom it is for: blender, maya or unity")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR",
        help="the folder to write into (default: this one)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(arguments: argparse.Namespace) -> int:
    from mocap.addon import host_of, pack

    host = host_of(arguments.host)
    path = pack(arguments.host, arguments.output)
    steps = [step.format(file=path.name) for step in host.steps]
    if arguments.json:
        import json

        print(
            json.dumps({"program": arguments.host, "file": str(path), "install": steps}, indent=1)
        )
    else:
        print(f"wrote {path}")
        for step in steps:
            print(f"  {step}")
    return 0
