"""What every part of the panel has at hand: session, preferences, and a way to do things."""

from __future__ import annotations

from typing import Any, Callable

from .live import Session
from .prefs import Preferences
from .shared.errors import RigError, TakeError


class Hand:
    """Does what users ask, and tells what came of it.

    Args:
        session: on which it is done.
        preferences: of its user.
        begin_to_tick: has the session ticked; called when it was connected.
        tell: shows a sentence, and whether it is a complaint.
        refresh: shows everything anew.
    """

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        begin_to_tick: Callable[[], None],
        tell: Callable[[str, bool], None],
        refresh: Callable[[], None],
    ) -> None:
        self.session, self.preferences = session, preferences
        self.begin_to_tick, self.tell, self.refresh = begin_to_tick, tell, refresh

    def do(self, command: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
        """Do one of `commands` on the session; whether it was done."""
        done = True
        try:
            told = command(self.session, *arguments, **options)
        except (RigError, TakeError) as error:
            told, done = str(error), False
        self.tell(told or "", not done)
        self.refresh()
        return done
