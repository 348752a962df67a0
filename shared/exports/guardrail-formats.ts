/** The formats of a guardrail, the default first. */
export const GUARDRAIL_FORMATS = ['vap', 'map', 'kyverno'] as const;
export type GuardrailFormat = (typeof GUARDRAIL_FORMATS)[number];
