import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification, NotifiedChange } from '../../shared/domain/findings/notification.ts';
import type { NotifyFormat } from '../../shared/domain/policy/notification-target.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { notifyBodies } from '../../shared/notify/formats.ts';
import { webhookNotifier } from '../../shared/notify/webhook.ts';
import { aFinding, NOW } from '../http/estate.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const HOSTILE = '<script>*bold*</script> & <https://evil.example|click>';

function change(at: number, over: Partial<NotifiedChange> = {}): NotifiedChange {
  const finding = aFinding({ subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: `cart-${at}` } });
  return { id: `${finding.id}/${NOW}/opened`, kind: 'opened', at: NOW, severity: 'critical', message: HOSTILE, finding, ...over };
}

const notification = (changes: readonly NotifiedChange[], clusterName = 'prod'): readonly Notification[] => [
  { clusterId: changes[0]?.finding.clusterId ?? '', clusterName, cause: 'audit-1', changes },
];

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

const deliver = (over: Partial<Parameters<typeof webhookNotifier>[0]> = {}, changes = [change(1)], signal = new AbortController().signal) =>
  webhookNotifier({
    url: receiver.url,
    format: 'cloudevents',
    pageOf: (id) => `https://app.example/finding?id=${id}`,
    clock: () => new Date(NOW),
    setting: 'KATAUDIT_NOTIFY_URL',
    allowPrivate: true,
    ...over,
  }).deliver(notification(changes), signal);

const faultOf = async (attempt: Promise<void>) => {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error : expect.unreachable(String(error));
};

describe('a webhook', () => {
  it('gets one batch of CloudEvents, each with a constant id', async () => {
    await deliver();
    // The queue sends it again later: a receiver recognizes it by its id.
    await deliver({ clock: () => new Date(Date.parse(NOW) + 60_000) });
    const [first, second] = receiver.received;

    expect(first?.headers['content-type']).toBe('application/cloudevents-batch+json');
    const { finding } = change(1);
    expect(JSON.parse(first?.body ?? '')).toEqual([
      {
        specversion: '1.0',
        id: change(1).id,
        source: finding.clusterId,
        type: 'io.kataudit.finding.opened',
        subject: finding.id,
        time: NOW,
        datacontenttype: 'application/json',
        data: {
          cause: 'audit-1',
          severity: 'critical',
          message: HOSTILE,
          rule: 'node-image-current',
          cluster: 'prod',
          subscription: finding.subscriptionId,
          subject: finding.subject,
          status: 'open',
          remediation: finding.remediation,
          commands: finding.commands,
          firstSeenAt: finding.firstSeenAt,
          reopenCount: 0,
          page: `https://app.example/finding?id=${finding.id}`,
        },
      },
    ]);
    expect(second).toMatchObject({ body: first?.body, headers: { 'webhook-id': first?.headers['webhook-id'] } });
  });

  it.each([
    [100, [100]],
    [101, [100, 1]],
  ])('gets %i events in batches of %j', async (count, expected) => {
    await deliver(
      {},
      Array.from({ length: count }, (_, at) => change(at)),
    );

    expect(receiver.received.map(({ body }) => JSON.parse(body).length)).toEqual(expected);
  });

  it('gets an empty list of commands for a finding without any', async () => {
    const { commands: _, ...finding } = change(1).finding;
    await deliver({}, [change(1, { finding })]);
    expect(JSON.parse(receiver.received[0]?.body ?? '')[0].data.commands).toEqual([]);
  });

  it.each([
    ['plain', 'plain', Buffer.from('plain')],
    ['in the standard format', 'whsec_c2VjcmV0IQ==', Buffer.from('secret!')],
  ])('can check the signature with a secret that is %s', async (_, secret, key) => {
    await deliver({ secret });
    const [{ headers, body } = expect.unreachable()] = receiver.received;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;

    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(headers['webhook-timestamp']).toBe(String(Date.parse(NOW) / 1_000));
  });

  it('gets another id with another body', async () => {
    await deliver();
    await deliver({}, [change(2)]);
    const [first, second] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(first).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
  });

  it('learns how long a body is before it reads it', async () => {
    await deliver();
    const [{ headers, body } = expect.unreachable()] = receiver.received;
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('gets no signature without a secret', async () => {
    await deliver();
    expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    [429, 'throttled', true],
    [500, 'unreachable', true],
    [503, 'unreachable', true],
    [401, 'unauthenticated', false],
    [403, 'denied', false],
    [404, 'not-found', false],
    [410, 'not-found', false],
    [413, 'too-large', false],
    [300, 'unsupported', false],
    [499, 'unsupported', false],
    [400, 'unsupported', false],
    [302, 'unsupported', false],
  ] as const)('that answers %i is a fault that says so, and never shows the address', async (status, code, retryable) => {
    receiver.answer = status;
    const fault = await faultOf(deliver());

    expect(fault).toMatchObject({ code, retryable });
    expect(fault.message).toContain(`status ${status}`);
    expect(fault.message).toContain('KATAUDIT_NOTIFY_URL');
    expect(fault.message).not.toContain('secret');
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    [300, /redirects are not followed/],
    [302, /redirects are not followed/],
    [399, /redirects are not followed/],
    [400, /accepts this format/],
    [429, /delivery is retried/],
    [500, /delivery is retried/],
  ])('that answers %i causes an error that says what to do', async (status, advice) => {
    receiver.answer = status;
    expect((await faultOf(deliver())).message).toMatch(advice);
  });

  it.each([200, 299])('that answers %i has accepted it', async (status) => {
    receiver.answer = status;
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    ['/', '/api/events?api-version=2018-01-01'],
    ['/api/events?api-version=2020-01-01', '/api/events?api-version=2020-01-01'],
    ['/my/events?a=1', '/my/events?a=1&api-version=2018-01-01'],
  ])('that is a topic at %s gets its events at %s, with a token', async (path, expected) => {
    const token = async () => 'the-token';
    await deliver({ format: 'eventgrid', url: new URL(path, receiver.url).href, token });
    expect(receiver.received[0]).toMatchObject({
      path: expected,
      headers: { authorization: 'Bearer the-token', 'user-agent': 'kataudit' },
    });
  });

  it('that is not a topic is called at its unchanged URL, without a token', async () => {
    await deliver();
    expect(receiver.received[0]?.path).toBe('/hook/secret-path?key=secret-key');
    expect(receiver.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('gets the batches in order, and none after one that it did not accept', async () => {
    receiver.answer = 500;
    await faultOf(
      deliver(
        {},
        Array.from({ length: 101 }, (_, at) => change(at)),
      ),
    );
    expect(receiver.received).toHaveLength(1);
  });

  it('on this machine gets no request when private addresses are not allowed', async () => {
    const fault = await faultOf(deliver({ allowPrivate: false }));
    expect(fault).toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/^The webhook at 127\.0\.0\.1:\d+ \(KATAUDIT_NOTIFY_URL\): /),
    });
    expect(receiver.received).toEqual([]);
  });

  it('that never answers is given up at the time limit', async () => {
    receiver.answer = 'hang';
    expect(await faultOf(deliver({ timeoutMs: 50 }))).toMatchObject({ code: 'timed-out' });
  });

  it('that never answers is given up when the work is', async () => {
    receiver.answer = 'hang';
    expect(await faultOf(deliver({}, [change(1)], AbortSignal.timeout(50)))).toMatchObject({ code: 'timed-out' });
  });

  it('that refuses the connection is a fault', async () => {
    await receiver.stop();
    expect(await faultOf(deliver())).toMatchObject({ code: 'unreachable', retryable: true });
    receiver = await startReceiver();
  });
});

const textOf = (format: NotifyFormat, changes: readonly NotifiedChange[]) =>
  notifyBodies(format, notification(changes), () => undefined)
    .map(({ body }) => body)
    .join('');

describe('a message for people', () => {
  it('has the most severe change first, whatever scan it comes from', () => {
    const severities = ['low', 'critical', 'info', 'high', 'medium'] as const;
    const all = severities.map((severity, at) => change(at, { severity, message: 'm' }));
    const { text } = JSON.parse(textOf('slack', all));
    expect([...text.matchAll(/^• (\w+)/gm)].map(([, severity]) => severity)).toEqual(['critical', 'high', 'medium', 'low', 'info']);
  });

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('has changes of one severity in the order of their ids, given as %s and %s', (...ids) => {
    const { text } = JSON.parse(
      textOf(
        'slack',
        ids.map((id, at) => change(at, { id, message: id })),
      ),
    );
    expect([...text.matchAll(/\. ([ab])$/gm)].map(([, id]) => id)).toEqual(['a', 'b']);
  });

  it('for Slack has one line for a resolved finding, and no count where nothing is omitted', () => {
    const { text } = JSON.parse(textOf('slack', [change(1, { kind: 'resolved', message: 'm' })]));
    expect(text.split('\n')).toEqual([
      '*Kataudit: 1 resolved in prod*',
      '• critical resolved: node-image-current of Deployment shop/cart-1 in prod. m',
    ]);
  });

  it('for Teams has a headline, a line and a fainter one with the remediation', () => {
    const bodyOf = (over: Partial<NotifiedChange>) =>
      JSON.parse(textOf('teams', [change(1, { message: 'm', ...over })])).attachments[0].content.body;
    const [headline, line, fix, ...more] = bodyOf({});
    expect(headline.inlines).toEqual([{ type: 'TextRun', text: 'Kataudit: 1 opened in prod', weight: 'Bolder', size: 'Medium' }]);
    expect(line.inlines).toHaveLength(1);
    expect(fix).toMatchObject({ spacing: 'None', inlines: [{ isSubtle: true, text: 'Fix: Upgrade the node image of the pool.' }] });
    expect(more).toEqual([]);
    expect(bodyOf({ kind: 'resolved' })).toHaveLength(2);
  });

  it('about several clusters counts them, and about one names it', () => {
    const of = (...names: readonly string[]) =>
      JSON.parse(
        notifyBodies(
          'slack',
          names.flatMap((name) => notification([change(1)], name)),
          () => undefined,
        )[0]?.body ?? '',
      ).text.split('\n')[0];
    expect([of('prod', 'prod'), of('prod', 'test')]).toEqual(['*Kataudit: 2 opened in prod*', '*Kataudit: 2 opened in 2 clusters*']);
  });

  it.each(['slack', 'teams'] as const)('for %s contains the remediation of an open finding, and links to its page', (format) => {
    const told = (kind: NotifiedChange['kind'], page?: string) =>
      notifyBodies(format, notification([change(1, { kind, message: 'm' })]), () => page)[0]?.body ?? '';
    expect(told('opened')).toContain('Fix: Upgrade the node image of the pool.');
    expect(told('resolved')).not.toContain('Fix: ');
    expect(told('opened', 'https://app.example/finding?id=1')).toContain('https://app.example/finding?id=1');
    expect(told('opened')).not.toContain('finding"');
  });

  it.each([
    ['a_b', 'a_b'],
    ['_a_', '\u02cda\u02cd'],
    ['é_ü', 'é_ü'],
    ['a_ b', 'a\u02cd b'],
    ['a & b', 'a &amp; b'],
  ])('for Slack shows %j as %j', (message, expected) => {
    const { text } = JSON.parse(textOf('slack', [change(1, { message })]));
    expect(text.split('\n')[1]).toMatch(new RegExp(`\\. ${expected}$`, 'u'));
  });
  it('for Slack contains no markup from a hostile name', () => {
    const { text } = JSON.parse(textOf('slack', [change(1)]));

    expect(text).toContain('*Kataudit: 1 opened in prod*');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/<https:\/\/evil/);
    expect(text).not.toContain('*bold*');
  });

  it.each(['*', '_', '~', '`', '<', '>', '&'])('for Slack shows %s of a hostile name as text', (mark) => {
    const { text } = JSON.parse(textOf('slack', [change(1, { message: `${mark}name${mark}` })]));
    expect(text).not.toContain(`${mark}name${mark}`);
  });

  it.each([
    [20, 0],
    [21, 1],
    [25, 5],
  ])('about %i changes names at most twenty and counts %i more', (count, more) => {
    const all = Array.from({ length: count }, (_, at) => change(at, { message: 'm' }));
    const { text } = JSON.parse(textOf('slack', all));
    expect(text.match(/^• /gm)).toHaveLength(20);
    expect(/and (\d+) more/.exec(text)?.[1]).toBe(more === 0 ? undefined : String(more));
  });

  it('for Teams is a card whose text has no markup', () => {
    const { attachments } = JSON.parse(textOf('teams', [change(1)]));
    const { contentType, content } = attachments[0];

    expect(contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    expect(content.body.every(({ type }: { type: string }) => type === 'RichTextBlock')).toBe(true);
    expect(content.body[1].inlines[0].text).toContain('<script>*bold*</script> & <hxxps[:]//evil[.]example|click>');
  });

  const hostile = (message: string) => {
    const { finding } = change(1);
    const subject = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: message } as const;
    return notification([change(1, { message, finding: { ...finding, subject, clusterName: message } })], message);
  };

  it.each([
    ['a line feed', 'a\nb', /a b/],
    ['an override', 'a\u202eb', /a\ufffdb/],
    ['a zero-width space', 'a\u200bb', /a\ufffdb/],
    ['a tag character', 'a\u{e0041}b', /a\ufffdb/],
    ['a bare link', 'https://evil.example', /hxxps\[:\]\/\/evil\[\.\]example/],
    ['a bare domain', 'evil.example', /evil\[\.\]example/],
    ['a mention', '@channel', /\[at\]channel/],
    ['a Slack mention', '<!channel>', /!channel/],
    ['a backtick', 'a `b` c', /a .b. c/],
  ])('contains no %s from a hostile name', (_name, name, expected) => {
    for (const format of ['slack', 'teams'] as const) {
      const text = notifyBodies(format, hostile(name), () => undefined)
        .map(({ body }) => body)
        .join('');
      expect(JSON.stringify(JSON.parse(text))).toMatch(expected);
      const forbidden = format === 'slack' ? /https:\/\/evil|@channel|<!|[\u200b\u202e`]/u : /https:\/\/evil|@channel|[\u200b\u202e]/u;
      expect(text).not.toMatch(forbidden);
    }
  });

  it('is cut when a name is long', () => {
    const { text } = JSON.parse(notifyBodies('slack', hostile('x'.repeat(10_000)), () => undefined)[0]?.body ?? '');
    expect(text.length).toBeLessThan(1_500);
  });

  it.each(['slack', 'teams'] as const)('for %s counts the first change that it omits', (format) => {
    expect(
      textOf(
        format,
        Array.from({ length: 21 }, (_, at) => change(at)),
      ),
    ).toContain('and 1 more');
  });

  it.each(['slack', 'teams'] as const)('for %s shows twenty changes and counts the rest', (format) => {
    const changes = Array.from({ length: 25 }, (_, at) => change(at));

    expect(textOf(format, changes.slice(0, 20))).not.toContain('more');
    expect(textOf(format, changes)).toContain('and 5 more');
    expect(textOf(format, changes).match(/critical opened/g)).toHaveLength(20);
  });

  it.each([
    ['that is exactly as large as Teams takes', 0, 2],
    ['that is one byte larger', 1, 1],
    ['of which one change alone is larger', 60_000, 1],
  ])('for Teams has as many changes as fit: one %s', (_, more, told) => {
    const of = (padding: number) => {
      const page = `https://app.example/${'x'.repeat(padding)}`;
      const changes = [change(1), change(2, { severity: 'low' })];
      const [{ body } = expect.unreachable()] = notifyBodies('teams', notification(changes), (id) =>
        id === changes[0]?.finding.id ? page : undefined,
      );
      return body;
    };
    const body = of(27_000 - Buffer.byteLength(of(0)) + more);
    expect(body.match(/(?:critical|low) opened/g)).toHaveLength(told);
    expect(body.includes('and 1 more')).toBe(told === 1);
  });

  it('describes each kind of change', () => {
    const changes = [change(1), change(2, { kind: 'resolved' }), change(3, { kind: 'reopened' })];
    expect(textOf('slack', changes)).toContain('1 opened, 1 reopened, 1 resolved in prod');
  });
});
