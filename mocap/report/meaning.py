"""What each figure is called, what it says, and which values are good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mocap.errors import UnknownName

Grade = Literal["good", "fair", "poor"]
TRUTH = "it needs the truth: --truth FILE"
CONTACTS = "it needs a truth with contacts, and a skeleton whose feet are known"
FEET = "it needs a skeleton whose feet are known"
PLANTED = "it needs feet that are known and stand while the person is tracked"
RAW = "it needs the raw landmarks, which this take does not hold"
TRACKED = "it needs frames in a row in which the person was tracked"
JUMPS = "nobody jumps"


@dataclass(frozen=True)
class Meaning:
    """One figure.

    Attributes:
        key: in the report.
        alias: what people may call it.
        label, unit: for display.
        sentence: what it says and what good looks like.
        good, fair: the last value that is good, that is fair; None where no value is bad.
        rising: more is better.
        needs: what is missing where the figure is absent.
    """

    key: str
    alias: str
    label: str
    unit: str
    sentence: str
    good: float | None = None
    fair: float | None = None
    rising: bool = False
    needs: str = TRACKED

    def grade(self, value: float) -> Grade | None:
        """How good a value is, None where that cannot be said."""
        if self.good is None or self.fair is None:
            return None
        sign = -1 if self.rising else 1
        if sign * value <= sign * self.good:
            return "good"
        return "fair" if sign * value <= sign * self.fair else "poor"


SEEN = (
    Meaning("tracked_percent", "tracked", "Seen", "%",
            "Share of frames in which the person was found. All of them is best.",
            98, 90, rising=True),
    Meaning("held_percent", "held", "Bridged", "%",
            "Out of sight for at most half a second, and bridged.", 2, 10),
    Meaning("lost_percent", "lost", "Lost", "%",
            "Out of sight for longer: the figure rests. Zero is best.", 0, 5),
    Meaning("leaps", "leaps", "Leaps", "",
            "Moves faster than 13 m/s. Nobody can: a mix-up of people. Zero is right.", 0, 0),
)  # fmt: skip
MOTION = (
    Meaning("jitter", "jitter", "Jitter", "10 m/s³",
            "Trembling. Real people make 2 to 25, by how lively they are.", 25, 60),
    Meaning("bone_length_variation_percent", "bone_length_variation", "Bones stretch", "%",
            "How much bones change their length. Real ones do not.", 0.5, 3),
    Meaning("exchanges", "exchanges", "Left/right swaps", "",
            "Sudden exchanges of left and right limbs. Zero is right.", 0, 2),
)  # fmt: skip
FLOOR = (
    Meaning("foot_slide_cm_s", "foot_slide", "Foot slide", "cm/s",
            "Speed of feet that should stand. Under 2 cm/s looks planted.", 2, 6, needs=PLANTED),
    Meaning("foot_slide_p95_cm_s", "foot_slide_p95", "Worst slides", "cm/s",
            "All but the fastest twentieth of slides stay below this. Under 6 is hardly seen.",
            6, 15, needs=PLANTED),
    Meaning("penetration_cm", "penetration", "Sinks into the floor", "cm",
            "Mean depth of the lower foot below the floor. Under 1 cm is hardly seen.",
            1, 3, needs=FEET),
    Meaning("penetration_worst_cm", "penetration_worst", "Deepest", "cm",
            "The deepest that a foot ever sinks. Under 3 cm is fine.", 3, 8, needs=FEET),
    Meaning("standing_percent", "standing", "On the floor", "%",
            "Share of time with a foot on the floor.", needs=FEET),
    Meaning("airborne_percent", "airborne", "In the air", "%",
            "Share of time with both feet off the floor. Runs and jumps have some; walks none.",
            needs=PLANTED),
    Meaning("jump_count", "jumps", "Jumps", "",
            "Flights in which the hips rise by more than 3 cm.", needs=PLANTED),
    Meaning("jump_height_cm", "jump_height", "Highest jump", "cm",
            "Rise of the hips from the take-off.", needs=JUMPS),
)  # fmt: skip
POSE = (
    Meaning("pa_mpjpe_mm", "pa_mpjpe", "Pose error", "mm",
            "Joints against the truth, each frame fitted: the pose alone (PA-MPJPE). "
            "Under 50 mm is close for one camera.", 50, 80, needs=TRUTH),
    Meaning("mpjpe_mm", "mpjpe", "Pose and direction", "mm",
            "Hips together, one rotation for the clip (MPJPE).", 70, 110, needs=TRUTH),
    Meaning("n_mpjpe_mm", "n_mpjpe", "The same, any size", "mm",
            "As before with the size fitted in each frame (N-MPJPE).", 65, 105, needs=TRUTH),
    Meaning("flipped_percent", "flipped", "Left and right mixed up", "%",
            "Frames that fit the truth better with left and right exchanged. Zero is right.",
            0, 3, needs=TRUTH),
    Meaning("acceleration_error", "acceleration", "Acceleration error", "m/s²",
            "How far the accelerations of the joints are off. Under 4 moves as the person did.",
            4, 10, needs=TRUTH),
    Meaning("true_jitter", "true_jitter", "True jitter", "10 m/s³",
            "What the jitter should be.", needs=TRUTH),
)  # fmt: skip
PATH = (
    Meaning("clip_mm", "clip", "Whole clip", "mm",
            "Pose and path together, one fit of place, direction and size for the clip.",
            80, 140, needs=TRUTH),
    Meaning("clip_rigid_mm", "clip_rigid", "Whole clip, true size", "mm",
            "The same without fitting the size.", 100, 180, needs=TRUTH),
    Meaning("root_error_mm", "root_error", "Path error", "mm",
            "How far the hips are from where they were, after one rigid motion.", needs=TRUTH),
    Meaning("root_error_percent", "root_error_percent", "Path error of the way", "%",
            "The same as a share of the way travelled. Under 4 % is close for one camera.",
            4, 8, needs=f"{TRUTH}, and a way of half a metre"),
    Meaning("tilt_degrees", "tilt", "Tilt", "°",
            "Angle between the two up directions. Under 3° looks upright.", 3, 8, needs=TRUTH),
)  # fmt: skip
PLANT = (
    Meaning("planted_slide_cm_s", "planted_slide", "Slide while truly planted", "cm/s",
            "Speed of feet that stood in truth. Under 4 cm/s looks planted.",
            4, 12, needs=CONTACTS),
    Meaning("planted_penetration_cm", "planted_penetration", "Sinks while truly planted", "cm",
            "Mean depth of feet that stood in truth.", 1, 3, needs=CONTACTS),
    Meaning("planted_float_cm", "planted_float", "Floats while truly planted", "cm",
            "Mean height over the floor of feet that stood in truth.", 1.5, 4, needs=CONTACTS),
    Meaning("contact_precision_percent", "contact_precision", "Contacts that are true", "%",
            "Of the contacts marked, those that were.", 90, 75, rising=True, needs=CONTACTS),
    Meaning("contact_recall_percent", "contact_recall", "Contacts that were found", "%",
            "Of the contacts there were, those marked.", 90, 75, rising=True, needs=CONTACTS),
    Meaning("contact_f1_percent", "contact_f1", "Contacts", "%",
            "Both in one (F1). Over 90 % is reliable.", 90, 75, rising=True, needs=CONTACTS),
    Meaning("true_jumps", "true_jumps", "True jumps", "",
            "Jumps there were.", needs=f"{CONTACTS}; {JUMPS}"),
    Meaning("missed_jumps", "missed_jumps", "Jumps missed", "",
            "Jumps in which a foot was marked as standing throughout.",
            0, 0, needs=f"{CONTACTS}; {JUMPS}"),
    Meaning("jump_height_error_cm", "jump_height_error", "Jump height error", "cm",
            "How far the rise of the hips is off in the jumps there were.",
            3, 8, needs=f"{CONTACTS}; {JUMPS}"),
)  # fmt: skip
SIZE = (
    Meaning("seconds", "seconds", "Length", "s", "From the first frame to the last."),
    Meaning("frames", "frames", "Frames", "", "How many there are."),
    Meaning("fps", "fps", "Rate", "/s", "Frames for each second."),
    Meaning("height_m", "height", "Height", "m", "Of the skeleton."),
    Meaning("travel_m", "travel", "Way", "m", "What the hips travel over the floor."),
)
RAW_FIGURES = (
    Meaning("raw_jitter", "raw_jitter", "Jitter before", "10 m/s³",
            "Trembling of the raw landmarks.", needs=RAW),
    Meaning("raw_bone_length_variation_percent", "raw_bone_length_variation",
            "Bones stretched before", "%", "In the raw landmarks.", needs=RAW),
    Meaning("raw_exchanges", "raw_exchanges", "Left/right swaps before", "",
            "In the raw landmarks, in the picture.", needs=RAW),
)  # fmt: skip
UNSEEN = tuple(
    Meaning(f"unseen_{limb.replace(' ', '_')}_percent", f"unseen_{limb.replace(' ', '_')}",
            f"{limb.capitalize()} out of sight", "%", "It rests while it is.")
    for limb in ("left arm", "right arm", "left leg", "right leg", "head")
)  # fmt: skip

MEANINGS = (*SIZE, *SEEN, *MOTION, *FLOOR, *POSE, *PATH, *PLANT, *RAW_FIGURES, *UNSEEN)
_BY_NAME = {name: m for m in MEANINGS for name in (m.key, m.alias)}


def meaning_of(name: str) -> Meaning:
    """A figure by its key or alias. Raises UnknownName."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownName("figure", name, {m.alias for m in MEANINGS}) from None


def flat(person: Mapping[str, Any]) -> dict[str, float]:
    """The figures of a person in the report under the keys of MEANINGS, as far as they are."""
    every = {
        **person,
        **person.get("accuracy", {}),
        **{f"raw_{key}": value for key, value in person.get("raw", {}).items()},
        **{
            f"unseen_{limb.replace(' ', '_')}_percent": value
            for limb, value in person["unseen_percent"].items()
        },
    }
    return {m.key: float(every[m.key]) for m in MEANINGS if m.key in every}
