"""Builds the C# of the Unity package with Mono: every compiler and runner that its tests need.

`mcs` knows C# up to 7.2, which is how the package is written; Unity's own compiler knows more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "unity_bridge"
CORE = PACKAGE / "Runtime" / "Core"
CORE_TESTS = PACKAGE / "Tests" / "Editor"
CLIENT = ROOT / "tests" / "unity"
MCS, MONO, NUNIT = (shutil.which(name) for name in ("mcs", "mono", "nunit-console"))
# where Debian keeps what the packages `*-cil` bring; not among the base libraries
NUNIT_FRAMEWORK = next(Path("/usr/lib/cli").glob("nunit.framework-2.6*/nunit.framework.dll"), None)
NEEDED = pytest.mark.skipif(
    None in (MCS, MONO, NUNIT),
    reason="Mono and NUnit are not installed: apt-get install mono-mcs mono-runtime mono-devel "
    "nunit-console libnunit-cil-dev",
)
LANGUAGE = "7.2"
PATIENCE = 120.0  # [s] for a compiler or a whole run of tests


class Broken(AssertionError):
    """A compiler or a runner said no; the message is what it said."""


def compiled(
    name: str,
    sources: Sequence[Path],
    folder: Path,
    *,
    references: Sequence[str | Path] = (),
    program: bool = False,
    strict: bool = True,
) -> Path:
    """An assembly of `sources` in `folder`, made without a single warning.

    Args:
        references: besides mscorlib, as "System.Core", "nunit.framework" or the path of a library.
        program: whether it has a Main.
        strict: whether a warning is an error; others' code has its own.

    Raises:
        Broken: it does not compile.
    """
    assert MCS is not None
    result = folder / f"{name}{'.exe' if program else '.dll'}"
    paths = [str(r) if isinstance(r, Path) else f"{r}.dll" for r in references]
    paths = [str(NUNIT_FRAMEWORK) if p == "nunit.framework.dll" else p for p in paths]
    done = subprocess.run(
        [
            MCS, "-noconfig", f"-langversion:{LANGUAGE}", "-debug",
            *(["-warnaserror+", "-warn:4"] if strict else ["-warn:0"]),
            f"-target:{'exe' if program else 'library'}", f"-out:{result}",
            *(f"-r:{path}" for path in paths),
            *map(str, sources),
        ],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Broken(done.stdout + done.stderr)
    return result


def core(folder: Path) -> Path:
    """MocapBridge.Core, against nothing but the base libraries."""
    return compiled(
        "MocapBridge.Core", sorted(CORE.rglob("*.cs")), folder, references=["System", "System.Core"]
    )


def with_mono(
    program: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> list[str]:
    """The command line that runs a program; `environment` is set before it by `env`."""
    assert MONO is not None
    set_before = [f"{key}={value}" for key, value in (environment or {}).items()]
    return ["env", *set_before, MONO, "--debug", str(program), *arguments]


def nunit(tests: Path) -> str:
    """Runs an assembly of NUnit tests; what the runner says.

    Raises:
        Broken: a test failed.
    """
    assert NUNIT is not None
    done = subprocess.run(
        [NUNIT, "-nologo", "-noshadow", "-labels", "-domain=None", f"-xml={tests}.xml", str(tests)],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "MOCAP_GOLDEN": str(ROOT / "tests" / "golden")},
        cwd=tests.parent,
    )  # fmt: skip
    if done.returncode:
        raise Broken(done.stdout + done.stderr)
    return done.stdout
