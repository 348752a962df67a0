import type { ClusterSummary } from '../domain/findings/summary.ts';
import { gapAdvice } from '../domain/snapshot/gap-advice.ts';
import { type Html, html } from './html.ts';
import { badge, count, href, name, type View } from './view.ts';

/** Parts that could not be read, by reason: one remedy each, with the clusters folded. */
export function coverageSection(view: View, clusters: readonly ClusterSummary[]): Html {
  const blind = clusters.filter(({ assessment }) => assessment !== 'assessed');
  if (blind.length === 0) {
    return html`<section class="card" id="coverage"><h2>Coverage</h2><p>${badge('pass', 'fully seen')} The newest scan of every cluster read all that the policy asks for.</p></section>`;
  }
  const byReason = new Map<ClusterSummary['gaps'][number]['reason']['code'], Set<ClusterSummary>>();
  for (const cluster of blind) {
    for (const { reason } of cluster.gaps) byReason.set(reason.code, (byReason.get(reason.code) ?? new Set()).add(cluster));
  }
  const reasons = [...byReason].toSorted(([, a], [, b]) => b.size - a.size);
  return html`<section class="card gap" id="coverage"><h2>Coverage: ${count(blind.length, 'cluster')} could not be read completely</h2>${reasons.map(
    ([code, affected]) =>
      html`<details><summary>${badge('unknown', code)} ${count(affected.size, 'cluster')} <span class="mute">${gapAdvice(code)}</span></summary><ul class="plain"><li><a href="${href(view, '', { gap: code })}#clusters">Show ${count(affected.size, 'cluster')} in the table</a></li>${[...affected].slice(0, 200).map((one) => clusterGaps(view, one, code))}</ul></details>`,
  )}</section>`;
}

function clusterGaps(view: View, { cluster, gaps }: ClusterSummary, code: string): Html {
  const own = gaps.filter(({ reason }) => reason.code === code);
  return html`<li><a href="${href(view, '/cluster', { id: cluster.id })}">${name(cluster.name)}</a> <span class="mute">${[...new Set(own.map(({ evidence }) => evidence))].join(', ')}: ${own[0]?.reason.message}</span></li>`;
}
