"""Programs that tests need and that a machine can lack; `.ci/run` installs them."""

import shutil

import pytest


def needed(program: str) -> str:
    """Return the path of the program; skip the test if it is missing."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if not found:
        pytest.skip(f"{program} is not installed")
    return found
