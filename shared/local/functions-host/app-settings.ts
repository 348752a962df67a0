/** A text of a binding with each `%NAME%` replaced by the setting, and the first setting that is missing. */
export function resolveSettings(
  text: string,
  settings: Readonly<Record<string, string>>,
): { readonly text: string; readonly missing?: string } {
  const names = [...text.matchAll(/%([^%\s]+)%/g)].map(([, name = '']) => name);
  const missing = names.find((name) => (settings[name] ?? '') === '');
  const resolved = text.replaceAll(/%([^%\s]+)%/g, (_, name: string) => settings[name] ?? '');
  return missing === undefined ? { text: resolved } : { text: resolved, missing };
}

/** A setting that a function's binding names. */
export function setting(settings: Readonly<Record<string, string>>, name: string, functionName: string): string {
  const value = settings[name];
  if (value === undefined || value === '') throw new Error(`The function ${functionName} needs the setting ${name}, which is not set.`);
  return value;
}
