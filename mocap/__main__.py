"""`python -m mocap` is the `mocap` command."""

import sys

from mocap.cli import main

if __name__ == "__main__":
    sys.exit(main())
