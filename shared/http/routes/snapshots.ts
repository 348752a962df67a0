import { given } from '../../domain/snapshot/given.ts';
import { formatClusterId, parseClusterId } from '../../domain/snapshot/resource-id.ts';
import { problem, SECURED, WITH_BODY } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { parseBody } from '../framework/query.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { HeldLookView, RecordedLookView, SnapshotView } from '../schemas/snapshot-schemas.ts';

const MIB = 1024 * 1024;

const PARAMETERS = {
  subscription: 'The id (GUID) of the subscription.',
  resourceGroup: 'The name of the resource group; case does not matter.',
  name: 'The name of the cluster; case does not matter.',
};

/** `GET /clusters/{subscription}/{resourceGroup}/{name}/snapshot`: the evidence behind the verdicts of a cluster. */
export const getSnapshot = defineRoute({
  name: 'get-snapshot',
  tag: 'clusters',
  summary: 'Returns the newest snapshot of a cluster, to judge it offline, and the policy that it was judged by.',
  parameters: PARAMETERS,
  query: NO_QUERY,
  answers: {
    200: { description: 'The snapshot.', schema: HeldLookView },
    ...SECURED,
    404: problem('No snapshot of a cluster with this name is stored.'),
  },
  handle: async ({ assessments }, { params }) => {
    const { subscription: subscriptionId = '', resourceGroup = '', name = '' } = params;
    const held = await assessments.get(formatClusterId({ subscriptionId, resourceGroup, name }));
    if (held === undefined) throw new Problem(404, 'No snapshot of a cluster with this name is stored.');
    return json({ policyHash: held.policyHash, snapshot: held.snapshot });
  },
});

/** `PUT /clusters/{subscription}/{resourceGroup}/{name}/snapshot`: accepts a pushed snapshot of a cluster that the app cannot reach itself. */
export const putSnapshot = defineRoute({
  name: 'put-snapshot',
  tag: 'clusters',
  summary: 'Judges and stores a snapshot that `kataudit collect` made of a cluster, as a scan does.',
  parameters: PARAMETERS,
  headers: { 'Content-Encoding': '`gzip` if the body is compressed.' },
  body: { schema: SnapshotView, required: true, maxBytes: 8 * MIB, maxUnpackedBytes: 64 * MIB },
  query: NO_QUERY,
  answers: {
    200: { description: 'It was judged and stored.', schema: RecordedLookView },
    ...WITH_BODY,
    404: problem('The app does not audit this cluster, or Azure knows none with this name.'),
    409: problem('A newer scan of the cluster is already stored.'),
  },
  handle: async ({ recordSentLook }, { params, body, caller }) => {
    const { subscription: subscriptionId = '', resourceGroup = '', name = '' } = params;
    const clusterId = formatClusterId({ subscriptionId, resourceGroup, name });
    if (parseClusterId(clusterId) === undefined) throw new Problem(404, 'The name is not a valid cluster name.');
    const snapshot = parseBody(SnapshotView, body);
    assertSame(snapshot.cluster.id, clusterId);
    const { assessment, changed, gaps = [] } = await recordSentLook({ clusterId, snapshot, ...given({ sentBy: caller.objectId }) });
    return json({ clusterId, observedAt: snapshot.observedAt, assessment, changed, gaps });
  },
});

/** A snapshot collected with a kubeconfig does not contain the cluster's Azure id; one that contains an id must have the same one. */
function assertSame(seenId: string, clusterId: string): void {
  if (seenId.startsWith('kubeconfig:') || seenId.toLowerCase() === clusterId) return;
  throw new Problem(400, 'The body is invalid.', [{ field: '/cluster/id', detail: 'belongs to a cluster other than the one in the path' }]);
}
