# One image for normalizer, webhooks, api and the creation of topics; the command says which.
ARG NODE=node:24-bookworm-slim

# The manifests alone, so that a change of the sources does not install everything again.
FROM ${NODE} AS manifests
COPY . /app
RUN find /app -type f ! -name package.json ! -name package-lock.json -delete

FROM ${NODE} AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --include-workspace-root=false \
    -w services/normalizer -w services/webhooks -w services/api -w tools/topics

FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /app
COPY . ./
COPY --from=dependencies /app/node_modules ./node_modules
USER node
# api 8080, webhooks 8081, health and metrics of the normalizer 9464
EXPOSE 8080 8081 9464
ENTRYPOINT ["node"]
CMD ["services/api/main.ts"]
