"""Skeletons of the people on stage, as the server's hello tells them."""

from __future__ import annotations

from .messages import Hello
from .skeleton import Skeleton


def skeleton_of(hello: Hello, person: int) -> Skeleton:
    """The skeleton of a person, with their own lengths where the hello tells them."""
    tips = hello.tips_of(person)
    return Skeleton(
        tuple(hello.bones),
        tuple(hello.parents),
        tuple(tuple(offset) for offset in hello.people.get(person) or hello.offsets),
        tuple(tips.get(bone) for bone in range(len(hello.bones))),
    )
