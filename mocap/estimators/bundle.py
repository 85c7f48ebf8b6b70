"""The embedded model: a Tasks bundle made at run time from files inside mediapipe's own wheel.

Up to 0.10.21 the wheel carries the BlazePose networks, but the Tasks API wants them in a
`.task` bundle: an uncompressed ZIP whose networks say in their metadata how pictures are
normalised. Building it here keeps the default estimator offline and without any download.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from functools import cache
from pathlib import Path

from mocap.errors import EstimatorError

# name in the bundle: (file in the wheel, mean, standard deviation of its input)
POSE_PARTS = {
    "pose_detector.tflite": ("pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}


@cache
def pose_bundle() -> bytes:
    """The bundle for the pose landmarker, "full" model.

    Raises:
        EstimatorError: this mediapipe carries no models.
    """
    import mediapipe
    from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter

    modules = Path(mediapipe.__file__).parent / "modules"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for part, (file, mean, deviation) in POSE_PARTS.items():
            try:
                network = bytearray((modules / file).read_bytes())
            except OSError:
                raise EstimatorError(
                    f"mediapipe {mediapipe.__version__} does not carry the model "
                    f"{Path(file).name}; install mediapipe 0.10.21, or give a model file with "
                    "--model pose_landmarker_full.task"
                ) from None
            writer = MetadataWriter.create(network)
            writer.add_image_input([mean], [deviation])
            with warnings.catch_warnings():  # the writer leaves temporary files to the collector
                warnings.simplefilter("ignore", ResourceWarning)
                archive.writestr(part, bytes(writer.populate()[0]))
    return made.getvalue()
