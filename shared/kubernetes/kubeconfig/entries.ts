import { z } from 'zod';

/**
 * An optional text: an absent, null or empty value is `undefined`, and surrounding spaces are removed, because no name, path or token has
 * them.
 */
const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

/** A cluster of a kubeconfig. Source of this and the following types: k8s.io/client-go tools/clientcmd/api/v1/types.go. */
export const ClusterEntry = z.object({
  server: text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': flag,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'proxy-url': text,
  extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).nullish(),
});
export type ClusterEntry = z.infer<typeof ClusterEntry>;

/** A program that returns credentials. */
export const ExecEntry = z.object({
  apiVersion: text,
  command: text,
  args: texts,
  env: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .nullish()
    .transform((value) => value ?? []),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).nullish(),
});
export type ExecEntry = z.infer<typeof ExecEntry>;

/** A user of a kubeconfig. */
export const UserEntry = z.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: z.string().nullish(),
  as: text,
  'as-uid': text,
  'as-groups': texts,
  'as-user-extra': z
    .record(z.string(), z.array(z.string()))
    .nullish()
    .transform((value) => value ?? {}),
  'auth-provider': z.object({ name: z.string(), config: z.record(z.string(), z.string()).nullish() }).nullish(),
  exec: ExecEntry.nullish(),
});
export type UserEntry = z.infer<typeof UserEntry>;

/** A context of a kubeconfig. */
export const ContextEntry = z.object({ cluster: text, user: text });

/** A kubeconfig whose entries are parsed only when they are used: an incomplete entry elsewhere in the file does not matter. */
const named = z
  .array(z.looseObject({ name: z.string() }))
  .nullish()
  .transform((value) => value ?? []);
export const KubeconfigFile = z.object({
  apiVersion: z.enum(['v1', '']).nullish(),
  kind: z.enum(['Config', '']).nullish(),
  'current-context': text,
  contexts: named,
  clusters: named,
  users: named,
});
