"""The reason that an author gets if the admin wrote none."""

from collections.abc import Iterable

from app.core.texts import Locale, Text
from app.reports.enums import GRAVITY, ReportReason

_REASONS: dict[ReportReason, Text] = {
    ReportReason.SPAM: Text("宣伝・迷惑行為", "spam"),
    ReportReason.ABUSE: Text("嫌がらせ・誹謗中傷", "abuse or harassment"),
    ReportReason.SEXUAL: Text("性的な内容", "sexual content"),
    ReportReason.INTIMATE_IMAGE: Text(
        "本人の同意のない性的な画像", "non-consensual intimate image"
    ),
    ReportReason.MINOR_SAFETY: Text("未成年者の安全", "child safety"),
    ReportReason.VIOLENCE: Text("暴力的な内容", "violence"),
    ReportReason.ILLEGAL: Text("違法な内容", "illegal content"),
    ReportReason.PRIVACY: Text("プライバシーの侵害", "privacy violation"),
    ReportReason.IMPERSONATION: Text("なりすまし", "impersonation"),
    ReportReason.OTHER: Text("その他", "another reason"),
}
_SENTENCE = Text(
    "「{reason}」として通報があり、確認のうえ対応しました。",
    "Reported as: {reason}. We reviewed it and took action.",
)
_NO_REPORT = Text(
    "自動の確認で見つかり、確認のうえ対応しました。",
    "An automated check flagged it. We reviewed it and took action.",
)


def why_reported(reasons: Iterable[str], locale: str) -> str:
    """One sentence that names the gravest of the reasons that reporters gave."""
    language: Locale = "en" if locale == "en" else "ja"
    given = [ReportReason(reason) for reason in reasons if reason != ReportReason.SYSTEM]
    if not given:
        return _NO_REPORT.in_(language)
    gravest = max(given, key=GRAVITY.__getitem__)
    return _SENTENCE.in_(language).format(reason=_REASONS[gravest].in_(language))
