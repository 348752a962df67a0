import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle, packagesIn } from './npm/bundle.ts';
import { licenseNames } from './package/trace.ts';

/**
 * Prepares the package for `npm pack` and `npm publish`, which run this before and after: the bundled command line in `dist/`, and a
 * manifest without dependencies, because the bundle contains all of them. `node scripts/npm-package.ts restore` restores the
 * project's own manifest.
 */
const ROOT = resolve(import.meta.dirname, '..');
const MANIFEST = join(ROOT, 'package.json');
const KEPT = join(ROOT, '.package/package.json');
const NOTICES = join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt');

/** The fields of a published manifest; all others are only for building. */
const PUBLISHED = ['name', 'version', 'description', 'license', 'type', 'keywords', 'homepage', 'repository', 'bugs', 'bin', 'files'];

restore();
if (process.argv[2] !== 'restore') await prepare();

async function prepare(): Promise<void> {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  const metafile = await bundle(ROOT, 'dist');
  writeFileSync(NOTICES, packagesIn(metafile).map(noticeOf).join('\n\n'));
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  mkdirSync(join(ROOT, '.package'), { recursive: true });
  copyFileSync(MANIFEST, KEPT);
  writeFileSync(MANIFEST, `${JSON.stringify(published(manifest), undefined, 2)}\n`);
}

/** Also restores what a killed pack left behind. */
function restore(): void {
  if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
}

function published(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    ...Object.fromEntries(PUBLISHED.flatMap((name) => (name in manifest ? [[name, manifest[name]]] : []))),
    engines: { node: '>=22.19' },
    // Only local mode runs it, and it is large: users of `kataudit serve` install it separately.
    peerDependencies: { azurite: '^3.35.0' },
    peerDependenciesMeta: { azurite: { optional: true } },
    publishConfig: { access: 'public', provenance: true },
  };
}

/** A bundled package's name, version and complete license. */
function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const texts = licenseNames(readdirSync(join(ROOT, folder))).map((file) => readFileSync(join(ROOT, folder, file), 'utf8').trim());
  return [`${name} ${version} (${typeof license === 'string' ? license : 'see below'})`, ...texts].join('\n\n');
}
