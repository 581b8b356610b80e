"""The words of the API reference itself."""

from app.core.texts import Text

WORDS = {
    "title": Text("API リファレンス", "API reference"),
    "find": Text("パスや言葉で検索", "Search by path or word"),
    "nothing": Text("見つかりませんでした", "Nothing found"),
    "menu": Text("一覧", "List"),
    "operations": Text("操作の一覧", "Operations"),
    "how": Text("呼び出しかた", "How to call the API"),
    "document": Text("OpenAPI 文書", "OpenAPI document"),
    "with_token": Text("アクセストークンが必要です", "Needs an access token"),
    "without_token": Text("アクセストークンは不要です", "Needs no access token"),
    "try_it": Text("試してみる", "Try it"),
    "token": Text("アクセストークン", "Access token"),
    "send": Text("送信する", "Send"),
    "failed": Text("サーバーに接続できませんでした", "Couldn't reach the server"),
    "answer": Text("レスポンスの例", "Example response"),
    "path": Text("パスパラメーター", "Path parameters"),
    "query": Text("クエリパラメーター", "Query parameters"),
    "header": Text("リクエストヘッダー", "Request headers"),
    "body": Text("リクエストボディ", "Request body"),
    "fields": Text("レスポンス", "Response"),
    "headers": Text("レスポンスヘッダー", "Response headers"),
    "errors": Text("エラー", "Errors"),
    "required": Text("必須", "required"),
    "parts": Text("内訳", "Fields"),
    "is_empty": Text("ボディはありません。", "No body."),
}

LENGTH = Text("{} 文字", "{} characters")
ITEMS = Text("{} 件", "{} items")
DEFAULT = Text("既定値 {}", "default {}")
