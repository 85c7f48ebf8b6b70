"""The clip table: who moves how, seen by which camera, in which room and light."""

from __future__ import annotations

from dataclasses import dataclass, field

from .body import BodyShape
from .camera import Camera
from .motions import MOTIONS

ROOMS = ("plank", "concrete", "brick")
SPLITS = ("tune", "test", "sample")


@dataclass(frozen=True)
class Light:
    """`azimuth` is where the key light stands: degrees to the left (seen from the camera)."""

    azimuth: float = 35.0
    exposure: float = 0.8  # stops


@dataclass(frozen=True)
class Clip:
    """One video. `split`: tune parameters on "tune" only, report numbers on "test" only."""

    motion: str
    seconds: float
    split: str
    body: BodyShape = BodyShape()
    camera: Camera = Camera()
    room: str = "plank"
    light: Light = field(default_factory=Light)
    fps: int = 30
    seat: bool = False  # a stool behind the person

    def __post_init__(self):
        for name, allowed in (("motion", MOTIONS), ("split", SPLITS), ("room", ROOMS)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} {getattr(self, name)!r}: one of {', '.join(allowed)}")

    @property
    def frames(self) -> int:
        return round(self.seconds * self.fps)


_MIA = BodyShape(
    height=1.66,
    girth=0.96,
    feminine=1.0,
    hair="pony",
    skin=(0.93, 0.82, 0.74),
    hair_colour=(0.50, 0.35, 0.23),
    shirt=(0.35, 0.56, 0.64),
    trousers=(0.26, 0.26, 0.28),
)
_OLU = BodyShape(
    height=1.83,
    shorts=True,
    skin=(0.58, 0.45, 0.35),
    hair_colour=(0.17, 0.16, 0.15),
    shirt=(0.88, 0.88, 0.86),
    trousers=(0.48, 0.48, 0.50),
    shoes=(0.73, 0.32, 0.28),
)
_BEN = BodyShape(
    height=1.70,
    girth=1.18,
    skin=(0.86, 0.72, 0.61),
    shirt=(0.35, 0.50, 0.35),
    trousers=(0.60, 0.52, 0.42),
)
_KAI = BodyShape(height=1.78, shirt=(0.79, 0.64, 0.26), trousers=(0.30, 0.37, 0.50))
_INA = BodyShape(
    height=1.62,
    girth=0.98,
    feminine=1.0,
    hair="long",
    skin=(0.80, 0.66, 0.55),
    hair_colour=(0.20, 0.17, 0.15),
    shirt=(0.70, 0.38, 0.56),
    trousers=(0.38, 0.40, 0.48),
)
_TOM = BodyShape(
    girth=0.93,
    skin=(0.91, 0.80, 0.73),
    hair_colour=(0.62, 0.50, 0.33),
    shirt=(0.38, 0.43, 0.67),
    stripes=(0.90, 0.90, 0.90),
    trousers=(0.70, 0.68, 0.64),
)
_SOL = BodyShape(
    height=1.69,
    feminine=0.8,
    hair="pony",
    skin=(0.70, 0.55, 0.45),
    hair_colour=(0.17, 0.15, 0.13),
    shirt=(0.85, 0.85, 0.48),
    trousers=(0.35, 0.35, 0.38),
)
_GUS = BodyShape(
    height=1.88,
    girth=1.1,
    shoulders=1.04,
    hair_colour=(0.53, 0.52, 0.51),
    shirt=(0.50, 0.50, 0.53),
    trousers=(0.35, 0.40, 0.48),
)
_SAM = BodyShape(
    height=1.74,
    skin=(0.66, 0.44, 0.31),
    hair_colour=(0.16, 0.10, 0.07),
    shirt=(0.10, 0.33, 0.40),
    trousers=(0.16, 0.17, 0.21),
    shoes=(0.60, 0.60, 0.58),
)
_FAY = BodyShape(
    height=1.64,
    girth=0.94,
    feminine=1.0,
    hair="pony",
    sleeve=0.45,
    shorts=True,
    skin=(0.89, 0.76, 0.68),
    hair_colour=(0.36, 0.22, 0.13),
    shirt=(0.85, 0.42, 0.30),
    trousers=(0.17, 0.19, 0.26),
    shoes=(0.82, 0.82, 0.40),
)
_RAJ = BodyShape(
    height=1.72,
    girth=1.04,
    sleeve=0.9,
    skin=(0.60, 0.44, 0.33),
    hair_colour=(0.12, 0.10, 0.09),
    shirt=(0.78, 0.80, 0.83),
    trousers=(0.22, 0.27, 0.24),
    shoes=(0.40, 0.26, 0.18),
)
_EVE = BodyShape(
    height=1.71,
    feminine=1.0,
    hair="short",
    skin=(0.52, 0.36, 0.27),
    hair_colour=(0.10, 0.08, 0.07),
    shirt=(0.24, 0.50, 0.38),
    stripes=(0.82, 0.80, 0.70),
    trousers=(0.30, 0.28, 0.36),
    shoes=(0.80, 0.78, 0.74),
)


def _wide(**changes: float) -> Camera:
    return Camera(
        **{"width": 640, "height": 480, "distance": 4.0, "tilt": 4.6, "focal": 1.575} | changes
    )


CLIPS: dict[str, Clip] = {
    "sample": Clip(
        "tour",
        7,
        "sample",
        _SAM,
        Camera(540, 720, distance=3.6, focal=1.4),
        light=Light(exposure=0.95),
    ),
    "arms": Clip("arms", 5, "tune"),
    "squat": Clip("squat", 5, "tune", _MIA, Camera(yaw=35), "concrete"),
    "turn": Clip("turn", 5, "tune", _BEN),
    "walk_across": Clip("walk_across", 4, "tune", _KAI, _wide(distance=4.3), "concrete"),
    "march": Clip("march", 5, "tune", _TOM, Camera(yaw=-30, elevation=1.0, tilt=-1.3)),
    "medley": Clip("medley", 13, "tune"),
    "kick": Clip("kick", 5, "tune", _SOL, _wide(yaw=20), "concrete", Light(-30)),
    "jumping_jack": Clip("jumping_jack", 5, "test", _OLU, Camera(), "brick"),
    "walk_circle": Clip("walk_circle", 6, "test", _INA, _wide(distance=4.3), "brick"),
    "lunge": Clip("lunge", 5, "test", _SOL, _wide(yaw=60, tilt=4.8, focal=1.496),
                  "concrete"),
    "one_arm": Clip("one_arm", 5, "test", _GUS, Camera(elevation=1.7, tilt=10), "brick"),
    "jump": Clip("jump", 5, "test", _TOM, Camera(distance=3.9, yaw=-15), "concrete", Light(-40)),
    "sit": Clip("sit", 6, "test", _BEN, Camera(yaw=40), "plank", Light(60, 0.6), seat=True),
    "kick_low_camera": Clip("kick", 5, "test", _OLU, Camera(elevation=0.5, tilt=-9, yaw=-25)),
    "squat_high_camera": Clip("squat", 5, "test", _GUS, Camera(elevation=2.4, tilt=21), "brick"),
    "tour_rolled": Clip("tour", 7, "test", _MIA, Camera(distance=3.8, roll=8), "concrete"),
    "tour_wide_lens": Clip("tour", 7, "test", _INA, _wide(distance=2.6, tilt=10, focal=0.95),
                           "brick", Light(-50, 0.5)),
    "jog": Clip("jog_on_the_spot", 4, "tune", _OLU, Camera(yaw=25, roll=-4), "brick"),
    "arms_folding": Clip("arms_folding", 5, "tune", _INA,
                         Camera(distance=3.0, yaw=-20, elevation=1.5, tilt=8), "concrete"),
    "salsa_steps": Clip("salsa_steps", 4.5, "tune", _GUS, Camera(distance=4.1, tilt=6, roll=3),
                        "concrete", Light(-30)),
    "crunch": Clip("crunch", 4, "tune", _KAI,
                   _wide(distance=3.0, elevation=1.2, tilt=16, yaw=62, roll=-3), "plank"),
    "run": Clip("run", 4, "test", _FAY, _wide(distance=5.2, elevation=1.25, tilt=5, focal=1.7),
                "concrete"),
    "arms_crossing": Clip("arms_crossing", 5, "test", _RAJ,
                          Camera(distance=3.2, yaw=18, elevation=1.2, tilt=3, roll=5), "brick",
                          Light(-35)),
    "salsa": Clip("salsa", 4.5, "test", _EVE, Camera(distance=4.1, elevation=1.6, tilt=9)),
    "push_up": Clip("push_up", 4.5, "test", _TOM,
                    _wide(distance=3.2, elevation=1.0, tilt=13, yaw=-58, roll=4), "concrete",
                    Light(40, 0.7)),
    "far_away": Clip("walk_circle", 5, "test", _RAJ,
                     _wide(distance=4.9, elevation=1.9, tilt=11, roll=-5, focal=1.12), "plank"),
    "come_close": Clip("come_close", 5, "test", _EVE,
                       Camera(distance=3.2, elevation=1.45, tilt=5, roll=-3), "brick",
                       Light(50, 0.7)),
    "march_long_lens": Clip("march", 5, "test", _KAI, Camera(distance=6.5, tilt=2.8, focal=2.5)),
}  # fmt: skip
