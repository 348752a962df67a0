import type { Exporter } from './export.ts';

/** JSON lines: one finding a line, as the API gives it. */
export const writeJson: Exporter = async function* (input) {
  for await (const { finding, exemption } of input) {
    yield `${JSON.stringify(exemption === undefined ? finding : { ...finding, exemption })}\n`;
  }
};
