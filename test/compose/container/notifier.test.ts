import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notifiers, notifying, ownTargetsOf } from '../../../shared/compose/container/notifier.ts';
import { load } from '../../../shared/config/settings.ts';
import type { NotificationTarget } from '../../../shared/domain/policy/notification-target.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { aFinding, NOW } from '../../http/estate.ts';
import { type Receiver, startReceiver } from '../../notify/receiver.ts';

const finding = aFinding();
const CHANGE = { id: 'c', kind: 'opened', at: NOW, severity: 'high', message: 'm', finding } as const;
const NOTIFICATIONS = [{ clusterId: finding.clusterId, clusterName: 'prod', cause: 'a', changes: [CHANGE] }];
const TARGET: NotificationTarget = { name: 'on-call', format: 'cloudevents', severity: 'high', digestSeconds: 30 };
const signal = new AbortController().signal;

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

const open = (environment: Readonly<Record<string, string>>, token?: string) => {
  const credential = { getToken: async (scope: string | string[]) => ({ token: `${token} for ${scope}`, expiresOnTimestamp: 0 }) };
  const parts = { settings: load(environment), clock: () => new Date(NOW), ...(token === undefined ? {} : { credential }) };
  return (target: NotificationTarget = TARGET, allowPrivate = false) =>
    notifiers(parts)(target, allowPrivate).deliver(NOTIFICATIONS, signal);
};
const told = () => receiver.received.at(-1);

describe('a target', () => {
  it('is notified at the URL in its own setting, signed with its own secret, with a link to the app', async () => {
    await open({
      KATAUDIT_TARGET_ON_CALL: receiver.url,
      KATAUDIT_TARGET_ON_CALL_SECRET: 'secret',
      KATAUDIT_PUBLIC_URL: 'https://app.example',
    })();
    expect(told()?.headers).toMatchObject({ 'webhook-signature': expect.stringMatching(/^v1,/) });
    expect(told()?.headers).not.toHaveProperty('authorization');
    expect(told()?.body).toContain(`https://app.example/api/dashboard/finding?id=${finding.id}`);
  });

  it('is notified without a link when the app has no public URL, and unsigned without a secret', async () => {
    await open({ KATAUDIT_TARGET_ON_CALL: receiver.url })();
    expect(told()?.body).not.toContain('dashboard');
    expect(told()?.headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    ['no address', {}, 'not-found', /on-call has no address: set KATAUDIT_TARGET_ON_CALL\.$/],
    ['no URL', { KATAUDIT_TARGET_ON_CALL: 'secret-place' }, 'malformed', /is a secret and is not shown/],
    ['another machine by plain HTTP', { KATAUDIT_TARGET_ON_CALL: 'http://secret-place.example/' }, 'malformed', /not an https address/],
    ['this machine by another protocol', { KATAUDIT_TARGET_ON_CALL: 'ftp://localhost/secret-place' }, 'malformed', /not an https address/],
    ['a file', { KATAUDIT_TARGET_ON_CALL: 'file:///secret-place' }, 'malformed', /not an https address/],
  ])('with %s affects only itself, names the wrong setting, and shows no value', async (_, environment, code, message) => {
    const telling = open(environment)();
    await expect(telling).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(telling).rejects.not.toMatchObject({ message: expect.stringContaining('secret-place') });
  });

  it.each(['127.0.0.1', 'localhost', '[::1]'])('on this machine may be notified by plain HTTP: %s', async (host) => {
    const telling = open({ KATAUDIT_TARGET_ON_CALL: `http://${host}:1/` })();
    await expect(telling).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('elsewhere is notified over HTTPS', async () => {
    await expect(open({ KATAUDIT_TARGET_ON_CALL: 'https://127.0.0.1:1/' })()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('in a private network is notified in Azure only when the policy allows it, and always elsewhere', async () => {
    const inAzure = { KATAUDIT_TARGET_ON_CALL: receiver.url, WEBSITE_HOSTNAME: 'app.azurewebsites.net' };
    await expect(open(inAzure)(TARGET, false)).rejects.toMatchObject({ name: 'Fault' });
    expect(receiver.received).toEqual([]);
    await open(inAzure)(TARGET, true);
    await open({ KATAUDIT_TARGET_ON_CALL: receiver.url })(TARGET, false);
    expect(receiver.received).toHaveLength(2);
  });

  it('of Event Grid gets a token of the identity, and no other target does', async () => {
    const topic: NotificationTarget = { ...TARGET, format: 'eventgrid' };
    await open({ KATAUDIT_TARGET_ON_CALL: receiver.url }, 'token')(topic);
    expect(told()?.headers.authorization).toBe('Bearer token for https://eventgrid.azure.net/.default');
    await open({ KATAUDIT_TARGET_ON_CALL: receiver.url }, 'token')();
    expect(told()?.headers).not.toHaveProperty('authorization');
    await expect(open({ KATAUDIT_TARGET_ON_CALL: receiver.url })(topic)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the webhook of the settings', () => {
  const environment = () => ({ KATAUDIT_NOTIFY_URL: receiver.url, KATAUDIT_NOTIFY_FORMAT: 'slack', KATAUDIT_NOTIFY_SEVERITY: 'medium' });

  it('is a separate target, notified within seconds at its URL with its secret', async () => {
    const [target] = ownTargetsOf(load(environment()));
    expect(target).toEqual({ name: 'webhook', format: 'slack', severity: 'medium', digestSeconds: 5 });
    await open({ ...environment(), KATAUDIT_NOTIFY_SECRET: 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0' })(target);
    expect(told()?.headers).toMatchObject({ 'webhook-signature': expect.stringMatching(/^v1,/) });
    expect(ownTargetsOf(load({}))).toEqual([]);
    const both = open({ ...environment(), KATAUDIT_TARGET_ON_CALL: `${receiver.url}&own` });
    await both();
    expect(receiver.received.at(-1)?.headers).not.toHaveProperty('webhook-signature');
    await expect(open(environment())()).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not used for a target of the policy with the same name and without a setting', async () => {
    await expect(open({})({ ...TARGET, name: 'webhook' })).rejects.toMatchObject({
      message: expect.stringContaining('KATAUDIT_TARGET_WEBHOOK'),
    });
  });

  it.each<[string, Readonly<Record<string, string>>, readonly NotificationTarget[], number]>([
    ['nobody', {}, [], 0],
    ['the settings', { KATAUDIT_NOTIFY_URL: 'https://hook.example/' }, [], 1],
    ['the policy', {}, [TARGET], 1],
  ])('makes scans queue a notification only when there is a target: %s', async (_, settings, targets, count) => {
    const { messages, queued } = createMemoryStorage();
    const policy = { ...DEFAULT_POLICY, notifications: { ...DEFAULT_POLICY.notifications, targets } };
    const source = async () => ({ policy, hash: 'h', source: 'test' });
    const notification: typeof messages.notification = async (message) => {
      await new Promise(setImmediate);
      await messages.notification(message);
    };
    const { notify } = notifying({ settings: load(settings), clock: () => new Date(NOW) }, { ...messages, notification }, source);
    await notify?.({ clusterId: 'c', cause: 'a' });
    expect(queued).toHaveLength(count);
  });
});
