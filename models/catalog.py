"""The models that hoibao knows by name: where they are published, how large they are, their licence.

Sizes and SHA-256 sums of GGUF files are pinned here; those of embedders (folders of files) are taken from
the hub when they are pulled. Nothing here uses the network or reads a file.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final, Literal

from models.errors import ModelNotFound

Kind = Literal["chat", "embedder"]
GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A published model. `file` is "" for a folder of files (embedders), `size` then an estimate.

    `size` in bytes, `memory` the RAM in bytes that running it takes (4,096 tokens of context), `billions` its
    parameters. `licence_url` is the page to read before pulling. `note` is Vietnamese, for a person.
    """

    name: str
    kind: Kind
    repository: str
    file: str
    size: int
    sha256: str
    licence: str
    licence_url: str
    memory: int
    billions: float
    note: str


APACHE: Final = "https://www.apache.org/licenses/LICENSE-2.0"
MIT: Final = "https://opensource.org/license/mit"

CATALOG: Final[tuple[CatalogEntry, ...]] = (
    CatalogEntry(
        "qwen3-0.6b", "chat", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", 639_446_688,
        "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
        "Apache-2.0", APACHE, int(1.3 * GIB), 0.6, "Nhỏ nhất; nên dùng với chế độ chỉ trích dẫn.",
    ),
    CatalogEntry(
        "sailor2-1b", "chat", "bartowski/Sailor2-1B-Chat-GGUF", "Sailor2-1B-Chat-Q4_0.gguf", 631_940_064,
        "0d58dfe5d5950f7fb30e985ed1c34e66f0abc693827b410ba2e3c65a32794bc9",
        "Apache-2.0", APACHE, int(1.2 * GIB), 1.0, "Nhỏ, học nhiều tiếng Việt và tiếng Đông Nam Á.",
    ),
    CatalogEntry(
        "qwen3-1.7b", "chat", "unsloth/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q4_K_M.gguf", 1_107_409_472,
        "b139949c5bd74937ad8ed8c8cf3d9ffb1e99c866c823204dc42c0d91fa181897",
        "Apache-2.0", APACHE, int(1.8 * GIB), 1.7, "Vừa phải cho máy 8 GB bộ nhớ.",
    ),
    CatalogEntry(
        "qwen3-4b", "chat", "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF",
        "Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf", 2_497_280_736,
        "2fde00ce69dd4899c70d020845e2638353015bba0fdf161b3eb965f2bca4464e",
        "Apache-2.0", APACHE, int(3.4 * GIB), 4.0, "Tốt nhất trong danh sách; cần 4 lõi và 8 GB bộ nhớ.",
    ),
    CatalogEntry(
        "gemma3-4b", "chat", "google/gemma-3-4b-it-qat-q4_0-gguf", "gemma-3-4b-it-q4_0.gguf", 3_155_051_328,
        "76aed0a8285b83102f18b5d60e53c70d09eb4e9917a20ce8956bd546452b56e2",
        "Gemma", "https://ai.google.dev/gemma/terms", int(4.0 * GIB), 4.0,
        "Phải chấp nhận điều khoản Gemma trên trang của mô hình trước khi tải.",
    ),
    CatalogEntry(
        "multilingual-e5-small", "embedder", "intfloat/multilingual-e5-small", "", 490_000_000, "",
        "MIT", MIT, GIB, 0.118, "Nhúng đa ngữ, 384 chiều.",
    ),
    CatalogEntry(
        "multilingual-e5-base", "embedder", "intfloat/multilingual-e5-base", "", 1_130_000_000, "",
        "MIT", MIT, int(1.8 * GIB), 0.278, "Nhúng đa ngữ, 768 chiều.",
    ),
    CatalogEntry(
        "bge-m3", "embedder", "BAAI/bge-m3", "", 2_290_000_000, "",
        "MIT", MIT, 3 * GIB, 0.568, "Nhúng đa ngữ, 1024 chiều; chậm trên máy không có GPU.",
    ),
    CatalogEntry(
        "Vietnamese_Embedding", "embedder", "AITeamVN/Vietnamese_Embedding", "", 2_290_000_000, "",
        "Apache-2.0", APACHE, 3 * GIB, 0.568, "bge-m3 luyện thêm cho tiếng Việt.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a model fits a machine; `reason` is Vietnamese and says why not, or how it will run."""

    entry: CatalogEntry
    fits: bool
    reason: str


def find_entry(name: str) -> CatalogEntry:
    """Return the catalogue's entry of this name (case set aside).

    "owner/repository/file.gguf" names any GGUF file of the hub; "owner/repository" any embedder. Their size
    and checksum are then what the hub says. Raises ModelNotFound.
    """
    for entry in CATALOG:
        if name.casefold() in (entry.name.casefold(), entry.repository.casefold()):
            return entry
    parts = name.split("/")
    if len(parts) >= 3 and name.endswith(".gguf"):
        repository, file = "/".join(parts[:2]), "/".join(parts[2:])
        page = f"https://huggingface.co/{repository}"
        stem = parts[-1].removesuffix(".gguf")
        return CatalogEntry(stem, "chat", repository, file, 0, "", "xem trang của mô hình", page, 0, 0, "")
    if len(parts) == 2 and all(parts):
        page = f"https://huggingface.co/{name}"
        return CatalogEntry(parts[1], "embedder", name, "", 0, "", "xem trang của mô hình", page, 0, 0, "")
    near = difflib.get_close_matches(name, [entry.name for entry in CATALOG], n=1, cutoff=0.4)
    hint = f" Có phải bạn muốn {near[0]}?" if near else ""
    raise ModelNotFound(
        f"danh mục không có mô hình {name!r}.{hint}",
        repair="hoibao models list (hoặc ghi đủ: chủ/kho/tệp.gguf)",
    )


def fit(entry: CatalogEntry, *, memory: int, cores: int) -> Fit:
    """Tell whether a model runs well with `memory` bytes of RAM in all and `cores` physical cores.

    A third of the memory is left to the system and the library; writing speed falls with the size, so a model
    of 4 billion parameters wants four cores.
    """
    if entry.memory > memory * 2 // 3:
        wanted = f"{entry.memory / GIB:.1f}".replace(".", ",")
        return Fit(entry, False, f"cần {wanted} GB bộ nhớ trống, máy có {memory / GIB:.0f} GB tất cả")
    if entry.billions > cores:
        return Fit(entry, True, f"chạy được nhưng chậm: máy chỉ có {cores} lõi")
    return Fit(entry, True, "chạy tốt trên máy này")


def propose(*, memory: int, cores: int) -> CatalogEntry | None:
    """Return the largest freely licensed chat model that runs well on such a machine, None if none does."""
    good = [
        entry
        for entry in CATALOG
        if entry.kind == "chat"
        and entry.licence == "Apache-2.0"
        and entry.billions <= cores
        and fit(entry, memory=memory, cores=cores).fits
    ]
    return max(good, key=lambda entry: entry.billions, default=None)
