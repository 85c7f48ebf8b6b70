"""`mocap render`: films, sheets, animated pictures and plots of takes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from commands import Command
from footage import number_of, numbered, write_film
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures
from pretend import somebody
from synthetic import SIZE, standing, turn

import exporters
from mocap import rotation
from mocap.arrays import Array
from mocap.body_filters import parse
from mocap.capture import capture_landmarks
from mocap.errors import InvalidValue, SourceError, UnknownName
from mocap.figure import SIDES
from mocap.motion import Motion
from mocap.movie import gif_rate, save_gif
from mocap.render.figures import OTHER, actors, company, placing
from mocap.render.film import Film, Look, Names, sheet
from mocap.render.tracks import Wanted, tracks
from mocap.report.body import JOINTS
from mocap.rigs import rig
from mocap.stage import Image, View, bounds
from mocap.take import Person, Take
from mocap.truth import Truth

FRONT = (View.parse("front"),)
SMALL = Look(views=FRONT, height=120)


@pytest.fixture(scope="module")
def take() -> Take:
    return capture_landmarks(Take((Person(0, landmarks=somebody(12)),))).take


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_film(path, [numbered(i, (64, 72)) for i in range(20)])
    return path


def dancer(frames: int = 31, first: float = 0.0) -> Motion:
    times = first + np.arange(frames) / 30
    swing = np.sin(4 * times)
    motion = standing(times, leftUpperArm=rotation.mul(turn("x", 40 * swing), turn("z", -60)))
    return replace(motion, root=motion.root + np.outer(times, [0.2, 0.0, 0.6]))


def motion_of(take: Take) -> Motion:
    motion = take.people[0].motion
    assert motion is not None
    return motion


def truth_of(motion: Motion, place: tuple[Array, Array]) -> Truth:
    names = ("hips", "head", *JOINTS)
    at = motion.fk()[0][:, [motion.skeleton.index(name) for name in names]]
    contacts = np.zeros((len(motion), 2), dtype=bool)
    return Truth(names, motion.times, rotation.rotate(place[0], at) + place[1], contacts)


def shows(picture: Image, colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 25).sum())


# --- films ---------------------------------------------------------------------------------


def test_footage_is_shown_at_the_times_of_the_take(take: Take, film: Path) -> None:
    made = Film(Take((Person(0, motion_of(take)),)), SMALL, str(film))
    pictures = list(made.pictures())
    np.testing.assert_allclose([t for t, _ in pictures], np.arange(12) / 30, atol=1e-6)
    wide = round(120 * 64 / 72 / 2) * 2
    for i, (_, picture) in enumerate(pictures):
        assert picture.shape == (made.size[1], made.size[0], 3) == (120, made.size[0], 3)
        assert number_of(picture[:, : wide - 2]) == i


def test_other_rates_and_a_part(film: Path) -> None:
    motion = dancer(20)
    look = replace(SMALL, fps=10.0, start=0.21, stop=0.52)
    made = Film(Take((Person(0, motion),)), look, str(film))
    np.testing.assert_allclose(made.times, [0.21, 0.31, 0.41, 0.51])
    shown = [number_of(p[:, :100]) for _, p in made.pictures()]
    assert shown == [6, 9, 12, 15]
    some = [t for t, _ in made.pictures(made.moments(2))]
    np.testing.assert_allclose(some, [0.1, 0.3])


def test_footage_that_begins_later_or_ends_earlier(film: Path) -> None:
    long = Film(Take((Person(0, dancer(40)),)), SMALL, str(film))
    assert len(list(long.pictures())) in (20, 21)  # of 40, as many as there is footage for
    late = Film(Take((Person(0, dancer(5, first=3.0)),)), SMALL, str(film))
    with pytest.raises(SourceError, match=r"film.mp4: has no pictures at the times of the take"):
        list(late.pictures())


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (3, 1, 3), (4, 2, 2), (5, 2, 3)])
def test_views_are_laid_out(count: int, rows: int, columns: int) -> None:
    views = tuple(View.parse(str(30 * i)) for i in range(count))
    made = Film(Take((Person(0, dancer(2)),)), Look(views=views, height=240))
    (_, picture), _ = made.pictures()
    assert picture.shape[0] == 240
    assert picture.shape[1] % columns == 0
    assert all(side % 2 == 0 for side in picture.shape[:2])  # as films must be
    for k in range(count):
        y, x = k // columns * 240 // rows, k % columns * picture.shape[1] // columns
        tile = picture[y : y + 240 // rows, x : x + picture.shape[1] // columns]
        assert np.ptp(tile) > 100


def test_several_people_and_where_nobody_moves() -> None:
    other = replace(dancer(3), root=dancer(3).root + [1.5, 0, 0])
    made = Film(Take((Person(0, dancer(3)), Person(4, other))), SMALL)
    assert len(list(made.pictures())) == 3
    with pytest.raises(InvalidValue, match="holds no solved motion to show; mocap solve"):
        Film(Take((Person(0, landmarks=somebody(3)),)))
    with pytest.raises(InvalidValue, match=r"range: nothing of the take is from 5 s"):
        Film(Take((Person(0, dancer(3)),)), Look(start=5.0))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"views": ()}, "views: expected one or more"),
        ({"height": 20}, "size: expected a height of 96 to 4320"),
        ({"fps": 0.0}, "fps: expected a rate"),
    ],
)
def test_a_look_is_checked(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Look(**wrong)  # type: ignore[arg-type]


def test_a_sheet_of_moments() -> None:
    made = Film(Take((Person(0, dancer()),)), SMALL)
    width, height = made.size
    assert sheet(made, 1).shape == (height, width, 3)
    assert sheet(made, 3).shape == (3 * height, width, 3)
    assert sheet(made, 5).shape == (3 * height, 2 * width, 3)
    assert sheet(made, 4000).shape[0] == 16 * height  # no moment twice


# --- comparing -----------------------------------------------------------------------------


@given(st.floats(-180, 180), st.floats(-9, 9), st.floats(-9, 9))
def test_what_was_only_turned_and_moved_on_the_floor_is_brought_back(
    degrees: float, x: float, z: float
) -> None:
    points = np.random.default_rng(3).normal(size=(20, 3))
    moved = rotation.rotate(turn("y", degrees), points) + [x, 0.0, z]
    q, shift = placing(moved, points)
    np.testing.assert_allclose(rotation.rotate(q, moved) + shift, points, atol=1e-9)


def test_points_that_are_not_known_do_not_count() -> None:
    points = np.random.default_rng(3).normal(size=(20, 3))
    moved = rotation.rotate(turn("y", 70.0), points)
    moved[3] = np.nan
    q, shift = placing(moved, points)
    found = (rotation.rotate(q, moved) + shift)[4:]
    np.testing.assert_allclose(found, points[4:], atol=1e-9)
    assert rotation.angle(placing(moved * np.nan, points)[0], rotation.identity()) == 0


def test_a_take_on_another_rig_or_the_truth_stands_where_the_take_does() -> None:
    motion = dancer()
    shown = actors(Take((Person(0, motion),)))
    away = (turn("y", 130.0), np.array([3.0, 0.0, -2.0]))
    (true,) = company(shown, truth_of(motion, away), motion.times, 0.0)
    np.testing.assert_allclose(true.way, motion.root, atol=1e-6)
    aside = company(shown, truth_of(motion, away), motion.times, 1.5)[0]
    np.testing.assert_allclose(aside.way - true.way, np.tile([1.5, 0, 0], (31, 1)), atol=1e-9)
    for name in ("mixamo", "rigify"):
        moved = rig(name).take(Take((Person(0, motion),)))
        (other,) = company(shown, moved, motion.times, 0.0)
        assert np.linalg.norm(other.way - motion.root, axis=1).max() < 0.12
        assert set(other.colours) == {OTHER}


def test_what_is_compared_is_seen(take: Take) -> None:
    names = Names("a.json", "b.bvh")
    both = Film(take, replace(SMALL, apart=1.0), other=take, names=names)
    alone = Film(take, SMALL)
    (_, picture), *_ = both.pictures()
    assert shows(picture, OTHER) > 60
    assert shows(next(iter(alone.pictures()))[1], OTHER) == 0


def test_rigs_of_any_axes_stand_on_the_floor() -> None:
    motion = dancer()
    for name in ("mixamo", "cmu", "ue5"):
        moved = motion_of(rig(name).take(Take((Person(0, motion),))))
        z_up = turn("x", 90.0)
        skeleton = moved.skeleton.replace(offsets=rotation.rotate(z_up, moved.skeleton.offsets))
        laid = replace(
            moved,
            skeleton=skeleton,
            root=rotation.rotate(z_up, moved.root),
            rotations=rotation.mul(rotation.mul(z_up, moved.rotations), rotation.inv(z_up)),
            contacts={},
        )
        (actor,) = actors(Take((Person(0, laid),)))
        figure = actor.figure(SIDES)
        high = bounds(figure.points.reshape(-1, 3))[1]
        assert np.nanmin(figure.limbs[..., 1]) == pytest.approx(0.0, abs=0.15)
        assert 1.3 < high[1] < 2.6
        assert {"leftHand", "hips", "head"} <= set(actor.names)


# --- animated pictures ---------------------------------------------------------------------


def test_an_animated_picture_shows_every_picture_whole(tmp_path: Path) -> None:
    made = Film(Take((Person(0, dancer(6)),)), SMALL)
    pictures = list(made.pictures())
    path = tmp_path / "film.gif"
    save_gif(path, iter(pictures), 12.5, [p for _, p in pictures[::3]])
    with Pictures.open(path) as gif:
        assert gif.n_frames == 6
        assert gif.info["duration"] == 80
        assert gif.info["loop"] == 0
        for i, (_, picture) in enumerate(pictures):
            gif.seek(i)
            shown = np.asarray(gif.convert("RGB")).astype(int)
            assert np.abs(shown - picture).mean() < 3
            assert np.percentile(np.abs(shown - picture), 99) < 40
    assert path.stat().st_size < 6 * 120 * made.size[0] // 3  # less than a third of a byte a pixel


def test_what_stands_still_costs_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    sizes = []
    for count in (1, 30):
        path = tmp_path / f"{count}.gif"
        save_gif(path, [(0.0, noise)] * count, 10.0, [noise])
        sizes.append(path.stat().st_size)
    assert sizes[1] < sizes[0] + 30 * 200


def test_no_pictures_make_no_animated_picture(tmp_path: Path) -> None:
    for samples in ([], [np.zeros((4, 4, 3), np.uint8)]):
        with pytest.raises(OSError, match="no pictures"):
            save_gif(tmp_path / "none.gif", [], 10.0, samples)


@given(st.floats(0.1, 240))
def test_rates_of_animated_pictures_count_hundredths(fps: float) -> None:
    hundredths = 100 / gif_rate(fps)
    assert hundredths == pytest.approx(round(hundredths))
    assert hundredths >= 2


# --- tracks --------------------------------------------------------------------------------


def test_tracks_of_a_joint(take: Take) -> None:
    motion = motion_of(take)
    filter = parse("butterworth:cutoff=3")
    wanted = Wanted(("leftHand",), fps=60, interpolation="cubic", filter=filter)
    found = tracks(take, wanted, truth_of(motion, (turn("y", 50.0), np.ones(3))), "truth")
    kinds = {track.kind: track for track in found["leftHand"]}
    assert set(kinds) == {"raw", "take", "filtered", "interpolated", "other"}
    hand = motion.fk()[0][:, motion.skeleton.index("leftHand")]
    np.testing.assert_allclose(kinds["take"].places, hand, atol=1e-12)
    assert len(kinds["interpolated"].times) == 2 * len(motion) - 1
    # the points are perfect: as one turned and with the hips put where they are, they fit
    assert np.linalg.norm(kinds["raw"].places - hand, axis=1).max() < 0.08
    np.testing.assert_allclose(kinds["other"].places[:, [0, 2]], hand[:, [0, 2]], atol=1e-6)


def test_a_part_of_a_track_and_gaps(take: Take) -> None:
    person = take.people[0]
    assert person.landmarks is not None
    world = person.landmarks.world.copy()  # type: ignore[union-attr]
    world[4] = np.nan
    holes = replace(
        take, people=(replace(person, landmarks=replace(person.landmarks, world=world)),)
    )
    found = tracks(holes, Wanted(("leftFoot",), start=0.1, stop=0.2))["leftFoot"]
    raw, solved = found
    np.testing.assert_allclose(solved.times, np.arange(3, 7) / 30, atol=1e-4)
    assert np.isnan(raw.places[1]).all()
    assert np.isfinite(raw.places[[0, 2, 3]]).all()


def test_wrong_joints_and_ranges_are_told(take: Take) -> None:
    with pytest.raises(UnknownName, match=r"unknown joint 'hand'; known: .*leftHand"):
        tracks(take, Wanted(("hand",)))
    with pytest.raises(InvalidValue, match="plot: expected one joint"):
        Wanted(())
    with pytest.raises(InvalidValue, match="expected start before stop"):
        Wanted(("head",), start=2.0, stop=1.0)
    with pytest.raises(InvalidValue, match="range: nothing of the take"):
        tracks(take, Wanted(("head",), start=50.0))


# --- as a command --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(take: Take, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "take.json"
    exporters.write(take, path)
    return path


def test_a_film(saved: Path, film: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out.mp4"
    done = command("render", saved, "-o", out, "--views", "front,45", "--size", 120, "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out) == {"files": [str(out)]}
    with av.open(str(out)) as movie:
        assert len(list(movie.decode(video=0))) == 12
    done = command("render", saved, "--footage", film, "-o", tmp_path / "b.mp4", "--stop", 0.2)
    assert done.status == 0, done.err


def test_pictures_that_move_or_not(saved: Path, tmp_path: Path, command: Command) -> None:
    gif, png = tmp_path / "out.gif", tmp_path / "out.png"
    assert command("render", saved, "-o", gif).status == 0
    with Pictures.open(gif) as shown:
        assert shown.size[1] == 320
        assert shown.n_frames == 5
    done = command("render", saved, "-o", png, "--compare", saved, "--moments", 2, "--follow")
    assert done.status == 0, done.err
    picture = cv2.imread(str(png))
    assert picture is not None
    assert picture.shape[0] == 960


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_plot(saved: Path, tmp_path: Path, command: Command, suffix: str) -> None:
    out = tmp_path / f"plot{suffix}"
    more = ("--filter", "gaussian", "--fps", 60, "--interpolate", "cubic", "--compare", saved)
    done = command("render", saved, "--plot", "leftHand, head", "-o", out, *more)
    assert done.status == 0, done.err
    assert out.stat().st_size > 5000
    if suffix == ".svg":
        text = out.read_text()
        for word in ("leftHand", "head", "as found", "filtered", "60 per second, cubic", "up, m"):
            assert word in text


def test_what_cannot_be_rendered_is_told(saved: Path, tmp_path: Path, command: Command) -> None:
    def told(*arguments: object) -> str:
        done = command("render", *arguments)
        assert done.status == 2
        assert done.err.count("\n") == 1
        return done.err

    assert "expected .mp4, .gif, .png, .jpg" in told(saved, "-o", tmp_path / "out.avi")
    assert "expected .png, .svg, .pdf" in told(saved, "--plot", "head", "-o", tmp_path / "a.mp4")
    assert "view 'up'" in told(saved, "--views", "up", "-o", tmp_path / "out.png")
    assert "views: expected one or more" in told(saved, "--views", ",", "-o", tmp_path / "o.png")
    assert "unknown joint 'nose'" in told(saved, "--plot", "nose", "-o", tmp_path / "out.png")
    assert "moments: expected 1" in told(saved, "--moments", 0, "-o", tmp_path / "out.png")
    assert "no such file" in told(saved, "--footage", "none.mp4", "-o", tmp_path / "o.png").lower()
    film = tmp_path / "film.mp4"
    write_film(film, [np.zeros((SIZE[1] // 2, SIZE[0] // 2, 3), np.uint8)] * 3)
    assert "is an input itself" in told(saved, "--footage", film, "-o", film)
    assert film.stat().st_size > 0
