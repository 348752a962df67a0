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
