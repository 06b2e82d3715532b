# Postie's web, worker and beat: one image, three commands (docker-compose.yml).
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gettext \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY manage.py gunicorn.conf.py ./
COPY postie_web postie_web
COPY mailadmin mailadmin
COPY webmail webmail
COPY templates templates
COPY static static
COPY locale locale
COPY scripts/messages.py scripts/messages.py
# The key is only for this step: nothing is sealed with it, and it is in no layer of the final image.
RUN python scripts/messages.py compile \
 && SECRET_KEY=only-while-the-image-is-built-0123456789 STATIC_ROOT=/app/staticfiles \
    python manage.py collectstatic --no-input

FROM python:3.11-slim-bookworm
# restic and ssh make the nightly backup; pg_dump copies the panel's own database when it is PostgreSQL.
RUN apt-get update \
 && apt-get install -y --no-install-recommends restic openssh-client postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin postie \
 && install -d -o postie -g postie /var/lib/postie
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# glibc would give each thread a heap of its own, which never shrinks.
ENV PATH=/opt/venv/bin:$PATH \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    POSTIE_VAR=/var/lib/postie \
    STATIC_ROOT=/app/staticfiles
WORKDIR /app
USER 10001
VOLUME /var/lib/postie
EXPOSE 8000
# The web alone: while the mail server is away, Traefik must still lead people to the page that says so.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz?part=web', timeout=8)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000", "postie_web.wsgi"]
