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

/** Escapes a text for an element's content or a quoted attribute, and makes control and direction marks visible. */
export function escapeHtml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be replaced.
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
  );
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
