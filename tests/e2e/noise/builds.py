# SPDX-License-Identifier: Apache-2.0
"""An image build with packages, and a CI job: clone, compile, test, archive."""

from pathlib import Path

from support.box import Box
from support.box_spec import bind

from noise import Node

LIBRARY = "int add(int a, int b);\n"
SOURCES = {
    "Makefile": """CFLAGS = -O2 -Wall
OBJECTS = main.o add.o
app: $(OBJECTS)
\t$(CC) -o $@ $(OBJECTS)
check: app
\tsh ./run-tests.sh
install: app
\tinstall -D -m 755 app $(DESTDIR)/usr/local/bin/app
clean:
\trm -f app *.o
.PHONY: check install clean
""",
    "add.h": LIBRARY,
    "add.c": '#include "add.h"\nint add(int a, int b) { return a + b; }\n',
    "main.c": '#include <stdio.h>\n#include "add.h"\nint main(void) { printf("%d\\n", add(40, 2)); return 0; }\n',
    "run-tests.sh": "#!/bin/sh\nset -e\ntest \"$(./app)\" = 42\necho 'ok 1 - adds'\n",
    "configure": """#!/bin/sh
# What autoconf's scripts do: compile little programs and run them.
set -e
for header in stdio.h stdlib.h unistd.h; do
  printf '#include <%s>\\nint main(void) { return 0; }\\n' "$header" >conftest.c
  cc -o conftest conftest.c && ./conftest && echo "checking for $header... yes"
done
rm -f conftest conftest.c
""",
}


def image_build(node: Node) -> None:
    """What RUN lines of a Dockerfile do, below the builder's shell; there is no network."""
    build = node.box(init=["/bin/sh", "-c", "exec sleep infinity"])
    for name, text in SOURCES.items():
        build.put(f"/src/{name}", text)
    build.sh(
        "mkdir -p /pkg/DEBIAN /pkg/usr/share/e2e && echo data >/pkg/usr/share/e2e/data &&"
        " printf 'Package: e2e-data\\nVersion: 1\\nArchitecture: all\\nMaintainer: e2e <e2e@invalid>\\n"
        "Description: data\\n' >/pkg/DEBIAN/control && dpkg-deb --root-owner-group --build /pkg /e2e-data.deb",
        check=True,
    )
    build.sh("apt-get install -y --no-install-recommends /e2e-data.deb && rm -rf /var/lib/apt/lists/*", check=True)
    _wheel(build)
    build.sh("pip3 install --no-index --no-cache-dir --break-system-packages /e2e_wheel-1-py3-none-any.whl ||"
             " pip3 install --no-index --no-cache-dir /e2e_wheel-1-py3-none-any.whl", check=True)  # fmt: skip
    build.sh("cd /src && sh ./configure && make -j2 && make check && make install && make clean", check=True)
    build.sh("groupadd -r e2e && useradd -r -g e2e -d /nonexistent -s /usr/sbin/nologin e2e", check=True)
    build.sh("chown -R e2e:e2e /src && chmod -R go-w /src && rm -rf /src /pkg /tmp/*", check=True)


def _wheel(build: Box) -> None:
    build.python("""
import zipfile
info = "e2e_wheel-1.dist-info"
with zipfile.ZipFile("/e2e_wheel-1-py3-none-any.whl", "w") as wheel:
    wheel.writestr("e2e_wheel.py", "answer = 42\\n")
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: e2e-wheel\\nVersion: 1\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
""")


def continuous_integration(node: Node) -> None:
    """A runner's container: the workspace is a volume, as emptyDir is, and everything happens there."""
    repository = node.volume("git")
    _make_repository(node, repository)
    artefacts = node.volume("artefacts")
    runner = node.box(
        mounts=[bind(node.volume("builds"), "/builds"), bind(repository, "/git", "ro"), bind(artefacts, "/artefacts")],
        environment={"HOME": "/builds", "CI": "true"},
    )
    script = (
        "set -e; cd /builds; git config --global safe.directory '*'; git clone -q /git/app.git app; cd app;"
        " git log --oneline -1; sh ./configure; make -j2; make check; make install DESTDIR=/builds/out;"
        " tar -czf /artefacts/app.tar.gz -C /builds/out .; sha256sum /artefacts/app.tar.gz"
    )
    for _ in range(3):
        runner.sh(f"rm -rf /builds/app /builds/out; {script}", shell="/bin/bash", check=True)
    assert (artefacts / "app.tar.gz").stat().st_size > 0


def _make_repository(node: Node, folder: Path) -> None:
    work = node.volume("git-work")
    for name, text in SOURCES.items():
        (work / name).write_text(text)
    identity = "-c user.name=e2e -c user.email=e2e@invalid"
    node.host.sh(
        f"cd {work} && git init -q -b main && git add -A && git {identity} commit -qm first &&"
        f" git clone -q --bare . {folder}/app.git",
        check=True,
    )
