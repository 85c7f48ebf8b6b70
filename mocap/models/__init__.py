"""From points in the picture to joints in space: networks, and the lifters made of them.

Nothing here loads PyTorch before a lifter is opened.
"""

from mocap.models.lifter import Lifter
from mocap.models.live import LiveLifter
from mocap.models.opening import open_lifter
from mocap.models.own import own_lifter

__all__ = ["Lifter", "LiveLifter", "open_lifter", "own_lifter"]
