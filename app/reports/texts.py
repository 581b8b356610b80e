"""The reason that an author gets if the admin wrote none."""

from collections.abc import Iterable

from app.core.words import Locale, Words
from app.reports.enums import GRAVITY, ReportReason

_REASONS: dict[ReportReason, Words] = {
    ReportReason.SPAM: Words("宣伝・迷惑行為", "spam"),
    ReportReason.ABUSE: Words("嫌がらせ・誹謗中傷", "abuse"),
    ReportReason.SEXUAL: Words("性的な内容", "sexual content"),
    ReportReason.INTIMATE_IMAGE: Words("本人の同意のない性的な画像", "an intimate image"),
    ReportReason.MINOR_SAFETY: Words("未成年者の安全", "the safety of minors"),
    ReportReason.VIOLENCE: Words("暴力的な内容", "violence"),
    ReportReason.ILLEGAL: Words("違法な内容", "something illegal"),
    ReportReason.PRIVACY: Words("プライバシーの侵害", "a breach of privacy"),
    ReportReason.IMPERSONATION: Words("なりすまし", "impersonation"),
    ReportReason.OTHER: Words("その他", "another reason"),
}
_SENTENCE = Words(
    "「{reason}」として通報があり、確認のうえ対応しました。",
    "It was reported as {reason}; we looked at it and acted.",
)


def why_reported(reasons: Iterable[str], locale: str) -> str:
    """One sentence that names the gravest of the reasons."""
    gravest = max(map(ReportReason, reasons), key=GRAVITY.__getitem__)
    language: Locale = "en" if locale == "en" else "ja"
    return _SENTENCE.in_(language).format(reason=_REASONS[gravest].in_(language))
