"""From pictures to landmarks: pose estimators and the tracker that keeps people apart."""

from mocap.estimators.base import Estimator
from mocap.estimators.registry import open_estimator
from mocap.estimators.tracker import Tracker

__all__ = ["Estimator", "Tracker", "open_estimator"]
