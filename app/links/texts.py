"""The words of the pages that links open."""

from app.core.words import Locale, Words

OPEN_IN_APP = Words("アプリで開く", "Open in the app")
NEWEST = Words("新しい投稿", "Latest posts")
GET_THE_APP = Words("アプリをお持ちでない方", "Don't have the app yet?")
APP_STORE = Words("App Store", "App Store")
GOOGLE_PLAY = Words("Google Play", "Google Play")
GO_ON = Words("続きはアプリで読めます", "Read on in the app")
KINDS = {
    "lounge": Words("ラウンジ", "Lounge"),
    "post": Words("投稿", "Post"),
    "comment": Words("コメント", "Comment"),
}
COMMENT_ON = Words("「{title}」へのコメント", "Comment on “{title}”")
COMMENTS = Words("コメント {count}", "{count} comments")
LIKES = Words("いいね {count}", "{count} likes")
POSTS = Words("投稿 {count}", "{count} posts")
ONE = {
    "comments": Words("コメント 1", "1 comment"),
    "likes": Words("いいね 1", "1 like"),
    "posts": Words("投稿 1", "1 post"),
}
GONE_TITLE = Words("このページは表示できません", "This page is not available")
GONE_TEXT = Words(
    "削除されたか、公開されていません。リンクが正しいかもご確認ください。",
    "It was deleted, or is not public. Please also check that the link is right.",
)
PRIVACY = Words("プライバシー", "Privacy")
TERMS = Words("利用規約", "Terms")


def counted(words: Words, one: Words, count: int, locale: Locale) -> str:
    return one.in_(locale) if count == 1 else words.in_(locale).format(count=f"{count:,}")
