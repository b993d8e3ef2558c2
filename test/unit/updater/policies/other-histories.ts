/** Tags that are none, or not only, versions; `@` says when an image was built. Columns as those of versions. */
export const otherHistories = String.raw`
dates with dots and zeros, as versions | major | 2024.01.05 | 2024.01.06 2023.12.31 2024.10.01 | 2024.10.01
dates with dots and zeros, as dates | calver format=YYYY.0M.0D | 2024.01.05 | 2024.01.06 2024.1.7 2024.13.01 2024.02.28 | 2024.02.28
dates without anything between | calver format=YYYY0M0D | 20240105 | 20240106 20241301 2024010 20231231 | 20240106
Ubuntu's years | calver format=YY.0M | 22.04 | 22.10 24.04 24.4 rolling jammy | 24.04
Home Assistant: month without zero | calver format=YYYY.MM.MICRO | 2024.1.5 | 2024.2.0 2024.10.1 2024.2.0b3 2024.9.3 | 2024.10.1
weeks | calver format=YYYY-w0W | 2024-w05 | 2024-w06 2024-w54 2024-w6 | 2024-w06
MinIO: date and time | calver format=RELEASE.YYYY-0M-0DThh-mm-ssZ | RELEASE.2024-01-05T22-17-24Z | RELEASE.2024-01-05T22-17-25Z RELEASE.2023-12-01T00-00-00Z RELEASE.2024-01-11T07-46-16Z.fips latest | RELEASE.2024-01-05T22-17-25Z
MinIO by glob | glob pattern=RELEASE.* | RELEASE.2024-01-05T22-17-24Z | RELEASE.2024-02-01T00-00-00Z edge | RELEASE.2024-02-01T00-00-00Z
a date and a number of the day | calver format=YYYY.0M.0D-MICRO | 2024.01.05-2 | 2024.01.05-10 2024.01.05-9 | 2024.01.05-10
a branch runs, and dates are wanted | calver format=YYYY.0M.0D | main | 2024.01.05 2024.02.01 main | 2024.02.01
dates of one branch, extracted | calver format=YYYY0M0D filter=^main-(?P<d>[0-9]+)-[0-9a-f]+$ extract=$d | main-20240105-1a2b3c4 | main-20240210-9f8e7d6 dev-20240301-abcdef0 | main-20240210-9f8e7d6
build numbers | numeric | 98 | 99 100 9 latest | 100
build numbers with zeros | numeric | 0098 | 0099 0100 | 0100
build numbers, v before | numeric | v8 | v9 v10 | v10
build numbers behind a word | numeric filter=^build-(?P<n>[0-9]+)$ extract=$n | build-9 | build-10 build-11-debug nightly-12 | build-10
build numbers by glob | glob pattern=build-* | build-9 | build-10 build-8 nightly-11 | build-10
build numbers by regexp, as keel's users write it | regexp pattern=^build-(?P<compare>[0-9]+)$ | build-9 | build-10 build-8 build-11-debug | build-10
four numbers | numeric | 10.0.19041.1 | 10.0.19041.10 10.0.19042.1 10.0.20348 | 10.0.20348
four numbers, and a fifth | numeric | 1.2.3.4 | 1.2.3.4.1 1.2.3.4 | 1.2.3.4.1
fractions are parts, not fractions | numeric | 1.9 | 1.10 1.2 | 1.10
branch, commit and time, as Flux's users write it | numeric filter=^main-[a-f0-9]+-(?P<ts>[0-9]+)$ extract=$ts | main-abc1234-1699999999 | main-def5678-1700000001 main-0000000-1699999998 dev-abc1234-1800000000 | main-def5678-1700000001
branch, commit and time, adopted from latest | numeric filter=^main-[a-f0-9]+-(?P<ts>[0-9]+)$ extract=$ts | latest | latest main-def5678-1700000001 main-0000000-1699999998 | main-def5678-1700000001
the first group by its number | numeric filter=^r([0-9]+)- extract=$1 | r7-x | r8-y r10-z q11-x | r10-z
numbers too long for a number | numeric | 1699999999000000001 | 1699999999000000002 1699999999000000000 | 1699999999000000002
two groups make a version | semver range=^1 filter=^rel_(\d+)_(\d+)$ extract=$1.$2 | rel_1_2 | rel_1_10 rel_1_9 rel_2_0 | rel_1_10
releases behind a word, by glob | glob pattern=release-* | release-1.9.0 | release-1.10.0 release-1.9.1 hotfix-2.0.0 | release-1.10.0
a candidate is before its release, by glob | glob pattern=release-* | release-1.0.0-rc.1 | release-1.0.0 release-1.0.0-rc.2 | release-1.0.0
a release is not followed by its candidate, by glob | glob pattern=release-* | release-1.0.0 | release-1.0.0-rc.2 | –
v9 and v10, by glob | glob pattern=v* | v9 | v10 v8 v1-old | v10
one line by glob | glob pattern=1.27.* | 1.27.0 | 1.27.1 1.27.10 1.28.0 | 1.27.10
stars on both sides | glob pattern=*-prod-* | eu-prod-3 | eu-prod-12 us-dev-13 eu-prod-4 | eu-prod-12
a glob that does not match what runs adopts | glob pattern=prod-* | latest | prod-1 prod-2 latest | prod-2
a glob without a star | glob pattern=stable | latest | stable edge | stable
commits have no order, by glob | glob pattern=main-* | main-1a2b3c4 | main-9f8e7d6 main-0a0a0a0 | –
commits have no order, by regexp | regexp pattern=^[0-9a-f]{7}$ | 1a2b3c4 | 9f8e7d6 0a0a0a0 | –
commits by date | newest filter=^sha-[0-9a-f]{7}$ | sha-1a2b3c4 | sha-1a2b3c4@2024-01-05 sha-9f8e7d6@2024-01-04 sha-0a0a0a0@2024-01-06 latest@2024-01-07 | sha-0a0a0a0
nothing was built later | newest filter=^sha- | sha-1a2b3c4 | sha-1a2b3c4@2024-01-05 sha-9f8e7d6@2024-01-04 | –
branches by date | newest filter=^main- | main-7 | main-7@2024-01-05 main-6@2024-01-09 dev-9@2024-02-01 | main-6
what runs was deleted | newest | gone | one@2024-01-05 two@2024-01-06 | two
an image without a date is no newer one | newest | one | one@2024-01-05 two | –
going back by date is allowed | newest allowDowngrade=true | gone | one@2024-01-05 two@2024-01-04 | one
force: whatever was built last | force | feature-x | feature-x@2024-01-05 feature-y@2024-01-06 main@2024-01-04 | feature-y
force: of versions only the higher one | force | 1.2.0 | 1.2.0@2024-01-05 1.1.9@2024-01-07 1.3.0@2024-01-06 | 1.3.0
force: from a version not to a branch, by way of which a lower version could come | force | 1.2.0 | 1.2.0@2024-01-05 main@2024-01-06 1.1.0@2024-01-07 | –
force: a hash of digits alone is no version | force | 7654321 | 7654321@2024-01-05 1a2b3c4@2024-01-06 1234567@2024-01-04 | 1a2b3c4
force on the same tag: it points elsewhere now | force sameTag=true | latest | latest@2024-01-05 1.2.0@2024-01-06 | latest
digest: it points elsewhere now | digest | stable | stable@2024-01-05 edge@2024-01-06 | stable
digest: the tag is gone | digest | stable | edge@2024-01-06 | –
digest: no other tag, whatever it is | digest | 1.2.0 | 1.3.0@2024-01-06 | –
never | never | 1.2.0 | 1.3.0 latest | –
environments are kept apart | regexp pattern=^prod-(?P<compare>.*)$ | prod-1.9.0 | prod-1.10.0 dev-2.0.0 prod-1.10.0-rc.1 | prod-1.10.0
regexp without a group compares the whole tag | regexp pattern=^[0-9]+\.[0-9]+\.[0-9]+$ | 1.9.0 | 1.10.0 1.11.0-rc.1 dev | 1.10.0
regexp in any case | regexp pattern=(?i)^rc[0-9]+$ | RC9 | rc10 RC8 | rc10
regexp adopts from what does not match | regexp pattern=^v[0-9]+$ | dev | v9 v10 dev | v10
Alpine's own tags | minor | 3.19.0 | 3.19.1 3.20 edge 20240105 20231219 | 3.20
Jenkins: two numbers and lts | minor | 2.426.3-lts-jdk17 | 2.440.1-lts-jdk17 2.440.1-lts-jdk21 2.441-jdk17 | 2.440.1-lts-jdk17
Tomcat: edition with a Java version | patch | 10.1.17-jdk21-temurin | 10.1.18-jdk21-temurin 10.1.18-jdk17-temurin 10.1.18 | 10.1.18-jdk21-temurin
Keycloak: nightly beside releases | major | 23.0.4 | 23.0.5 24.0.0 nightly 24.0.0-0 | 24.0.0
Windows builds of a runtime | minor | 8.0.1-nanoserver-ltsc2022 | 8.0.2-nanoserver-ltsc2022 8.0.2-nanoserver-1809 8.0.2 | 8.0.2-nanoserver-ltsc2022
a monorepo's components, by filter | semver range=^1 filter=^api/?-(?P<v>.+)$ extract=$v | api-1.2.0 | api-1.3.0 web-1.9.0 api-2.0.0 | api-1.3.0
a pull request's images stay out | minor | 1.2.0 | pr-123 pr-124-1.9.0 1.2.1 | 1.2.1
an empty registry | minor | 1.2.0 |  | –
`;
