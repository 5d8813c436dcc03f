# SPDX-License-Identifier: Apache-2.0
"""scripts/kernel-matrix makes the right table of what kernel_tests print, and no kernel or VM is needed to see that."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/check"), str(ROOT / "scripts"), str(ROOT / "scripts/matrix")]

import event_tests  # noqa: E402
import ladder  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import table  # noqa: E402
from suite import Case, SuiteReader  # noqa: E402

LADDERS = {"exec": [1], "open": [2, 3], "connect": [2, 3], "module_load": [1, 2, 3]}

OUTPUT = """\
Running main() from gmock_main.cc
[==========] Running 4 tests from 3 test suites.
[ RUN      ] Transport/OpenTest.ByEachCall/ring
EVENT open 3 found
REFUSED open fexit/syscall: the kernel refused a program: Permission denied
[       OK ] Transport/OpenTest.ByEachCall/ring (12 ms)
[ RUN      ] Transport/ConnectTest.Tcp/ring
somewhere.cpp:7: Failure
EVENT connect 3 not-found
[  FAILED  ] Transport/ConnectTest.Tcp/ring, where GetParam() = 1-byte object <01> (20003 ms)
[ RUN      ] WireLayoutTest.Header
[       OK ] WireLayoutTest.Header (0 ms)
[ RUN      ] Transport/MountTest.AttributesOfACopy/ring
somewhere.cpp:9: Skipped
this kernel has no open_tree_attr
[  SKIPPED ] Transport/MountTest.AttributesOfACopy/ring (1 ms)
[  FAILED  ] Transport/ConnectTest.Tcp/ring, where GetParam() = 1-byte object <01>
[ RUN      ] Transport/ExecTest.X/ring
"""


def read(output: str) -> list[Case]:
    reader = SuiteReader("auto")
    for line in output.splitlines(keepends=True):
        reader.take(line)
    return reader.tests


def column(*tests: Case, known: dict[str, str] | None = None, whole: bool = True, trouble: str = "") -> table.Column:
    made = table.Column("5.10.0-1-cloud-amd64", list(tests), trouble)
    table.fill(made, LADDERS, known or {}, whole)
    return made


def test_what_a_run_printed() -> None:
    tests = read(OUTPUT)
    assert [(test.name.split("/")[-2 if "/" in test.name else 0], test.state) for test in tests] == [
        ("OpenTest.ByEachCall", "passed"), ("ConnectTest.Tcp", "failed"), ("WireLayoutTest.Header", "passed"),
        ("MountTest.AttributesOfACopy", "skipped"), ("ExecTest.X", "lost"),
    ]  # fmt: skip
    assert tests[0].rungs == {"open": 3} and tests[0].found == ["open"]
    assert tests[1].output == ["somewhere.cpp:7: Failure"] and tests[1].found == []


def test_cells() -> None:
    made = column(*read(OUTPUT))
    assert made.cells[("open", 3)].state == "ok"
    assert (made.cells[("open", 2)].state, made.cells[("open", 2)].why) == (
        "missing", "the kernel refused a program: Permission denied")  # fmt: skip
    assert made.cells[("connect", 3)].state == "red"
    assert made.cells[("exec", 1)].why == "no test stood for it"  # nothing refused, and no test passed
    assert (made.rest.passed, made.rest.failed) == (1, ["Transport/ExecTest.X/ring"])
    assert table.best(made, "open", [2, 3]).state == "ok"


def test_a_part_of_the_suite_leaves_cells_unseen_not_red() -> None:
    made = column(Case("T/OpenTest.A/ring", "passed", rungs={"open": 2}, found=["open"]), whole=False)
    assert made.cells[("open", 2)].state == "ok"
    assert made.cells[("exec", 1)].state == "unseen"
    assert not table.red_cells(made)
    assert [row[0] for row in table.rows([made], LADDERS)] == ["event", "open", table.REST]


def test_a_kernel_that_did_not_run_is_red() -> None:
    made = column(trouble="exit code 125: no kernel")
    assert made.rest.state == "red"
    assert made.cells[("exec", 1)].why == "exit code 125: no kernel"


def test_a_known_failure_is_told_and_not_red() -> None:
    failed = Case("T/OpenTest.A/ring", "failed", rungs={"open": 2})
    passed = Case("T/OpenTest.B/ring", "passed", rungs={"open": 2}, found=["open"])
    made = column(failed, passed, known={"OpenTest.A": "the VM's root is an overlay"}, whole=False)
    assert made.cells[("open", 2)].state == "ok"
    assert table.notes([made]) == ["5.10: OpenTest.A fails: the VM's root is an overlay"]


def test_notes_join_kernels_and_wrap() -> None:
    one, other = column(*read(OUTPUT)[:1], whole=False), column(*read(OUTPUT)[:1], whole=False)
    other.release = "6.1.0-1-cloud-amd64"
    assert table.notes([one, other]) == ["5.10, 6.1: open: -, rung 2: the kernel refused a program: Permission denied"]
    assert max(map(len, table.as_markdown([one, other], LADDERS).splitlines())) <= 120


def test_json_and_back_the_later_file_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(results.to_json([column(*read(OUTPUT))]))
    second.write_text(results.to_json([column(Case("Transport/ConnectTest.Tcp/ring", "passed"))]))
    (again,) = results.from_json([first, second])
    states = {test.name: test.state for test in again.tests}
    assert len(again.tests) == 5 and states["Transport/ConnectTest.Tcp/ring"] == "passed"


def test_junit_is_what_the_report_reads(tmp_path: Path) -> None:
    path = tmp_path / "matrix.xml"
    results.write_junit(path, [column(*read(OUTPUT))], LADDERS, ["5.10: X passes now: take it out of known.json"])
    outcomes = [report.judge(case, True) for case in ElementTree.parse(path).getroot().iter("testcase")]
    assert {outcome.name: outcome.status for outcome in outcomes} == {
        "matrix/5.10/exec": "failed", "matrix/5.10/open": "passed", "matrix/5.10/connect": "failed",
        "matrix/5.10/module_load": "failed", "matrix/5.10/rest": "failed", "matrix/known/1": "failed",
    }  # fmt: skip


def test_without_root_it_is_skipped(tmp_path: Path) -> None:
    results.write_skipped(tmp_path / "matrix.xml")
    (case,) = ElementTree.parse(tmp_path / "matrix.xml").getroot().iter("testcase")
    assert report.judge(case, False).status == "skipped"


def test_the_table_goes_between_the_markers(tmp_path: Path) -> None:
    path = tmp_path / "kernels.md"
    path.write_text(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n")
    results.write_between(path, "new\n")
    assert path.read_text() == f"before\n{results.BEGIN}\nnew\n{results.END}\nafter\n"


def test_ladders_of_this_tree() -> None:
    ladders = ladder.read_ladders(ROOT)
    assert ladders["exec"] == [1] and ladders["open"] == [2, 3] and ladders["module_load"] == [1, 2, 3]
    assert "flood" not in ladders  # made in user space


def test_an_event_without_a_kernel_test_is_found(tmp_path: Path) -> None:
    for name, text in {
        "bpf/wire/events/x.def": 'EVENT(one, "file", bulk, "a", "b", "c")\nRETURN_HOOKS(one, "p", "")\n'
        'EVENT(two, "file", bulk, "a", "b", "c")\nHOOK(two, 1, "p", "tp_btf/x", "")\n',
        "tests/kernel/one_test.cpp": "open({EventType::one});\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [finding.message.split()[2] for finding in event_tests.check(tmp_path)] == ["two"]
    assert not event_tests.check(ROOT)
