import { cleanText } from '../domain/text/clean.ts';

/** A piece of HTML whose every inserted text was escaped; only `html` makes one. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, pieces of HTML are taken as they are, lists are joined. */
export type Content = string | number | Html | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** Escapes a text for an element's content or a quoted attribute, and shows what is not seen as replaced. */
export function escapeHtml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Makes HTML of a template, escaping every text that is put into it. Attributes must be quoted. */
export function html(template: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(template.reduce((text, part, at) => text + part + (at < contents.length ? render(contents[at]) : ''), ''));
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(render).join('');
  return escapeHtml(String(content));
}
