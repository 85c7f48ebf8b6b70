"""What every Python host of the project carries: the client, readers of files, and bone maps.

Standard library alone, Python 3.7 or newer, nothing of any host; each host's package has a copy.
Numbers over time are flat arrays: hosts with NumPy wrap them, others go through them.
"""
