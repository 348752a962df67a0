#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

/** The installed entry point. It checks the Node version before it loads anything that needs a newer one. */
const OLDEST: readonly [number, number] = [22, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  // The young generation stays at 1 MiB: garbage from long lists is collected early, at no measurable cost in time.
  setFlagsFromString('--semi-space-growth-factor=1');
  await import('./main.ts');
} else {
  console.error(
    `kataudit: Node ${OLDEST.join('.')} or newer is needed, and this is ${process.versions.node}. Install a supported version from https://nodejs.org/en/download.`,
  );
  process.exitCode = 2;
}
