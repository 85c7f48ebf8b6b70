"""How late, how steady and how costly live capture is: what its clients get, and what it needs.

Every server and every client runs in a process of its own.
"""
