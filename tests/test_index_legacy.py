"""TCVN3 and VNI are recognised and converted; everything else is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.legacy import decode_legacy
from index.normalize import canonical


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "Céng hoµ x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc",
            "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc",
        ),
        (
            "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Ñoäc laäp - Töï do - Haïnh phuùc",
            "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc",
        ),
        ("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("Uû ban nh©n d©n ph­êng häp t¹i trô së", "Ủy ban nhân dân phường họp tại trụ sở"),
        ("Phöôøng coù 1.553 ñaûng vieân, hôn 152.000 daân", "Phường có 1.553 đảng viên, hơn 152.000 dân"),
    ],
)
def test_converted(written: str, meant: str) -> None:
    decoded = decode_legacy(written)
    assert decoded is not None
    assert canonical(decoded) == meant


@pytest.mark.parametrize(
    "text",
    [
        "", "plain ASCII", "é", "Phường Tân Khánh có 1.553 đảng viên và hơn 152.000 dân",
        "Le président français a été élu à l'Élysée, déjà très fêté par ses électeurs émus",
        "Größe über München für schöne Mädchen mit süßen Äpfeln", "años mañana corazón está aquí El Niño",
        "“Hà Nội” – ©2025 ® ¥100 §5 «báo»", "ã" * 100_000, "µ ¸ ¶",
    ],
)  # fmt: skip
def test_left_alone(text: str) -> None:
    assert decode_legacy(text) is None


@settings(deadline=None)
@given(st.text(max_size=100) | st.text(alphabet="aeiouyônñ µ¸¶·¹øùûõïâàáåãä", max_size=80))
def test_never_fails(text: str) -> None:
    decoded = decode_legacy(text)
    assert decoded is None or isinstance(decoded, str)
