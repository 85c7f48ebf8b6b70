"""The sample clip that comes with the package: a rendered person, and where they truly were."""

from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "sample"
CLIP = FOLDER / "sample.mp4"
TRUTH = FOLDER / "sample.truth.npz"
FOV = 39.3  # degrees across the long side of the rendered picture
