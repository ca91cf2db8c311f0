FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 STUDIO_HOME=/data OMP_WAIT_POLICY=PASSIVE
RUN apt-get update && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 studio \
    && install -d -o studio -g studio -m 0700 /data /studio
WORKDIR /studio
USER studio

COPY --chown=studio:studio Makefile requirements.txt ./
COPY --chown=studio:studio scripts/make_venv.sh scripts/
RUN make install
COPY --chown=studio:studio . .

VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD [".venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/api/health', timeout=4)"]
# What `make run` does, without make: as the first process of a container it would end at the signal
# to stop before the studio has closed its state and ended its jobs.
CMD [".venv/bin/streamlit", "run", "serve.py", "--server.port", "8501", "--server.address", "0.0.0.0"]
