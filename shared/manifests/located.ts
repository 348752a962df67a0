import type { ManifestRemark, Place, RemarkWeight } from '../ports/manifests.ts';
import type { ReadDocument } from './document.ts';
import type { Piece } from './large-list.ts';
import { at, type Path } from './path.ts';
import { readPiece } from './read-piece.ts';
import { type LineStarts, lineStarts, positionOf } from './text.ts';

/** A file whose text was read. */
export interface ManifestFile {
  /** The path as the user gave it; `-` is standard input. */
  readonly name: string;
  readonly text: string;
  /** Whether the user named this file, not a folder that contains it. */
  readonly named: boolean;
  /** Whether a kustomization uses it as a patch, which is part of an object and not a finding. */
  readonly patch: boolean;
}

/** A file with its position lookup. */
export class Source {
  readonly file: ManifestFile;
  #starts: LineStarts | undefined;
  #last: { readonly piece: Piece; readonly document: ReadDocument } | undefined;

  constructor(file: ManifestFile) {
    this.file = file;
  }

  /** The position of an offset in the text of the file. */
  place(offset: number): Place {
    this.#starts ??= lineStarts(this.file.text);
    return { file: this.file.name, ...positionOf(this.#starts, offset) };
  }

  /** A parsed document. Only the last one is cached, because positions are needed for few documents, and in order. */
  document(piece: Piece): ReadDocument {
    if (this.#last?.piece !== piece) this.#last = { piece, document: readPiece(piece) };
    return this.#last.document;
  }
}

/** The position of an object, without the object itself. */
export class Located {
  readonly #source: Source;
  readonly #piece: Piece;
  readonly #path: Path;

  constructor(source: Source, piece: Piece, path: Path) {
    this.#source = source;
    this.#piece = piece;
    this.#path = path;
  }

  /** Adds a remark on a part of the object. */
  tell(remarks: ManifestRemark[], weight: RemarkWeight, path: Path, message: string): void {
    remarks.push({ weight, place: this.place(path), message });
  }

  /** The value at a path inside the object. */
  valueAt(path: Path): unknown {
    return at(this.#source.document(this.#piece).value, [...this.#path, ...path]);
  }

  /** The position of the nearest value on a path inside the object; an alias may point outside of it. */
  place(path: Path): Place {
    const document = this.#source.document(this.#piece);
    const range = document.rangeOf(this.#path);
    for (let length = path.length; length > 0; length--) {
      const offset = document.offsetOf([...this.#path, ...path.slice(0, length)]);
      if (offset !== undefined && (range === undefined || (offset >= range.start && offset < range.end))) {
        return this.#source.place(this.#piece.offset + offset);
      }
    }
    return this.#source.place(this.#piece.offset + (range?.start ?? 0));
  }
}
