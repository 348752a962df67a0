/** The output formats of `kataudit check`, the default first. */
export const CHECK_FORMATS = ['table', 'sarif', 'github', 'markdown', 'json'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];
