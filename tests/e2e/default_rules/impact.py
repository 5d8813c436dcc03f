# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("crypto-miner")
def pool_address(box: Box) -> None:
    box.run(["/bin/true", "-o", "stratum+tcp://pool.invalid:3333", "-u", "x"])


@trigger("crash-in-container")
def segmentation_fault(box: Box) -> None:
    box.sh("ulimit -c 0; sh -c 'kill -SEGV $$'; true")
