FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM gcr.io/distroless/nodejs24-debian13:nonroot
COPY --from=build /src/dist/haldane.js /haldane.js
USER 65532:65532
EXPOSE 8080
# A heap that is collected early costs little time, and a third less memory at the peak.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--heap-growing-percent=20", "/haldane.js"]
CMD ["run"]
