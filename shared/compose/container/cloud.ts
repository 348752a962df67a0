import { randomBytes } from 'node:crypto';
import { load } from '../../config/settings.ts';
import type { Storage } from '../../storage/storage.ts';
import { publishingStatus } from '../../usecases/publish/publishing-status.ts';
import { type App, common } from './app.ts';
import { cursorSecretOf } from './cursor-secret.ts';
import { imageKnowledge } from './images.ts';
import { notifying } from './notifier.ts';
import { openedOnce } from './opened-once.ts';
import { heldFor, publishersOf } from './publishers.ts';
import { lazySigner } from './signer.ts';
import { storageAccountOf } from './storage-account.ts';
import { measuredWaits, telemetryOf } from './telemetry.ts';
import { pruneVulnerabilities, vulnerabilitiesOf } from './vulnerabilities.ts';
import { vulnerabilityStatus } from './vulnerability-status.ts';

const wired = openedOnce(async () => {
  const { app, storage } = await wire(process.env);
  await storage.ensure();
  return app;
});

/**
 * The app of this process, wired on first use from the environment. A failed wiring is attempted
 * again at the next call, so that a wrong setting fails each invocation, not the load.
 */
export function getApp(): Promise<App> {
  return wired.get();
}

/** Flushes telemetry before this process ends; does nothing without telemetry. */
export async function flushTelemetry(): Promise<void> {
  await (await wired.held())?.telemetry.flush();
}

/** The app of an environment, with its storage; sends no request. Throws a `SettingsError` that lists every mistake. */
export async function wire(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly app: App; readonly storage: Pick<Storage, 'ensure'> }> {
  const settings = load(environment);
  const [azure, kubernetes, storageModule, { RULES }, policies] = await Promise.all([
    import('../../azure/estate/azure-estate.ts'),
    import('../../kubernetes/open-cluster.ts'),
    import('../../storage/storage.ts'),
    import('../../rules/index.ts'),
    import('./policy.ts'),
  ]);
  const { azureCredential, staticToken } = await import('../../azure/client/credential.ts');
  const { callBudgets } = await import('../../azure/client/options.ts');
  const { clusterCredential } = await import('../../azure/estate/cluster-credential.ts');
  const { clusterAccesses } = await import('./cluster-access.ts');

  const credential =
    settings.KATAUDIT_ACCESS_TOKEN === undefined
      ? await azureCredential(settings.AZURE_CLIENT_ID)
      : staticToken(settings.KATAUDIT_ACCESS_TOKEN);
  const shared = common(settings, RULES);
  // The host uses the same name, so that the telemetry of both is shown together.
  const telemetry = telemetryOf(settings, credential, environment.WEBSITE_SITE_NAME ?? 'kataudit', (line) => console.warn(line));
  const azureOptions = {
    credential,
    ...(settings.KATAUDIT_PROBE_CLIENT_ID === undefined
      ? {}
      : { probeCredential: await azureCredential(settings.KATAUDIT_PROBE_CLIENT_ID) }),
    armEndpoint: settings.KATAUDIT_ARM_ENDPOINT,
    clock: shared.clock,
    onWait: measuredWaits(telemetry),
  };
  const estate = azure.createAzureEstate(azureOptions);
  const accessesOf = clusterAccesses(clusterCredential(azureOptions));
  const storage = storageModule.createStorage(storageAccountOf(settings, credential), shared.clock);
  const policy = policies.policySource(settings, storage.texts);
  const asksVulnerabilities = settings.KATAUDIT_VULNERABILITIES === 'on';
  const publishers = await publishersOf(settings, { ...shared, ...storage, policy }, azureOptions);
  const app: App = {
    ...shared,
    telemetry,
    azure: estate,
    maintenance: estate,
    callBudgets: callBudgets(azureOptions),
    connect: async (listed, abortSignal) => {
      const { audit } = await accessesOf(listed, abortSignal);
      return kubernetes.openCluster(audit, { clock: shared.clock, gzip: settings.KATAUDIT_GZIP });
    },
    probe: {
      mode: settings.KATAUDIT_PROBE,
      open: async (listed, abortSignal) => {
        const { openProbe } = await import('../../kubernetes/probe/open-probe.ts');
        return openProbe(await (await accessesOf(listed, abortSignal)).probe.kubeConfig());
      },
    },
    findings: storage.findings,
    audits: storage.audits,
    trend: storage.trend,
    parked: storage.parked,
    assessments: storage.assessments,
    events: storage.events,
    exemptions: storage.exemptions,
    bundles: storage.bundles,
    messages: storage.messages,
    outbox: storage.outbox,
    ...notifying({ settings, clock: shared.clock, credential }, storage.messages, policy),
    cursorSecret: cursorSecretOf(storage.texts, () => randomBytes(32).toString('base64url')),
    policy,
    images: imageKnowledge(storage.texts),
    ...(asksVulnerabilities ? { vulnerabilities: await vulnerabilitiesOf(storage.texts, shared.clock) } : {}),
    pruneCache: pruneVulnerabilities(storage.texts, asksVulnerabilities, shared.clock),
    publications: storage.publications,
    publishers,
    services: heldFor(shared.clock, async () => [
      ...(asksVulnerabilities ? [await vulnerabilityStatus(storage.texts)] : []),
      ...(await publishingStatus(publishers, storage.publications)),
    ]),
    ...(settings.KATAUDIT_SIGNING_KEY === undefined ? {} : { signer: lazySigner(settings.KATAUDIT_SIGNING_KEY, credential) }),
  };
  return { app, storage };
}
