/** Tags that are versions: what it is | policy and settings | current | tags | what is chosen. */
export const versionHistories = `
plain versions, minor | minor | 1.2.0 | 1.2.1 1.3.0 1.10.0 2.0.0 latest | 1.10.0
plain versions, patch | patch | 1.2.0 | 1.2.1 1.2.10 1.2.9 1.3.0 | 1.2.10
plain versions, major | major | 1.2.0 | 1.9.0 2.0.0 10.0.0 latest | 10.0.0
nothing newer | major | 2.0.0 | 1.9.0 2.0.0 latest | –
only older ones are left | major | 2.0.0 | 1.8.0 1.9.0 | –
the current tag was deleted, and a newer one is there | minor | 1.2.0 | 1.1.0 1.3.0 | 1.3.0
going back is allowed, and the current tag was withdrawn | minor allowDowngrade=true | 1.3.0 | 1.1.0 1.2.0 | 1.2.0
going back is allowed, and there is no need to | minor allowDowngrade=true | 1.3.0 | 1.1.0 1.3.0 1.2.0 | –
going back is allowed, and another spelling is none | minor allowDowngrade=true | 1.2.0 | 1.02.0 1.2.0 | –
v-prefix throughout | minor | v1.2.0 | v1.2.1 v1.3.0 v2.0.0 | v1.3.0
v-prefix came later | minor | 1.2.0 | 1.2.1 v1.3.0 | v1.3.0
both spellings are pushed, v runs | minor | v1.2.0 | 1.3.0 v1.3.0 | v1.3.0
both spellings are pushed, no v runs | minor | 1.2.0 | 1.3.0 v1.3.0 | 1.3.0
floating and exact tags: the exact one is higher | minor | 1.2 | 1.2 1.3 1.3.4 1 | 1.3.4
floating and exact tags of one version: what runs decides | minor | 1.2 | 1.3 1.3.0 v1.3 | 1.3
a floating tag is pinned to its patches | patch | 1.27 | 1.27 1.27.3 1.28 | 1.27.3
nginx: mainline beside variants | minor | 1.25.3 | 1.25.4 1.27.0 1.27.0-alpine 1.27.0-perl mainline stable | 1.27.0
nginx: alpine stays alpine | minor | 1.25.3-alpine | 1.25.4-alpine 1.27.0-alpine 1.27.0-alpine-slim 1.28.0 | 1.27.0-alpine
nginx: a new Alpine below is another suffix | minor | 1.25.3-alpine3.18 | 1.25.4-alpine3.19 1.25.4-alpine3.18 | 1.25.4-alpine3.18
nginx: unprivileged edition with its base | minor | 1.25.3-bookworm-perl | 1.26.0-bookworm 1.26.0-bookworm-perl | 1.26.0-bookworm-perl
postgres: the next minor | minor | 15.5 | 15.6 16.1 16rc1 17beta2 latest | 15.6
postgres: the next major, its betas are no versions | major | 15.5 | 15.6 16.1 17beta2 17rc1 | 16.1
postgres: bare majors | major | 15 | 14 15 16 latest alpine | 16
postgres: bare majors with the base image | major | 15-alpine | 15-alpine 16-alpine 16 17beta1-alpine | 16-alpine
postgres: alpine of one major | minor | 15.5-alpine | 15.6-alpine 15.6-alpine3.18 16.1-alpine | 15.6-alpine
redis: candidates are numbered like -rc1 | minor | 7.0.15 | 7.2.4 7.4-rc1 7.4.0-rc2 8.0-m01 | 7.2.4
redis: with release candidates | minor prereleases=rc | 7.0.15 | 7.2.4 7.4.0-rc1 7.4.0-rc2 8.0.0-rc1 | 7.4.0-rc2
redis: bookworm and alpine side by side | minor prereleases=none | 7.0.15-bookworm | 7.2.4-alpine 7.2.4-bookworm 7.2.4 | 7.2.4-bookworm
node: the current line, slim | minor | 20.10.0-bookworm-slim | 20.11.0-bookworm-slim 20.11.0-slim 21.0.0-bookworm-slim | 20.11.0-bookworm-slim
node: codenames are no versions | major | 20.10.0 | iron iron-slim lts current 20.11.1 21.6.0 | 21.6.0
python: candidates without a dash are no versions | minor | 3.12.1 | 3.12.2 3.13.0rc2 3.13.0a4-slim 3.12.2-slim | 3.12.2
golang: a variant by distribution | minor | 1.21.5-alpine3.19 | 1.22.0-alpine3.19 1.22.0-alpine3.20 1.22rc1 | 1.22.0-alpine3.19
grafana: builds beside releases | minor | 10.2.3 | 10.2.4 10.3.1 10.3.1-ubuntu main 10.4.0-66000 11.0.0-preview | 10.3.1
grafana: preview and security builds | major prereleases=any | 10.2.3 | 11.0.0-preview 10.3.1 10.3.1-ubuntu | 11.0.0-preview
traefik: v-prefix and candidates | minor | v2.10.7 | v2.11.0 v2.11.0-rc2 v3.0.0-beta5 2.11 v2.11 | v2.11.0
traefik: codenames and windows | major | v2.10.7 | v3.0.0 v3.0.0-windowsservercore-1809 mimolette | v3.0.0
traefik: following the beta | major prereleases=beta | v3.0.0-beta4 | v3.0.0-beta5 v3.0.0-rc1 v2.11.0 | v3.0.0-beta5
traefik: a beta ends with the release | major prereleases=beta | v3.0.0-beta5 | v3.0.0 v3.0.0-beta5 v3.1.0-rc1 | v3.0.0
gitlab: the edition behind the dash | minor | 16.8.1-ce.0 | 16.8.2-ce.0 16.9.0-ce.0 16.9.0-ee.0 17.0.0-ce.0 16.9.1-rc42.ce.0 | 16.9.0-ce.0
gitlab: patches of the enterprise edition | patch | 16.8.1-ee.0 | 16.8.2-ce.0 16.8.2-ee.0 16.9.0-ee.0 nightly | 16.8.2-ee.0
gitlab runner: architecture before the version | semver range=>=16 | x86_64-v16.8.0 | x86_64-v16.9.0 alpine-v16.9.0 | –
gitlab runner: the version is extracted | semver range=^16 filter=^alpine-(?P<v>v[0-9.]+)$ extract=$v | alpine-v16.8.0 | alpine-v16.9.0 v16.10.0 alpine-v17.0.0 | alpine-v16.9.0
bitnami: revisions need another word than same | minor | 15.1.0-debian-11-r5 | 15.1.0-debian-11-r6 15.2.0-debian-11-r0 | –
bitnami: revisions count up | minor prereleases=none | 15.1.0-debian-11-r5 | 15.1.0-debian-11-r6 15.1.0-debian-11-r12 15.1.0 | 15.1.0-debian-11-r12
bitnami: a version is more than a revision | minor prereleases=none | 15.1.0-debian-11-r15 | 15.1.0-debian-11-r16 15.2.0-debian-11-r0 | 15.2.0-debian-11-r0
bitnami: another Debian is another variant | minor prereleases=none | 15.1.0-debian-11-r5 | 15.2.0-debian-12-r0 15.1.0-debian-11-r6 | 15.1.0-debian-11-r6
linuxserver: builds count | patch prereleases=none | 4.0.1-ls12 | 4.0.1-ls13 4.0.1-ls9 4.0.2 latest nightly | 4.0.1-ls13
linuxserver: four numbers and a build, extracted | numeric filter=^version-(?P<v>[0-9.]+)$ extract=$v | version-4.0.1.929 | version-4.0.2.1024 4.0.3.1 arm64v8-version-4.0.4.1 | version-4.0.2.1024
prometheus: rc of the next minor | minor | v2.48.1 | v2.49.0-rc.2 v2.49.0 v2.50.0-rc.0 main | v2.49.0
prometheus: rc followed by exact text | minor | v2.49.0-rc.1 | v2.49.0-rc.2 v2.49.0 | –
prometheus: rc followed on its channel | minor prereleases=rc | v2.49.0-rc.1 | v2.49.0-rc.2 v2.50.0-beta.1 | v2.49.0-rc.2
a channel ends in the release | minor prereleases=rc | 1.0.0-rc.2 | 1.0.0-rc.10 1.0.0 1.1.0-alpha.1 | 1.0.0
ten follows nine without a dot | major prereleases=rc | 1.0.0-rc9 | 1.0.0-rc10 1.0.0-rc8 | 1.0.0-rc10
alpha, beta, rc in their order | major prereleases=any | 1.0.0-alpha.3 | 1.0.0-alpha.4 1.0.0-beta.1 1.0.0-rc.1 | 1.0.0-rc.1
a prerelease of a variant | minor prereleases=any | 1.0.0-alpine | 1.1.0-rc.1-alpine 1.1.0-rc.2 1.1.0-rc.2-slim | 1.1.0-rc.1-alpine
no prerelease of a variant | minor prereleases=none | 1.0.0-alpine | 1.1.0-rc.1-alpine 1.0.1-alpine | 1.0.1-alpine
a channel of one's own | major prereleases=hotfix | 1.2.0 | 1.2.1-hotfix.2 1.2.1-hotfix.10 1.2.1-feature.1 | 1.2.1-hotfix.10
milestones | major prereleases=m | 3.0.0-M1 | 3.0.0-M2 3.0.0-RC1 3.0.0-SNAPSHOT | 3.0.0-M2
snapshots by date | all | 1.2.0-SNAPSHOT-20240105 | 1.2.0-SNAPSHOT-20240211 1.1.0-SNAPSHOT-20240301 | 1.2.0-SNAPSHOT-20240211
all takes candidates, and no variant | all | 1.2.0 | 1.3.0-rc.1 1.4.0-alpine 1.2.1 | 1.3.0-rc.1
all keeps alpine from debian | all | 1.2.0-alpine | 1.2.0-debian 1.3.0-debian 1.2.1-alpine 2.0.0 | 1.2.1-alpine
architectures are variants | all | 1.2.0-amd64 | 1.3.0-arm64 1.3.0-amd64 1.3.0 | 1.3.0-amd64
versions of one build with a commit | minor prereleases=none | 1.2.0-1a2b3c4 | 1.3.0-9f8e7d6 1.2.0-ffffff0 | 1.3.0-9f8e7d6
commits do not order one version | minor prereleases=none | 1.2.0-1a2b3c4 | 1.2.0-9f8e7d6 1.2.0-ffffff0 | –
git describe: commits since the tag | patch prereleases=none | 1.2.0-5-g1a2b3c4 | 1.2.0-12-gabcdef0 1.2.0 1.2.0-7-g0000abc | 1.2.0-12-gabcdef0
versions with a build date | minor prereleases=none | 1.2.0-20240105 | 1.2.0-20240211 1.2.0 | 1.2.0-20240211
latest: the newest release | minor | latest | latest 0.9.0 1.2.0 1.3.0-rc.1 dev 2.0.0-alpine | 1.2.0
no tag: the newest release | patch | – | latest 0.9.0 v1.2.0 edge | v1.2.0
latest among words only | major | latest | dev edge main stable | –
a branch runs: nothing is newer than that | minor | main | 1.2.0 1.3.0 | –
a branch runs, and a range says what is wanted | semver range=>=1.2 | main | 1.2.0 1.3.0 2.0.0-rc.1 | 1.3.0
a range holds back | semver range=>=1.4,<2 | 1.4.0 | 1.5.0 1.9.9 2.0.0 2.0.0-rc.1 | 1.9.9
a range of variants goes by numbers | semver range=>=1.4,<2 | 1.4.0-alpine | 1.5.0 1.5.0-alpine 2.0.0-alpine | 1.5.0-alpine
a range below a release leaves out its candidates | semver range=<2.0.0 prereleases=any | 1.4.0 | 1.5.0-rc.1 2.0.0-rc.1 | 1.5.0-rc.1
a range that names a prerelease asks for them | semver range=>=1.0.0-0 | 1.4.0 | 1.5.0-rc.1 1.4.1 | 1.5.0-rc.1
a range that was left never goes back by itself | semver range=^1.2 | 2.0.0 | 1.9.0 2.0.0 | –
a range that was left, going back allowed | semver range=^1.2 allowDowngrade=true | 2.0.0 | 1.9.0 1.8.0 2.0.0 | 1.9.0
a tilde | semver range=~1.4.2 | 1.4.2 | 1.4.9 1.5.0 1.4.3 | 1.4.9
either of two lines | semver range=^1.4||^3 | 1.4.0 | 1.9.0 2.9.0 3.1.0 | 3.1.0
four numbers are no version | major | 1.2.3 | 1.2.3.4 1.2.4.0 | –
zero versions: minor is minor | minor | 0.3.1 | 0.4.0 0.3.2 1.0.0 | 0.4.0
dates that look like versions overtake them | major | 1.2.0 | 1.3.0 2024.1.5 | 2024.1.5
dates that look like versions stay out of minor | minor | 1.2.0 | 1.3.0 2024.1.5 20240105 | 1.3.0
signatures and attestations beside the images | major | 1.2.0 | 1.3.0 sha256-1a2b.sig sha256-1a2b.att 1.3.0.sbom | 1.3.0
ignored by name and by glob | minor ignore=1.4.0,*-bad | 1.2.0 | 1.3.0 1.4.0 1.5.0-bad | 1.3.0
an upper-case V is no version | minor | 1.2.0 | V1.3.0 1.2.1 | 1.2.1
a very long number is a number | patch | 1.2.99999999999999999998 | 1.2.99999999999999999999 1.2.100 | 1.2.99999999999999999999
`;
