# The web pages, the program with them inside, and nothing else.
FROM node:22.20.0-alpine3.22 AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
COPY examples ../examples
COPY schema.graphqls ../
RUN npm run build

FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /mapgraph ./cmd/mapgraph

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /mapgraph /mapgraph
COPY LICENSE NOTICE /
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/mapgraph", "healthcheck"]
ENTRYPOINT ["/mapgraph"]
CMD ["serve", "--addr", "0.0.0.0:8080"]
