import type { Credential } from '../server/certificates.ts';

/** How a simulated API server is reached. */
export interface ApiServerAddress {
  readonly clusterName: string;
  readonly server: string;
  readonly caPem: string;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig that a person can use: it contains a client certificate. */
export function clientCertificateKubeconfig(address: ApiServerAddress, { certificate, key }: Credential): string {
  return kubeconfig(address, [`    client-certificate-data: ${base64(certificate)}`, `    client-key-data: ${base64(key)}`]);
}

/** The kubeconfig that Azure returns for a cluster with Entra ID: it names a program that gets a token. */
export function execPluginKubeconfig(address: ApiServerAddress, tenantId: string): string {
  return kubeconfig(address, [
    '    exec:',
    '      apiVersion: client.authentication.k8s.io/v1beta1',
    '      args:',
    '      - get-token',
    '      - --environment',
    '      - AzurePublicCloud',
    '      - --server-id',
    '      - 6dae42f8-4368-4678-94ff-3960e28e3630',
    '      - --client-id',
    '      - 80faf920-1908-4b52-b5ef-a8e7bedfc67a',
    '      - --tenant-id',
    `      - ${tenantId}`,
    '      - --login',
    '      - devicecode',
    '      command: kubelogin',
    '      env: null',
    '      installHint: kubelogin is not installed',
    '      provideClusterInfo: false',
  ]);
}

function kubeconfig({ clusterName, server, caPem }: ApiServerAddress, user: readonly string[]): string {
  const userName = `clusterUser_${clusterName}`;
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64(caPem)}`,
    `    server: ${server}`,
    `  name: ${clusterName}`,
    'contexts:',
    '- context:',
    `    cluster: ${clusterName}`,
    `    user: ${userName}`,
    `  name: ${clusterName}`,
    `current-context: ${clusterName}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${userName}`,
    '  user:',
    ...user,
    '',
  ].join('\n');
}
