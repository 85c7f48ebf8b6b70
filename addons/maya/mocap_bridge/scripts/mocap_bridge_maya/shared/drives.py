"""Which bones of one body turn which of another, where both are told by the same human bones."""

from __future__ import annotations

from typing import Mapping, Sequence

from .bones import TORSO

NECK = ("neck", "head")


def drives_of(
    here: Mapping[str, int], there: Mapping[str, int], parents: Sequence[int]
) -> dict[int, tuple[int, int, float]]:
    """For each bone that is driven: the bones a and b that drive it, and the weight of b.

    Args:
        here, there: human bone to bone, of the body that drives and of that which is driven.
        parents: index of each driven bone's parent, -1 for none.
    """
    drives: dict[int, tuple[int, int, float]] = {}
    base = ["hips", "hips"]
    for chain in (TORSO, NECK):
        ours, theirs = ([b for b in chain if b in x] for x in (here, there))
        if ours and theirs:
            stations = [here[b] for b in (base[0], *ours)]
            line = line_of(parents, [there[b] for b in (base[1], *theirs)])
            for bone, share in line.items():
                k = share * len(ours)
                a = int(k + 1e-9)
                b = min(a + 1, len(ours))
                weight = max(k - a, 0.0)
                drives[bone] = (stations[a], stations[b], weight if weight > 1e-9 else 0.0)
        base = [(ours or base[:1])[-1], (theirs or base[1:])[-1]]
    for human, bone in there.items():
        if human in here and human not in (*TORSO, *NECK):
            drives[bone] = (here[human], here[human], 0.0)
    return drives


def line_of(parents: Sequence[int], anchors: Sequence[int]) -> dict[int, float]:
    """Bones from the first anchor (exclusive) down to the last, with their share of the bend.

    Anchors stand at even shares, k of n; a bone between two of them in between. So a spine of the
    same mapped bones is copied, the bones between bend evenly, and a spine of more or fewer bends
    as much in all, at its end exactly as the source.
    """
    shares: dict[int, float] = {}
    count = len(anchors) - 1
    for k, (above, below) in enumerate(zip(anchors, anchors[1:])):
        steps = [below]
        while parents[steps[-1]] not in (above, -1):
            steps.append(parents[steps[-1]])
        if parents[steps[-1]] < 0:  # a map against the tree: no bones between
            steps = [below]
        for n, bone in enumerate(reversed(steps), start=1):
            shares[bone] = (k + n / len(steps)) / count
    return shares
