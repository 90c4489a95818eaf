# Stands in for the official odoo:19.0 where no registry can be reached: Debian's odoo-19 as scripts/setup-odoo unpacks it.
ARG DEBIAN_IMAGE
FROM ${DEBIAN_IMAGE}
RUN apt-get update -q && apt-get install -yq --no-install-recommends ca-certificates postgresql-client python3 \
    && rm -rf /var/lib/apt/lists/*
COPY packages /usr/local/lib/python3.11/dist-packages
COPY tree /
