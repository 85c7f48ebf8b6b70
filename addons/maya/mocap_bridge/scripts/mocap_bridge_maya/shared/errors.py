"""What is raised for files and rigs that cannot be used."""


class TakeError(Exception):
    """A file or recording that cannot be used; one line that says what was found."""


class RigError(Exception):
    """A rig or a bone map that cannot be used; one line that says what was found."""
