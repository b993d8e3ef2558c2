/** What the gateway reads of Gateway API's and SMI's objects. Anything may be absent: people write them. */

export interface RouteSpec {
	readonly parentRefs?: readonly ParentRef[];
	readonly hostnames?: readonly string[];
	readonly rules?: readonly RouteRule[];
}

export interface ParentRef {
	readonly group?: string;
	readonly kind?: string;
	readonly namespace?: string;
	readonly name: string;
	readonly sectionName?: string;
	readonly port?: number;
}

export interface RouteRule {
	readonly matches?: readonly RouteMatch[];
	readonly filters?: readonly Filter[];
	readonly backendRefs?: readonly BackendRef[];
	readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
}

export interface ValueMatch {
	readonly type?: string;
	readonly name: string;
	readonly value: string;
}

export interface RouteMatch {
	readonly path?: { readonly type?: string; readonly value?: string };
	readonly headers?: readonly ValueMatch[];
	readonly queryParams?: readonly ValueMatch[];
	readonly method?: string;
}

export interface BackendRef {
	readonly group?: string;
	readonly kind?: string;
	readonly namespace?: string;
	readonly name: string;
	readonly port?: number;
	readonly weight?: number;
	readonly filters?: readonly Filter[];
}

export interface HeaderChange {
	readonly set?: readonly { readonly name: string; readonly value: string }[];
	readonly add?: readonly { readonly name: string; readonly value: string }[];
	readonly remove?: readonly string[];
}

export interface PathChange {
	readonly type?: string;
	readonly replaceFullPath?: string;
	readonly replacePrefixMatch?: string;
}

export interface Filter {
	readonly type?: string;
	readonly requestHeaderModifier?: HeaderChange;
	readonly responseHeaderModifier?: HeaderChange;
	readonly requestMirror?: {
		readonly backendRef: BackendRef;
		readonly percent?: number;
		readonly fraction?: { readonly numerator: number; readonly denominator?: number };
	};
	readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathChange };
	readonly requestRedirect?: {
		readonly scheme?: string;
		readonly hostname?: string;
		readonly path?: PathChange;
		readonly port?: number;
		readonly statusCode?: number;
	};
	readonly cors?: {
		readonly allowOrigins?: readonly string[];
		readonly allowMethods?: readonly string[];
		readonly allowHeaders?: readonly string[];
		readonly exposeHeaders?: readonly string[];
		readonly allowCredentials?: boolean;
		readonly maxAge?: number;
	};
}

export interface GatewaySpec {
	readonly gatewayClassName?: string;
	readonly listeners?: readonly Listener[];
}

export interface Listener {
	readonly name: string;
	readonly hostname?: string;
	readonly port?: number;
	readonly protocol?: string;
	readonly allowedRoutes?: { readonly namespaces?: { readonly from?: string } };
}

export interface SplitSpec {
	readonly service?: string;
	readonly backends?: readonly { readonly service: string; readonly weight?: number | string }[];
	readonly matches?: readonly { readonly kind?: string; readonly name: string }[];
}

export interface ServiceSpec {
	readonly type?: string;
	readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

/** A `specs.smi-spec.io` HTTPRouteGroup: any of its matches. Values are regular expressions. */
export interface RouteGroupSpec {
	readonly matches?: readonly {
		readonly name?: string;
		readonly methods?: readonly string[];
		readonly pathRegex?: string;
		/** A map; some versions of the specification write a list of maps. */
		readonly headers?: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[];
	}[];
}
