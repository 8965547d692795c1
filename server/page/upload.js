// A file as plain text, read in the browser. What is not text is refused with
// a sentence that says what to do instead.

const BYTES_MAX = 1_000_000;
const HEAD_BYTES = 8;

// First bytes of what people have CVs in.
const FORMATS = [
  { name: "PDF", bytes: [0x25, 0x50, 0x44, 0x46] },
  { name: "Word or other zipped", bytes: [0x50, 0x4b, 0x03, 0x04] },
  { name: "old Word", bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: "RTF", bytes: [0x7b, 0x5c, 0x72, 0x74, 0x66] },
];

/** What a file field should offer. */
export const ACCEPT = ".txt,.md,.text,text/plain,text/markdown";

/** The text of a file. Errors: an `Error` whose message is for people. */
export async function textOf(file) {
  if (file.size === 0) throw new Error(`${file.name} is empty.`);
  if (file.size > BYTES_MAX) throw new Error(`${file.name} is larger than 1 MB. A CV as text is far smaller: is this the right file?`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const format = FORMATS.find((one) => one.bytes.every((byte, i) => bytes[i] === byte));
  if (format) throw new Error(`${file.name} is a ${format.name} file, which cannot be read here. Open it, select all, copy, and paste the text.`);
  const text = decoded(bytes).replaceAll("\r\n", "\n");
  if (/[\0\x01-\x08\x0e-\x1a]/.test(text)) throw new Error(`${file.name} is not a text file. Open it, select all, copy, and paste the text.`);
  if (text.trim() === "") throw new Error(`${file.name} holds no words.`);
  return text;
}

// UTF-16 tells itself by its first two bytes; what is not UTF-8 is read as the
// code page of most old text files in the west.
function decoded(bytes) {
  const [a, b] = bytes.subarray(0, HEAD_BYTES);
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
