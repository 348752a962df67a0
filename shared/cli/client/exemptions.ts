import { z } from 'zod';
import { given } from '../../domain/snapshot/given.ts';
import { HeldExemptionView } from '../../http/schemas/exemption-schemas.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { plain, table } from '../frame/table.ts';
import { UsageError } from '../frame/usage-error.ts';
import { type AppOptions, readAnswer, sendApi } from './connection.ts';

/** The options of `kataudit exemptions list`. */
export interface ListExemptionsOptions extends AppOptions {
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

/** The options of `kataudit exemptions give`. */
export interface GiveOptions extends AppOptions {
  readonly rule: string;
  readonly reason: string;
  readonly approvedBy: string;
  readonly expiresOn: string;
  readonly category: 'waiver' | 'mitigated';
  readonly cluster?: string;
  readonly namespace?: string;
  readonly workload?: string;
  readonly pool?: string;
}

/** The options of `kataudit exemptions renew`. */
export interface RenewOptions extends AppOptions {
  readonly expiresOn: string;
  readonly reason?: string;
}

type Held = ReturnType<typeof HeldExemptionView.parse>;

/** `kataudit exemptions list`: lists the exemptions of the policy and of the app. */
export async function listExemptions({ terminal }: Surroundings, options: ListExemptionsOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const Page = z.object({ value: z.array(HeldExemptionView) });
  const { value } = await readAnswer(options, await sendApi(options, 'GET', 'exemptions'), Page);
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(value, null, 2);
    const rows = value.map((one) => [one.state, one.id, one.rule, String(one.findings), one.expiresOn, one.origin, one.reason]);
    return value.length === 0
      ? 'There are no exemptions.'
      : table(['STATE', 'ID', 'RULE', 'FINDINGS', 'EXPIRES', 'FROM', 'REASON'], rows, page);
  });
  return 0;
}

/** `kataudit exemptions give`: creates an exemption; refuses if the id exists already. */
export async function giveExemption({ terminal }: Surroundings, id: string, options: GiveOptions): Promise<number> {
  const { rule, reason, approvedBy, expiresOn, category, cluster, namespace, workload, pool } = options;
  const scope = Object.fromEntries(Object.entries({ cluster, namespace, workload, pool }).filter(([, value]) => value !== undefined));
  const body = { rule, reason, approvedBy, expiresOn, category, ...scope };
  const answer = await sendApi(options, 'PUT', pathOf(id), { body, headers: { 'if-none-match': '*' } });
  terminal.print(covers(await readAnswer(options, answer, HeldExemptionView)));
  return 0;
}

/** `kataudit exemptions renew`: changes the end date of an exemption of the app. */
export async function renewExemption({ terminal }: Surroundings, id: string, options: RenewOptions): Promise<number> {
  const { held, etag } = await heldExemption(options, id);
  const { id: _id, origin: _origin, state: _state, findings: _findings, updatedAt: _at, updatedBy: _by, ...fields } = held;
  const body = { ...fields, expiresOn: options.expiresOn, ...given({ reason: options.reason }) };
  const answer = await sendApi(options, 'PUT', pathOf(id), { body, headers: { 'if-match': etag } });
  terminal.print(covers(await readAnswer(options, answer, HeldExemptionView)));
  return 0;
}

/** `kataudit exemptions end`: ends an exemption of the app now. */
export async function endExemption({ terminal }: Surroundings, id: string, options: AppOptions): Promise<number> {
  const { etag } = await heldExemption(options, id);
  await sendApi(options, 'DELETE', pathOf(id), { headers: { 'if-match': etag } });
  terminal.print(`Exemption ${plain(id)} has ended. The findings that it covered count again.`);
  return 0;
}

/** The stored exemption, with the ETag that an update needs. */
async function heldExemption(options: AppOptions, id: string): Promise<{ readonly held: Held; readonly etag: string }> {
  const answer = await sendApi(options, 'GET', pathOf(id));
  const etag = answer.headers.get('etag');
  const held = await readAnswer(options, answer, HeldExemptionView);
  if (held.origin === 'policy') throw new UsageError(`Exemption ${plain(id)} is defined in the policy file: change it there.`);
  if (etag === null) throw new UsageError(`${options.url} did not return the ETag of ${plain(id)}.`);
  return { held, etag };
}

function covers({ id, findings, expiresOn }: Held): string {
  return `Exemption ${plain(id)} covers ${findings} open finding${findings === 1 ? '' : 's'} until ${expiresOn}.`;
}

function pathOf(id: string): string {
  return `exemptions/${encodeURIComponent(id)}`;
}
