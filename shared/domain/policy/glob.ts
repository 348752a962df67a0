/**
 * Whether a name matches one of the globs. `*` matches any number of characters, `?` matches one, and
 * case does not matter. Runs in linear time, so that a hostile glob cannot stop a scan.
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
