import { cleanText } from '../domain/text/clean.ts';

/** HTML in which every inserted text was escaped; only `html` creates it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** Allowed contents of a template: text is escaped, HTML is inserted unchanged, lists are joined. */
export type Content = string | number | Html | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** Escapes a text for an element's content or a quoted attribute, and replaces invisible characters with visible ones. */
export function escapeHtml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Creates HTML from a template and escapes every inserted text. Attributes must be quoted. */
export function html(template: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(template.reduce((text, part, at) => text + part + (at < contents.length ? render(contents[at]) : ''), ''));
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(render).join('');
  return escapeHtml(String(content));
}
