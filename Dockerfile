# vanban serve in a container: docker build -t vanban . && docker run -p 127.0.0.1:8000:8000 -e VANBAN_TOKEN=… vanban
# The models are inside, for ONNX Runtime: torch is needed to build and not to run, and nothing is fetched at run time.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN pip install --index-url https://download.pytorch.org/whl/cpu torch==2.13.0
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY model model
COPY training training
COPY docker docker
RUN pip wheel --no-deps --wheel-dir dist . && pip install "$(echo dist/*.whl)[onnx]" packaging \
    && python docker/requirements.py > requirements.txt
# int8 for processors with VNNI, float32 for all others: the sums of an int8 model that was made for the first overflow there
RUN shipped=$(python -c 'from vanban.network.shipped import BUNDLED; print(BUNDLED)') \
    && for precision in int8 float32; do for task in ner doctype; do \
        vanban export "$shipped/$task" --precision $precision -o /models/$precision/$task || exit 1; \
    done; done

FROM python:3.11-slim
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
COPY --from=build /build/dist /build/requirements.txt /tmp/
RUN pip install -r /tmp/requirements.txt && pip install --no-deps /tmp/*.whl && rm /tmp/*
COPY --from=build /models /models
COPY docker/serve /usr/local/bin/serve
RUN useradd --system --no-create-home --shell /usr/sbin/nologin vanban
USER vanban
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=2)"]
ENTRYPOINT ["serve"]
