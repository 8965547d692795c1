#!/usr/bin/env python3
"""Makes potion-base-8m.bin from the published model. Standard library only.

    python3 make.py FOLDER potion-base-8m.bin

FOLDER holds model.safetensors and tokenizer.json (README.md says where from).
The same input gives the same bytes. The layout is documented in README.md and
read by src/embed/model.rs.
"""

import array
import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path

MODEL_SHA256 = "f65d0f325faadc1e121c319e2faa41170d3fa07d8c89abd48ca5358d9a223de2"
TOKENIZER_SHA256 = "e67e803f624fb4d67dea1c730d06e1067e1b14d830e2c2202569e3ef0f70bb50"

MAGIC = b"TNDMEMBD"
VERSION = 1
# 512 tokens of 127 * 32,767 still fit a signed 32-bit sum.
SCALE_MAX = 32_767
# What src/embed/tokens.rs implements; anything else must not slip through.
EXPECTED = {
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
}
EXPECTED_MODEL = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def read(path, sha256):
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"{path}: sha256 is {found}, expected {sha256}")
    return data


def tokens_of(data):
    tokenizer = json.loads(data)
    for key, value in EXPECTED.items():
        if tokenizer[key] != value:
            sys.exit(f"tokenizer.json: {key} is not what the code implements")
    for key, value in EXPECTED_MODEL.items():
        if tokenizer["model"][key] != value:
            sys.exit(f"tokenizer.json: model.{key} is not what the code implements")
    if [token["content"] for token in tokenizer["added_tokens"]] != SPECIAL:
        sys.exit("tokenizer.json: other special tokens than the code implements")
    vocabulary = tokenizer["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.get)
    if [vocabulary[token] for token in tokens] != list(range(len(tokens))):
        sys.exit("tokenizer.json: ids are not 0..n")
    return tokens


def table_of(data):
    (length,) = struct.unpack_from("<Q", data)
    tensor = json.loads(data[8 : 8 + length])["embeddings"]
    if tensor["dtype"] != "F32":
        sys.exit("model.safetensors: the table is not f32")
    begin, end = tensor["data_offsets"]
    values = array.array("f", data[8 + length + begin : 8 + length + end])
    if sys.byteorder == "big":
        values.byteswap()
    rows, dimensions = tensor["shape"]
    return [values[row * dimensions : (row + 1) * dimensions] for row in range(rows)]


def quantise(rows):
    """One integer scale per row, in units of the largest; vectors are normalised
    after summing, so the unit itself needs no place in the file."""
    peaks = [max(max(row), -min(row)) for row in rows]
    unit = max(peaks) / 127 / SCALE_MAX
    scales = array.array("H")
    table = array.array("b")
    for row, peak in zip(rows, peaks):
        # Rounded up, so that no value leaves -127..127; the values are rounded
        # against this scale, so its own rounding costs nothing.
        scale = min(SCALE_MAX, max(1, int(peak / 127 / unit) + 1))
        scales.append(scale)
        step = scale * unit
        table.extend(max(-127, min(127, round(value / step))) for value in row)
    if sys.byteorder == "big":
        scales.byteswap()
    return scales.tobytes(), table.tobytes()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    tokens = tokens_of(read(folder / "tokenizer.json", TOKENIZER_SHA256))
    rows = table_of(read(folder / "model.safetensors", MODEL_SHA256))
    if len(tokens) != len(rows):
        sys.exit("the vocabulary and the table differ in length")
    scales, table = quantise(rows)
    vocabulary = "".join(token + "\n" for token in tokens).encode()
    body = scales + table + vocabulary
    header = MAGIC + struct.pack(
        "<IIIII", VERSION, len(tokens), len(rows[0]), len(vocabulary), zlib.crc32(body)
    )
    Path(sys.argv[2]).write_bytes(header + body)


if __name__ == "__main__":
    main()
