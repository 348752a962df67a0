import { subjectLabel } from '../domain/findings/finding-text.ts';
import { type FindingData, findingContent, findingTitle } from './finding-content.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { href, type View } from './view.ts';

/** The page of one finding. */
export function findingPage(view: View, data: FindingData): Page {
  const { finding } = data;
  const content = html`<p><a href="${href(view, '/findings')}">← Findings</a></p><h1>${findingTitle(finding)}</h1><section class="card reading"><h2 class="sr">The finding</h2>${findingContent(view, data)}</section>`;
  return { title: `${finding.ruleId}: ${subjectLabel(finding.subject)}`, current: '/findings', content };
}
