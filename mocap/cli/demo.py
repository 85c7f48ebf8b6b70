"""Capture the sample clip that comes with mocap, to see at once that everything works.

Leaves in DIR: sample.bvh (for Blender, MotionBuilder, ...), sample.json (the take, with raw
landmarks), sample.png and sample.mp4 (the footage beside the skeleton), and sample.html (how good
it is, with plots, for a browser).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap.cli.messages import complain, note

if TYPE_CHECKING:
    from mocap.take import Take
    from mocap.truth import Truth

NAME = "demo"
HELP = "capture the sample clip: does it all work?"

NEXT = """
Next:
  look         {picture}  and  {movie}
  how good     {page}  in a browser
  Blender      mocap addon blender, or File > Import > Motion Capture (.bvh), choose {bvh},
               Scale 0.01, tick Update Scene FPS and Update Scene Duration
  Unity, Maya  mocap addon unity, mocap addon maya; both import {bvh}, too
  your video   mocap capture my.mp4 -o my.bvh
  your webcam  mocap capture 0 -o me.bvh      (Ctrl-C ends it)
  your rig     mocap convert {bvh} mine.bvh --skeleton my_rig.bvh"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("mocap-demo"), metavar="DIR",
        help="folder for the results (default: mocap-demo)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print files and figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options
    from exporters.files import check_writable
    from mocap.capture import CaptureSettings, capture
    from mocap.cli.capture import write_all, write_preview
    from mocap.cli.progress import bar
    from mocap.report import report, text
    from mocap.sample import CLIP, FOV, TRUTH
    from mocap.truth import Truth

    folder: Path = arguments.output
    files = {kind: folder / f"sample.{kind}" for kind in ("bvh", "json", "png", "mp4", "html")}
    for path in files.values():
        check_writable(path)
    captured = capture(CLIP, CaptureSettings(fov=FOV), bar)
    for message in captured.notes:
        note(message)
    written, failed = write_all(captured.take, [files["bvh"], files["json"]], Options())
    for kind in ("png", "mp4"):
        made, problems = write_preview(captured.take, str(CLIP), files[kind])
        written, failed = written + made, failed + problems
    truth = Truth.load(TRUTH)
    figures = report(captured.take, truth)
    made, problems = write_page(captured.take, figures, truth, files["html"])
    written, failed = written + made, failed + problems
    if arguments.json:
        import json

        print(json.dumps({"files": [str(f) for f in written], **figures}, indent=1))
    else:
        print(f"Captured the sample clip into {folder}")
        print(text(figures))
        print(
            NEXT.format(
                bvh=files["bvh"], picture=files["png"], movie=files["mp4"], page=files["html"]
            )
        )
    for problem in failed:
        complain(problem)
    return 2 if failed else 130 if captured.interrupted else 0


def write_page(
    take: Take, figures: dict[str, Any], truth: Truth, path: Path
) -> tuple[list[Path], list[Exception]]:
    """Write the report of a take as a page; returns the file made, or what went wrong."""
    from exporters.files import replacing
    from mocap.errors import MocapError
    from mocap.report.page import page

    try:
        with replacing(path) as part:
            shown = page(take, figures, truth, title="The sample clip")
            part.write_text(shown, encoding="utf-8", newline="\n")
    except (MocapError, OSError) as problem:
        return [], [problem]
    return [path], []
