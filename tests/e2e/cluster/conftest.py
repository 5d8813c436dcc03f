# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests on a real cluster: the cluster, what runs on it, and Bongsu installed by its chart.

ctest brings the cluster up before the first file and removes it after the last (node.py). A file run by hand finds one
that is up (`sudo tests/e2e/cluster/node.py up`), or fails with a word about it."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests/e2e: what all end-to-end tests share

from kube.cluster import Cluster, Object
from kube.monitor import Monitor
from kube.workloads import import_box


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.geteuid() != 0 or not Path("/sys/kernel/btf/vmlinux").exists():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs root and a kernel with BTF"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    running = Cluster()
    if not running.up():
        pytest.exit("no cluster: sudo tests/e2e/cluster/node.py up", returncode=1)
    import_box(running, tmp_path_factory.mktemp("box"))
    return running


@pytest.fixture
def marker() -> str:
    """A word that nothing else on this machine says."""
    return f"cluster-{token_hex(6)}"


@pytest.fixture
def install(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Monitor]]:
    """install(VALUES): the chart with these values over the tests' own, ready; uninstalled when the test ends."""
    with contextlib.ExitStack() as stack:

        def begin(values: Object) -> Monitor:
            monitor = Monitor(cluster, tmp_path, values)
            stack.callback(monitor.close)
            return monitor

        yield begin


@pytest.fixture
def create(cluster: Cluster) -> Iterator[Callable[..., Any]]:
    """create(OBJECT ...): objects of the namespace `default` that are gone when the test ends."""
    with contextlib.ExitStack() as stack:

        def begin(*objects: Object) -> None:
            for made in objects:
                stack.callback(cluster.delete, made["kind"], made["metadata"]["name"])
            cluster.apply(*objects)

        yield begin
