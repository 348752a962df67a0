import type { ImageFile } from '../domain/images/image-file.ts';

/** What is known of node images beside what is built in, and what is wrong with the newest file when it could not be taken. */
export interface ImageKnowledge {
  readonly file: ImageFile;
  /** Set when the file was refused or could not be read, and an older one, or none, is in force. */
  readonly problem?: string;
}

/** Gives what is known of node images; never throws for a bad file: no audit ends for it. */
export type ImageKnowledgeSource = () => Promise<ImageKnowledge>;
