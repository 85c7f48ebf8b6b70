"""The .meta files of the Unity package: one beside every file and folder that Unity imports.

    python tests/unity_meta.py           (says what is missing, wrong or left over; status 1 if any)
    python tests/unity_meta.py --write   (puts it right)

Unity knows an asset by the GUID in its .meta file, and ignores files of an installed package that
have none. The GUID is made of the name of the package and the path, so it is the same wherever
it is made, no two packages have one in common, and it stays as long as the file keeps its place.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PACKAGE = Path(__file__).parent.parent / "unity_bridge"
NAME = "com.mocap-bridge.unity"
USUAL = (
    "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"  # with the blanks Unity writes
)
SCRIPT = (
    "  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {instanceID: 0}\n"
)
IMPORTERS = {  # by suffix
    ".cs": "MonoImporter:\n" + SCRIPT + USUAL,
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n" + USUAL,
    ".md": "TextScriptImporter:\n  externalObjects: {}\n" + USUAL,
    ".txt": "TextScriptImporter:\n  externalObjects: {}\n" + USUAL,
    ".json": "TextScriptImporter:\n  externalObjects: {}\n" + USUAL,
}
MANIFEST = "PackageManifestImporter:\n  externalObjects: {}\n" + USUAL
OTHER = "DefaultImporter:\n  externalObjects: {}\n" + USUAL


def guid(path: str) -> str:
    """The GUID of a path inside the package, 32 hex digits."""
    return hashlib.md5(f"{NAME}/{path}".encode(), usedforsecurity=False).hexdigest()


def meta(path: str, folder: bool) -> str:
    """The text of the .meta file of a path inside the package."""
    if folder:
        body = "folderAsset: yes\n" + OTHER
    elif path == "package.json":
        body = MANIFEST
    else:
        body = IMPORTERS.get(PurePosixPath(path).suffix, OTHER)
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{body}"


def assets(package: Path = PACKAGE) -> Iterator[tuple[str, bool]]:
    """Paths that Unity imports, and whether each is a folder: not what is hidden by ~ or a dot."""
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.suffix != ".meta" and not any(p.endswith("~") or p.startswith(".") for p in parts):
            yield "/".join(parts), path.is_dir()


def wanted(package: Path = PACKAGE) -> dict[Path, str]:
    """Every .meta file that should be there, and what it should say."""
    return {package / f"{path}.meta": meta(path, folder) for path, folder in assets(package)}


def faults(package: Path = PACKAGE) -> list[str]:
    """What is missing, wrong or left over, a sentence each."""
    right = wanted(package)
    found = []
    for path, text in right.items():
        if not path.is_file():
            found.append(f"{path.relative_to(package)} is missing")
        elif path.read_bytes() != text.encode():
            found.append(f"{path.relative_to(package)} says something else than it should")
    for path in sorted(package.rglob("*.meta")):
        if path not in right:
            found.append(f"{path.relative_to(package)} belongs to nothing")
    return found


def write(package: Path = PACKAGE) -> None:
    """Put every .meta file right."""
    right = wanted(package)
    for path in package.rglob("*.meta"):
        if path not in right:
            path.unlink()
    for path, text in right.items():
        path.write_bytes(text.encode())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put it right")
    if parser.parse_args().write:
        write()
    left = faults()
    for fault in left:
        print(fault)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
