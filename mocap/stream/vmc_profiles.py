"""What receivers of VMC are known to want, each fact with its source.

A receiver of which nothing is known to differ has a profile, too, so that users find it by its
name. What all of them get: true rest offsets as positions, because EVMC4U applies positions by
default and zeros collapse the avatar (github.com/emilianavt/VSeeFaceReleases/issues/15,
github.com/SlimeVR/SlimeVR-Server/issues/1010), and a root of eight values, because VRM4U reads
more as a scale (VRM4U, VrmVMCObject.cpp).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mocap.errors import UnknownName
from mocap.stream.vmc_settings import VmcSettings

PORT = 39539  # of whoever draws the avatar (protocol.vmc.info/english)


@dataclass(frozen=True)
class Profile:
    """What a receiver wants.

    Attributes:
        name: as users write it.
        title: as its makers write it.
        settings: what differs for it.
        port: on which it listens unless told otherwise.
    """

    name: str
    title: str
    settings: VmcSettings = field(default_factory=VmcSettings)
    port: int = PORT


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("default", "any receiver"),
        # reads three integers of OK; the third keeps the avatar's size (EVMC4U,
        # ExternalReceiver.cs, ProcessMessage)
        Profile("evmc4u", "EVMC4U in Unity", VmcSettings(ok=3)),
        # SlimeVR sends it no more than this, lest it crashes (SlimeVR-Server, VMCHandler.kt)
        Profile("vseeface", "VSeeFace", VmcSettings(rate=200.0)),
        Profile("warudo", "Warudo"),
        Profile("vnyan", "VNyan"),
        # adds the position of the root to that of the hips and reads no other bone's (VRM4U,
        # AnimNode_VrmVMC.cpp): nothing differs
        Profile("vrm4u", "VRM4U in Unreal"),
        # shows people from behind (github.com/Malcolmnixon/GodotXRVmcTracker/issues/13); reads
        # no root, so that the hips have to travel; its port (vmc_source.gd, vmc_tracker.gd)
        Profile("godot", "Godot XR VMC Tracker", VmcSettings(yaw=180.0), port=7004),
        # brings poses to its avatar by itself (malaybaku.github.io/VMagicMirror, VMC Protocol)
        Profile("vmagicmirror", "VMagicMirror"),
    )
}


def profile(name: str) -> Profile:
    """A profile by name. Raises UnknownName."""
    if name not in PROFILES:
        raise UnknownName("VMC profile", name, PROFILES)
    return PROFILES[name]
