import type { Exporter } from './export.ts';

/** Writes JSON lines: one finding per line, in the form of the API. */
export const writeJson: Exporter = async function* (input) {
  for await (const { finding, exemption } of input) {
    yield `${JSON.stringify({ ...finding, exemption })}\n`;
  }
};
