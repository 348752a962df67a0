import { describe, expect, it } from 'vitest';
import { type AzResult, commandLine, reasonOf } from '../../scripts/deployment/az.ts';
import { readEnvironment } from '../../scripts/deployment/environment.ts';
import { subscribeEvents } from '../../scripts/deployment/events.ts';
import { ENVIRONMENT } from './environment.ts';

const HOME = ENVIRONMENT.AZURE_SUBSCRIPTION_ID;
const OTHER = '33333333-3333-4333-8333-333333333333';
const CLUSTER = `/subscriptions/${OTHER}/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one`;
const TOPIC = `/subscriptions/${OTHER}/resourceGroups/shared/providers/Microsoft.EventGrid/systemTopics/all`;
const DONE: AzResult = { code: 0, stdout: '', stderr: '' };
const failed = (stderr: string, code = 1): AzResult => ({ code, stdout: '', stderr });
const NOT_FOUND = failed('ERROR: Not Found({"error":{"code":"NotFound","message":"The function cluster-changed was not found."}})', 3);

/** An environment in which az gives these answers, and only sleeping advances the time. */
async function run(answer: (words: readonly string[], call: number) => AzResult, variables: Readonly<Record<string, string>> = {}) {
  const calls: (readonly string[])[] = [];
  const lines: string[] = [];
  const files: Record<string, unknown> = {};
  let clock = 0;
  const code = await subscribeEvents(
    {
      az: async (words) => {
        calls.push(words);
        return answer(words, calls.length);
      },
      print: (line) => lines.push(line),
      sleep: async (milliseconds) => {
        clock += milliseconds;
      },
      now: () => clock,
      writeParameters: (subscription, content) => {
        files[subscription] = content;
        return `/tmp/${subscription}.json`;
      },
      template: '/infra/events.bicep',
    },
    readEnvironment({ ...ENVIRONMENT, ...variables }),
  );
  return { code, calls, lines, files, seconds: clock / 1_000, deployments: calls.filter(([group]) => group === 'deployment') };
}

describe('subscribing to events', () => {
  it('syncs the triggers, finds the function, and deploys the events of each subscription', async () => {
    const { code, calls, deployments, lines } = await run(() => DONE);

    expect(code).toBe(0);
    expect(calls.slice(0, 2).map((words) => words.slice(0, 5).join(' '))).toEqual([
      expect.stringMatching(`^rest --method post --uri /subscriptions/${HOME}/.*/sites/func-kataudit-abcdefghijklm/syncfunctiontriggers`),
      expect.stringMatching(/^rest --method get --uri .*\/functions\/cluster-changed\?/),
    ]);
    expect(deployments.map((words) => words[words.indexOf('--subscription') + 1])).toEqual([HOME, OTHER]);
    expect(deployments[0]).toEqual(
      expect.arrayContaining(['kataudit-events-abcdefghijklm', 'westeurope', '/infra/events.bicep', `@/tmp/${HOME}.json`]),
    );
    expect(lines.filter((line) => line.includes('done'))).toHaveLength(2);
  });

  it('requests nothing that contains a secret', async () => {
    const { calls } = await run(() => DONE);
    expect(calls.flat().join(' ')).not.toMatch(/publish|listkeys|keys list|functionapp/i);
  });

  it('passes each subscription its own clusters and topics', async () => {
    const { files } = await run(() => DONE, {
      KATAUDIT_EVENT_CLUSTERS: CLUSTER,
      KATAUDIT_EXISTING_TOPICS: `${OTHER}=${TOPIC}, ${CLUSTER.toUpperCase()}=${TOPIC}`,
    });
    expect(files[HOME]).toMatchObject({ parameters: { clusters: { value: [] }, existingTopicId: { value: '' } } });
    expect(files[OTHER]).toMatchObject({
      parameters: { clusters: { value: [{ id: CLUSTER, existingTopicId: TOPIC }] }, existingTopicId: { value: TOPIC } },
    });
  });

  it('waits for a function that does not exist yet, and reports it', async () => {
    const { code, lines, seconds } = await run((words, call) => (words.includes('get') && call < 7 ? NOT_FOUND : DONE));
    expect(code).toBe(0);
    expect(seconds).toBe(30);
    expect(lines.filter((line) => line.startsWith('Waiting for the function'))).toHaveLength(3);
  });

  it('gives up after ten minutes with one sentence, and deploys nothing', async () => {
    const { code, lines, seconds, deployments } = await run((words) => (words.includes('get') ? NOT_FOUND : DONE));
    expect(code).toBe(1);
    expect(seconds).toBe(600);
    expect(deployments).toEqual([]);
    expect(lines.slice(-2)).toEqual([
      'The function cluster-changed was not found after 600 seconds: The function cluster-changed was not found.',
      'No event subscription was created. Check that `azd deploy` succeeded, then repeat with: azd hooks run postdeploy',
    ]);
  });

  it('does not wait after an error that waiting cannot fix', async () => {
    const denied = failed('ERROR: Forbidden({"error":{"code":"AuthorizationFailed","message":"The client does not have authorization."}})');
    const { code, seconds, lines } = await run((words) => (words[0] === 'rest' ? denied : DONE));
    expect([code, seconds]).toEqual([1, 0]);
    expect(lines[0]).toContain('does not have authorization');
  });

  it('continues after a subscription that fails, and ends with the failed ones and how to repeat it', async () => {
    const { code, lines, deployments } = await run((words) =>
      words.includes(HOME) && words[0] === 'deployment'
        ? failed('ERROR: {"code": "AuthorizationFailed", "message": "No right here."}')
        : DONE,
    );
    expect(code).toBe(1);
    expect(deployments).toHaveLength(2);
    expect(lines).toContain('  failed: No right here.');
    expect(lines.at(-2)).toBe(`No events come from 1 of 2 subscriptions: ${HOME}.`);
    expect(lines.at(-1)).toContain('azd hooks run postdeploy');
  });

  it('tries again when Event Grid does not find the function yet, three times at most', async () => {
    const endpoint = failed('ERROR: {"code": "Endpoint validation", "message": "Destination endpoint not found."}');
    const once = await run((words, call) => (words[0] === 'deployment' && call === 3 ? endpoint : DONE));
    const always = await run((words) => (words[0] === 'deployment' ? endpoint : DONE));
    expect([once.code, once.deployments.length]).toEqual([0, 3]);
    expect([always.code, always.deployments.length]).toEqual([1, 6]);
  });

  it('reports that no events arrive when only management groups are audited, and how to get them', async () => {
    const { code, calls, lines } = await run(() => DONE, { KATAUDIT_AUDITED_SUBSCRIPTIONS: '', KATAUDIT_MANAGEMENT_GROUPS: 'platform' });
    expect([code, calls.length]).toEqual([0, 0]);
    expect(lines).toEqual([expect.stringMatching(/receives no events.*\(platform\).*azd env set KATAUDIT_EVENT_SUBSCRIPTIONS/)]);
  });

  it('subscribes to the events of named subscriptions of management groups', async () => {
    const { deployments } = await run(() => DONE, {
      KATAUDIT_AUDITED_SUBSCRIPTIONS: '',
      KATAUDIT_EVENT_SUBSCRIPTIONS: OTHER.toUpperCase(),
    });
    expect(deployments.map((words) => words[4])).toEqual([OTHER]);
  });
});

describe('the environment', () => {
  it.each(Object.keys(ENVIRONMENT))('is refused without %s', (name) => {
    const without = Object.fromEntries(Object.entries(ENVIRONMENT).filter(([other]) => other !== name));
    expect(() => readEnvironment(without)).toThrow(`${name} is not set`);
  });

  it('is refused with all mistakes at once', () => {
    expect(() => readEnvironment({})).toThrow(/AZURE_ENV_NAME[\s\S]*AZURE_SUBSCRIPTION_ID[\s\S]*KATAUDIT_EVENT_IDENTITY_ID/);
  });

  it.each([
    ['an invalid subscription', { KATAUDIT_AUDITED_SUBSCRIPTIONS: 'one' }, 'KATAUDIT_AUDITED_SUBSCRIPTIONS has "one"'],
    ['a location with shell syntax', { AZURE_LOCATION: 'x;rm' }, 'AZURE_LOCATION is "x;rm"'],
    ['half a topic', { KATAUDIT_EXISTING_TOPICS: `${OTHER}=all` }, 'expected SOURCE=TOPIC'],
    ['a topic without its source', { KATAUDIT_EXISTING_TOPICS: TOPIC }, 'expected SOURCE=TOPIC'],
    ['a topic of another subscription', { KATAUDIT_EXISTING_TOPICS: `${HOME}=${TOPIC}` }, 'is in the subscription of its source'],
    ['an unused topic', { KATAUDIT_EXISTING_TOPICS: `${CLUSTER}=${TOPIC}` }, 'whose events are not requested'],
    [
      'a cluster of a subscription without events',
      { KATAUDIT_AUDITED_SUBSCRIPTIONS: HOME, KATAUDIT_EVENT_CLUSTERS: CLUSTER },
      'add it to KATAUDIT_EVENT_SUBSCRIPTIONS',
    ],
  ])('is refused with %s', (_, variables, message) => {
    expect(() => readEnvironment({ ...ENVIRONMENT, ...variables })).toThrow(message);
  });
});

describe('az', () => {
  it('is started by a shell on Windows, with each word quoted, and refuses words that end a quote', () => {
    expect(commandLine('win32', ['rest', 'a b'])).toEqual({ file: 'az', given: ['"rest"', '"a b"'], shell: true });
    expect(commandLine('linux', ['rest', 'a "b"'])).toEqual({ file: 'az', given: ['rest', 'a "b"'], shell: false });
    expect(() => commandLine('win32', ['a" & calc'])).toThrow('cannot be passed to az on Windows');
  });

  it.each([
    ['ERROR: {"code":"A","message":"outer","details":[{"message":"the \\"inner\\" one"}]}', 'the \\"inner\\" one'],
    ["WARNING: x\nERROR: Please run 'az login'", "Please run 'az login'"],
    ['', 'az failed and printed no reason'],
  ])('extracts the reason from %j', (stderr, reason) => {
    expect(reasonOf(failed(stderr))).toBe(reason);
  });
});
