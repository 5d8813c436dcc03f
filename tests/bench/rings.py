# SPDX-License-Identifier: Apache-2.0
"""How buffers between kernel and program scale with producers: bench_rings, many threads in user space that write into
one shared ring or into a ring for each group, read by one thread that restores the order. Measured as far as this
machine has processors; what more would do is computed from that."""

import children
from bench import Bench, Data
from children import Failed


def rings(bench: Bench) -> Data:
    if not bench.tools:
        raise Failed("the C++ benchmarks were not built")
    return children.run_json([bench.tools / "rings", str(bench.pick(0.2, 1.0))], patience_s=300)
