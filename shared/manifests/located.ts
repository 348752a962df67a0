import type { ManifestRemark, Place, RemarkWeight } from '../ports/manifests.ts';
import type { ReadDocument } from './document.ts';
import type { Piece } from './large-list.ts';
import { at, type Path } from './path.ts';
import { readPiece } from './read-piece.ts';
import { type LineStarts, lineStarts, positionOf } from './text.ts';

/** A file whose text was read. */
export interface ManifestFile {
  /** As people gave it; `-` is the standard input. */
  readonly name: string;
  readonly text: string;
  /** Whether somebody named this very file, rather than a folder that it lies in. */
  readonly named: boolean;
  /** Whether a kustomization uses it as a patch: it is a part of an object, and no finding. */
  readonly patch: boolean;
}

/** A file with what finds places in it. */
export class Source {
  readonly file: ManifestFile;
  #starts: LineStarts | undefined;
  #last: { readonly piece: Piece; readonly document: ReadDocument } | undefined;

  constructor(file: ManifestFile) {
    this.file = file;
  }

  /** The place of an offset in the text of the file. */
  place(offset: number): Place {
    this.#starts ??= lineStarts(this.file.text);
    return { file: this.file.name, ...positionOf(this.#starts, offset) };
  }

  /** A document, read again when it is not the one that was asked for last: places are wanted of few, and in order. */
  document(piece: Piece): ReadDocument {
    if (this.#last?.piece !== piece) this.#last = { piece, document: readPiece(piece) };
    return this.#last.document;
  }
}

/** Where an object stands; it holds nothing of the object itself. */
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

  /** What a path inside of the object leads to. */
  valueAt(path: Path): unknown {
    return at(this.#source.document(this.#piece).value, [...this.#path, ...path]);
  }

  /** The place of the nearest thing that a path leads to inside of the object: an alias may lead to another one. */
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
