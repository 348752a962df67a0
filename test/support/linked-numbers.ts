/** Returns the HTML of a dashboard page by its path below the API, for example `/dashboard/findings?rule=x`. */
export type GetPage = (path: string) => Promise<string>;

/** A number on a page, and the list whose length it states. */
export interface LinkedNumber {
  readonly page: string;
  readonly link: string;
  readonly amount: number;
}

/** Every number on these pages that links to a list, with the length of that list. */
export async function comparedNumbers(
  pages: readonly string[],
  get: GetPage,
): Promise<readonly (LinkedNumber & { readonly listed: number })[]> {
  const lengths = new Map<string, number>();
  const compared: (LinkedNumber & { readonly listed: number })[] = [];
  for (const page of pages) {
    const html = await get(page);
    for (const { link, amount } of [...numbersIn(html), ...facetsIn(page, html)]) {
      const listed = lengths.get(link) ?? (await lengthOf(link, get));
      lengths.set(link, listed);
      compared.push({ page, link, amount, listed });
    }
  }
  return compared;
}

type Counted = Pick<LinkedNumber, 'link' | 'amount'>;

/** Links of the dashboard whose text begins with a number, or with a verb and a number; without dates and lengths of the trend. */
function numbersIn(html: string): readonly Counted[] {
  return [...html.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)].flatMap(([, href = '', content = '']) => {
    const text = content.replaceAll(/<[^>]*>/g, '').trim();
    const amount = /^(?:All |Show |Show all )?([\d,]+)(?![\d.:-])(?! days$)\b/.exec(text)?.[1];
    const link = href.replaceAll('&amp;', '&').replace(/^.*?\/dashboard/, '/dashboard');
    return amount === undefined || !link.startsWith('/dashboard') ? [] : [{ link, amount: Number(amount.replaceAll(',', '')) }];
  });
}

/** The filter options of the findings page: each states how many findings it gives with the other filters of the page. */
function facetsIn(page: string, html: string): readonly Counted[] {
  const asked = new URLSearchParams(page.split('?')[1] ?? '');
  return [
    ...html.matchAll(/<label class="check"><input type="checkbox" name="(\w+)" value="([^"]*)".*?<span class="mute">([\d,]+)<\/span>/g),
  ].map(([, name = '', value = '', amount = '']) => {
    const query = new URLSearchParams(asked);
    query.set(name, value.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"'));
    return { link: `/dashboard/findings?${query}`, amount: Number(amount.replaceAll(',', '')) };
  });
}

/** The position of a list on its page. */
const PLACES: Readonly<Record<string, RegExp>> = {
  '/dashboard': /<section class="card" id="clusters">.*?<\/section>/s,
  '/dashboard/findings': /<form class="selection".*?<\/form>/s,
  '/dashboard/sandboxed': /<section class="card">.*?<\/section>/s,
  '/dashboard/exemptions': /<section class="card">.*?<\/section>/s,
  '/dashboard/parked': /<section class="card">.*?<\/section>/s,
  '/dashboard/audit#gaps': /<section class="card gap" id="gaps">.*?<\/section>/s,
  '/dashboard/audit#changes': /<section class="card" id="changes">.*?<\/section>/s,
};

/** The length of the list at a URL, over all its pages. */
async function lengthOf(link: string, get: GetPage): Promise<number> {
  const [address = '', fragment] = link.split('#');
  const [path = '', query = ''] = address.split('?');
  const place = PLACES[path === '/dashboard/audit' ? `${path}#${fragment ?? ''}` : path];
  if (place === undefined) throw new Error(`No list is known at ${link}.`);
  const parameters = new URLSearchParams(query);
  let length = 0;
  for (let part = 1; ; part++) {
    if (part > 1) parameters.set('page', String(part));
    const html = await get(`${path}?${parameters}`);
    length += rowsIn(place.exec(html)?.[0] ?? '');
    if (!html.includes('Next →</a>')) return length;
  }
}

function rowsIn(html: string): number {
  if (html.includes('<tbody')) return (html.match(/<tr(?! class="group")(?=[ >])/g) ?? []).length - (html.match(/<thead/g) ?? []).length;
  return (html.match(/<li>/g) ?? []).length;
}
