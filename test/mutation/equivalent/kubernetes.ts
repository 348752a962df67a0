import { type Equivalent, fault } from './fault.ts';

const BODY = 'shared/kubernetes/client/http-body.ts';

/** Faults in reading Kubernetes that change nothing. */
export const EQUIVALENT_KUBERNETES: readonly Equivalent[] = [
  fault(BODY, '{ chunkSize: UNZIP_CHUNK }', '{}', 'Larger pieces save time; the bytes are the same.'),
  fault(BODY, 'size + chunk.length', 'size - chunk.length', 'Memory that is too small is doubled, which is more than one piece needs.'),
  {
    reason: 'A socket without a memory of its own reads the same bytes, in more time.',
    matches: ({ file, sourceLine }) => file === 'shared/kubernetes/client/agent.ts' && /^\s*return true;|\bonread: /.test(sourceLine),
  },
];
