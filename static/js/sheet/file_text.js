// How a file stands in a cell: `name/key` (qdm/types/files.py). Any other text is just that.
const TEXT = /^([^/]+)\/([b-df-hj-np-tv-xz]{16})$/;

/** What is read of the text of a cell. */
export const nameOf = (text) => TEXT.exec(text)?.[1] ?? text;

/** Name and key; the name alone is undefined where the text names no file kept here. */
export function parts(text) {
  const [, name, key] = TEXT.exec(text) ?? [];
  return { name, key };
}
