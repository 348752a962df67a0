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
