import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, plainTable } from './table.ts';
import { apiHref, empty, type View, when } from './view.ts';

/** One parked message as the list shows it. */
export interface ListedParked {
  readonly id: string;
  readonly queue: string;
  readonly reason: string;
  readonly body: string;
  readonly parkedAt: string;
}

/** Messages that failed permanently, for a person to replay or drop. */
export function parkedPage(view: View, messages: readonly ListedParked[]): Page {
  const columns: readonly Column<ListedParked>[] = [
    { label: 'Parked', cell: ({ parkedAt }) => when(parkedAt) },
    { label: 'Queue', cell: ({ queue }) => html`<code>${queue}</code>` },
    { label: 'Why', className: 'msg', cell: ({ reason }) => reason },
    { label: 'Message', className: 'msg', cell: ({ body }) => html`<pre tabindex="0">${body.slice(0, 2000)}</pre>` },
    {
      label: 'Do',
      cell: ({ id }) =>
        view.operator
          ? html`<form data-method="POST" action="${apiHref(view, `/parked/${encodeURIComponent(id)}/replay`)}"><button class="quiet">Replay</button> <span role="status"></span></form><form data-method="DELETE" data-confirm="Drop this message? Its work will never be done." action="${apiHref(view, `/parked/${encodeURIComponent(id)}`)}"><button class="quiet danger">Drop …</button> <span role="status"></span></form>`
          : '–',
    },
  ];
  const list =
    messages.length === 0
      ? empty('Nothing is parked', 'A message that fails five times comes here instead of being lost.')
      : plainTable(view, 'Parked messages', columns, messages);
  return {
    title: 'Parked messages',
    current: '/parked',
    content: html`<h1>Parked messages</h1><p class="lede">Messages that failed permanently. Replay or drop each one.</p><section class="card">${list}</section>`,
  };
}
