/**
 * Whether a name matches one of some globs; `*` stands for any run of characters, `?` for one, and
 * case does not matter. Linear in time, so that a hostile glob cannot hang a scan.
 */
export function matchesGlobs(name: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(name.toLowerCase(), glob.toLowerCase()));
}

function matchesGlob(name: string, glob: string): boolean {
  let at = 0;
  let globAt = 0;
  let star = -1;
  let retry = 0;
  while (at < name.length) {
    const token = glob[globAt];
    if (token === '*') {
      star = globAt++;
      retry = at;
    } else if (token !== undefined && (token === '?' || token === name[at])) {
      at++;
      globAt++;
    } else if (star >= 0) {
      globAt = star + 1;
      at = ++retry;
    } else return false;
  }
  while (glob[globAt] === '*') globAt++;
  return globAt === glob.length;
}
