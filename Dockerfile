# The server on a CPU. `docs/serving.md` says how it is run, and behind what.
#
#   docker build -t seje .
#   docker run --init -p 127.0.0.1:8000:8000 -e SEJE_TOKEN -v "$PWD/pipeline:/data:ro" seje
#
# /data holds a model's folder, `model`, and an index that it made, `index`.

FROM python:3.11-slim AS build
WORKDIR /source
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY seje ./seje
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.11-slim
# bert and timm: for models whose encoders of text or of photos are of those libraries.
ARG EXTRAS=serve,bert,timm
# PyTorch's own index has the builds without CUDA, which are smaller by gigabytes; all else is as tested.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN --mount=type=bind,source=constraints.txt,target=/constraints.txt \
    pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" --constraint /constraints.txt torch torchvision
RUN --mount=type=bind,source=constraints.txt,target=/constraints.txt \
    --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --constraint /constraints.txt "$(echo /wheels/seje-*.whl)[$EXTRAS]"

RUN useradd --create-home --uid 10001 seje
USER 10001
WORKDIR /home/seje
EXPOSE 8000
HEALTHCHECK --start-period=120s --timeout=10s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=9)"]
ENTRYPOINT ["seje"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--model", "/data/model", "--index", "/data/index"]
