import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, pager, plainTable } from './table.ts';
import { count, empty, href, name, namespaced, type View } from './view.ts';

/** One workload that must be sandboxed and is, with its isolation step. */
export interface SandboxedRow {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly kind: string;
  readonly workload: string;
  readonly message: string;
}

/** One page of the workloads that must be sandboxed and are. */
export interface SandboxedData {
  /** Their number in the whole estate, from the cluster summaries. */
  readonly all: number;
  readonly shown: readonly SandboxedRow[];
  readonly page: number;
  readonly pages: number;
  /** Names of clusters whose stored evidence has a different number of them than their summary. */
  readonly differing: readonly string[];
}

/** The list of the sandboxed workloads that the estate page counts. */
export function sandboxedPage(view: View, { all, shown, page, pages, differing }: SandboxedData): Page {
  const columns: readonly Column<SandboxedRow>[] = [
    { label: 'Workload', className: 'name', cell: ({ namespace, workload }) => namespaced(namespace, workload) },
    { label: 'Kind', cell: ({ kind }) => kind },
    {
      label: 'Cluster',
      cell: ({ clusterId, clusterName }) => html`<a href="${href(view, '/cluster', { id: clusterId })}">${name(clusterName)}</a>`,
    },
    { label: 'Note', className: 'msg', cell: ({ message }) => message },
  ];
  const warning =
    differing.length === 0
      ? ''
      : html`<p class="alert" role="alert">The stored evidence of ${differing.join(', ')} is from another scan than the count. Reload the page when the scan has ended.</p>`;
  const list =
    all === 0
      ? empty('No workload', 'No workload that must be sandboxed was found in a sandbox.')
      : html`${plainTable(view, 'Sandboxed workloads', columns, shown)}${pager(view, '/sandboxed', {}, { page, pages })}`;
  return {
    title: 'Sandboxed workloads',
    current: '',
    content: html`<h1>${count(all, 'workload')} sandboxed as required</h1><p class="lede">Workloads that the policy requires in a sandbox and that passed the rule <code>workload-sandboxed</code> in the last scan of their cluster. The page of the cluster shows how strong the evidence for each is.</p>${warning}<section class="card">${list}</section>`,
  };
}
