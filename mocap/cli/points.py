"""Options about points of another detector, and capturing from them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mocap.capture import Captured, CaptureSettings
    from mocap.keypoint_capture import KeypointSettings


def add_point_options(parser: argparse.ArgumentParser) -> None:
    points = parser.add_argument_group("points of another detector")
    points.add_argument(
        "--image-size", metavar="WxH|FILE",
        help="size of the pictures in which they were found, or such a picture or video",
    )  # fmt: skip
    points.add_argument(
        "--broken", choices=("skip", "stop"), default="skip",
        help="what to do about files of a folder that cannot be read (default: name and skip)",
    )  # fmt: skip
    points.add_argument("--clip", metavar="NAME", help="one video of an archive of several")


def settings_of_points(arguments: argparse.Namespace) -> KeypointSettings:
    """What the options say of the points. Raises InvalidValue, SourceError."""
    from mocap.keypoint_capture import KeypointSettings
    from mocap.keypoints.found import parsed_size
    from mocap.sources import open_source

    size = None
    if arguments.image_size is not None:
        if Path(arguments.image_size).exists():
            with open_source(arguments.image_size) as shown:
                size = shown.size
        else:
            size = parsed_size(arguments.image_size)
    return KeypointSettings(size=size, broken=arguments.broken, clip=arguments.clip)


def captured_of_points(arguments: argparse.Namespace, settings: CaptureSettings) -> Captured:
    """Everyone in the points that are the input. Raises MocapError."""
    from mocap.errors import InvalidValue
    from mocap.keypoint_capture import capture_keypoints

    if settings.lifter is None:
        raise InvalidValue(
            f"{arguments.input}: holds points without depth, which --lifter none does not give; "
            "leave it out, or give another of mocap weights list"
        )
    points = settings_of_points(arguments)
    return capture_keypoints(arguments.input, settings.lifter, settings, points)


def require_points(arguments: argparse.Namespace) -> None:
    """Raise InvalidValue if an option is for points, which the input does not hold."""
    from mocap.errors import InvalidValue

    given = {
        "--image-size": arguments.image_size,
        "--clip": arguments.clip,
    }
    option = next((name for name, value in given.items() if value is not None), None)
    if option is not None:
        if not Path(arguments.input).exists():
            raise InvalidValue(f"{arguments.input}: no such file or folder, for which {option} is")
        raise InvalidValue(
            f"{option} is for points of another detector: a folder of OpenPose JSON, AlphaPose "
            f"JSON or .npz; {arguments.input} is none"
        )
