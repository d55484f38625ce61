# One image for web and worker. See compose.yaml.
FROM python:3.11-slim

RUN useradd --system --uid 10001 --create-home integram
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY manage.py ./
COPY integram integram
COPY qdm qdm
COPY rbac rbac
COPY video video
COPY templates templates
COPY static static
COPY locale locale
COPY demo demo
RUN for po in locale/*/LC_MESSAGES/*.po; do \
      [ ! -e "$po" ] || pybabel compile --input-file "$po" --output-file "${po%.po}.mo"; \
    done

ENV HOST=0.0.0.0 PORT=8000 VAR_DIR=/var/lib/integram PYTHONUNBUFFERED=1
RUN install -d -o integram -g integram "$VAR_DIR"
VOLUME /var/lib/integram
USER integram
EXPOSE 8000

CMD ["python", "manage.py", "serve", "--without-worker"]
