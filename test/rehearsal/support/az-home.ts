import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Az, realAz } from '../../../scripts/deployment/az.ts';
import type { StandIn } from './stand-in.ts';

/** An Azure CLI that is signed in to a simulated Azure: its environment, and a function to run it. */
export interface AzHome {
  readonly environment: Readonly<Record<string, string>>;
  readonly az: Az;
}

/** Signs an Azure CLI in with the managed identity of a simulated Azure; nothing of the user's own is read or written. */
export async function signIn(folder: string, program: string, bicep: string, { url, tokenUrl, caPem }: StandIn): Promise<AzHome> {
  const config = join(folder, 'config');
  mkdirSync(config, { recursive: true });
  writeFileSync(join(folder, 'ca.pem'), caPem);
  writeFileSync(join(folder, 'cloud.json'), JSON.stringify(cloudOf(url)));
  const environment = {
    // az writes to ~/.kube/config and ~/.azure.
    HOME: folder,
    PATH: [dirname(program), dirname(bicep), process.env.PATH ?? ''].join(':'),
    AZURE_CONFIG_DIR: config,
    AZURE_CORE_COLLECT_TELEMETRY: '0',
    REQUESTS_CA_BUNDLE: join(folder, 'ca.pem'),
    SSL_CERT_FILE: join(folder, 'ca.pem'),
    MSI_ENDPOINT: tokenUrl,
    IDENTITY_ENDPOINT: tokenUrl,
    IDENTITY_HEADER: 'x',
    MSI_SECRET: 'x',
    APPSETTING_WEBSITE_SITE_NAME: 'x',
  };
  const az = realAz(process.platform, environment);
  for (const words of [
    ['cloud', 'register', '--name', 'StandIn', '--skip-endpoint-discovery', '--cloud-config', `@${join(folder, 'cloud.json')}`],
    ['cloud', 'set', '--name', 'StandIn'],
    ['config', 'set', 'core.collect_telemetry=no', 'bicep.use_binary_from_path=true', 'bicep.check_version=false', '--only-show-errors'],
    ['login', '--identity'],
  ]) {
    const { code, stderr } = await az(words);
    if (code !== 0) throw new Error(`az ${words.join(' ')} failed: ${stderr}`);
  }
  return { environment, az };
}

function cloudOf(url: string) {
  const endpoint = `${url}/`;
  return {
    endpoints: {
      management: endpoint,
      resourceManager: endpoint,
      activeDirectory: url,
      activeDirectoryResourceId: endpoint,
      activeDirectoryGraphResourceId: endpoint,
      microsoftGraphResourceId: endpoint,
      gallery: endpoint,
      batchResourceId: endpoint,
    },
    suffixes: { storageEndpoint: 'core.windows.net', keyvaultDns: '.vault.azure.net' },
  };
}
