import type { KubeObject } from "../domain/kube-object.ts";

/** What we read of a Deployment; everything else passes through untouched. */
export interface Deployment extends KubeObject {
	readonly spec: {
		readonly replicas?: number;
		readonly selector: LabelSelector;
		readonly template: PodTemplate;
		readonly [field: string]: unknown;
	};
	readonly status?: {
		readonly observedGeneration?: number;
		readonly replicas?: number;
		readonly updatedReplicas?: number;
		readonly availableReplicas?: number;
		readonly conditions?: readonly {
			readonly type: string;
			readonly status: string;
			readonly reason?: string;
			readonly message?: string;
		}[];
	};
}

export interface LabelSelector {
	readonly matchLabels?: Readonly<Record<string, string>>;
	readonly [field: string]: unknown;
}

export interface PodTemplate {
	readonly metadata?: {
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
	};
	readonly spec?: PodSpec;
}

export interface PodSpec {
	readonly containers?: readonly Container[];
	readonly [field: string]: unknown;
}

export interface Container {
	readonly name: string;
	readonly image?: string;
	readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
	readonly [field: string]: unknown;
}

/** True for a Deployment that has the fields we rely on: the API server's answers do, a hand-made object may not. */
export function isDeployment(object: KubeObject | undefined): object is Deployment {
	const spec = object?.spec as Partial<Deployment["spec"]> | undefined;
	return spec?.selector?.matchLabels !== undefined && spec.template !== undefined;
}
