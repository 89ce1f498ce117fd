# docker build -t scalenet-tf .
# docker run --rm -v "$PWD/runs:/runs" scalenet-tf run --config quickstart --run /runs/quickstart
FROM python:3.11-slim AS wheel
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel

FROM python:3.11-slim
COPY --from=wheel /source/dist/*.whl /tmp/
RUN pip install --no-cache-dir /tmp/*.whl && rm /tmp/*.whl && useradd --create-home scalenet
USER scalenet
WORKDIR /home/scalenet
ENTRYPOINT ["scalenet"]
CMD ["--help"]
