"""Motion capture bridge: from a webcam or a video to a moving character."""

__version__ = "0.1.0"
