"""linky-deploy in a process of its own, for the tests that kill it.

A module of its own: the process imports the module that has its function, and a test's module takes
a second.
"""

import os

from deploy.host.deploy import Host, main


def main_in_own_group(words: list[str], host: Host) -> int:
    """linky-deploy in its own process group."""
    os.setpgid(0, 0)
    return main(words, host)
