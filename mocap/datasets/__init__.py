"""Data sets of the literature, read as clips: points in the picture and the true joints.

The data sets are not part of the package; each has its own terms of use.
"""

from mocap.datasets.clip import Clip
from mocap.datasets.registry import DATASETS, Dataset, dataset

__all__ = ["DATASETS", "Clip", "Dataset", "dataset"]
