"""Frames to a VMC receiver: VSeeFace, Warudo, VNyan, Unity, Unreal, Godot and others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mocap.stream.bone_choice import chosen
from mocap.stream.datagram_sink import DatagramSink
from mocap.stream.target import Option, one_of, split
from mocap.stream.udp import Address, parse_address
from mocap.stream.vmc import VmcEncoder
from mocap.stream.vmc_profiles import PROFILES, Profile, profile
from mocap.stream.vmc_settings import TRAVELS, VmcSettings

OPTIONS: dict[str, Option] = {
    "profile": profile,
    "person": int,
    "travel": one_of(*TRAVELS),
    "yaw": float,
    "bones": chosen,
    "without": chosen,
    "scale": float,
    "every": int,
    "rate": float,
    "bundle": int,
    "face": one_of("none", "rest"),
}


@dataclass(frozen=True)
class VmcTarget:
    """A receiver, and how it is sent one person.

    Attributes:
        address: where it listens.
        profile: what kind it is.
        settings: those of the profile, and what the user chose.
    """

    address: Address
    profile: Profile
    settings: VmcSettings

    def __str__(self) -> str:
        chosen = self.profile is not PROFILES["default"]
        return f"{self.address} (profile {self.profile.name})" if chosen else str(self.address)


def target_of(spec: str) -> VmcTarget:
    """The receiver that a text names: `127.0.0.1:39539,profile=vseeface,person=1,bones=upper`.

    Without an address it is on this machine, without a port on that of its profile.

    Raises:
        UnknownName: no such option, profile or bone; lists those there are.
        InvalidValue: an address or a value that makes no sense.
    """
    place, values = split("VMC", spec, OPTIONS)
    kind = values.pop("profile", PROFILES["default"])
    assert isinstance(kind, Profile)
    if "face" in values:
        values["face"] = values["face"] == "rest"
    settings = replace(kind.settings, **values)  # type: ignore[arg-type]
    # what a receiver cannot bear is no matter of taste
    settings = replace(settings, rate=min(settings.rate, kind.settings.rate))
    return VmcTarget(parse_address(place, kind.port), kind, settings)


class VmcSink(DatagramSink):
    """Sends one person to one receiver. Raises StreamError: there is no such host."""

    def __init__(self, target: VmcTarget) -> None:
        super().__init__("VMC", target, VmcEncoder(target.settings))
