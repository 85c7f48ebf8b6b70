"""From landmarks to motion: `solve` for whole takes, `LiveSolver` frame by frame; from joints that
others found, `motion_of_joints`. Nothing else of this package is called by the rest."""

from mocap.lifted import Lifted
from mocap.solve.clip import solve
from mocap.solve.joints import motion_of_joints
from mocap.solve.live import MOST_AHEAD, LiveSolver
from mocap.solve.settings import SolveSettings
from mocap.solve.weights import Weights

__all__ = [
    "MOST_AHEAD",
    "Lifted",
    "LiveSolver",
    "SolveSettings",
    "Weights",
    "motion_of_joints",
    "solve",
]
