"""File formats for takes: one module each, both ways where the format is also read."""

from exporters.format import Format, FormatWarning, Options
from exporters.registry import format_of, formats, read, writable_format_of, write

__all__ = [
    "Format",
    "FormatWarning",
    "Options",
    "format_of",
    "formats",
    "read",
    "writable_format_of",
    "write",
]
