import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { policyJsonSchema } from '../../shared/config/policy-schema.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';

const RULES = ['node-image-current', 'workload-sandboxed'];

function mistakesOf(text: string): readonly string[] {
  try {
    parsePolicy(text, 'policy.yaml', RULES);
  } catch (error) {
    if (error instanceof Fault) return error.message.split('\n').map((line) => line.trim());
    throw error;
  }
  return [];
}

const EXEMPTION = `
  - id: old-shop
    rule: workload-sandboxed
    cluster: shop-*
    category: waiver
    reason: Moves in October.
    approvedBy: security@example.com
    expiresOn: 2026-10-31`;

const EXEMPT = {
  ...{ id: 'a', rule: 'workload-sandboxed', category: 'waiver', reason: 'r' },
  ...{ approvedBy: 'ciso', expiresOn: '2026-10-31' },
};

describe('a policy file', () => {
  it('without entries is the built-in policy', () => expect(parsePolicy('version: 1')).toEqual(DEFAULT_POLICY));

  it('keeps the defaults of everything that it omits', () => {
    const policy = parsePolicy('version: 1\nnodeImages:\n  graceDays: 3\nrules:\n  node-image-current: off\n', 'x', RULES);
    expect(policy.nodeImages).toEqual({ ...DEFAULT_POLICY.nodeImages, graceDays: 3 });
    expect(policy.rules).toEqual({ 'node-image-current': 'off' });
  });

  it.each([
    ['2026-10-31', '2026-11-01T00:00:00.000Z'],
    ['2026-10-31T12:00Z', '2026-10-31T12:00:00.000Z'],
    ['2026-10-31T12:00:00Z', '2026-10-31T12:00:00.000Z'],
    ['2026-10-31T14:00:00+02:00', '2026-10-31T12:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ])('reads the end %s of an exemption as %s', (written, instant) => {
    const text = `version: 1\nexemptions:${EXEMPTION.replace('2026-10-31', written)}`;
    expect(parsePolicy(text).exemptions[0]?.expiresOn).toBe(instant);
  });

  it.each([
    '2026-02-30',
    '2027-02-29',
    '2026-13-01',
    '31.10.2026',
    '2026-10-31 12:00',
    '2026-10-31T12:00',
    '2026-10-31T25:00:00Z',
    'never',
  ])('refuses the end %s of an exemption', (written) => {
    const text = `version: 1\nexemptions:${EXEMPTION.replace('2026-10-31', `'${written}'`)}`;
    expect(mistakesOf(text)).toEqual([
      'policy.yaml has 1 mistake:',
      '- line 9: exemptions[0].expiresOn: expected a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z',
    ]);
  });

  it('with ten mistakes lists ten errors, each with its line', () => {
    const text = [
      'version: 2', // 1
      'scope:',
      '  subscriptions: [not-an-id]', // 2
      '  colour: red', // 3
      'clusters:',
      '  - name: all',
      '    kataPool: perhaps', // 4
      'workloads:',
      '  - namespaces: payments', // 5 and 6: no name, no list
      'nodeImages:',
      '  graceDays: -1', // 7
      'pods:',
      '  confidence: 1', // 8
      'rules:',
      '  workload-sandboxes: high', // 9
      `exemptions:${EXEMPTION.replace('waiver', 'wish')}`, // 10
    ].join('\n');
    const [headline, ...errors] = mistakesOf(text);
    expect(headline).toBe('policy.yaml has 10 mistakes:');
    expect(errors.map((error) => error.split(': ').slice(0, 2).join(': '))).toEqual([
      '- line 1: version',
      '- line 3: scope.subscriptions[0]',
      '- line 4: scope.colour',
      '- line 7: clusters[0].kataPool',
      '- line 9: workloads[0].name',
      '- line 9: workloads[0].namespaces',
      '- line 11: nodeImages.graceDays',
      '- line 13: pods.confidence',
      '- line 15: rules.workload-sandboxes',
      '- line 20: exemptions[0].category',
    ]);
    expect(errors[4]).toBe('- line 9: workloads[0].name: is missing; expected string');
    expect(errors[3]).toBe('- line 7: clusters[0].kataPool: expected one of "required"|"not-required"');
    expect(errors[8]).toContain('there is no rule "workload-sandboxes"; did you mean workload-sandboxed?');
  });

  it.each([
    ['an empty file', '', /version/],
    ['a list', '- version: 1', /line 1: policy: .*expected object/],
    ['a text', 'hello', /expected object/],
    ['a key twice', 'version: 1\nversion: 1', /line 2: .*unique/],
    ['a tab', 'version: 1\nscope:\n\tinclude: [a]', /line 3: /],
    ['two documents', 'version: 1\n---\nversion: 1', /multiple documents/],
    ['an alias without its anchor', 'version: 1\nscope: *gone', /gone/],
    [
      'two exemptions with one id',
      `version: 1\nexemptions:${EXEMPTION}${EXEMPTION}`,
      /exemptions\[1\]\.id: another exemption has the id old-shop/,
    ],
    [
      'an exemption of an unknown rule',
      `version: 1\nexemptions:${EXEMPTION.replace('workload-sandboxed', 'zzz')}`,
      /no rule "zzz"; `kataudit rules`/,
    ],
    ['ages in the wrong order', 'version: 1\nnodeImages: { staleDays: 60, unsupportedDays: 59 }', /expected at least staleDays, 60/],
    [
      'two targets with one name',
      'version: 1\nnotifications: { targets: [{ name: ab, format: slack }, { name: ab, format: teams }] }',
      /line 2: notifications\.targets\[1\]\.name: another target has the name ab/,
    ],
    ['a rule whose name begins like others', 'version: 1\nrules: { node-image-old: high }', /did you mean node-image-current\?/],
    ['a rule of which four letters fit', 'version: 1\nrules: { nodes: high }', /did you mean node-image-current\?/],
    ['a rule of which three letters fit', 'version: 1\nrules: { nody: high }', /no rule "nody"; `kataudit rules`/],
    ['a rule of which too little fits', 'version: 1\nrules: { worry: high }', /no rule "worry"; `kataudit rules`/],
    ['a mistake in a mapping of one line', 'version: 1\n\nscope: { include: [1] }', /line 3: scope\.include\[0\]/],
    ['exemptions that are none', 'version: 1\nexemptions: [1, 2]', /exemptions\[1\]/],
  ])('explains what is wrong with %s', (_, text, expected) => expect(mistakesOf(text).join('\n')).toMatch(expected));

  it.each<[string, (value: unknown) => object, readonly unknown[], readonly unknown[]]>([
    ['scope.subscriptions', (value) => ({ scope: { subscriptions: [value] } }), ['11111111-1111-4111-8111-111111111111'], ['x']],
    ['scope.managementGroups', (value) => ({ scope: { managementGroups: [value] } }), ['g'], ['']],
    ['scope.include', (value) => ({ scope: { include: [value] } }), ['x', 'x'.repeat(253)], ['', 'x'.repeat(254)]],
    ['scope.includeTags', (value) => ({ scope: { includeTags: value } }), [{ a: '' }], [{ '': 'a' }, { a: 1 }]],
    ['clusters', (value) => ({ clusters: [{ name: value, kataPool: 'required' }] }), ['x'], ['']],
    ['workloads', (value) => ({ workloads: [{ name: value }] }), ['x'], ['']],
    ['acceptedHandlers', (value) => ({ workloads: [{ name: 'x', acceptedHandlers: value }] }), [['k']], [[], ['']]],
    ['nodeImages.graceDays', (value) => ({ nodeImages: { graceDays: value } }), [0, 36_500], [-1, 36_501, 1.5]],
    ['pods.confidence', (value) => ({ pods: { confidence: value } }), [0.001, 0.999], [0, 1]],
    ['pods.budgetPods', (value) => ({ pods: { budgetPods: value } }), [1], [0]],
    ['pods.budgetSeconds', (value) => ({ pods: { budgetSeconds: value } }), [1, 3_600], [0, 3_601]],
    ['pods.maxWorkloads', (value) => ({ pods: { maxWorkloads: value } }), [1, 1_000_000], [0, 1_000_001]],
    ['probe.namespace', (value) => ({ probe: { namespace: value } }), ['a', 'a-1', 'a'.repeat(63)], ['', '-a', 'a-', 'A', 'a'.repeat(64)]],
    ['probe.resources', (value) => ({ probe: { resources: { cpu: value } } }), ['50m', '0.5', '32Mi', '1'], ['', '1.', 'x1', '1x', '1.x']],
    ['probe.podsPerPool', (value) => ({ probe: { podsPerPool: value } }), [1, 100], [0, 101]],
    ['probe.renewAfterDays', (value) => ({ probe: { renewAfterDays: value } }), [1, 3_650], [0, 3_651]],
    ['rules', (value) => ({ rules: { 'workload-sandboxed': value } }), ['off', 'on', 'critical'], ['no', true]],
    ['dueDays', (value) => ({ dueDays: { high: value } }), [0, 36_500], [-1, 36_501]],
    ['owners.labels', (value) => ({ owners: { labels: [value] } }), ['x', 'x'.repeat(317)], ['', 'x'.repeat(318)]],
    ['owners.tags', (value) => ({ owners: { tags: [value] } }), ['x', 'x'.repeat(317)], ['', 'x'.repeat(318)]],
    ['the id of an exemption', (value) => ({ exemptions: [{ ...EXEMPT, id: value }] }), ['a', 'a'.repeat(63)], ['', 'A', 'a'.repeat(64)]],
    [
      'the name of a target',
      (value) => ({ notifications: { targets: [{ name: value, format: 'slack' }] } }),
      ['ab', 'a-1', 'a'.repeat(40)],
      ['a', '1a', 'a-', 'A1', 'a'.repeat(41)],
    ],
    [
      'digestSeconds',
      (value) => ({ notifications: { targets: [{ name: 'ab', format: 'slack', digestSeconds: value }] } }),
      [0, 86_400],
      [-1, 86_401],
    ],
    ['retention.historyDays', (value) => ({ retention: { historyDays: value } }), [0, 36_500], [-1]],
    ['staleAfterAudits', (value) => ({ staleAfterAudits: value }), [1, 1_000], [0, 1_001]],
  ])('accepts and refuses values of %s at both ends', (_, entry, accepted, refused) => {
    const outcome = (value: unknown) => mistakesOf(stringify({ version: 1, ...entry(value) }));
    expect(accepted.flatMap(outcome)).toEqual([]);
    expect(refused.filter((value) => outcome(value).length === 0)).toEqual([]);
  });

  it.each([
    ['ages that are equal', 'nodeImages: { staleDays: 60, unsupportedDays: 60 }'],
    ['the default of an age that is left out', 'nodeImages: { staleDays: 0 }'],
    ['exemptions with two ids', `exemptions:${EXEMPTION}${EXEMPTION.replace('old-shop', 'new-shop')}`],
    ['targets with two names', 'notifications: { targets: [{ name: ab, format: slack }, { name: cd, format: slack }] }'],
  ])('accepts %s', (_, text) => {
    expect(mistakesOf(`version: 1\n${text}`)).toEqual([]);
  });

  it('knows no rules where none are given, and takes any', () => {
    expect(parsePolicy('version: 1\nrules: { anything: high }').rules).toEqual({ anything: 'high' });
  });

  it('may be as long as its limit', () => {
    const text = 'version: 1 #';
    expect(parsePolicy(`${text}${' '.repeat(1_048_576 - text.length)}`)).toEqual(DEFAULT_POLICY);
  });

  it('limits the expansion of aliases', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((one, at) => `${one}: &${one} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`),
    ];
    expect(mistakesOf(`version: 1\n${bomb.join('\n')}`).join()).toMatch(/cannot be read: .*alias/i);
  });

  it('that is too large is refused without being parsed', () => {
    expect(mistakesOf(`version: 1 #${' '.repeat(1_048_576)}`).join()).toMatch(/longer than/);
  });

  it('throws only a Fault, whatever it contains', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.constantFrom('version: 1', 'rules:', '  a: b', '- x', '&a', '*a', '{', '"')).map((lines) => lines.join('\n')),
    );
    fc.assert(
      fc.property(text, (source) => {
        mistakesOf(source);
      }),
    );
  });
});

describe('the JSON Schema of a policy', () => {
  const matches = new Ajv2020({ strict: false, validateFormats: false }).compile(policyJsonSchema());

  it('accepts the built-in policy', () => expect(matches(JSON.parse(JSON.stringify(DEFAULT_POLICY)))).toBe(true));

  it('accepts what the parser accepts, and refuses an unknown key', () => {
    expect(parsePolicy(stringify(DEFAULT_POLICY))).toEqual(DEFAULT_POLICY);
    expect(matches({ version: 1, colour: 'red' })).toBe(false);
    expect(matches({ version: 1, exemptions: [{ id: 'x' }] })).toBe(false);
  });
});
