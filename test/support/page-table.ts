/** A text with something in place of its markup. */
function textOf(html: string, instead: '' | ' '): string {
  return html
    .replaceAll(/<[^>]*>/g, instead)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The rows of a dashboard table by its caption, also the folded ones: the text of each cell by the label of its column. */
export function tableOf(page: string, caption: string): readonly Readonly<Record<string, string>>[] {
  const tables = page.matchAll(new RegExp(`aria-label="(?:More: )?${caption}">(.*?)</table>`, 'gs'));
  return [...tables].flatMap(([, table = '']) =>
    [...table.matchAll(/<tr>(<td.*?)<\/tr>/gs)].map(([, row = '']) =>
      Object.fromEntries(
        [...row.matchAll(/data-label="([^"]*)">(.*?)<\/td>/gs)].map(([, label = '', cell = '']) => [label, textOf(cell, '')]),
      ),
    ),
  );
}

/** The text of the part of a page with an id, with a space for each piece of markup. */
export function sectionOf(page: string, id: string): string {
  return textOf(new RegExp(`<section [^>]*id="${id}">(.*?)</section>`, 's').exec(page)?.[1] ?? '', ' ');
}
