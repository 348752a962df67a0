/** What a check of manifests can be printed as, the default first. */
export const CHECK_FORMATS = ['table', 'sarif', 'github', 'markdown', 'json'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];
