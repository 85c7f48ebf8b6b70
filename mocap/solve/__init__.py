"""From landmarks to motion. `solve` is all that the rest of the package calls."""

from mocap.solve.clip import solve
from mocap.solve.settings import SolveSettings

__all__ = ["SolveSettings", "solve"]
