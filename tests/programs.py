"""Programs that a test needs and a machine may lack; `.ci/run` installs them."""

import shutil

import pytest


def needed(program: str) -> str:
    """Where the program is; without it the test is skipped."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if not found:
        pytest.skip(f"{program} is not here")
    return found
