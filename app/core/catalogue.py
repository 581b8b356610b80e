"""The words of every error, in Japanese and English: fit to show to a user as they are.

`PROBLEMS` has a title and a detail by problem code, `FIELDS` a message by field code. `{places}`
are filled from the error's parameters. A test holds that every error class has its words here
and that nothing else has.
"""

from typing import Literal, NamedTuple

Locale = Literal["ja", "en"]


class Words(NamedTuple):
    """One text in both languages."""

    ja: str
    en: str

    def in_(self, locale: Locale) -> str:
        return self.en if locale == "en" else self.ja


NO_REASON = Words("記載なし", "none given")
"""Stands for a reason that nobody gave."""


class Problem(NamedTuple):
    """A problem's title and detail (RFC 9457, 3.1)."""

    title: Words
    detail: Words


def _problem(title_ja: str, detail_ja: str, title_en: str, detail_en: str) -> Problem:
    return Problem(Words(title_ja, title_en), Words(detail_ja, detail_en))


PROBLEMS: dict[str, Problem] = {
    "account_suspended": _problem(
        "アカウントは停止中です",
        "このアカウントは現在利用を停止されています（理由：{reason}）。お心当たりのない場合は運営にお問い合わせください。",
        "Account suspended",
        (
            "This account is suspended at present (reason: {reason}). "
            "Please contact us if you think this is a mistake."
        ),
    ),
    "action_not_possible": _problem(
        "この操作は選べません",
        "この種類の対象には、その処置を行えません。",
        "Not possible here",
        "That can't be done to a target of this type.",
    ),
    "admin_only": _problem(
        "管理者専用です",
        "この操作は管理者だけが行えます。",
        "Admins only",
        "Only an admin may do this.",
    ),
    "already_decided": _problem(
        "すでに決定済みです",
        "この申請はすでに承認、却下、または取り下げられています。",
        "Already decided",
        "This request was approved, rejected or withdrawn before.",
    ),
    "already_resolved": _problem(
        "すでに対応済みです",
        "この通報にはすでに対応が行われています。",
        "Already resolved",
        "Somebody has resolved this report before.",
    ),
    "bad_request": _problem(
        "リクエストを読み取れません",
        "リクエストの形式が正しくありません。",
        "Unreadable request",
        "The request could not be read.",
    ),
    "cannot_block_self": _problem(
        "自分はブロックできません",
        "自分自身をブロックすることはできません。",
        "That is you",
        "Nobody can block themselves.",
    ),
    "comment_not_found": _problem(
        "コメントが見つかりません",
        "コメントは削除されたか、表示できません。",
        "Comment not found",
        "The comment was deleted or is not available.",
    ),
    "conflict": _problem(
        "処理できませんでした",
        "現在の状態ではこの操作を行えません。",
        "Conflict",
        "This can't be done in the present state.",
    ),
    "email_taken": _problem(
        "登録済みのメールアドレスです",
        "このメールアドレスはすでに使われています。ログインするか、別のアドレスをお使いください。",
        "E-mail address taken",
        "This e-mail address is already in use. Sign in, or use another one.",
    ),
    "forbidden": _problem(
        "許可されていません",
        "この操作を行う権限がありません。",
        "Forbidden",
        "You may not do this.",
    ),
    "guest_not_allowed": _problem(
        "会員登録が必要です",
        "ゲストのままではこの操作を行えません。会員登録をしてください。",
        "Registration needed",
        "Guests can't do this. Please register first.",
    ),
    "idempotency_in_progress": _problem(
        "処理中です",
        "同じリクエストを処理しています。少し待ってからもう一度お試しください。",
        "Still in progress",
        "The same request is still being handled. Please try again in a moment.",
    ),
    "idempotency_key_reused": _problem(
        "キーが再利用されています",
        "この Idempotency-Key は別の内容のリクエストですでに使われています。",
        "Idempotency key reused",
        "This Idempotency-Key was already used for a different request.",
    ),
    "image_not_available": _problem(
        "画像を使えません",
        "画像が見つからないか、すでに使われています。もう一度アップロードしてください。",
        "Image not available",
        "An image was not found or is already in use. Please upload it again.",
    ),
    "internal_error": _problem(
        "サーバーエラー",
        "予期しないエラーが発生しました。しばらくしてからもう一度お試しください。",
        "Server error",
        "Something unexpected went wrong. Please try again later.",
    ),
    "invalid_code": _problem(
        "もう一度ログインしてください",
        "ログインの手続きの有効期限が切れたか、すでに完了しています。はじめからやり直してください。",
        "Please sign in again",
        "This sign-in is over or was completed before. Please begin anew.",
    ),
    "invalid_credentials": _problem(
        "ログインできません",
        "メールアドレスまたはパスワードが正しくありません。",
        "Sign-in failed",
        "The e-mail address or the password is not right.",
    ),
    "invalid_cursor": _problem(
        "続きを読み込めません",
        "一覧の続きを表す値が正しくありません。はじめから読み込み直してください。",
        "Invalid cursor",
        "This cursor does not belong to this list. Please load the list from its beginning.",
    ),
    "invalid_id_token": _problem(
        "ログインできません",
        "外部サービスからのログイン情報を確認できませんでした。もう一度お試しください。",
        "Sign-in failed",
        "What the sign-in service said could not be verified. Please try again.",
    ),
    "invalid_image": _problem(
        "画像を読み込めません",
        "画像が壊れているか、大きすぎます(2,500 万画素まで)。",
        "Invalid image",
        "The image is broken or has too many pixels (25 megapixels at most).",
    ),
    "invalid_parent": _problem(
        "返信できません",
        "返信先のコメントが見つからないか、返信できないコメントです。",
        "Can't reply to this",
        "The comment to reply to was not found, or takes no replies.",
    ),
    "invalid_refresh_token": _problem(
        "もう一度ログインしてください",
        "ログインの有効期限が切れたか、ログアウトされています。",
        "Please sign in again",
        "The session is over or was ended.",
    ),
    "invalid_token": _problem(
        "リンクの有効期限切れです",
        "リンクがすでに使われたか、有効期限が切れています。もう一度メールを送信してください。",
        "Link not valid",
        "The link was used already, or is over. Please ask for another mail.",
    ),
    "invalid_state": _problem(
        "ログインの手続きを続けられません",
        "手続きの有効期限が切れたか、別のブラウザで始められています。アプリからやり直してください。",
        "This sign-in can't go on",
        "It is over, or was begun in another browser. Please begin anew in the app.",
    ),
    "last_admin": _problem(
        "最後の管理者です",
        "管理者が一人もいなくなるため、この変更はできません。",
        "The last admin",
        "This can't be done, since no admin would be left.",
    ),
    "lounge_closed": _problem(
        "ラウンジは閉鎖されています",
        "閉鎖されたラウンジには、新しい投稿もコメントもできません。",
        "Lounge closed",
        "This lounge takes no new posts or comments.",
    ),
    "lounge_name_taken": _problem(
        "同じ名前のラウンジがあります",
        "この名前のラウンジはすでにあるか、申請中です。別の名前にしてください。",
        "Lounge name taken",
        "A lounge of this name exists or has been asked for. Please choose another name.",
    ),
    "lounge_not_found": _problem(
        "ラウンジが見つかりません",
        "ラウンジは存在しないか、表示できません。",
        "Lounge not found",
        "The lounge does not exist or is not available.",
    ),
    "lounge_request_not_found": _problem(
        "申請が見つかりません",
        "ラウンジの申請は存在しないか、表示できません。",
        "Request not found",
        "The lounge request does not exist or is not yours.",
    ),
    "method_not_allowed": _problem(
        "使えないメソッドです",
        "この URL ではそのメソッドを使えません。",
        "Method not allowed",
        "This address does not take that method.",
    ),
    "new_account_link": _problem(
        "リンクは投稿できません",
        "登録から間もないアカウントは、リンクを含む投稿ができません。",
        "No links yet",
        "A new account can't post links.",
    ),
    "nickname_reserved": _problem(
        "使えないニックネームです",
        "運営や公式と間違われるおそれのある名前は使えません。別のニックネームにしてください。",
        "Nickname reserved",
        "This name could be taken for the staff's. Please choose another.",
    ),
    "not_a_guest": _problem(
        "ゲストではありません",
        "すでに会員登録が済んでいます。",
        "Not a guest",
        "This account is registered already.",
    ),
    "not_authenticated": _problem(
        "ログインが必要です",
        "この操作にはログインが必要です。",
        "Sign-in needed",
        "Please sign in first.",
    ),
    "not_author": _problem(
        "変更できません",
        "ほかの人が書いたものは変更も削除もできません。",
        "Not yours",
        "Only its author may change or delete it.",
    ),
    "not_registered": _problem(
        "会員登録されていません",
        "ゲストには役割を与えられません。",
        "Not registered",
        "A guest can't be given a role.",
    ),
    "not_found": _problem(
        "見つかりません",
        "お探しのものは存在しないか、表示できません。",
        "Not found",
        "There is no such thing, or it is not available.",
    ),
    "overloaded": _problem(
        "ただいま混み合っています",
        "アクセスが集中しているため、処理できませんでした。少し待ってからもう一度お試しください。",
        "Busy at present",
        "The server has too much to do just now. Please try again in a few seconds.",
    ),
    "password_too_weak": _problem(
        "パスワードが弱すぎます",
        "8 文字以上 128 文字以内で、推測されにくいパスワードにしてください。",
        "Password too weak",
        "Choose a password of 8 to 128 characters that is not easy to guess.",
    ),
    "payload_too_large": _problem(
        "データが大きすぎます",
        "送信できる大きさを超えています(画像は 10 MB、そのほかは 256 KB まで)。",
        "Too large",
        "This is more than can be sent (10 MB for a picture, 256 KB for all else).",
    ),
    "post_not_found": _problem(
        "投稿が見つかりません",
        "投稿は削除されたか、表示できません。",
        "Post not found",
        "The post was deleted or is not available.",
    ),
    "provider_unavailable": _problem(
        "このログイン方法はただいま利用できません",
        "外部サービスに接続できません。しばらくしてからもう一度お試しになるか、別の方法でログインしてください。",
        "This way to sign in is unavailable",
        "The sign-in service is out of reach. Please try again later, or sign in another way.",
    ),
    "rate_limited": _problem(
        "操作が多すぎます",
        "短い時間に操作が集中しています。しばらくしてからもう一度お試しください。",
        "Too many requests",
        "Too much at once. Please try again in a while.",
    ),
    "refresh_token_reused": _problem(
        "もう一度ログインしてください",
        "安全のため、このログインを終了しました。",
        "Please sign in again",
        "This session was ended for safety's sake.",
    ),
    "report_not_found": _problem(
        "通報が見つかりません",
        "その通報は存在しません。",
        "Report not found",
        "There is no such entry in the queue.",
    ),
    "service_unavailable": _problem(
        "ただいま利用できません",
        "サーバーが混み合っているか、準備中です。しばらくしてからもう一度お試しください。",
        "Unavailable at present",
        "The service is busy or not ready. Please try again in a moment.",
    ),
    "request_timeout": _problem(
        "送信が途中で止まりました",
        "データの受信に時間がかかりすぎました。通信環境の良いところで、もう一度お試しください。",
        "Sending took too long",
        "The upload stopped or was too slow. Please try again on a better connection.",
    ),
    "session_not_found": _problem(
        "ログイン情報が見つかりません",
        "そのログインはすでに終了しています。",
        "Session not found",
        "That session is over already.",
    ),
    "session_revoked": _problem(
        "もう一度ログインしてください",
        "このログインは終了しています。",
        "Please sign in again",
        "This session was ended.",
    ),
    "target_not_found": _problem(
        "対象が見つかりません",
        "通報の対象は存在しないか、表示できません。",
        "Target not found",
        "What you report does not exist or is not available.",
    ),
    "terms_required": _problem(
        "利用規約への同意が必要です",
        "最新の利用規約をご確認のうえ、同意してください。",
        "Terms not accepted",
        "Please read and accept the current terms first.",
    ),
    "token_expired": _problem(
        "トークンの有効期限切れです",
        "アクセストークンの有効期限が切れています。",
        "Token expired",
        "The access token is over.",
    ),
    "token_invalid": _problem(
        "もう一度ログインしてください",
        "アクセストークンが正しくありません。",
        "Please sign in again",
        "The access token is not valid.",
    ),
    "too_many_pending": _problem(
        "申請が多すぎます",
        "審査待ちの申請は 5 件までです。結果が出てからもう一度お申し込みください。",
        "Too many open requests",
        "At most five requests may be open at once. Please wait for an answer first.",
    ),
    "unprocessable": _problem(
        "受け付けられません",
        "送信された内容を受け付けられません。",
        "Not acceptable",
        "What was sent can't be accepted.",
    ),
    "unsupported_image": _problem(
        "対応していない画像です",
        "JPEG、PNG、WebP、HEIC の画像を選んでください。",
        "Unsupported image",
        "Please choose a JPEG, PNG, WebP or HEIC image.",
    ),
    "unsupported_media_type": _problem(
        "対応していない形式です",
        "Content-Type が正しくありません。",
        "Unsupported media type",
        "This address takes another Content-Type.",
    ),
    "user_not_found": _problem(
        "ユーザーが見つかりません",
        "ユーザーは存在しないか、退会しています。",
        "User not found",
        "The user does not exist or has left.",
    ),
    "validation_failed": _problem(
        "入力内容をご確認ください",
        "入力内容に正しくない項目があります。",
        "Please check your input",
        "Some of what was sent is not right.",
    ),
    "wrong_password": _problem(
        "パスワードが違います",
        "現在のパスワードが正しくありません。",
        "Wrong password",
        "That is not the present password.",
    ),
}

UNKNOWN_FIELD = Words("値が正しくありません。", "This value is not right.")

FIELDS: dict[str, Words] = {
    "bool_parsing": Words("true または false を指定してください。", "This must be true or false."),
    "bool_type": Words("true または false を指定してください。", "This must be true or false."),
    "common": Words(
        "推測されやすいパスワードです。別のものにしてください。",
        "This password is easy to guess. Please choose another.",
    ),
    "duplicate": Words("同じものが 2 回入っています。", "The same thing stands here twice."),
    "email": Words("メールアドレスの形式が正しくありません。", "This is not an e-mail address."),
    "enum": Words("選べない値です。", "This is not one of the choices."),
    "extra_forbidden": Words("この項目は送信できません。", "This field is not taken."),
    "forbidden_character": Words(
        "使えない文字が含まれています。", "This contains a character that can't be used."
    ),
    "greater_than_equal": Words("{ge} 以上の値を指定してください。", "This must be {ge} or more."),
    "int_from_float": Words("整数を指定してください。", "This must be a whole number."),
    "int_parsing": Words("整数を指定してください。", "This must be a whole number."),
    "int_parsing_size": Words("数値が大きすぎます。", "This number is too large."),
    "int_type": Words("整数を指定してください。", "This must be a whole number."),
    "json_invalid": Words("JSON の形式が正しくありません。", "This is not valid JSON."),
    "less_than_equal": Words("{le} 以下の値を指定してください。", "This must be {le} or less."),
    "list_type": Words("配列を指定してください。", "This must be a list."),
    "literal_error": Words("選べない値です。", "This is not one of the choices."),
    "missing": Words("入力してください。", "This is needed."),
    "model_attributes_type": Words(
        "JSON のオブジェクトを送信してください。", "This must be a JSON object."
    ),
    "no_letters": Words(
        "文字か数字を含めてください。記号だけの語は照合されません。",
        "This needs letters or digits: signs alone are not looked for.",
    ),
    "reserved": Words(
        "運営や公式と間違われるおそれのある名前は使えません。",
        "This could be taken for the staff's name.",
    ),
    "string_pattern_mismatch": Words("形式が正しくありません。", "The form of this is not right."),
    "string_too_long": Words(
        "{max_length} 文字以内で入力してください。",
        "This must be {max_length} characters or fewer.",
    ),
    "string_too_short": Words(
        "{min_length} 文字以上で入力してください。",
        "This must be at least {min_length} characters.",
    ),
    "string_type": Words("文字列を指定してください。", "This must be text."),
    "string_unicode": Words(
        "使えない文字が含まれています。", "This contains a character that can't be used."
    ),
    "too_long": Words("{max_length} 個以内にしてください。", "At most {max_length} are allowed."),
    "too_many_marks": Words(
        "文字に付ける記号（濁点やアクセントなど）が多すぎます。",
        "Too many accents or other marks are stacked on one letter.",
    ),
    "too_short": Words("{min_length} 個以上必要です。", "At least {min_length} are needed."),
    "uuid_parsing": Words("ID の形式が正しくありません。", "This is not a valid id."),
    "uuid_type": Words("ID の形式が正しくありません。", "This is not a valid id."),
    "not_registered": Words("登録されていない URL です。", "This address is not registered."),
    "one_of": Words("どちらか一つを指定してください。", "Send exactly one of the two."),
}


def preferred_locale(accept_language: str | None) -> Locale:
    """The better of ja and en for an Accept-Language header (RFC 9110, 12.5.4); ja by default."""
    best: tuple[float, Locale] = (0.0, "ja")
    for part in (accept_language or "")[:500].lower().split(","):
        tag, _, parameters = part.partition(";")
        primary = tag.strip().partition("-")[0]
        weight = _weight(parameters)
        if primary == "ja" and weight > best[0]:
            best = (weight, "ja")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
