FROM node:24-bookworm-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS built
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /app
# production, or sms for those who send text messages by Aliyun or Tencent
ARG REQUIREMENTS=production
COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/${REQUIREMENTS}.txt
COPY . .
COPY --from=assets /assets/node_modules node_modules
# Settings refuse to load without these; the values mean nothing and do not stay in the image.
RUN export APP_ENV=production SITE_URL=https://build ALLOWED_HOSTS=build REDIS_URL=redis://build \
        DATABASE_URL=postgres://build@build/build SECRET_KEY=only-while-the-image-is-built-0123456789-0123456789 \
        FIELD_KEYS=b25seS13aGlsZS10aGUtaW1hZ2UtaXMtYnVpbHQtISE= \
        STATIC_ROOT=/srv/static FONT_ROOT=/srv/fonts \
    && python manage.py build_fonts \
    && python manage.py collectstatic --noinput \
    && python -m compileall -q -x node_modules . \
    && rm -rf node_modules

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    APP_ENV=production STATIC_ROOT=/srv/static FONT_ROOT=/srv/fonts MEDIA_ROOT=/srv/media \
    ATTACHMENTS_ROOT=/srv/attachments
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin foodtrace \
    && install -d -o foodtrace -g foodtrace /srv/media \
    && install -d -m 700 -o foodtrace -g foodtrace /srv/attachments
COPY --from=built /venv /venv
COPY --from=built /srv /srv
COPY --from=built /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--preload", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
