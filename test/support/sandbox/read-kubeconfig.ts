import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** What the tests' own client needs of the kubeconfig that a sandbox writes. */
export function readKubeconfig(file: string): { readonly server: string; readonly ca: string; readonly token: string } {
	const config = parse(readFileSync(file, "utf8")) as {
		readonly clusters: readonly {
			readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
		}[];
		readonly users: readonly { readonly user: { readonly token: string } }[];
	};
	const [cluster] = config.clusters;
	const [user] = config.users;
	if (cluster === undefined || user === undefined) throw new Error(`${file} names no cluster or no user`);
	const ca = Buffer.from(cluster.cluster["certificate-authority-data"], "base64").toString();
	return { server: cluster.cluster.server, ca, token: user.user.token };
}
