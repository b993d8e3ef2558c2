import { eventually } from "../control-plane/eventually.ts";
import type { KubeApi } from "../control-plane/kube-api.ts";
import type { Reference } from "../control-plane/kube-object.ts";
import { NAMESPACE } from "./manifests.ts";

const apiVersion = "admissionregistration.k8s.io/v1";

/** Lets no pod of that `app` label and image be made. Returns once the API server obeys, which takes a moment. */
export async function banPods(api: KubeApi, app: string, image: string): Promise<void> {
	const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
	const isOther = `object.metadata.?labels.app.orValue("") != "${app}"`;
	const validations = [{ expression: `${isOther} || object.spec.containers[0].image != "${image}"` }];
	const [policy, binding] = banOn(app);
	const spec = { failurePolicy: "Fail", matchConstraints: { resourceRules: [rule] }, validations };
	await api.apply({ ...policy, spec } as Reference);
	await api.apply({ ...binding, spec: { policyName: app, validationActions: ["Deny"] } } as Reference);

	const probe = { name: "probe", labels: { app } };
	const body = { apiVersion: "v1", kind: "Pod", metadata: probe, spec: { containers: [{ name: "web", image }] } };
	await eventually(`pods of ${app} are banned`, () =>
		api.json({ method: "POST", path: `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`, body }).then(
			() => false,
			() => true,
		),
	);
}

/** Ends the ban; what was refused comes when it is next tried. */
export async function liftBan(api: KubeApi, app: string): Promise<void> {
	for (const object of banOn(app).toReversed()) await api.delete(object);
}

function banOn(name: string): readonly [Reference, Reference] {
	const metadata = { name };
	return [
		{ apiVersion, kind: "ValidatingAdmissionPolicy", metadata },
		{ apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata },
	];
}
