"""Check this installation: Python, packages, the pose model, cameras, and where files can go."""

from __future__ import annotations

import argparse

NAME = "doctor"
HELP = "check the installation and list cameras"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-cameras", action="store_true", help="do not open any camera")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    from mocap.doctor import examine

    findings = examine(cameras=not arguments.no_cameras)
    if arguments.json:
        import json

        print(json.dumps([f.to_dict() for f in findings], indent=1))
    else:
        for finding in findings:
            print(finding)
    return 0 if all(f.ok or not f.needed for f in findings) else 1
