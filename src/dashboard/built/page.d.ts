/** The built page, by path. Written by scripts/build-dashboard.ts. */
export declare const page: Readonly<Record<string, { readonly contentType: string; readonly body: string }>>;
