/** A fault after its tests, as Stryker hands it to a reporter. Source: stryker-mutator.io/docs/stryker-js, the reporters' API. */
interface Tested {
  readonly status: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
}

/** Prints each fault that no test noticed as soon as that is known, because a run may take an hour. */
class Found {
  onMutantTested({ status, fileName, mutatorName, replacement = '', location }: Tested): void {
    if (status !== 'Survived' && status !== 'NoCoverage') return;
    process.stdout.write(
      `not caught: ${fileName}:${location.start.line} ${mutatorName} → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}\n`,
    );
  }
}

export const strykerPlugins = [{ kind: 'Reporter', name: 'found', injectableClass: Found }];
