import { type Equivalent, fault } from './fault.ts';

const FOLDER = 'shared/kubernetes/kubeconfig';

/** Faults in reading a kubeconfig that change nothing. */
export const EQUIVALENT_KUBECONFIG: readonly Equivalent[] = [
  {
    reason: 'It differs on Windows only, where these tests do not run.',
    matches: ({ file, original, replacement }) =>
      file === `${FOLDER}/exec-plugin.ts` &&
      (original === "command.includes('/') || command.includes(sep)" ||
        (original === "process.platform !== 'win32'" && replacement === 'true') ||
        (original === "process.platform === 'win32'" && replacement === 'false')),
  },
  {
    reason: 'What is compared is equal in all its bits, or in the same number of them: in either order.',
    matches: ({ file, kind, original }) =>
      file === `${FOLDER}/proxy.ts` && kind === 'ExchangedArguments' && original.startsWith('inNetwork('),
  },
  {
    reason: 'A number inside an entry is no port: no host ends with what remains of it.',
    matches: ({ file, kind, sourceLine }) => file === `${FOLDER}/proxy.ts` && kind === 'Regex' && sourceLine.includes('const port ='),
  },
  fault(`${FOLDER}/target.ts`, 'key === undefined', 'false', 'A certificate without its key was refused before.'),
  {
    reason: 'The client asks for the credentials of each call: what its configuration names of them is not used.',
    matches: ({ file, original }) => file === `${FOLDER}/access.ts` && original === "{ name: 'kubeconfig', config: {} }",
  },
  {
    reason: 'A certificate or key that is undefined is none.',
    matches: ({ file, original, replacement }) =>
      file === `${FOLDER}/access.ts` && /^tls\.(cert|key) !== undefined$/.test(original) && replacement === 'true',
  },
  {
    reason: 'Nothing is sent to this cluster: only its user is asked for a header, which begins with the scheme.',
    matches: ({ file, original }) => file === `${FOLDER}/sign-in.ts` && (original === 'true' || original === '/^Bearer /'),
  },
  {
    reason: 'They differ only for a program that fails in the very moment in which the time is over.',
    matches: ({ file, original }) => file === `${FOLDER}/sign-in.ts` && original === 'cause instanceof Fault || !abortSignal.aborted',
  },
  {
    reason: 'An entry or variable without a name is found by none.',
    matches: ({ file, original, replacement }) =>
      file === `${FOLDER}/entries.ts` && original === '[]' && replacement === '["Stryker was here"]',
  },
];
