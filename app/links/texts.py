"""The words of the pages that links open."""

from app.core.texts import Locale, Text

OPEN_IN_APP = Text("アプリで開く", "Open in the app")
NEWEST = Text("新しい投稿", "Latest posts")
GET_THE_APP = Text("アプリをお持ちでない方", "Don't have the app yet?")
APP_STORE = Text("App Store", "App Store")
GOOGLE_PLAY = Text("Google Play", "Google Play")
GO_ON = Text("続きはアプリで読めます", "Read more in the app")
KINDS = {
    "lounge": Text("ラウンジ", "Lounge"),
    "post": Text("投稿", "Post"),
    "comment": Text("コメント", "Comment"),
}
COMMENT_ON = Text("「{title}」へのコメント", "Comment on “{title}”")
COMMENTS = Text("コメント {count}", "{count} comments")
LIKES = Text("いいね {count}", "{count} likes")
POSTS = Text("投稿 {count}", "{count} posts")
ONE = {
    "comments": Text("コメント 1", "1 comment"),
    "likes": Text("いいね 1", "1 like"),
    "posts": Text("投稿 1", "1 post"),
}
GONE_TITLE = Text("このページは表示できません", "This page isn't available")
GONE_TEXT = Text(
    "削除されたか、公開されていません。リンクが正しいかもご確認ください。",
    "It was deleted or isn't public. Check that the link is correct.",
)
PRIVACY = Text("プライバシー", "Privacy")
TERMS = Text("利用規約", "Terms")


def counted(words: Text, one: Text, count: int, locale: Locale) -> str:
    return one.in_(locale) if count == 1 else words.in_(locale).format(count=f"{count:,}")
