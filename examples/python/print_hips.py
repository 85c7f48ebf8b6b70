"""Print where everyone's hips are, live. Start `mocap live` first; Ctrl-C ends."""

import sys
from contextlib import suppress

from mocap.client import connect

with suppress(KeyboardInterrupt), connect(*sys.argv[1:]) as stream:
    print(f"{stream.url}: {stream.server}")
    for frame in stream:
        for person in frame.people:
            x, y, z = person.pose.root
            print(f"{frame.t:8.3f} s   person {person.id}   {x:6.2f} {y:6.2f} {z:6.2f} m")
