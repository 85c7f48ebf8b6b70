"""File formats for takes: one module each, both ways where the format is also read."""

from exporters.registry import Format, FormatWarning, Options, format_of, formats, read, write

__all__ = ["Format", "FormatWarning", "Options", "format_of", "formats", "read", "write"]
