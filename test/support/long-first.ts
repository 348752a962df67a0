import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Runs the long files first: the short ones then fill up whichever worker is done, and none waits for the last long file alone. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isShort = ({ project }: TestSpecification) => project.name === 'fast';
    return [...sorted.filter((file) => !isShort(file)), ...sorted.filter(isShort)];
  }
}
