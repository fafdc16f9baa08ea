# One image for every component: `sre serve gateway`, `sre migrate` … It holds no secret and no configuration.
FROM node:24.21.0-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Components ask a Chroma by URL: the binary of its server, 400 MB, is not needed.
RUN npm ci --omit=dev && rm -r node_modules/chromadb-js-bindings-*

FROM node:24.21.0-trixie-slim
# A uid that no account of the host uses; numeric, so that Kubernetes can verify that it is not root.
RUN groupadd --gid 10001 sre && useradd --uid 10001 --gid 10001 --no-create-home sre \
  && install -d -o 10001 -g 10001 -m 700 /data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json topics.yaml actions.yaml ./
COPY actions actions
COPY agents agents
COPY analysis analysis
COPY bus bus
COPY cli cli
COPY connect connect
COPY embedded embedded
COPY gateway gateway
COPY health health
COPY lab lab
COPY memory memory
COPY model model
COPY postmortem postmortem
COPY recording recording
COPY schemas schemas
COPY tenants tenants
# The only folder that needs to be writable: keys and tokens.
ENV NODE_ENV=production DATA_DIR=/data
VOLUME /data
USER 10001:10001
# As in cli/sre.sh.
ENV MALLOC_ARENA_MAX=2
ENTRYPOINT ["node", "--max-semi-space-size=8", "/app/cli/sre.ts"]
CMD ["--help"]
