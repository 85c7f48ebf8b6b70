"""What is raised for files, rigs and servers that cannot be used."""


class TakeError(Exception):
    """A file or recording that cannot be used; one line that says what was found."""


class RigError(Exception):
    """A rig or a bone map that cannot be used; one line that says what was found."""


class ProtocolError(Exception):
    """What came is none of this protocol; says what was expected and what was found."""


class Refused(Exception):
    """Another try would end the same way; says why, and what would work."""
