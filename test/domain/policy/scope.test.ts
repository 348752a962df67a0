import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { inScope } from '../../../shared/domain/policy/scope.ts';
import { aCluster } from '../../support/a-snapshot.ts';

const scope = (over: Partial<typeof DEFAULT_POLICY.scope>) => ({ ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, ...over } });
const unread = [{ of: 'tags', field: 'tags.env', problem: 'expected a text' }];

it.each([
  ['includes by a tag', { includeTags: { env: 'prod' } }, { tags: { env: 'prod' } }, true],
  ['excludes a cluster without the tag', { includeTags: { env: 'prod' } }, { tags: {} }, false],
  ['excludes by a tag', { excludeTags: { env: 'lab' } }, { tags: { env: 'lab' } }, false],
  ['keeps a cluster whose tags could not be read', { includeTags: { env: 'prod' } }, { tags: {}, unread }, true],
  ['keeps a cluster that unreadable tags might exclude', { excludeTags: { env: 'lab' } }, { tags: { env: 'lab' }, unread }, true],
  ['excludes by name whatever its tags', { exclude: ['shop'] }, { tags: {}, unread }, false],
])('%s', (_, over, cluster, expected) => expect(inScope(aCluster(cluster), scope(over))).toBe(expected));

it.each([
  ['leaves out what include does not name', { include: ['pay'] }, { tags: {} }, false],
  ['keeps what has the tag among others', { includeTags: { env: 'prod' } }, { tags: { env: 'prod', team: 'a' } }, true],
  ['leaves out what has the tag among others', { excludeTags: { env: 'lab' } }, { tags: { env: 'lab', team: 'a' } }, false],
  ['leaves out what both name', { include: ['sh*'], exclude: ['*op'] }, { tags: {} }, false],
  ['keeps what lacks a tag that excludes', { excludeTags: { env: 'lab', team: 'a' } }, { tags: { env: 'lab' } }, true],
  ['asks for every tag', { includeTags: { env: 'prod', team: 'a' } }, { tags: { env: 'prod' } }, false],
  ['takes no tag that every object has', { includeTags: { constructor: 'x' } }, { tags: {} }, false],
  ['leaves out by name though its tags could not be read', { include: ['pay'] }, { tags: {}, unread }, false],
  [
    'does not mind what else could not be read',
    { includeTags: { env: 'prod' } },
    { tags: {}, unread: [{ of: 'location', field: 'f', problem: 'p' }] },
    false,
  ],
])('the scope %s', (_, over, cluster, expected) => expect(inScope(aCluster(cluster), scope(over))).toBe(expected));
