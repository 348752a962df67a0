import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { type Bucket, Reckoning } from '../../../shared/azure/budget/bucket.ts';
import { Budgets } from '../../../shared/azure/budget/budget.ts';
import * as published from '../../../shared/azure/budget/published-budgets.ts';
import { learn, retryAfterMs } from '../../../shared/azure/budget/rate-headers.ts';

describe('the estimate of a bucket', () => {
  const BUCKET: Bucket = { key: 'b', burst: 10, perSecond: 1 };
  const aReckoning = () => new Reckoning(BUCKET, 0);
  const spent = () => {
    const one = aReckoning();
    for (let call = 0; call < BUCKET.burst; call++) one.spend(0);
    return one;
  };

  it('begins full, and refills at its rate up to the burst', () => {
    expect([aReckoning().wait(0, 0), aReckoning().wait(0, 9), aReckoning().wait(0, 10)]).toEqual([0, 0, 1_000]);
    const one = spent();
    expect([one.left(0), one.wait(0, 0), one.wait(500, 0), one.wait(500, 1)]).toEqual([0, 1_000, 500, 1_500]);
    expect([one.left(999), one.left(1_000), one.left(60_000)]).toEqual([0, 1, 10]);
    expect([one.touched, one.wait(60_000, 0), one.touched]).toEqual([500, 0, 60_000]);
  });

  it.each<[string, (one: Reckoning) => void, number]>([
    ['a call', (one) => one.spend(10_000), 9],
    ['a report of what remains', (one) => one.remaining(10_000, 3), 3],
    ['a pause that is over', (one) => one.pause(10_000, 5_000), 1],
    ['a refusal that is over', (one) => one.refused(10_000, 5_000), 1],
  ])('counts from the time of %s, and not what came back before', (_, happens, left) => {
    const one = aReckoning();
    happens(one);
    expect([one.left(10_000), one.touched]).toEqual([left, 10_000]);
  });

  it('believes that fewer calls remain, never that more do', () => {
    const one = aReckoning();
    one.remaining(0, 3);
    one.remaining(0, 100);
    expect([one.left(0), one.wait(0, 2), one.wait(0, 3)]).toEqual([3, 0, 1_000]);
  });

  it('lets nothing go during a pause, and one call after the longer of two', () => {
    const one = aReckoning();
    one.pause(0, 3_000);
    one.pause(1_000, 2_000);
    expect([one.left(2_999), one.wait(1_000, 0), one.wait(1_000, 1), one.left(3_000)]).toEqual([0, 2_000, 3_000, 1]);
  });

  it('halves its share by a refusal, and not again while it is quiet', () => {
    const one = aReckoning();
    one.refused(0, 5_000);
    expect([one.wait(0, 0), one.wait(0, 1), one.left(4_999)]).toEqual([5_000, 6_000, 0]);
    one.spend(5_000);
    expect([one.guess(5_000), one.wait(5_000, 0)]).toEqual([2_000, 1_000]);

    const twice = aReckoning();
    twice.refused(0, 5_000);
    twice.refused(1_000, 4_000);
    expect([twice.wait(1_000, 0), twice.guess(1_000)]).toEqual([4_500, 5_000]);
    twice.refused(6_000, 6_000);
    expect(twice.guess(6_000)).toBe(2_000);
  });

  it('refills at its share, and asks every fifteen seconds however often it was refused', () => {
    const one = aReckoning();
    one.refused(0, 0);
    one.spend(0);
    expect([one.wait(1_000, 0), one.wait(2_000, 0)]).toEqual([500, 0]);
    const often = aReckoning();
    for (let refusal = 0; refusal < 20; refusal++) often.refused(0, 0);
    expect(often.guess(0)).toBe(14_000);
  });

  it('gets its share back little by little, up to the whole', () => {
    const one = spent();
    one.refused(0, 0);
    one.spend(0);
    one.granted(0);
    // A half, and a sixtieth of its square root.
    expect(one.guess(0)).toBe(Math.ceil(1_000 / (0.5 + Math.sqrt(0.5) / 60)));
    for (let call = 0; call < 100; call++) one.granted(0);
    expect([one.guess(0), one.wait(0, 0)]).toEqual([1_000, 1_000]);
  });
});

it.each<[string, Bucket, Bucket]>([
  ['listing', published.listClustersBucket('S'), { key: 'aks-list/s', burst: 450, perSecond: 1 }],
  ['reading a cluster', published.getClusterBucket('/ID'), { key: 'aks-get//id', burst: 54, perSecond: 1 }],
  ['other calls', published.otherAksBucket('S', 'WestEurope'), { key: 'aks-other/s/westeurope', burst: 54, perSecond: 1 }],
  ['reads', published.armReadsBucket('S'), { key: 'arm-reads/s', burst: 225, perSecond: 25 }],
  ['writes', published.armWritesBucket('S'), { key: 'arm-writes/s', burst: 180, perSecond: 10 }],
  ['deletions', published.armDeletesBucket('S'), { key: 'arm-deletes/s', burst: 180, perSecond: 10 }],
  ['publishing', published.publishingBucket('S'), { key: 'publishing/s', burst: 60, perSecond: 4 }],
  ['reads above subscriptions', published.ARM_TENANT_READS, { key: 'arm-tenant-reads', burst: 225, perSecond: 25 }],
  ['Resource Graph', published.RESOURCE_GRAPH, { key: 'resource-graph', burst: 10, perSecond: 1 }],
])('of the published budget for %s, a tenth is left to others', (_, bucket, expected) => {
  expect(bucket).toEqual(expected);
});

const NOW = Date.parse('2026-11-23T04:00:00.000Z');
const answer = (status: number, headers: Readonly<Record<string, string>> = {}): PipelineResponse => ({
  request: createPipelineRequest({ url: 'https://x' }),
  status,
  headers: createHttpHeaders(headers),
});

it.each<[Readonly<Record<string, string>>, number | undefined]>([
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ 'x-ms-retry-after-ms': '300', 'retry-after': '7' }, 300],
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': ' 1.5 ' }, 1_500],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': new Date(NOW + 9_000).toUTCString() }, 9_000],
  [{ 'retry-after': new Date(NOW - 9_000).toUTCString() }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '1.25' }, 1_250],
  [{ 'retry-after': 'x5' }, undefined],
  [{ 'retry-after': '5x' }, undefined],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
  [{}, undefined],
])('an answer with %j asks to wait %s ms', (headers, expected) => {
  expect(retryAfterMs(answer(429, headers), NOW)).toBe(expected);
});

describe('what an answer teaches the budgets', () => {
  const READS = published.armReadsBucket('s');
  const AKS = published.getClusterBucket('c');

  function afterAnswer(status: number, headers: Readonly<Record<string, string>>, buckets: readonly Bucket[] = [AKS, READS]) {
    let now = NOW;
    const budgets = new Budgets(() => new Date(now));
    for (const bucket of buckets) budgets.learnRemaining(bucket, bucket.burst);
    learn(budgets, buckets, answer(status, headers), now);
    return (later = 0) => {
      now = NOW + later;
      return Object.fromEntries(budgets.left().map(({ budget, left }) => [budget, left]));
    };
  }

  it.each<[string, Bucket]>([
    ['x-ms-ratelimit-remaining-subscription-reads', READS],
    ['x-ms-ratelimit-remaining-subscription-writes', published.armWritesBucket('s')],
    ['x-ms-ratelimit-remaining-subscription-deletes', published.armDeletesBucket('s')],
    ['x-ms-ratelimit-remaining-tenant-reads', published.ARM_TENANT_READS],
    ['x-ms-user-quota-remaining', published.RESOURCE_GRAPH],
  ])('%s says what remains, only for that budget', (header, bucket) => {
    const kind = bucket.key.split('/')[0] ?? '';
    expect(afterAnswer(200, { [header]: '5' }, [AKS, bucket])()).toEqual({ 'aks-get': 54, [kind]: 5 });
    expect(afterAnswer(200, { [header]: '5' }, [AKS])()).toEqual({ 'aks-get': 54 });
    expect(afterAnswer(200, { [header]: 'many' }, [AKS, bucket])()).toEqual({ 'aks-get': 54, [kind]: bucket.burst });
  });

  it('a refusal is of the service’s own budget, for as long as it says, or else for five seconds', () => {
    const stated = afterAnswer(429, { 'retry-after': '7' });
    expect([stated(), stated(6_999), stated(7_000)]).toEqual([0, 0, 1].map((left) => ({ 'aks-get': left, 'arm-reads': 225 })));
    const unstated = afterAnswer(429, {});
    expect([unstated(4_999)['aks-get'], unstated(5_000)['aks-get']]).toEqual([0, 1]);
    expect(afterAnswer(503, {})()).toEqual({ 'aks-get': 54, 'arm-reads': 225 });
  });

  it('a refusal by the front door is of the budget that is spent', () => {
    const spent = afterAnswer(429, { 'x-ms-ratelimit-remaining-subscription-reads': '0', 'retry-after': '3' });
    expect([spent(2_999), spent(3_000)]).toEqual([0, 1].map((left) => ({ 'aks-get': 54, 'arm-reads': left })));
  });

  it.each([
    ['00:00:03', 3_000],
    ['00:01:05', 65_000],
    ['01:00:01', 3_601_000],
    ['soon', 5_000],
    ['x00:00:03', 5_000],
    ['00:00:03x', 5_000],
    [undefined, 5_000],
  ])('Resource Graph is not called until its quota resets: %s', (resets, milliseconds) => {
    const headers = { 'x-ms-user-quota-remaining': '0', ...(resets === undefined ? {} : { 'x-ms-user-quota-resets-after': resets }) };
    const left = afterAnswer(200, headers, [published.RESOURCE_GRAPH]);
    expect([left(milliseconds - 1)['resource-graph'], left(milliseconds)['resource-graph']]).toEqual([0, 1]);
    expect(afterAnswer(200, { ...headers, 'x-ms-user-quota-remaining': '1' }, [published.RESOURCE_GRAPH])()['resource-graph']).toBe(1);
  });
});
