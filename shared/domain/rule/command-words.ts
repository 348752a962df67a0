const named =
  (pattern: RegExp, longest = Number.POSITIVE_INFINITY) =>
  (word: string) =>
    word.length <= longest && pattern.test(word) ? word : undefined;

/** Returns a valid name of a Kubernetes object (RFC 1123 subdomain), and `undefined` for any other text. */
export const objectName = named(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 253);
/** Returns a valid namespace name (RFC 1123 label), and `undefined` for any other text. */
export const namespaceName = named(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 63);
/** Returns a valid kind of Kubernetes object, and `undefined` for any other text. */
export const kindName = named(/^[A-Z][A-Za-z0-9]*$/, 63);
/** Returns a valid kubeconfig context, and `undefined` for a text that could be parsed as an option. */
export const contextName = named(/^[^-\s].*$/u, 253);
/**
 * Returns a valid name of an AKS cluster, and `undefined` for any other text. Source:
 * learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
 */
export const clusterName = named(/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/, 63);
/** Returns a valid name of an AKS node pool, and `undefined` for any other text. */
export const poolName = named(/^[a-z][a-z0-9]*$/, 12);
/** Returns a valid name of a resource group, and `undefined` for any other text. */
export const groupName = named(/^[\p{L}\p{N}_(][\p{L}\p{N}_.()-]*$/u, 90);
/** Returns a valid subscription id, and `undefined` for any other text. */
export const subscriptionId = named(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
/** Returns a valid name of a VM size, and `undefined` for any other text. */
export const vmSize = named(/^[A-Za-z][A-Za-z0-9_-]*$/, 80);
