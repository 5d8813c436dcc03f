# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests: the program beside the test, an HTTP receiver, small C programs, markers."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from support.box_image import BoxImage
from support.chaos import ChaoticReceiver
from support.container import usable_runtimes
from support.monitor import Command, finish
from support.receiver import Receiver
from support.running import program

PROGRAMS = Path(__file__).resolve().parent / "programs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `kernel` load probes."""
    able = os.geteuid() == 0 and Path("/sys/kernel/btf/vmlinux").exists()
    for item in items:
        if item.get_closest_marker("kernel") and not able:
            item.add_marker(pytest.mark.skip(reason="needs root and a kernel with BTF"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "kernel: loads probes, so it needs root and a kernel with BTF")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A runtime that cannot run here is no parameter of the tests; that is said, so that nobody thinks it was tried."""
    for runtime, reason in usable_runtimes().items():
        if reason and any("test_container" in str(r.nodeid) for r in terminalreporter.getreports("passed")):
            terminalreporter.line(f"not tried: {runtime}: {reason}")


@pytest.fixture(scope="session", autouse=True)
def program_exists() -> None:
    if not Path(program()).exists():
        pytest.exit(f"{program()} is missing: scripts/test e2e builds it, or set BONGSU", returncode=1)


@pytest.fixture
def marker() -> str:
    """A word that nothing else on this machine says."""
    return f"e2e-{token_hex(8)}"


@pytest.fixture
def start() -> Iterator[Callable[..., Command]]:
    """start(ARGUMENT...) runs the program beside the test; start.ready waits until it is watching."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments: str | Path, **options: object) -> Command:
            running = Command(*arguments, **options)
            stack.callback(finish, running)
            return running

        yield begin


@pytest.fixture
def watch(start: Callable[..., Command]) -> Callable[..., Command]:
    """`bongsu run` with these rules and flags, ready; it listens on no port unless told."""

    def begin(rules: Path, *arguments: str | Path, **options: object) -> Command:
        listen = () if "--listen" in arguments else ("--listen", "off")
        running = start("run", "--rules", rules, *listen, *arguments, **options)
        running.wait_ready()
        return running

    return begin


@pytest.fixture
def trace(start: Callable[..., Command]) -> Callable[..., Command]:
    """`bongsu trace` with these arguments, ready; JSON unless told."""

    def begin(*arguments: str | Path, **options: object) -> Command:
        shape = () if "--format" in arguments else ("--format", "json")
        running = start("trace", *arguments, *shape, **options)
        running.wait_ready()
        return running

    return begin


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    with contextlib.ExitStack() as stack:

        def begin(**options: object) -> Receiver:
            receiver = Receiver(**options)
            stack.callback(receiver.close)
            return receiver

        yield begin


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """compiled(NAME): programs/NAME.c as a static program, so that it runs in an empty root file system too."""
    folder = tmp_path_factory.mktemp("programs")

    def build(name: str) -> Path:
        path = folder / name
        if not path.exists():
            subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", path,
                            PROGRAMS / f"{name}.c"], check=True)  # fmt: skip
        return path

    return build


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="bongsu-e2e-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoxImage]:
    """What Boxes are made from."""
    made = BoxImage(tmp_path_factory.mktemp("boxes") / "image")
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[ChaoticReceiver]:
    """A webhook's server whose mood the test chooses."""
    made = ChaoticReceiver()
    yield made
    made.close()
