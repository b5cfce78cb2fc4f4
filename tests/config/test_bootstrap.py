"""The first command on a bare machine: what it installs, and what it says when it cannot."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import installers

ROOT = Path(__file__).resolve().parents[2]
BARE = [sys._base_executable, "-S"]  # a Python that sees no packages
VERSION = "{} {}".format(*sys.version_info)
FAKE_PYTHON = f"""#!/bin/sh
case "$*" in *find_spec*) echo True {VERSION};; *) echo "inside: $*";; esac
"""
FAKE_UV = """#!/bin/sh
echo "uv $1" >> calls
if [ "$1" = venv ]; then mkdir -p .venv/bin && cp python .venv/bin/python; else sleep 0.2; fi
"""
FAKE_NPM = "#!/bin/sh\necho npm >> calls\nmkdir -p node_modules\n"


class Checkout:
    """A copy of what bootstrap needs, with installers that only write down that they were called."""

    def __init__(self, folder: Path):
        self.folder, self.programs = folder, folder / "programs"
        shutil.copytree(ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "manage.py", folder)
        (folder / "requirements").mkdir()
        (folder / "requirements" / "dev.txt").write_text("nothing==1 --hash=sha256:" + "0" * 64)
        (folder / "package-lock.json").write_text("{}")
        self.program(folder / "python", FAKE_PYTHON)
        self.program(self.programs / "uv", FAKE_UV)
        self.program(self.programs / "npm", FAKE_NPM)

    def program(self, path: Path, text: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *before: str, **environment: str) -> subprocess.Popen:
        path, home = f"{self.programs}:/usr/bin:/bin", str(self.folder)
        clean = {"PATH": path, "HOME": home, "PIP_CONFIG_FILE": os.devnull, **environment}
        return subprocess.Popen(
            [*before, BARE[0], "manage.py", "test", "-k", "x"], cwd=self.folder, env=clean,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *before: str, **environment: str) -> tuple[int, str]:
        with self.start(*before, **environment) as process:
            output = process.stdout.read()
        return process.returncode, output

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 15)])
def test_an_unsupported_python_is_refused_in_one_sentence(version):
    run = "runpy.run_path('manage.py', run_name='__main__')"
    script = f"import runpy, sys; sys.version_info = {version}; {run}"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("FoodTrace needs Python 3.11 to 3.14, and this is Python 3.")
    assert done.stderr.count("\n") == 1


def test_an_old_python_can_read_its_refusal():
    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 6))


def test_production_installs_nothing():
    command, environment = [*BARE, "manage.py", "check"], {"APP_ENV": "production"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "install the packages of requirements/production.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_run_installs_and_starts_again_inside(checkout):
    code, output = checkout.run()
    assert code == 0
    assert output.endswith(f"inside: {checkout.folder}/manage.py test -k x\n")
    assert checkout.calls() == ["uv venv", "uv pip", "npm"]


def test_the_second_run_does_nothing(checkout):
    checkout.run()
    assert checkout.run() == (0, f"inside: {checkout.folder}/manage.py test -k x\n")
    assert checkout.calls() == ["uv venv", "uv pip", "npm"]


def test_a_changed_lock_is_followed_without_starting_afresh(checkout):
    checkout.run()
    (checkout.folder / "requirements" / "dev.txt").write_text("other==1")
    checkout.run()
    assert checkout.calls()[3:] == ["uv pip"]


def test_a_broken_environment_is_rebuilt(checkout):
    checkout.run()
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    assert checkout.run()[0] == 0
    assert checkout.calls()[3:] == ["uv venv", "uv pip"]


def test_an_interrupted_installation_begins_afresh(checkout):
    checkout.run()
    (checkout.folder / ".local" / "dev.txt.stamp").write_text("unfinished")
    checkout.run()
    assert checkout.calls()[3:] == ["uv venv", "uv pip"]


def test_two_runs_at_once_install_once(checkout):
    with checkout.start() as first, checkout.start() as second:
        outputs = [first.stdout.read(), second.stdout.read()]
    assert all("inside: " in output for output in outputs)
    assert checkout.calls() == ["uv venv", "uv pip", "npm"]


def test_without_front_end_packages_the_command_goes_on(checkout):
    checkout.program(checkout.programs / "npm", "#!/bin/sh\nexit 1\n")
    without_tools = FAKE_UV.replace("else", 'elif [ "$1" = tool ]; then exit 1; else')
    checkout.program(checkout.programs / "uv", without_tools)
    code, output = checkout.run()
    assert code == 0
    assert "pages work, but look plain" in output
    assert "inside: " in output


def test_an_index_that_does_not_answer_is_told_in_one_sentence(checkout):
    checkout.program(checkout.programs / "uv", "#!/bin/sh\necho 'dns error'\nexit 1\n")
    code, output = checkout.run(PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert code == 1
    assert "The package index cannot be reached: check the network" in output
    assert "Traceback" not in output


def test_without_network_the_bare_machine_says_so(checkout):
    if os.geteuid() != 0 or subprocess.run("unshare -n true", shell=True, capture_output=True).returncode:
        pytest.skip("only root can cut the network off")
    (checkout.programs / "uv").unlink()
    code, output = checkout.run("unshare", "-n", PATH=str(checkout.programs) + ":/bin")
    assert code == 1
    assert "The package index cannot be reached" in output
    assert "Traceback" not in output


def test_a_full_disk_is_told_in_one_sentence(small_disk):
    checkout = Checkout(small_disk / "checkout")
    fill = "mkdir -p .venv && cat /dev/zero > .venv/big"
    checkout.program(checkout.programs / "uv", f"#!/bin/sh\n{fill}\n")
    code, output = checkout.run()
    assert code == 1
    assert "The disk is full: free some space" in output
    assert "Traceback" not in output


def test_a_full_disk_is_noticed_by_our_own_writing(small_disk):
    checkout = Checkout(small_disk / "checkout")
    subprocess.run(f"cat /dev/zero > {small_disk}/big", shell=True, capture_output=True)
    code, output = checkout.run()
    assert code == 1
    assert output.splitlines()[-1].startswith("The disk is full")


def test_the_mirror_of_pip_is_told_to_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert installers._environment()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
