import { z } from 'zod';

/** One mistake of a policy file: where, and what was expected there. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The parts of a policy that the checks read; the schema reports any other shape. */
const Raw = z.object({
  rules: z.record(z.string(), z.unknown()).catch({}),
  exemptions: z.array(z.object({ id: text(), rule: text() }).catch({ id: undefined, rule: undefined })).catch([]),
  notifications: z.object({ targets: z.array(z.object({ name: text() }).catch({ name: undefined })).catch([]) }).catch({ targets: [] }),
  nodeImages: z.object({ staleDays: number(), unsupportedDays: number() }).catch({ staleDays: undefined, unsupportedDays: undefined }),
});

/** Checks what a schema cannot express: unknown rules, duplicate ids of exemptions, ages in the wrong order. Missing parts are skipped. */
export function checkMeaning(value: unknown, knownRules: readonly string[] | undefined): readonly Mistake[] {
  const raw = Raw.safeParse(value).data;
  if (raw === undefined) return [];
  const { staleDays = 0, unsupportedDays = Number.POSITIVE_INFINITY } = raw.nodeImages;
  return [
    ...unknownRules(raw, knownRules),
    ...raw.exemptions.flatMap(({ id }, at) =>
      id !== undefined && raw.exemptions.findIndex((one) => one.id === id) < at
        ? [{ path: ['exemptions', at, 'id'], message: `another exemption has the id ${id}` }]
        : [],
    ),
    ...raw.notifications.targets.flatMap(({ name }, at) =>
      name !== undefined && raw.notifications.targets.findIndex((one) => one.name === name) < at
        ? [{ path: ['notifications', 'targets', at, 'name'], message: `another target has the name ${name}` }]
        : [],
    ),
    ...(staleDays > unsupportedDays
      ? [{ path: ['nodeImages', 'unsupportedDays'], message: `expected at least staleDays, ${staleDays}` }]
      : []),
  ];
}

function unknownRules({ rules, exemptions }: z.output<typeof Raw>, known: readonly string[] | undefined): readonly Mistake[] {
  if (known === undefined) return [];
  const named = Object.keys(rules).map((rule) => ({ path: ['rules', rule], rule }));
  const exempted = exemptions.flatMap(({ rule }, at) => (rule === undefined ? [] : [{ path: ['exemptions', at, 'rule'], rule }]));
  return [...named, ...exempted]
    .filter(({ rule }) => !known.includes(rule))
    .map(({ path, rule }) => ({ path, message: `there is no rule ${JSON.stringify(rule)}${nearest(rule, known)}` }));
}

/** The rule that shares the longest prefix with an unknown name. */
function nearest(name: string, known: readonly string[]): string {
  const shared = (one: string) => [...one].findIndex((letter, at) => letter !== name[at]);
  const [best] = known.map((one) => ({ one, length: shared(one) < 0 ? one.length : shared(one) })).toSorted((a, b) => b.length - a.length);
  return best === undefined || best.length < 4 ? '; `kataudit rules` lists them' : `; did you mean ${best.one}?`;
}

function text() {
  return z.string().optional().catch(undefined);
}

function number() {
  return z.number().optional().catch(undefined);
}
