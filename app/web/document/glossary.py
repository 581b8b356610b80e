"""What properties and parameters mean, and an example of each, by their names.

A name means the same everywhere. Where it does not, `Schema.name` comes first, or the property has
a `description` and `examples` of its own in its schema. The examples are from the demo community.
"""

from typing import Any, NamedTuple


class Meaning(NamedTuple):
    """A description, and an example. None: the schema says enough (ids, times, choices)."""

    description: str
    example: Any = None


ABSENT: Any = object()
"""The example is null."""


MEDIA = "http://127.0.0.1:8000/media/"
PAGES = "http://127.0.0.1:8000/"
PASSWORD = "kinako-no-hirune-3ji"
_FOR_ALL = "The same for all: blocks and mutes do not matter"
CURSOR = "eyJhIjpbIjAxOTllZWY0Il19.k3Vx"

GLOSSARY: dict[str, Meaning] = {
    # Ids and times.
    "id": Meaning("The id. Ids are UUIDs of version 7: a later one is greater"),
    "Author.id": Meaning("The user's id; null for a deleted user"),
    "post_id": Meaning("The post"),
    "comment_id": Meaning("The comment"),
    "lounge_id": Meaning("The lounge"),
    "LoungeRequest.lounge_id": Meaning("The lounge that was created; null before", ABSENT),
    "LoungeRequestCreated.lounge_id": Meaning("The lounge that was created; null before", ABSENT),
    "lounge_request_id": Meaning("The lounge request", ABSENT),
    "request_id": Meaning("The lounge request"),
    "report_id": Meaning("The case: one entry of the queue"),
    "session_id": Meaning("The session"),
    "image_id": Meaning("The image"),
    "size": Meaning("The large or the small version", "full"),
    "user_id": Meaning("The user"),
    "author_id": Meaning("The author"),
    "parent_id": Meaning("The comment that this replies to; null at the top level"),
    "Comment.parent_id": Meaning("The comment that this replies to; null at the top level", ABSENT),
    "notification_id": Meaning("The notification"),
    "target_id": Meaning("What it is about"),
    "created_at": Meaning("When it was created"),
    "updated_at": Meaning("When it was last changed"),
    "decided_at": Meaning("When an admin decided; null before"),
    "resolved_at": Meaning("When a moderator decided; null before"),
    "reported_at": Meaning("When this version was first reported"),
    "last_posted_at": Meaning(f"When the latest post was written; null without posts. {_FOR_ALL}"),
    "last_used_at": Meaning("When the session was last refreshed"),
    "muted_at": Meaning("When the caller muted it"),
    # Accounts.
    "email": Meaning("The email address; null if there is none", "hanako@example.com"),
    "email_verified": Meaning("Whether the emailed link was opened", True),
    "nickname": Meaning("The name that others see, 1 to 30 characters", "はなこ"),
    "bio": Meaning(
        "What the user says about themselves; empty if nothing",
        "休日は喫茶店めぐり。クリームソーダに目がありません。",
    ),
    "avatar_url": Meaning("The avatar; null if there is none", MEDIA + "avatars/7d1f.webp"),
    "role": Meaning("What the user may do", "user"),
    "is_guest": Meaning("Whether the user is a guest", False),
    "provider": Meaning("How the user signs in", "email"),
    "locale": Meaning("The language of emails, pushes and notifications", "ja"),
    "terms_version": Meaning("The version of the terms that the user accepts", "2026-04"),
    "needs_nickname": Meaning("Whether to ask for a nickname", False),
    "suspension_reason": Meaning("Why the user is suspended", ""),
    "user": Meaning("The user who is now signed in"),
    "ProviderAnswer.user": Meaning("The name, as JSON; only Apple sends it, the first time", "{}"),
    "exported_at": Meaning("When the export was made"),
    "requester": Meaning("Who requested it"),
    "author": Meaning("Who wrote it"),
    "actor": Meaning("Who did it; null if it was not a single user"),
    # Signing in.
    "password": Meaning("The password, 8 to 128 characters of any script", PASSWORD),
    "current_password": Meaning("The current password", PASSWORD),
    "new_password": Meaning("The new password, 8 to 128 characters", "cream-soda-to-neko-2"),
    "tokens": Meaning("The tokens of the new session"),
    "access_token": Meaning("For `Authorization: Bearer`", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.3q2-7w"),
    "token_type": Meaning("Always `bearer`", "bearer"),
    "refresh_token": Meaning("Gets the next pair, once", "v7Qk2mX0p1sTnHdRr5yUoWcZbA9eGfLi"),
    "expires_in": Meaning("Seconds until it expires", 1800),
    "refresh_expires_in": Meaning("Seconds until the refresh token expires", 604800),
    "id_token": Meaning("The ID token of the provider's SDK", "eyJhbGciOiJFUzI1NiJ9.eyJpc3Mi.MEUC"),
    "nonce": Meaning("From `POST /auth/nonce`; works once", "b3Jhbmdl-7Yw2Qd0xkXv"),
    "authorization_code": Meaning("Apple's, from its SDK", "c5a1.0.rrty.Qx9"),
    "token": Meaning("The token from the emailed link", "t0kenFromTheMailedLink_1234567890"),
    "code": Meaning("The one-time code", "one-time-code-of-the-callback"),
    "Problem.code": Meaning("", "post_not_found"),
    "code_verifier": Meaning("The secret of the app's PKCE challenge", "a" * 43),
    "code_challenge": Meaning("The app's PKCE challenge, S256", "a" * 43),
    "code_challenge_method": Meaning("How the challenge was made", "S256"),
    "redirect_uri": Meaning(
        "Where to send the browser at the end; must be registered", "linky://oauth"
    ),
    "state": Meaning("The app's own value, which comes back unchanged", "k2j9"),
    "error": Meaning("Why the provider refused", "access_denied"),
    "error_description": Meaning("The same in words", "The user denied the request"),
    "iss": Meaning("The issuer (RFC 9207)", "https://accounts.google.com"),
    "user_agent": Meaning("What the device says it is", "App/1.4.0 (iPhone; iOS 26.1)"),
    "current": Meaning("Whether this is the caller's own session", True),
    "completes_by": Meaning("When everything is erased, at the latest"),
    # Lounges, posts, comments.
    "name": Meaning("The lounge's name, 1 to 50 characters", "カフェ巡り"),
    "description": Meaning(
        "What the lounge is for, 1 to 500 characters",
        "お気に入りの喫茶店、ひとりで落ち着ける席、また食べたいプリン。",
    ),
    "cover_url": Meaning(
        "The lounge's cover image; null if there is none", MEDIA + "covers/0c9b.webp"
    ),
    "post_count": Meaning(f"How many posts there are. {_FOR_ALL}", 24),
    "favorite_count": Meaning("How many users have it as a favorite", 8),
    "closed": Meaning("Whether it takes no new posts or comments", False),
    "has_new": Meaning(
        "Whether another user's post was published or unhidden since the caller last opened "
        "the lounge with `GET /lounges/{lounge_id}`, or the caller never opened it. Only "
        "posts that the caller can see count, of the newest 200",
    ),
    "notification_level": Meaning("Whether the caller is notified of new posts", "none"),
    "level": Meaning("Whether to notify the caller of new posts", "all"),
    "url": Meaning("Its permanent URL, for links", PAGES + "p/0199"),
    "lounge": Meaning("The lounge"),
    "post": Meaning("The post"),
    "similar_lounges": Meaning("Lounges with names like this one"),
    "title": Meaning("The title, 1 to 100 characters", "きなこ、寝すぎでは"),
    "body": Meaning("The text", "帰ってきたら、朝とまったく同じ姿勢で寝ていました。"),
    "CommentCreate.body": Meaning(
        "The text, 1 to 2000 characters", "この、手だけ出してるのが反則です"
    ),
    "CommentUpdate.body": Meaning("The text, 1 to 2000 characters", "吸うと日なたの匂いがします"),
    "Comment.body": Meaning(
        "The text, 1 to 2000 characters; empty in a placeholder",
        "この、手だけ出してるのが反則です",
    ),
    "images": Meaning("The images, in the author's order"),
    "image_ids": Meaning("The caller's uploads, in the order in which to show them"),
    "comment_count": Meaning(f"How many comments and replies there are. {_FOR_ALL}", 3),
    "reply_count": Meaning(f"How many replies there are. {_FOR_ALL}", 1),
    "like_count": Meaning(f"How many users like it. {_FOR_ALL}", 12),
    "moderation": Meaning("`held` while it is held for review", "visible"),
    "deleted": Meaning("Whether it is a placeholder", False),
    "position": Meaning("How many come before it in its list; null beyond 1,000", 4),
    "PostImage.url": Meaning("The image", MEDIA + "images/5be2.webp"),
    "thumbnail_url": Meaning("A small version", MEDIA + "images/5be2-small.webp"),
    "width": Meaning("Pixels", 1600),
    "height": Meaning("Pixels", 1067),
    "blurhash": Meaning("A blurred preview", "LKO2?U%2Tw=w]~RBVZRi};RPxuwH"),
    "file": Meaning("The image"),
    # Notifications and devices.
    "read": Meaning("Whether it is marked as read", False),
    "PushData.type": Meaning("What happened, as in the notification", "comment"),
    "NotificationItem.type": Meaning("What happened", "comment"),
    "NotificationItem.title": Meaning("A heading in the reader's `locale`", "新しいコメント"),
    "NotificationItem.body": Meaning(
        "A sentence in the reader's `locale`", "ゆきんこさん「この、手だけ出してるのが反則です」"
    ),
    "NotificationItem.parent_id": Meaning("The comment that was replied to"),
    "count": Meaning("How many", 3),
    "ids": Meaning("Ids of the caller's notifications"),
    "all": Meaning("All of them", False),
    "push_enabled": Meaning(
        "Whether anything is pushed. No setting stops `security` and `account_suspended`",
        True,
    ),
    "comment": Meaning("Push comments on the caller's posts", True),
    "reply": Meaning("Push replies to the caller's comments", True),
    "lounge_request": Meaning("Push decisions about the caller's lounge requests", True),
    "lounge_post": Meaning("Push new posts in lounges with `notification_level: all`", True),
    "watched": Meaning("Push new comments on watched posts", True),
    "announcement": Meaning("Push announcements", True),
    "kind": Meaning("How FCM addresses the device", "fcm_token"),
    "value": Meaning("FCM's token, or the installation id", "fGx2:APA91bH0kinako"),
    "platform": Meaning("What the device is", "ios"),
    "install_id": Meaning("Created by the app when it is installed", "6f1c2f0e-install"),
    "title_ja": Meaning("The heading in Japanese", "夏の集まりのお知らせ"),
    "body_ja": Meaning("The text in Japanese", "八月に、近くの方と会える集まりを開きます。"),
    "title_en": Meaning("The heading in English; null if there is none", "Our summer meeting"),
    "body_en": Meaning(
        "The text in English; null if there is none", "Meet people nearby in August."
    ),
    "push": Meaning("Whether it is also pushed", True),
    "announcement_id": Meaning("The announcement"),
    # Warnings and appeals.
    "appeal_id": Meaning("The appeal"),
    "text": Meaning("What the user wrote", "引用の範囲だと考えています。もう一度ご確認ください。"),
    "decision": Meaning("Whether to keep or reverse the decision", "overturn"),
    "against": Meaning("The decision that is appealed", "moderation"),
    "quote": Meaning("The beginning of the text that was hidden", "きなこ、寝すぎでは"),
    "Appeal.status": Meaning("The status of the appeal", "open"),
    "Appeal.note": Meaning("What the admin wrote with the decision", ""),
    "ManagedAppeal.status": Meaning("The status of the appeal", "open"),
    "ManagedAppeal.note": Meaning("What the admin wrote with the decision", ""),
    "ManagedAppeal.user": Meaning("Who appeals"),
    "ManagedAppeal.reason": Meaning("The reason for the decision", "規約違反のため"),
    "withdrawn_at": Meaning("When an appeal reversed it; null if it still counts", ABSENT),
    "warning_count": Meaning("How many warnings still count", 0),
    "until": Meaning("When a suspension ends automatically", "2035-04-01T00:00:00Z"),
    "ManagedUser.until": Meaning("When the suspension ends automatically", ABSENT),
    "hide_content": Meaning("Whether all posts and comments of the user are hidden", True),
    "ManagedUser.hide_content": Meaning(
        "Whether all posts and comments of the user are hidden", False
    ),
    "appeal_url": Meaning("Where a suspended user can appeal", PAGES + "account/appeal?token=AZ4x"),
    # Requests and reports.
    "reason": Meaning(
        "The reason in words; empty if none was given", "純喫茶の話だけをする場所がほしいです。"
    ),
    "WithReason.reason": Meaning(
        "The reason, for the author and for the audit log", "宣伝の投稿のため"
    ),
    "AuditEntry.reason": Meaning("The reason; empty if none was given", "宣伝の投稿のため"),
    "ManagedUserUpdate.reason": Meaning("The reason; a suspended user sees it", ""),
    "Report.reason": Meaning("Which rule it breaks", "spam"),
    "ReportCreate.reason": Meaning("Which rule it breaks", "spam"),
    "ReportOfCase.reason": Meaning("Which rule it breaks", "spam"),
    "reject_reason": Meaning("Why it was rejected; null before", ABSENT),
    "status": Meaning("The status"),
    "ManagedUser.status": Meaning("Whether the user may sign in", "active"),
    "ManagedUserUpdate.status": Meaning("Suspend or restore the user", "active"),
    "target_type": Meaning("The type of the target", "post"),
    "detail": Meaning("What the reporter wrote; can be empty", "同じ宣伝を何度も書いています。"),
    "details": Meaning("What the reporters wrote", "同じ宣伝を何度も書いています。"),
    "reasons": Meaning("The reasons of its reports, each once", "spam"),
    "report_count": Meaning("How many reports there are", 2),
    "resolution": Meaning("What was decided; null before", ABSENT),
    "note": Meaning("For the audit log and for the author", ""),
    "snapshot": Meaning("What was reported, as it was then", {"title": "必ず儲かる副業"}),
    "versions": Meaning("Each version that was reported"),
    "version_count": Meaning("How many versions were reported", 1),
    "due_at": Meaning("When it should be decided, at the latest"),
    "erased_at": Meaning("When the copies were erased; null before", ABSENT),
    # Administration.
    "action": Meaning("What was done", "post.hidden"),
    "Resolve.action": Meaning("What to do", "dismiss"),
    "target_name": Meaning("The target's current name", "必ず儲かる副業"),
    "before": Meaning("What changed: the values before", {"hidden": False}),
    "after": Meaning("What changed: the values after", {"hidden": True}),
    "address": Meaning("The actor's IP address", "203.0.113.7"),
    "words": Meaning("The banned words", "必ず儲かる"),
    "exceptions": Meaning(
        "Harmless phrases that may contain a banned word", "必ず儲かるとは限らない"
    ),
    "HeldContent.type": Meaning("What it is", "post"),
    "day": Meaning("The day, in JST", "2026-11-03"),
    "days": Meaning("Thirty days, the last one today"),
    "sign_ups": Meaning("New users", 5),
    "posts": Meaning("New posts", 31),
    "comments": Meaning("New comments", 112),
    "reports": Meaning("New reports", 1),
    # /meta.
    "limits": Meaning("Sizes, lengths and rates"),
    "providers": Meaning("How users can sign in here", "email"),
    "min_app_version": Meaning("The oldest app that works with this server", "1.0.0"),
    "terms": Meaning("The terms of use"),
    "contact": Meaning("How to reach the operator"),
    "legal": Meaning("Pages that the stores ask for"),
    "version": Meaning("The version that users must accept; null if there are none", "2026-04"),
    "Terms.url": Meaning("The text; null if there is none", "https://linky.example/terms"),
    "privacy_url": Meaning("The privacy policy; null if none", "https://linky.example/privacy"),
    "Links.lounge": Meaning("The page of a lounge", PAGES + "l/{lounge_id}"),
    "Links.post": Meaning("The page of a post", PAGES + "p/{post_id}"),
    "Links.comment": Meaning(
        "The page of a comment or reply", PAGES + "p/{post_id}/c/{comment_id}"
    ),
    "app_store": Meaning(
        "The app in the App Store; null if none", "https://apps.apple.com/jp/app/id1234567890"
    ),
    "google_play": Meaning(
        "The app in Google Play; null if none",
        "https://play.google.com/store/apps/details?id=jp.example.linky",
    ),
    "links": Meaning("Pages for a browser"),
    "sign_up": Meaning("Whether new users can sign up", True),
    "account_deletion_url": Meaning(
        "Where to delete an account without the app", PAGES + "account/delete"
    ),
    "Contact.email": Meaning(
        "The operator's email address; null if there is none", "help@linky.example"
    ),
    "json_bytes": Meaning("The largest body that is not a file, in bytes", 262144),
    "file_bytes": Meaning("The largest file, in bytes", 10485760),
    "image_pixels": Meaning("The largest image, in pixels", 25000000),
    "image_side": Meaning("The longest side of an image, in pixels", 20000),
    "image_side_kept": Meaning(
        "The longest side of a stored image, in pixels. A larger one is scaled down: scale "
        "it before you send it",
        1600,
    ),
    "image_types": Meaning("The types of images", "image/jpeg"),
    "images_per_post": Meaning("Images in a post", 10),
    "nickname_length": Meaning("Code points in a nickname", 30),
    "bio_length": Meaning("Code points in a bio", 500),
    "title_length": Meaning("Code points in a title", 100),
    "post_length": Meaning("Code points in a post", 10000),
    "comment_length": Meaning("Code points in a comment", 2000),
    "query_length": Meaning("Code points in a search", 100),
    "page_size": Meaning("Items in a page", 100),
    "rate_limits": Meaning("How calls are counted, by class; empty if they are not"),
    "per_user": Meaning("For each user"),
    "per_address": Meaning("For each IP address"),
    "per_account": Meaning("For each email address that is signed in to"),
    "per_new_account": Meaning("For each member whose account is younger than `new_account_hours`"),
    "calls": Meaning("This many calls", 300),
    "seconds": Meaning("in this many seconds", 60),
    # Live changes.
    "topic": Meaning("What it belongs to", "me"),
    "Change.kind": Meaning("What it is about"),
    "since": Meaning("A `cursor`, or a `Linky-As-Of`", "7f3a91c2.48210"),
    "Changes.cursor": Meaning("For the next call", "7f3a91c2.48231"),
    "as_of": Meaning("The position in the log as of which it is true", "7f3a91c2.48231"),
    "more": Meaning("Whether there is more", False),
    # Lists and parameters.
    "items": Meaning("The items of this page"),
    "next_cursor": Meaning("For the next page; null at the end", ABSENT),
    "cursor": Meaning("`next_cursor` of the previous page; opaque", CURSOR),
    "limit": Meaning("How many items at most", 20),
    "sort": Meaning("The order"),
    "q": Meaning("Words that must all occur", "ねこ"),
    "unread": Meaning("Only unread ones", True),
}
