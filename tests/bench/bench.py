# SPDX-License-Identifier: Apache-2.0
"""What every measured part is given, and the form of what it gives back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor import Monitor

Data = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    program: Path  # bongsu
    folder: Path  # for what is written meanwhile; removed at the end
    work: Path  # the programs of work/
    tools: Path | None  # the C++ benchmarks; none when they were not built
    quick: bool
    pairs: int

    def pick(self, quick: Any, full: Any) -> Any:
        return quick if self.quick else full

    def monitor(self, **options: Any) -> Monitor:
        return Monitor(self.program, self.folder / "monitor", **options)


Part = Callable[[Bench], Data]
Attached = AbstractContextManager[Any]
