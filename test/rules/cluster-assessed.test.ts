import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { clusterAssessed } from '../../shared/rules/cluster-assessed.ts';
import { aKataPool, aLatestImage, aPodGroup, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const hidden = unavailable('denied', 'Forbidden to list pods.');

testRule(clusterAssessed, [
  { name: 'passes a cluster that was read completely', says: { cluster: 'pass' } },
  {
    name: 'fails a cluster that was read in part, and names the part and the reason',
    over: { workloads: hidden },
    says: { cluster: 'fail' },
    severity: 'high',
    message: /Could not read workloads: Forbidden to list pods/,
  },
  {
    name: 'fails a cluster that could not be reached',
    over: { nodes: unavailable('unreachable', 'No way in.'), runtimeClasses: unavailable('unreachable', 'No way in.') },
    says: { cluster: 'fail' },
    message: /nodes, runtimeClasses/,
  },
  {
    name: 'fails a cluster whose pods were read in part',
    over: { workloads: observed([aPodGroup()], { kind: 'truncated', message: 'Too many pods.' }) },
    says: { cluster: 'fail' },
    message: /Too many pods/,
  },
  {
    name: 'fails a cluster whose upgrade profile it may not read',
    over: { latestImages: observed([aLatestImage('kata1', unavailable('denied', 'The identity lacks agentPools/upgradeProfiles/read.'))]) },
    says: { cluster: 'fail' },
    message: /Could not read latestImages: The identity lacks agentPools\/upgradeProfiles\/read/,
  },
  {
    name: 'names a part once when it could not be read of several pools',
    over: {
      latestImages: observed(['kata1', 'kata2'].map((pool) => aLatestImage(pool, unavailable('denied', 'Forbidden.')))),
    },
    says: { cluster: 'fail' },
    message: /^Could not read latestImages: Forbidden/,
    facts: { parts: ['latestImages'] },
  },
  {
    name: 'fails a cluster whose upgrade profile names no image',
    over: { latestImages: observed([aLatestImage('kata1', unavailable('not-found', 'It names no latestNodeImageVersion.'))]) },
    says: { cluster: 'fail' },
    message: /names no latestNodeImageVersion/,
  },
  {
    name: 'fails a cluster whose maintenance windows it may not read',
    over: { settings: observed(someSettings({ plannedUpgrade: unavailable('denied', 'Forbidden.') })) },
    says: { cluster: 'fail' },
    message: /Could not read settings: Forbidden/,
  },
  {
    name: 'fails a cluster with one unreadable field, and names it',
    over: {
      nodePools: observed([
        aKataPool({ unread: [{ of: 'vmSize', field: 'agentPoolProfiles.kata1.vmSize', problem: 'expected a text, got a number' }] }),
      ]),
    },
    says: { cluster: 'fail' },
    message: /Could not read nodePools: .*agentPoolProfiles\.kata1\.vmSize: expected a text, got a number/,
  },
  {
    name: 'reports what failed even when other parts are off intentionally',
    over: { nodes: unavailable('stopped', 'The cluster is stopped.'), settings: hidden },
    says: { cluster: 'fail' },
  },
  {
    name: 'is unknown without Azure',
    over: { settings: unavailable('no-azure-access', 'No Azure access.') },
    says: { cluster: 'unknown' },
  },
  {
    name: 'does not apply to a stopped cluster',
    over: { nodes: unavailable('stopped', 'The cluster is stopped.') },
    says: { cluster: 'not-applicable' },
  },
]);
