import { type Equivalent, fault } from './fault.ts';

const FOLD = 'shared/kubernetes/pods/fold.ts';
const GROUP = 'shared/kubernetes/pods/pod-group.ts';
const FASTER = 'Only time is saved: decoding, or looking up the group again, gives the same counts, which property tests check.';
const BODY = 'shared/kubernetes/client/http-body.ts';

/** Faults in reading Kubernetes that change nothing. */
export const EQUIVALENT_KUBERNETES: readonly Equivalent[] = [
  {
    reason: 'The agent, which is always given, decides how a connection is made.',
    matches: ({ file, original }) => file === 'shared/kubernetes/client/http-client.ts' && original === "url.protocol === 'https:'",
  },
  {
    reason: 'A listener that is removed afterwards, and that may act twice, need not remove itself.',
    matches: ({ file, original, sourceLine }) =>
      file === 'shared/kubernetes/probe/exec-probe.ts' &&
      sourceLine.includes('{ once: true }') &&
      /^(true|\{ once: true \})$/.test(original),
  },
  {
    reason: 'What is printed beyond the bound is not used: only memory is.',
    matches: ({ file, original, replacement, sourceLine }) =>
      file === 'shared/kubernetes/probe/exec-probe.ts' &&
      ((original === 'size <= MAX_PROBE_OUTPUT' && replacement === 'true') ||
        sourceLine.includes('write: (_chunk, _encoding, done) => done()')),
  },
  fault('shared/kubernetes/probe/exec-socket.ts', '/^http/', '/http/', 'An address begins with it, and only the first one is replaced.'),
  {
    reason: 'A part of a Status is no Status: nothing is read of it either way.',
    matches: ({ file, kind, original }) =>
      file === 'shared/kubernetes/probe/exec-socket.ts' && kind === 'BlockStatement' && original.includes("return '';"),
  },
  {
    reason: 'There is a first command: the list that replaces it is never used.',
    matches: ({ file, sourceLine, original }) =>
      file === 'shared/kubernetes/probe/canary-probe.ts' && sourceLine.includes('PROBE_COMMANDS[0] ?? []') && original === '[]',
  },
  {
    reason: 'Two of them are equal in either order.',
    matches: ({ kind, original }) => kind === 'ExchangedArguments' && original === 'isSameTls(before.credentials, credentials)',
  },
  fault(
    'shared/kubernetes/client/network-fault.ts',
    '/^ERR_(SSL|OSSL)/',
    '/ERR_(SSL|OSSL)/',
    'Every code of Node that contains it begins with it.',
  ),
  fault(BODY, '{ chunkSize: UNZIP_CHUNK }', '{}', 'Larger pieces save time; the bytes are the same.'),
  fault(BODY, 'size + chunk.length', 'size - chunk.length', 'Memory that is too small is doubled, which is more than one piece needs.'),
  fault(FOLD, 'head.hasClass && !this.#body.read(head)', 'head.hasClass || !this.#body.read(head)', FASTER),
  fault(FOLD, 'this.#family === undefined || !this.#shared.equals(head)', 'true', FASTER),
  fault(FOLD, 'this.#shared.keep(head);', ';', FASTER),
  fault(FOLD, 'isByPod(group)', 'true', FASTER),
  fault(FOLD, 'isSibling(last.pod, pod)', 'isSibling(pod, last.pod)', 'It asks the same of both.'),
  fault(FOLD, '{\n      return last.group;\n    }', '{}', FASTER),
  fault('shared/kubernetes/pods/fold-context.ts', 'Object.keys(spec?.nodeSelector ?? {}).length === 0', 'false', FASTER),
  {
    reason: FASTER,
    matches: ({ file, replacement, sourceLine }) =>
      file === FOLD && replacement === 'true' && /\) return false;$|^ {2}return ownerKind === /.test(sourceLine),
  },
  {
    reason: 'It saves the sorting of a name that is cut off again.',
    matches: ({ file, sourceLine }) => file === GROUP && /names\[MAX_MARKED - 1\]|last !== undefined && last <= name/.test(sourceLine),
  },
  fault(GROUP, 'step <= 1', 'step < 1', 'With a step of one, all examples are taken.'),
  {
    reason: 'The generator is called by a developer; a test compares what it writes with the file.',
    matches: ({ file, sourceLine }) => file === 'shared/kubernetes/wire/generate.ts' && sourceLine.startsWith('if (process.argv[1]'),
  },
  {
    reason: 'How much memory is taken at once changes only time.',
    matches: ({ file, sourceLine }) =>
      file === 'shared/kubernetes/wire/streamed-list.ts' && sourceLine.includes('Math.max(needed, this.#held.length * 2)'),
  },
  {
    reason: 'A socket without a memory of its own reads the same bytes, in more time.',
    matches: ({ file, sourceLine }) => file === 'shared/kubernetes/client/agent.ts' && /^\s*return true;|\bonread: /.test(sourceLine),
  },
];
