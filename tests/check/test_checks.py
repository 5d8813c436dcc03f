# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it is there to find: it is tried on a small tree that is wrong on purpose."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/check"), str(ROOT / "scripts")]

import clang_format  # noqa: E402
import clang_tidy  # noqa: E402
import docs_drift  # noqa: E402
import file_length  # noqa: E402
import include_graph  # noqa: E402
import only_in_cli  # noqa: E402
import python_lint  # noqa: E402
import report  # noqa: E402
import shell_lint  # noqa: E402
import spdx  # noqa: E402
import tree  # noqa: E402


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def lines(findings: list[tree.Finding]) -> list[str]:
    return [str(finding) for finding in sorted(findings)]


# --- the include graph ---------------------------------------------------------------------------------------------

HOUSE = {
    "src/base/result.h": "",
    "src/events/event_view.h": '#include "base/result.h"\n',
    "src/sensor/sensor.h": "",
    "src/sinks/sink.h": "",
    "src/alert/alert.h": "",
    "src/config/config.h": "",
    "bpf/wire/wire.h": "",
    "bpf/lib/task.bpf.h": "",
    "bpf/probes/exec.bpf.c": '#include "lib/task.bpf.h"\n#include <bpf/bpf_helpers.h>\n',
    "src/rules/CMakeLists.txt": "bongsu_room(rules USES bongsu_events PkgConfig::RE2)\n",
    "src/events/CMakeLists.txt": "bongsu_room(events USES bongsu_base)\n",
    "src/base/CMakeLists.txt": "bongsu_room(base USES tl::expected)\n",
}


def test_a_house_in_order_has_no_finding(tmp_path: Path) -> None:
    good = {
        "src/rules/engine.cpp": '#include "base/result.h"\n#include "events/event_view.h"\n#include <vector>\n',
        "src/sensor/load.cpp": '#include "probes.skel.h"\n#include <bpf/libbpf.h>\n#include "wire/wire.h"\n',
        "src/sinks/stdout.cpp": '#include "alert/alert.h"\n#include "config/config.h"\n',
        "tests/unit/events/view_test.cpp": '#include "events/event_view.h"\n#include "unit/events/maker.h"\n',
        "tests/unit/events/maker.h": '#include "support/folder.h"\n',
        "tests/support/folder.h": "",
    }
    assert include_graph.check(write(tmp_path, HOUSE | good)) == []


@pytest.mark.parametrize(
    ("path", "include", "expected"),
    [
        ("src/rules/x.cpp", '"sinks/sink.h"', "rules may not see sinks"),
        ("src/rules/x.cpp", '"sensor/sensor.h"', "rules may not see sensor"),
        ("src/rules/x.cpp", "<bpf/libbpf.h>", "only src/sensor sees libbpf"),
        ("src/identity/x.h", "<bpf/bpf.h>", "only src/sensor sees libbpf"),
        ("src/identity/x.h", '"probes.skel.h"', "only src/sensor sees the skeleton"),
        ("src/rules/x.cpp", '"wire/wire.h"', "see the wire format"),
        ("src/events/x.cpp", '"config/config.h"', "events may not see config"),
        ("src/base/x.cpp", '"events/event_view.h"', "base may not see events"),
        ("src/control/x.cpp", '"alert/alert.h"', "control may not see alert"),
        ("src/rules/x.cpp", '"engine.h"', "not a room"),
        ("src/rules/x.cpp", '"events/gone.h"', "no such file"),
        ("src/rules/x.cpp", "<events/event_view.h>", "our own headers are included as"),
        ("src/attic/x.cpp", '"base/result.h"', "is no room"),
        ("tests/unit/rules/x_test.cpp", '"sinks/sink.h"', "tests/unit/rules may not see sinks"),
        ("tests/unit/rules/x_test.cpp", '"unit/events/x.h"', "not a room"),
        ("tests/kernel/x_test.cpp", '"cli/main.h"', "tests/kernel may not see cli"),
        ("bpf/lib/x.bpf.h", '"probes/exec.bpf.c"', "bpf/lib may not see probes"),
        ("bpf/wire/x.h", '"lib/task.bpf.h"', "bpf/wire may not see lib"),
        ("bpf/probes/x.bpf.c", "<linux/sched.h>", "its own headers only"),
    ],
)
def test_a_forbidden_include_is_found(tmp_path: Path, path: str, include: str, expected: str) -> None:
    findings = include_graph.check(write(tmp_path, HOUSE | {path: f"// one\n#  include {include}\n"}))
    assert len(findings) == 1, lines(findings)
    assert expected in findings[0].message
    assert findings[0].path == path


@pytest.mark.parametrize(
    ("cmake", "expected"),
    [
        ("bongsu_room(rules USES bongsu_events bongsu_sinks)", "rules may not see sinks"),
        ("bongsu_room(rules USES bongsu_events PkgConfig::LIBBPF)", "only src/sensor sees it"),
        ("bongsu_room(rules USES PkgConfig::RE2)", "USES lacks bongsu_events, which src/rules/engine.cpp:1"),
        ("bongsu_room(sinks USES bongsu_events)", "room sinks does not belong in src/rules"),
    ],
)
def test_links_are_held_to_the_graph(tmp_path: Path, cmake: str, expected: str) -> None:
    files = {"src/rules/engine.cpp": '#include "events/event_view.h"\n', "src/rules/CMakeLists.txt": cmake}
    assert any(expected in line for line in lines(include_graph.check(write(tmp_path, HOUSE | files))))


# --- the smaller checks --------------------------------------------------------------------------------------------


def test_spdx(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "src/a.cpp": "// SPDX-License-Identifier: Apache-2.0\n",
            "src/b.cpp": "int b;\n",
            "bpf/wire/wire.h": "/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */\n",
            "bpf/lib/c.h": "/* SPDX-License-Identifier: Apache-2.0 */\n",
            "bpf/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\n",
            "scripts/go": "#!/usr/bin/env bash\necho\n",
            "build/x.cpp": "int generated;\n",
        },
    )
    assert lines(spdx.check(tmp_path)) == [
        "bpf/lib/c.h:1: licence is Apache-2.0, expected (BSD-2-Clause OR GPL-2.0-only)",
        "scripts/go:1: no line 'SPDX-License-Identifier: Apache-2.0' at the top",
        "src/b.cpp:1: no line 'SPDX-License-Identifier: Apache-2.0' at the top",
    ]


def test_file_length(tmp_path: Path) -> None:
    write(tmp_path, {"src/long.cpp": "\n" * 401, "src/fits.cpp": "\n" * 400, "src/listed.cpp": "\n" * 900})
    findings = file_length.check(tmp_path, {"src/listed.cpp": "a table", "src/fits.cpp": "no longer true"})
    assert [(finding.path, finding.line) for finding in sorted(findings)] == [
        ("src/fits.cpp", 400),
        ("src/long.cpp", 401),
    ]


def test_only_in_cli(tmp_path: Path) -> None:
    text = '''// exit(1)
const char* a = "getenv(";
void f() {
  std::exit(1);
  ::getenv("X");
  on_exit(2);
  x.signal(3);
}
'''
    write(tmp_path, {"src/rules/x.cpp": text, "src/cli/x.cpp": text})
    assert [(finding.path, finding.line) for finding in sorted(only_in_cli.check(tmp_path))] == [
        ("src/rules/x.cpp", 4),
        ("src/rules/x.cpp", 5),
    ]


def test_clang_format(tmp_path: Path) -> None:
    write(tmp_path, {".clang-format": (ROOT / ".clang-format").read_text(),
                     "src/good.cpp": "int good;\n", "src/bad.cpp": "int good;\nint   bad ;\n"})  # fmt: skip
    findings = clang_format.check(tmp_path)
    assert [(finding.path, finding.line) for finding in findings] == [("src/bad.cpp", 2)]
    assert clang_format.check(tmp_path, fix=True) == []
    assert clang_format.check(tmp_path) == []


def test_shell_lint(tmp_path: Path) -> None:
    write(tmp_path, {"scripts/go": "#!/bin/bash\ncd $1\necho ok\n"})
    assert any("SC2086" in line and line.startswith("scripts/go:2:") for line in lines(shell_lint.check(tmp_path)))


def test_python_lint(tmp_path: Path) -> None:
    write(tmp_path, {"tests/a.py": "import os\n", "tests/b.py": "def broken(:\n"})
    found = lines(python_lint.check(tmp_path))
    assert any("F401" in line and line.startswith("tests/a.py:1:") for line in found)
    assert any(line.startswith("tests/b.py:1:") for line in found)


def test_docs_drift(tmp_path: Path) -> None:
    program = tmp_path / "bongsu"
    program.write_text("#!/bin/sh\nprintf 'one\\ntwo\\n'\n")
    program.chmod(0o755)
    write(tmp_path, {"docs/same.md": "one\ntwo\n", "docs/old.md": "one\n2\n"})
    generated = {"docs/same.md": ["events"], "docs/old.md": ["events"], "docs/gone.md": ["events"]}
    found = lines(docs_drift.check(tmp_path, program, generated=generated))
    assert [line.split(": ")[0] for line in found] == ["docs/gone.md:1", "docs/old.md:2"]
    docs_drift.check(tmp_path, program, fix=True, generated=generated)
    assert docs_drift.check(tmp_path, program, generated=generated) == []
    assert "cannot run" in lines(docs_drift.check(tmp_path, tmp_path / "absent", generated=generated))[0]
    program.write_text("#!/bin/sh\necho wrong >&2\nexit 2\n")
    assert "exits 2: wrong" in lines(docs_drift.check(tmp_path, program, generated=generated))[0]


def test_clang_tidy_and_what_it_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "checkout"
    write(
        root,
        {
            ".clang-tidy": (ROOT / ".clang-tidy").read_text(),
            "src/base/part.h": "#pragma once\ninline int* part() { return nullptr; }\n",
            # What the compiler warns of, as an error by its flags, is not for clang-tidy to tell.
            "src/base/good.cpp": '#include "base/part.h"\n[[deprecated]] int* old();\n'
            "int* good() { return part() ? part() : old(); }\n",
            "src/base/bad.cpp": "int* bad() { return 0; }\n",
            "src/base/broken.cpp": "int* broken() { return nullptr }\n",
            "src/base/new.cpp": "int added;\n",
        },
    )
    commands = ",".join(
        f'{{"directory": "{root}", "file": "{root}/src/base/{name}.cpp", '
        f'"command": "c++ -std=c++20 -Wall -Werror -I{root}/src -c {root}/src/base/{name}.cpp"}}'
        for name in ("good", "bad", "broken")
    )
    write(root, {"build/tidy/compile_commands.json": f"[{commands}]"})

    def run(*only: str) -> list[str]:
        return lines(clang_tidy.check(root, root / "build/tidy", list(only), use_cache=True, jobs=1))

    found = run()
    assert [re.sub(r": .*\[", ": [", line) for line in found] == [
        "src/base/bad.cpp:1: [modernize-use-nullptr]",
        "src/base/broken.cpp:1: [clang-diagnostic-error]",
        "src/base/new.cpp:1: no target builds this file, or the tidy preset is older than it",
    ]
    remembered = list((tmp_path / "cache/bongsu/clang-tidy").iterdir())
    assert len(remembered) == 1, "the clean file is remembered, the other is not"
    # A header that the clean file reaches changes: it is looked at again.
    write(root, {"src/base/part.h": "#pragma once\ninline int* part() { return 0; }\n"})
    assert [line.split(": ")[0] for line in run("good")] == ["src/base/part.h:2"]


def test_own_files_without_git_and_with_it(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.cpp": "", "build/b.cpp": "", "out/c.cpp": "", ".gitignore": "/build/\n/out/\n"})
    assert tree.files_with(tmp_path, (".cpp",)) == [Path("out/c.cpp"), Path("src/a.cpp")]
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert tree.files_with(tmp_path, (".cpp",)) == [Path("src/a.cpp")]


# --- the verdict on a run --------------------------------------------------------------------------------------------

SKIP = '<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>'
SKIP_CODE = '<skipped message="SKIP_RETURN_CODE=77"/>'


@pytest.mark.parametrize(
    ("case", "can_run", "expected"),
    [
        ('<testcase name="base/a" status="run"/>', True, "passed"),
        ('<testcase name="base/a" status="fail"><failure message=""/></testcase>', True, "failed"),
        (f'<testcase name="base/a" status="notrun">{SKIP}</testcase>', True, "skipped"),
        (f'<testcase name="kernel/a" status="notrun">{SKIP}</testcase>', True, "failed"),
        (f'<testcase name="kernel/a" status="notrun">{SKIP}</testcase>', False, "skipped"),
        (f'<testcase name="e2e/a" status="notrun">{SKIP_CODE}</testcase>', True, "failed"),
        (f'<testcase name="e2e/a" status="notrun">{SKIP_CODE}</testcase>', False, "skipped"),
        (f'<testcase name="base/a" status="notrun">{SKIP}<system-out>[  FAILED  ] x</system-out></testcase>',
         False, "failed"),
        ('<testcase name="base/a" status="notrun"><skipped message="Unable to find executable"/></testcase>',
         False, "failed"),
        ('<testcase name="base/a" status="disabled"/>', True, "skipped"),
    ],
)  # fmt: skip
def test_verdict(case: str, can_run: bool, expected: str) -> None:
    assert report.judge(ElementTree.fromstring(case), can_run).status == expected


@pytest.mark.parametrize(
    ("junit", "ctest_status"),
    [
        ("<testsuite></testsuite>", 0),
        ("not xml", 0),
        (None, 8),
        ('<testsuite><testcase name="base/a" status="run"/></testsuite>', 8),
        (f'<testsuite><testcase name="base/a" status="notrun">{SKIP}</testcase></testsuite>', 0),
    ],
)
def test_nothing_ran_or_ctest_failed(tmp_path: Path, junit: str | None, ctest_status: int) -> None:
    path = tmp_path / "junit.xml"
    if junit is not None:
        path.write_text(junit)
    ran = subprocess.run(
        [sys.executable, "-B", str(ROOT / "scripts/report.py"), "--junit", str(path), "--log", "log",
         "--ctest-status", str(ctest_status)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 1
    assert re.fullmatch(r"\d+ passed, 1 failed, \d+ skipped", ran.stdout.splitlines()[-1])


def test_a_clean_run(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    case = '<testcase name="base/{}" status="run"/>'
    path.write_text(f"<testsuite>{case.format('a')}{case.format('b')}</testsuite>")
    ran = subprocess.run(
        [sys.executable, "-B", str(ROOT / "scripts/report.py"), "--junit", str(path), "--log", "log",
         "--ctest-status", "0"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "2 passed, 0 failed, 0 skipped\n")


def test_two_runs_are_summed_up_and_one_may_be_empty(tmp_path: Path) -> None:
    arguments = []
    for name, cases in {"a": '<testcase name="base/a" status="run"/>', "b": "", "c": "unreadable <"}.items():
        (tmp_path / name).write_text(f"<testsuite>{cases}</testsuite>")
        arguments.append(["--junit", str(tmp_path / name), "--ctest-status", "0"])
    command = [sys.executable, "-B", str(ROOT / "scripts/report.py"), "--log", "log"]

    def last_line(*runs: list[str]) -> str:
        ran = subprocess.run([*command, *sum(runs, [])], capture_output=True, text=True)
        return ran.stdout.splitlines()[-1]

    assert last_line(arguments[0], arguments[1]) == "1 passed, 0 failed, 0 skipped"
    assert last_line(arguments[0], arguments[2]) == "1 passed, 1 failed, 0 skipped"
    assert last_line(arguments[1], arguments[1]) == "0 passed, 1 failed, 0 skipped"
