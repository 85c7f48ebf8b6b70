"""Methods run on clips, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.accuracy.ablations import ABLATIONS
from benchmarks.accuracy.methods import METHODS, Outcome, whole_clip
from benchmarks.accuracy.scores import WHOLE, Figures, score
from benchmarks.accuracy.trial import Trial
from mocap.camera import Camera
from mocap.solve import SolveSettings

Scores = dict[str, dict[str, Figures]]  # by clip and method


@dataclass(frozen=True)
class Choice:
    """How methods are run.

    Attributes:
        methods: their names.
        assumed_camera: give them the default camera instead of the true one.
        known_height: tell them how tall the person is.
    """

    methods: Sequence[str] = tuple(METHODS)
    assumed_camera: bool = False
    known_height: bool = False

    def camera(self, trial: Trial) -> Camera:
        """What a method is told of the camera."""
        return Camera.from_fov(trial.camera.size) if self.assumed_camera else trial.camera

    def settings(self, trial: Trial) -> SolveSettings:
        """What it is told of the person."""
        return SolveSettings(height=trial.height if self.known_height else None)


@dataclass
class Results:
    """What came of it, by family of clips.

    Attributes:
        scores: of the methods.
        ablated: of the whole-clip solve with parts turned off.
        kept: trials and outcomes by name of clip, of the clips to be drawn.
    """

    scores: dict[str, Scores] = field(default_factory=dict)
    ablated: dict[str, Scores] = field(default_factory=dict)
    kept: dict[str, tuple[Trial, dict[str, Outcome]]] = field(default_factory=dict)


def run(
    trials: Iterable[Trial],
    choice: Choice,
    ablate: bool = False,
    keep: Sequence[str] = (),
    begin: Callable[[Trial], object] = lambda _: None,
) -> Results:
    """Run and score methods on clips.

    Args:
        ablate: also run the whole-clip solve with parts turned off.
        keep: names of clips whose outcomes are kept.
        begin: told of each clip before it is run.
    """
    results = Results()
    for trial in trials:
        begin(trial)
        outcomes = outcomes_of(trial, choice)
        figures = {name: score(outcome, trial) for name, outcome in outcomes.items()}
        results.scores.setdefault(trial.family, {})[trial.name] = figures
        if trial.name in keep:
            results.kept[trial.name] = (trial, outcomes)
        if ablate:
            full = {WHOLE: figures[WHOLE]} if WHOLE in figures else {}
            results.ablated.setdefault(trial.family, {})[trial.name] = full | ablated(trial, choice)
    return results


def outcomes_of(trial: Trial, choice: Choice) -> dict[str, Outcome]:
    """What each method makes of a clip."""
    camera, settings = choice.camera(trial), choice.settings(trial)
    return {name: METHODS[name](trial.track, camera, settings) for name in choice.methods}


def ablated(trial: Trial, choice: Choice) -> dict[str, Figures]:
    """Figures of the whole-clip solve with each part turned off."""
    found = {}
    for name, ablation in ABLATIONS.items():
        with ablation(choice.settings(trial)) as settings:
            found[name] = score(whole_clip(trial.track, choice.camera(trial), settings), trial)
    return found
