const BARE = /^[A-Za-z0-9_./:=-]+$/;
/** Both shells take these as they stand between single quotes; PowerShell also ends a string at typographic quotes. */
const QUOTABLE = /^[\p{L}\p{N} !#$%&()*+,./:;<=>?@[\]^_{|}~-]+$/u;

/**
 * One word of a command line, quoted where a shell would read more than the word itself; `undefined` for a word that no
 * quotes keep whole in a POSIX shell and in PowerShell (whose older versions lose double quotes and backslashes).
 */
export function shellWord(word: string): string | undefined {
  if (BARE.test(word)) return word;
  return QUOTABLE.test(word) ? `'${word}'` : undefined;
}

/** Joins the words of a command line; `undefined` when one of them is none, or cannot be written for both shells. */
export function commandLine(words: readonly (string | undefined)[]): string | undefined {
  const quoted = words.map((word) => (word === undefined ? undefined : shellWord(word)));
  return quoted.includes(undefined) ? undefined : quoted.join(' ');
}

const named = (pattern: RegExp, longest: number) => (word: string) => (word.length <= longest && pattern.test(word) ? word : undefined);

/** Gives back the name of a Kubernetes object (RFC 1123 subdomain), and `undefined` for any other text. */
export const objectName = named(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 253);
/** Gives back the name of a namespace (RFC 1123 label), and `undefined` for any other text. */
export const namespaceName = named(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 63);
/** Gives back the kind of a Kubernetes object, and `undefined` for any other text. */
export const kindName = named(/^[A-Z][A-Za-z0-9]*$/, 63);
/** Gives back the name of a kubeconfig's context, and `undefined` for one that could be read as an option. */
export const contextName = named(/^[^-\s].*$/u, 253);
/** Gives back the name of an AKS cluster, and `undefined` for any other text. Source: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. */
export const clusterName = named(/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/, 63);
/** Gives back the name of an AKS node pool, and `undefined` for any other text. */
export const poolName = named(/^[a-z][a-z0-9]*$/, 12);
/** Gives back the name of a resource group, and `undefined` for any other text. */
export const groupName = named(/^[\p{L}\p{N}_(][\p{L}\p{N}_.()-]*$/u, 90);
/** Gives back the id of a subscription, and `undefined` for any other text. */
export const subscriptionId = named(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 36);
/** Gives back the name of a machine size, and `undefined` for any other text. */
export const vmSize = named(/^[A-Za-z][A-Za-z0-9_-]*$/, 80);
