import type { ExemptionState } from '../domain/policy/exemption.ts';
import { lastDayOf } from '../domain/policy/exemption-schema.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, plainTable } from './table.ts';
import { apiHref, badge, count, empty, href, number, type View } from './view.ts';

/** One exemption with its state. */
export interface ListedExemption {
  readonly exemption: Exemption;
  readonly origin: 'policy' | 'api';
  readonly state: ExemptionState;
  /** Number of open findings in its scope. */
  readonly findings: number;
  /** Whole days until it ends; negative if it has ended. */
  readonly daysLeft: number;
  /** The tag that a write requires; absent for exemptions of the policy file. */
  readonly tag?: string;
}

/** Filters of the list. */
export const EXEMPTION_VIEWS = ['all', 'ending', 'live', 'unused', 'expired', 'invalid'] as const;
export type ExemptionsShown = (typeof EXEMPTION_VIEWS)[number];

/** Every exemption with its state; those of the API can be renewed and ended here. */
export function exemptionsPage(view: View, exemptions: readonly ListedExemption[], all: number, shown: ExemptionsShown): Page {
  const links = EXEMPTION_VIEWS.map(
    (one) =>
      html`<a href="${href(view, '/exemptions', { state: one === 'all' ? undefined : one })}"${one === shown ? html` aria-current="true"` : ''}>${one === 'ending' ? 'expires within 30 days' : one}</a> `,
  );
  const list =
    exemptions.length === 0
      ? empty(
          all === 0 ? 'No exemption' : 'None of these',
          'A finding is exempted on its page, or in the policy, with a reason and an end.',
        )
      : plainTable(view, 'Exemptions', columnsOf(view), exemptions);
  return {
    title: 'Exemptions',
    current: '/exemptions',
    content: html`<h1>${count(all, 'exemption')}</h1><p class="lede">An exempted finding is still tracked, but it is not counted as open.</p><nav class="range" aria-label="Which exemptions">${links}</nav><section class="card"><h2 class="sr">List</h2>${list}</section>`,
  };
}

const KINDS: Readonly<Record<ExemptionState, string>> = { live: 'pass', unused: 'medium', expired: 'unknown', invalid: 'critical' };

function columnsOf(view: View): readonly Column<ListedExemption>[] {
  return [
    { label: 'State', cell: ({ state, exemption }) => html`<span id="${exemption.id}">${badge(KINDS[state], state)}</span>` },
    {
      label: 'Covers',
      numeric: true,
      cell: ({ findings, exemption }) =>
        html`<a href="${href(view, '/findings', { exemption: exemption.id, exempted: 'any' })}">${number(findings)}</a>`,
    },
    {
      label: 'Rule and scope',
      className: 'name',
      cell: ({ exemption }) => html`${exemption.rule}<br><span class="mute">${scopeText(exemption)}</span>`,
    },
    {
      label: 'Reason',
      className: 'msg',
      cell: ({ exemption: { reason, category, approvedBy } }) =>
        html`${reason}<br><span class="mute">${category}, approved by ${approvedBy}</span>`,
    },
    {
      label: 'Through',
      cell: ({ exemption, daysLeft, state }) =>
        html`${lastDayOf(exemption.expiresOn)} ${state !== 'expired' && daysLeft <= 30 ? badge('medium', `${number(daysLeft)} d left`) : ''}`,
    },
    { label: 'Do', cell: (one) => actions(view, one) },
  ];
}

/** Describes the scope of an exemption besides its rule. */
export function scopeText(exemption: Exemption): string {
  const { clusterId, cluster, kind, namespace, ownerKind, workload, pool, class: runtimeClass, node } = exemption;
  const parts = [
    clusterId === undefined ? '' : `cluster ${clusterId.split('/').at(-1) ?? clusterId}`,
    cluster === undefined ? '' : `clusters ${cluster}`,
    namespace === undefined ? '' : `namespace ${namespace}`,
    workload === undefined ? '' : `${ownerKind ?? 'workload'} ${workload}`,
    pool === undefined ? '' : `pool ${pool}`,
    runtimeClass === undefined ? '' : `class ${runtimeClass}`,
    node === undefined ? '' : `node ${node}`,
    kind === undefined || kind === 'workload' ? '' : kind.replace('-', ' '),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'every finding of the rule, everywhere' : parts.join(', ');
}

function actions(view: View, { exemption, origin, tag }: ListedExemption): Content {
  if (origin === 'policy') return html`<span class="mute">in the policy file</span>`;
  if (!view.operator || tag === undefined) return '–';
  const address = apiHref(view, `/exemptions/${encodeURIComponent(exemption.id)}`);
  const { id: _id, expiresOn: _end, ...rest } = exemption;
  const fields = Object.entries(rest).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`);
  return html`<details><summary>Renew or end</summary>${renewForm(address, tag, fields)}<form data-method="DELETE" data-if-match="${tag}" data-confirm="End this exemption? Its findings count again immediately." action="${address}"><button class="quiet danger">End it …</button> <span role="status" class="mute"></span></form></details>`;
}

function renewForm(address: string, tag: string, fields: readonly Html[]): Html {
  return html`<form class="stack" data-method="PUT" data-if-match="${tag}" action="${address}">${fields}<label>Through, that day included<input type="date" name="expiresOn" required></label><p class="actions"><button class="quiet">Renew</button> <span role="status" class="mute"></span></p></form>`;
}
