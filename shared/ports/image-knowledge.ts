import type { ImageFile } from '../domain/images/image-file.ts';

/** Facts about node images in addition to the built-in ones, and what is wrong with the newest file when it could not be used. */
export interface ImageKnowledge {
  readonly file: ImageFile;
  /** Set when the file was invalid or could not be read; an older file, or none, is in force. */
  readonly problem?: string;
}

/** Returns the known facts about node images. A bad file never throws, because it must not stop an audit. */
export type ImageKnowledgeSource = () => Promise<ImageKnowledge>;
