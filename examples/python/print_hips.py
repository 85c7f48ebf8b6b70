"""Print where everyone's hips are, live. Start `mocap live` first."""

import sys

from mocap.client import connect

with connect(*sys.argv[1:]) as stream:
    print(f"{stream.url}: {stream.server}")
    for frame in stream:
        for person in frame.people:
            x, y, z = person.pose.root
            print(f"{frame.t:8.3f} s   person {person.id}   {x:6.2f} {y:6.2f} {z:6.2f} m")
