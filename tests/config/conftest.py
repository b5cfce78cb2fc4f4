"""Places that the tests of servers and installers need: one that every account can reach, and a tiny disk."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder():
    """A folder that the unprivileged account of PostgreSQL can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="foodtrace-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def small_disk(open_folder):
    """A file system of two megabytes."""
    disk = open_folder / "disk"
    disk.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    (disk / "checkout").mkdir()
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
