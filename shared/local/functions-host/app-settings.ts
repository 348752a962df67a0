/** Replaces each `%NAME%` by that setting, as the host does in bindings; a missing one is one clear error. */
export function resolveSettings(text: string, settings: Readonly<Record<string, string>>, functionName: string): string {
  return text.replaceAll(/%([^%\s]+)%/g, (_, name: string) => setting(settings, name, functionName));
}

/** A setting that a function's binding names. */
export function setting(settings: Readonly<Record<string, string>>, name: string, functionName: string): string {
  const value = settings[name];
  if (value === undefined || value === '') throw new Error(`The function ${functionName} needs the setting ${name}, which is not set.`);
  return value;
}
