import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import { RULES } from '../../shared/rules/index.ts';
import type { Storage } from '../../shared/storage/storage.ts';

/** The API over a storage, without anything that starts audits. */
export function apiOver(storage: Storage): ApiDependencies {
  return {
    ...storage,
    policy: async () => ({ policy: DEFAULT_POLICY, hash: '0'.repeat(64), source: 'built-in' }),
    rules: RULES,
    startAudit: () => Promise.reject(new Error('No audit is started here.')),
    recordSentLook: () => Promise.reject(new Error('No snapshot is pushed here.')),
    scanClusters: () => Promise.reject(new Error('No cluster is scanned here.')),
    clock: () => new Date(),
    version: 'bench',
  };
}
