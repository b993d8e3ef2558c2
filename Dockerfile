FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

# Without git, and so without spec.writeBack.git, for those who want nothing but Node: docker build --target distroless
FROM gcr.io/distroless/nodejs24-debian13:nonroot AS distroless
COPY --from=build /src/dist/haldane.js /haldane.js
USER 65532:65532
EXPOSE 8080
# A heap that is collected early costs little time, and a third less memory at the peak.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--heap-growing-percent=20", "/haldane.js"]
CMD ["run"]

FROM node:24-slim
RUN apt-get update \
	&& apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
	&& rm -rf /var/lib/apt/lists/* \
	# ssh refuses to run as somebody who has no name.
	&& useradd --uid 65532 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin haldane
COPY --from=build /src/dist/haldane.js /haldane.js
USER 65532:65532
EXPOSE 8080
# As above.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--heap-growing-percent=20", "/haldane.js"]
CMD ["run"]
