# SPDX-License-Identifier: Apache-2.0
"""More events than the rings hold: what is lost is counted and told, to the last one, and then it goes on."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import Event, get, has_argument
from support.rules import marked, write_rules
from support.running import until
from test_metrics import ask, parse

pytestmark = pytest.mark.kernel

BURST = 300
RING = "64KiB"  # the smallest: of some 40 such programs


@pytest.mark.parametrize("transport", ["ring", "perf"])
def test_what_a_full_ring_costs_is_told(
    start: Callable, compiled: Callable, marker: str, tmp_path: Path, transport: str
) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    (tmp_path / "config.json").write_text(json.dumps({"sensor": {"ring_bytes": RING}}))
    monitor = start("run", "--config", tmp_path / "config.json", "--rules", rules, "--transport", transport,
                    "--listen", "127.0.0.1:0", "--format", "json")  # fmt: skip
    monitor.wait_ready()
    monitor.process.send_signal(signal.SIGSTOP)
    subprocess.run([compiled("storm"), str(BURST), marker, tmp_path / "record"], check=True)
    monitor.process.send_signal(signal.SIGCONT)

    def told(alert: Event) -> int:
        about = get(alert, "bongsu.event"), get(alert, "bongsu.reason")
        return get(alert, "bongsu.count") if about == ("exec", "ring_full") else 0

    monitor.events.wait(told)
    subprocess.run(["/bin/true", f"{marker}-after"], check=True)
    monitor.events.wait(has_argument(f"{marker}-after"))
    until(lambda: parse(ask(monitor, "/metrics").body).value("bongsu_lost_records_total", 'reason="ring_full"') > 0,
          "the loss in the metrics")  # fmt: skip
    assert monitor.stop(signal.SIGTERM) == 0, monitor.describe()
    judged = monitor.events.where(lambda alert: has_argument(marker)(alert) and not has_argument("-after")(alert))
    lost = sum(map(told, monitor.events.all()))
    # Whatever else was executed meanwhile is among the lost, and the storm itself among the judged.
    assert 0 < len(judged) <= BURST
    assert len(judged) + lost >= BURST + 1
