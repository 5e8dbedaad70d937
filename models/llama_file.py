"""Reads the header of a GGUF file, before llama.cpp does: llama.cpp may end the process on a damaged file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian). The check
proves that every tensor lies inside the file, not that the weights are right (the checksum does).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from models.errors import ModelDamaged, ModelError, ModelNotFound

MAGIC: Final = b"GGUF"
STRING, ARRAY = 8, 9
SCALARS: Final[Mapping[int, str]] = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
# Type of a tensor → (weights in a block, bytes of a block): ggml's table of types. Types that are not in it
# (newer ones) are checked by where the tensor begins only.
BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip
REPAIR = "Tải lại mô hình: hoibao models pull TÊN (hoặc hoibao models add TỆP với tệp GGUF nguyên vẹn)"


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says of itself; a token of context takes `kv_bytes_per_token` of cache (float16)."""

    path: Path
    size: int
    architecture: str
    name: str
    context_length: int
    kv_bytes_per_token: int
    has_chat_template: bool
    tensors: int


class _Reader:
    """Reads numbers and strings, and raises ModelDamaged where the file ends too early."""

    def __init__(self, file: BinaryIO, size: int, path: Path) -> None:
        self.file, self.size, self.path = file, size, path

    def bytes(self, count: int) -> bytes:
        # The declared length may be nonsense: never ask for more than the file has.
        if count > self.size - self.file.tell():
            raise damaged(self.path, "tệp bị cắt cụt: phần đầu khai báo nhiều dữ liệu hơn tệp có")
        return self.file.read(count)

    def number(self, layout: str) -> int | float | bool:
        value: int | float | bool = struct.unpack(layout, self.bytes(struct.calcsize(layout)))[0]
        return value

    def count(self, layout: str = "<Q") -> int:
        return int(self.number(layout))

    def string(self) -> str:
        return self.bytes(self.count()).decode("utf-8", errors="replace")

    def value(self, kind: int) -> object:
        """Read a value; an array is skipped and its length returned."""
        if kind == STRING:
            return self.string()
        if kind != ARRAY:
            if kind not in SCALARS:
                raise damaged(self.path, f"kiểu dữ liệu lạ ({kind}) trong phần đầu")
            return self.number(SCALARS[kind])
        inner, length = self.count("<I"), self.count()
        if inner in SCALARS:
            self.skip(length * struct.calcsize(SCALARS[inner]))
        elif inner == STRING:
            for _ in range(length):
                self.skip(self.count())
        else:
            raise damaged(self.path, f"kiểu mảng lạ ({inner}) trong phần đầu")
        return length

    def skip(self, count: int) -> None:
        if count > self.size - self.file.tell():
            raise damaged(self.path, "tệp bị cắt cụt: phần đầu khai báo nhiều dữ liệu hơn tệp có")
        self.file.seek(count, 1)


def damaged(path: Path, reason: str) -> ModelDamaged:
    return ModelDamaged(f"không dùng được làm mô hình: {reason}", path=path, repair=REPAIR)


def read_header(path: str | Path) -> GgufHeader:
    """Check the file and return its header.

    Raises ModelNotFound where there is no such file, ModelDamaged where it is no GGUF file, is cut short
    or has no language model in it, and ModelError where it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelNotFound(
            "không có tệp mô hình này", path=path, repair="Xem các mô hình đã có: hoibao models list"
        )
    try:
        with path.open("rb") as file:
            return _read(_Reader(file, path.stat().st_size, path))
    except OSError as error:
        raise ModelError(f"không đọc được tệp ({error.strerror})", path=path) from error


def _read(reader: _Reader) -> GgufHeader:
    path = reader.path
    if reader.size < 24 or reader.file.read(4) != MAGIC:
        reason = "tệp rỗng" if reader.size == 0 else "không phải định dạng GGUF (tệp khác được đổi tên?)"
        raise damaged(path, reason)
    version = reader.count("<I")
    if version not in (2, 3):
        raise damaged(path, f"GGUF phiên bản {version} không được hỗ trợ (tệp có thể ghi kiểu big-endian)")
    tensors, pairs = reader.count(), reader.count()
    metadata: dict[str, object] = {}
    for _ in range(pairs):
        key = reader.string()
        metadata[key] = reader.value(reader.count("<I"))
    ends: list[tuple[int, int]] = []
    for _ in range(tensors):
        reader.skip(reader.count())
        weights = 1
        for _ in range(min(reader.count("<I"), 8)):
            weights *= reader.count()
        block, size = BLOCKS.get(reader.count("<I"), (1, 0))
        ends.append((reader.count(), -(-weights // block) * size))
    alignment = _integer(metadata, "general.alignment", 32)
    start = -(-reader.file.tell() // alignment) * alignment
    needed = start + max((offset + size for offset, size in ends), default=0)
    if needed > reader.size:
        raise damaged(path, f"tệp bị cắt cụt: cần {needed:,} byte, chỉ có {reader.size:,}".replace(",", "."))
    architecture = str(metadata.get("general.architecture", ""))
    if not tensors or not architecture or "tokenizer.ggml.tokens" not in metadata:
        raise damaged(path, "tệp GGUF không chứa một mô hình ngôn ngữ đầy đủ")
    return GgufHeader(
        path=path,
        size=reader.size,
        architecture=architecture,
        name=str(metadata.get("general.name", path.stem)),
        context_length=_integer(metadata, f"{architecture}.context_length", 2048),
        kv_bytes_per_token=_kv_bytes(metadata, architecture),
        has_chat_template=bool(metadata.get("tokenizer.chat_template")),
        tensors=tensors,
    )


def _integer(metadata: Mapping[str, object], key: str, default: int) -> int:
    value = metadata.get(key)
    return int(value) if isinstance(value, int) and value > 0 else default


def _kv_bytes(metadata: Mapping[str, object], architecture: str) -> int:
    layers = _integer(metadata, f"{architecture}.block_count", 32)
    heads = _integer(metadata, f"{architecture}.attention.head_count", 32)
    width = _integer(metadata, f"{architecture}.embedding_length", 4096)
    # Where layers differ, the count of heads is an array: its length (the layers) is no count of heads.
    kv_heads = _integer(metadata, f"{architecture}.attention.head_count_kv", heads)
    key = _integer(metadata, f"{architecture}.attention.key_length", max(width // heads, 1))
    value = _integer(metadata, f"{architecture}.attention.value_length", max(width // heads, 1))
    return 2 * layers * min(kv_heads, heads) * (key + value)
