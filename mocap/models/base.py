"""Lifters that look at the points in the picture alone."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from mocap import layouts
from mocap.arrays import Array, BoolArray, frozen, require_share
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack, Layout
from mocap.lifted import Lifted
from mocap.models.gaps import filled, first_whole
from mocap.models.lifter import Lifter, LiveLifting

TO_VIEW = np.array([1.0, -1.0, -1.0])  # camera axes (x right, y down, z forward) to view axes
SIGMA = 0.05  # [m] what the papers' errors come to; these networks do not say how sure they are
MIRRORED = np.array([-1.0, 1.0, 1.0])  # times a point: its mirror image


def with_mirror_image(
    image: Array, confidence: Array, layout: Layout, size: tuple[int, int]
) -> tuple[Array, Array]:
    """Points (T, K, 2) [px] and their confidence (T, K), each with that of the mirrored picture:
    (2, T, K, 2) and (2, T, K)."""
    pairs = layouts.mirror(layout)
    mirrored = image[:, pairs] * MIRRORED[:2] + np.array([size[0], 0.0])
    return np.stack([image, mirrored]), np.stack([confidence, confidence[:, pairs]])


class PointLifter(Lifter):
    """Lifts points in the picture, whatever their depth may be said to be.

    A frame depends on as many frames before as after, or, if the lifter is causal, on none after,
    so that `mocap.models.live` can lift as they come.

    Attributes:
        relative: the joints are about the root; if not, where they are from the camera.
    """

    relative: bool = True

    def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
        if track.layout != self.inputs:
            raise InvalidValue(
                f"{self.name}: expected points of {self.inputs.name}, got {track.layout.name}"
            )
        joints = self.lift(track.image, track.confidence, track.size)
        sigma = np.full(len(self.outputs), SIGMA)
        return Lifted(track.times, self.outputs.points, joints, sigma)

    def lift(
        self, image: Array, confidence: Array, size: tuple[int, int], *, flip: bool = True
    ) -> Array:
        """Lift a clip; of one frame or many, its first and last frame are held beyond its ends.

        Args:
            image: (T, K, 2) [px], x right and y down from the corner of the upright picture. NaN,
                with confidence 0, where a point was not seen: bridged in a straight line over
                time, or, if the lifter is causal, held.
            confidence: (T, K) in [0, 1].
            size: width and height of the picture [px].
            flip: lift the mirrored clip too and take the mean, for twice the work.

        Returns:
            (T, J, 3) [m] about the root, in view axes: x right in the picture, y up, z towards
            the camera. A causal lifter gives NaN for frames before each point was seen once.

        Raises:
            InvalidValue: shapes or numbers are not as above, or a point was never seen.
        """
        image, seen = self.checked(image, confidence, size)
        lifted = np.full((len(image), len(self.outputs), 3), np.nan)
        if not len(image):
            return lifted
        never = [
            name for name, any_ in zip(self.inputs.points, seen.any(0), strict=True) if not any_
        ]
        if never:
            raise InvalidValue(
                f"{self.name}: {', '.join(never)} not seen in any of {len(image)} frames; it "
                "needs all its points at least once"
            )
        begin = first_whole(seen) if self.causal else 0
        image = filled(image, seen, held=self.causal)[begin:]
        clips, confidence = self._both(image, np.where(seen, confidence, 0.0)[begin:], size, flip)
        lifted[begin:] = self._mean(self._clips(clips, confidence, size))
        return lifted

    def live(self, camera: Camera) -> LiveLifting:
        from mocap.models.live import LivePointLifter  # which imports this module

        return LivePointLifter(self) if self.causal else super().live(camera)

    def newest(self, image: Array, confidence: Array, size: tuple[int, int], flip: bool) -> Array:
        """Lift one frame from exactly `receptive_field` frames (R, K, 2) that lack nothing: the
        last of them if the lifter is causal, else the middle one; (J, 3) as `lift`."""
        clips, confidence = self._both(image, confidence, size, flip)
        return self._mean(self._windows(clips, confidence, size))

    @abstractmethod
    def _clips(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        """Clips (B, T, K, 2) [px] to joints (B, T, J, 3) [m] in camera axes: x right, y down, z
        forward."""

    @abstractmethod
    def _windows(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        """Clips of one receptive field (B, R, K, 2) [px] to one frame (B, J, 3) [m] each."""

    def checked(
        self, image: Array, confidence: Array, size: tuple[int, int]
    ) -> tuple[Array, BoolArray]:
        """The points and which were seen. Raises InvalidValue."""
        count = len(self.inputs)
        image = frozen(image, (None, count, 2), f"points of {self.inputs.name} for {self.name}")
        confidence = frozen(confidence, (len(image), count), "confidence")
        require_share(confidence, "confidence")
        if len(size) != 2 or not min(size) > 0:
            raise InvalidValue(f"picture size: expected pixels above 0, got {tuple(size)}")
        known = np.isfinite(image).all(axis=-1)
        wrong = np.argwhere(~known & (confidence > 0))
        if len(wrong):
            frame, point = wrong[0]
            raise InvalidValue(
                f"{self.name}: {self.inputs.points[point]} of frame {frame} is "
                f"{image[frame, point].tolist()} with confidence {confidence[frame, point]:g}; "
                "what was not seen has confidence 0"
            )
        return image, known

    def _both(
        self, image: Array, confidence: Array, size: tuple[int, int], flip: bool
    ) -> tuple[Array, Array]:
        """A clip (T, K, 2), and its mirror image if wanted, as a batch."""
        if not flip:
            return image[None], confidence[None]
        return with_mirror_image(image, confidence, self.inputs, size)

    def _mean(self, lifted: Array) -> Array:
        """The mean of what came of `_both`, in view axes."""
        if len(lifted) == 2:
            back = lifted[1][..., layouts.mirror(self.outputs), :] * MIRRORED
            lifted = (lifted[:1] + back[None]) / 2
        return lifted[0] * TO_VIEW
