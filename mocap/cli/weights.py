"""Weights of the networks that lift points from the picture into space.

mocap weights list                                   (what there is, under which licence)
mocap weights fetch videopose3d-coco                 (download and convert)
mocap weights fetch https://... --sha256 HEX --arch pstmo --inputs coco17
mocap weights import ckpt_semgcn.pth.tar --arch semgcn
mocap weights verify                                 (are the files still what they were?)

Checkpoints of PyTorch are programs in disguise: they are read without running anything and kept
as safetensors in a folder of yours, which `mocap weights list` names and $MOCAP_WEIGHTS sets.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.messages import note

if TYPE_CHECKING:
    from mocap.models.convert import Wish
    from mocap.weights import Found

NAME = "weights"
HELP = "weights of networks: list, fetch, import, verify"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="what there is, and under which licence")
    fetched = actions.add_parser("fetch", help="download weights, and convert them")
    fetched.add_argument("name", metavar="NAME", help="weights from the list, or an https address")
    fetched.add_argument(
        "--sha256", default="", metavar="HEX", help="what the file must be; else it is told"
    )
    taken = actions.add_parser("import", help="convert a checkpoint that you have")
    taken.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a checkpoint of PyTorch, the .index of one of TensorFlow, or a .safetensors of ours",
    )
    taken.add_argument(
        "--name",
        default="",
        help="what to call the weights; one from the list brings its own facts",
    )
    for action in (fetched, taken):
        _add_facts(action)
    verified = actions.add_parser("verify", help="compare files with their checksums")
    verified.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    for action in (listed, fetched, taken, verified):
        action.add_argument("--json", action="store_true", help="print as JSON")


def _add_facts(action: argparse.ArgumentParser) -> None:
    """What no checkpoint tells of itself."""
    action.add_argument("--arch", default="", help="the network: videopose3d, pstmo, semgcn ...")
    action.add_argument("--inputs", default="", metavar="LAYOUT", help="points: coco17, h36m17 ...")
    action.add_argument("--outputs", default="", metavar="LAYOUT", help="joints, if not h36m17")
    action.add_argument("--causal", action="store_true", help="it was trained to see no future")
    action.add_argument("--licence", default="", help="of the weights, as SPDX names it")
    action.add_argument("--source", default="", help="the page they come from")


def run(arguments: argparse.Namespace) -> int:
    actions = {"list": _list, "fetch": _fetch, "import": _import, "verify": _verify}
    return actions[arguments.action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from mocap import weights

    every = sorted(weights.every(), key=lambda found: found.entry.name)
    if arguments.json:
        _print([{**_told(found), "restriction": found.entry.restriction} for found in every])
        return 0
    rows = [("NAME", "NETWORK", "POINTS", "LICENCE", "")]
    for found in every:
        entry = found.entry
        way = "here" if found.path else "fetch" if entry.url else "by hand"
        network = entry.architecture or "-"
        rows.append((entry.name, network, entry.inputs or "-", entry.licence, way))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[4]]))
    print(
        "\nfetch: mocap weights fetch NAME; by hand: download it from its authors "
        "(--json names the page) and mocap weights import it"
    )
    print(f"your own are in {weights.own_folder()}")
    restricted = sum(bool(found.entry.restriction) for found in every)
    if restricted:
        note(
            f"{restricted} of these are not for commercial use, or nobody knows: see the column "
            "LICENCE"
        )
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    from urllib.parse import unquote, urlsplit

    from mocap import weights
    from mocap.cli.progress import bar
    from mocap.errors import FormatError, InvalidValue
    from mocap.fetch import fetch
    from mocap.models.convert import says_what_it_is

    if "://" in arguments.name:
        url, known = arguments.name, None
        file = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
        if not file or file.startswith(".") or "\\" in file:
            raise InvalidValue(
                f"{url}: names no file; expected an address such as https://host/NAME.bin"
            )
    else:
        known = weights.by_name(arguments.name).entry
        if known.restriction:
            note(known.restriction)
        if not known.url:
            raise FormatError(weights.how_to_get(known))
        url, file = known.url, known.original
    wanted = arguments.sha256.lower() or (known.original_sha256 if known else "")
    target = weights.own_folder() / "downloads" / file
    with bar(file, None, "B") as advance:
        here = 0

        def progress(now: int, _: int | None) -> None:
            nonlocal here
            advance(now - here)
            here = now

        found = fetch(url, target, sha256=wanted, progress=progress)
    if not wanted:
        note(f"nobody published a checksum of {file}; yours is sha256 {found}")
    if known is None and not arguments.arch and not says_what_it_is(target):
        _finish(arguments, {"file": str(target), "sha256": found}, f"fetched {target}")
        return 0
    taken = _taken(target, _wish(arguments, "" if known is None else known.name, url))
    target.unlink()
    return _tell(arguments, taken, restriction=known is None)


def _import(arguments: argparse.Namespace) -> int:
    taken = _taken(arguments.file, _wish(arguments, arguments.name, ""))
    return _tell(arguments, taken, restriction=True)


def _wish(arguments: argparse.Namespace, name: str, source: str) -> Wish:
    from mocap.models.convert import Wish

    return Wish(
        architecture=arguments.arch,
        name=name,
        inputs=arguments.inputs,
        outputs=arguments.outputs,
        licence=arguments.licence,
        source=arguments.source or source,
        causal=arguments.causal,
    )


def _taken(path: Path, wish: Wish) -> Found:
    from mocap.models.convert import take_in

    return take_in(path, wish)


def _tell(arguments: argparse.Namespace, taken: Found, *, restriction: bool) -> int:
    if restriction and taken.entry.restriction:
        note(taken.entry.restriction)
    from mocap.models.registry import architecture

    lines = [f"wrote {taken.path}"]
    kind = architecture(taken.entry.architecture)
    if kind.lifter or kind.plain:  # the others are parts of training
        lines.append(f"use it with --lifter {taken.entry.name}")
    _finish(arguments, _told(taken), "\n".join(lines))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from mocap import weights
    from mocap.cli.messages import complain
    from mocap.errors import FormatError

    if arguments.names:
        asked: Sequence[Found] = [weights.by_name(name) for name in arguments.names]
    else:
        asked = [f for f in weights.every() if f.entry.file]
    told = []
    for found in asked:
        try:
            weights.verify(found)
            told.append({"name": found.entry.name, "fault": ""})
        except FormatError as error:
            told.append({"name": found.entry.name, "fault": str(error)})
    if arguments.json:
        _print(told)
    for one in told:
        if one["fault"]:
            complain(one["fault"])
        elif not arguments.json:
            print(f"{one['name']}: as it should be")
    if not told and not arguments.json:
        print("no weights are here; mocap weights list tells which there are")
    return 2 if any(one["fault"] for one in told) else 0


def _told(found: Found) -> dict[str, object]:
    return {**found.entry.to_dict(), "path": str(found.path) if found.path else None}


def _print(told: object) -> None:
    import json

    print(json.dumps(told, indent=1))


def _finish(arguments: argparse.Namespace, told: object, lines: str) -> None:
    if arguments.json:
        _print(told)
    else:
        print(lines)
