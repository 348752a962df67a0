import { type Equivalent, fault } from './fault.ts';

const MORE = 'More is read than is used: the next line takes what it needs.';

/** Faults in use cases and their adapters that change nothing. */
export const EQUIVALENT_USECASES: readonly Equivalent[] = [
  fault('shared/usecases/queries/walk.ts', 'first.next === undefined', 'false', 'Without a second page the list is only copied.'),
  {
    reason: 'An item of the list without the field that is read of it adds nothing.',
    matches: ({ file, kind, original }) => file === 'shared/usecases/known-images.ts' && kind === 'ArrayDeclaration' && original === '[]',
  },
  {
    reason: 'A sent look opens no connection that could be throttled.',
    matches: ({ file, sourceLine, original }) =>
      file === 'shared/usecases/record-sent-look.ts' && original === 'true' && sourceLine.includes('isLast: true'),
  },
  fault('shared/usecases/record-sent-look.ts', 'newest > observedAt', 'newest >= observedAt', 'Of two equal times either is taken.'),
  fault('shared/usecases/is-audited.ts', '1', '2', MORE),
  fault('shared/usecases/deliver-notification.ts', 'at < pending.length', 'at <= pending.length', 'One empty batch more is asked for.'),
  fault(
    'shared/usecases/check-manifests.ts',
    'false',
    'true',
    'It is about the rule workload-sandboxed alone, by which no class is judged.',
  ),
];
