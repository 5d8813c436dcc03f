#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one pytest file for ctest: pytest's own exit code, or 77 when all that ran passed but something was skipped."""

import argparse
import sys
from pathlib import Path

import pytest

SKIPPED = 77  # SKIP_RETURN_CODE in the CMakeLists that add these tests


class SkipCounter:
    def __init__(self) -> None:
        self.skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:  # an expected failure (xfail) counts too: it did not pass
            self.skipped += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:  # a whole file that skips itself
            self.skipped += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--basetemp", type=Path, required=True, help="folder for the tests' temporary files")
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    arguments.basetemp.parent.mkdir(parents=True, exist_ok=True)
    counter = SkipCounter()
    # No cache folder: builds and tests leave the source tree as it is.
    status = pytest.main(
        ["-p", "no:cacheprovider", "-ra", "-q", "--durations=5", f"--rootdir={arguments.file.parent}",
         f"--basetemp={arguments.basetemp}", str(arguments.file)],
        plugins=[counter],
    )  # fmt: skip
    if counter.skipped and status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return SKIPPED
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
