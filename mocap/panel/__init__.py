"""The panel of a live session in the browser: people on a floor, the picture, the commands."""

from mocap.panel.panel import Panel

__all__ = ["Panel"]
