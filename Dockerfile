# Batch image of every command, component and pipeline step: docs/guides/container.md says how it is built and run.
ARG PYTHON_VERSION=3.11.14
# With a digest, python:3.11.14-slim-bookworm@sha256:…, the base is pinned by its content.
ARG BASE=python:${PYTHON_VERSION}-slim-bookworm

FROM ${BASE} AS build
# Extras of setup.cfg: the name of a file in locks/; `export` is what the compressor needs
ARG EXTRAS=pipelines,export
WORKDIR /source
COPY pyproject.toml setup.cfg DESCRIPTION.md LICENSE ./
COPY locks locks/
COPY scalenet_tf scalenet_tf/
COPY components components/
COPY pipelines pipelines/
# Whatever comes from the index has a hash in locks/, also what builds packages. The rest comes from /dist alone.
RUN python -m venv /builder \
    && /builder/bin/pip install --no-cache-dir --require-hashes -r locks/build.txt
RUN /builder/bin/pip wheel --no-cache-dir --no-build-isolation --require-hashes --wheel-dir /dist \
        -r "locks/${EXTRAS}.txt" \
    && /builder/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir /dist .
RUN python -m venv --without-pip /opt/scalenet \
    && /builder/bin/pip --python /opt/scalenet/bin/python install --no-cache-dir --no-index \
        --find-links /dist "$(ls /dist/scalenet_tf-*.whl)[${EXTRAS}]"

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="scalenet-tf" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
RUN useradd --uid 10001 --create-home scalenet
COPY --from=build /opt/scalenet /opt/scalenet
# Logs reach the collector line by line, and results name the commit.
ENV PATH=/opt/scalenet/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SCALENET_COMMIT=${REVISION}
# A number, so that Kubernetes can see that it is not root.
USER 10001
WORKDIR /home/scalenet
# No ENTRYPOINT: a pipeline runner brings its own command, and `docker run IMAGE scalenet …` reads as it is typed.
CMD ["scalenet", "--help"]
