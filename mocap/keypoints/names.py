"""Frame numbers from the names of files, and JSON files that may be broken."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mocap.errors import FormatError

LONGEST = 18  # digits of a number


def frame_number(name: str) -> int | None:
    """The last digits of a name without its suffix: 12 of "clip2_000000000012_keypoints.json"."""
    found = re.findall(r"\d+", re.sub(r"\.[A-Za-z]\w*\Z", "", name), re.ASCII)
    return int(found[-1]) if found and len(found[-1]) <= LONGEST else None


def load_json(path: Path) -> Any:
    """What a JSON file holds. Raises FormatError, naming the file and the line."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    except UnicodeDecodeError:
        raise FormatError("not text, so no JSON", path=path) from None
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"not JSON that can be read: {error}", path=path) from None
