import { type Html, html } from './html.ts';
import { apiHref, count, href, number, type View } from './view.ts';

/** A running audit, updated by the script until it ends or the time limit passes. */
export function liveAudit(view: View, id: string, { scanned, planned }: { readonly scanned: number; readonly planned: number }): Html {
  const said = planned === 0 ? 'listing the clusters' : `${number(scanned)} of ${count(planned, 'cluster')} scanned`;
  return html`<div class="live" data-live="${apiHref(view, `/audits/${encodeURIComponent(id)}`)}"><a href="${href(view, '/audit', { id })}">Audit running</a><progress max="${Math.max(1, planned)}" value="${scanned}" aria-label="Clusters scanned"></progress><span data-text role="status">${said}</span></div>`;
}

/** Hidden until the script has started an audit from this page and follows it. */
export function startedAudit(): Html {
  return html`<div class="live" data-live="" hidden>Audit started<progress max="1" value="0" aria-label="Clusters scanned"></progress><span data-text role="status">listing the clusters</span></div>`;
}
