# SPDX-License-Identifier: Apache-2.0
#
# The image that the chart runs. scripts/image builds it; by hand:
#   docker build --tag bongsu .
# Any platform whose base image there is: nothing below names an architecture.

# Debian 12 or later, or Ubuntu 24.04 or later; both stages start from it, so that the libraries fit.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
# What the build needs is written down once, in scripts/setup.
COPY scripts/lib.sh scripts/setup scripts/
RUN bash scripts/setup run && apt-get -q -y --no-install-recommends install ccache
COPY . .
# Read by the compilers, and so the time inside what they make.
ARG SOURCE_DATE_EPOCH=0
ARG TARGETARCH
# Not empty: what the compilers have cached is not used.
ARG FRESH=
RUN --mount=type=cache,id=bongsu-ccache-${TARGETARCH},target=/root/.cache/ccache \
    export SOURCE_DATE_EPOCH CCACHE_SLOPPINESS=pch_defines,time_macros && \
    if [ -n "$FRESH" ]; then export CCACHE_RECACHE=1; fi && \
    cmake --preset release -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache && \
    cmake --build --preset release --target bongsu
# What is copied below, with its modes. The packages are those that hold the libraries the program was linked with.
RUN set -eu && mkdir -p /out/rules /out/doc && \
    strip --strip-unneeded -o /out/bongsu build/release/bongsu && \
    cp rules/*.json /out/rules && \
    cp LICENSE /out/doc/copyright && cp -R LICENSES /out/doc/ && \
    ldd /out/bongsu | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | while read -r library; do \
      dpkg -S "$(basename "$library")" | sed -n "s|^\([^:]*\):.*/$(basename "$library")\$|\1|p"; done | \
      sort -u >/out/packages && \
    test -s /out/packages && \
    find /out -type f -exec chmod 0444 {} + && find /out -type d -exec chmod 0555 {} + && chmod 0555 /out/bongsu

FROM ${BASE}
# dpkg keeps its lists: what is installed can be told from the image. Logs and caches would differ from build to build.
RUN --mount=type=bind,from=build,source=/out/packages,target=/run/packages \
    apt-get -q update && \
    DEBIAN_FRONTEND=noninteractive xargs -a /run/packages \
      apt-get -q -y --no-install-recommends install ca-certificates && \
    apt-get clean && \
    rm -rf /var/lib/apt/lists/* /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*
# The program runs as root, without the capabilities that let root write where it likes: what belongs to somebody else
# and is read-only stays as it is.
COPY --from=build --chown=65532:65532 /out/bongsu /usr/bin/bongsu
COPY --from=build --chown=65532:65532 /out/rules /usr/share/bongsu/rules
COPY --from=build --chown=65532:65532 /out/doc /usr/share/doc/bongsu

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Bongsu" \
      org.opencontainers.image.description="Container security monitor for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0 AND (BSD-2-Clause OR GPL-2.0-only)" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENTRYPOINT ["/usr/bin/bongsu"]
CMD ["run"]
