// Written by `make client` from openapi.json: edit that, not this file.

import 'dart:convert';

/// A post as the server sends it.
final Map<String, Object?> postExample = jsonDecode(r'''
{
  "author": {
    "avatar_url": "http://127.0.0.1:8000/media/avatars/7d1f.webp",
    "id": "019a4f2e-04f8-7996-8da7-63b7a969b102",
    "nickname": "はなこ"
  },
  "body": "帰ってきたら、朝とまったく同じ姿勢で寝ていました。",
  "comment_count": 3,
  "created_at": "2026-11-03T09:12:45.123456Z",
  "id": "019a4f2e-7223-7104-83bc-1807e6f740b2",
  "images": [
    {
      "blurhash": "LKO2?U%2Tw=w]~RBVZRi};RPxuwH",
      "height": 1067,
      "id": "019a4f2e-35d4-787b-835c-881be7b9e744",
      "thumbnail_url": "http://127.0.0.1:8000/media/images/5be2-small.webp",
      "url": "http://127.0.0.1:8000/media/images/5be2.webp",
      "width": 1600
    }
  ],
  "like_count": 12,
  "liked": false,
  "lounge": {
    "id": "019a4f2e-67d3-7e22-8ffd-f32bc7b36655",
    "name": "カフェ巡り"
  },
  "moderation": "visible",
  "title": "きなこ、寝すぎでは",
  "updated_at": "2026-11-03T09:12:45.123456Z",
  "url": "http://127.0.0.1:8000/p/0199",
  "watching": false
}
''') as Map<String, Object?>;

/// A comment as the server sends it.
final Map<String, Object?> commentExample = jsonDecode(r'''
{
  "author": {
    "avatar_url": "http://127.0.0.1:8000/media/avatars/7d1f.webp",
    "id": "019a4f2e-04f8-7996-8da7-63b7a969b102",
    "nickname": "はなこ"
  },
  "body": "この、手だけ出してるのが反則です",
  "created_at": "2026-11-03T09:12:45.123456Z",
  "deleted": false,
  "id": "019a4f2e-c44b-7b2f-8d51-6909dab78ae0",
  "moderation": "visible",
  "parent_id": null,
  "post_id": "019a4f2e-7223-7104-83bc-1807e6f740b2",
  "reply_count": 1,
  "updated_at": "2026-11-03T09:12:45.123456Z",
  "url": "http://127.0.0.1:8000/p/0199"
}
''') as Map<String, Object?>;

/// A notification as the server sends it.
final Map<String, Object?> notificationExample = jsonDecode(r'''
{
  "actor": {
    "avatar_url": "http://127.0.0.1:8000/media/avatars/7d1f.webp",
    "id": "019a4f2e-04f8-7996-8da7-63b7a969b102",
    "nickname": "はなこ"
  },
  "body": "ゆきんこさん「この、手だけ出してるのが反則です」",
  "comment_id": "019a4f2e-c44b-7b2f-8d51-6909dab78ae0",
  "created_at": "2026-11-03T09:12:45.123456Z",
  "id": "019a4f2e-c9d1-74be-80bc-19df59a3694d",
  "lounge_id": "019a4f2e-67d3-7e22-8ffd-f32bc7b36655",
  "lounge_request_id": null,
  "parent_id": "019a4f2e-c44b-7b2f-8d51-6909dab78ae0",
  "post_id": "019a4f2e-7223-7104-83bc-1807e6f740b2",
  "read": false,
  "title": "新しいコメント",
  "type": "comment",
  "url": "http://127.0.0.1:8000/p/0199"
}
''') as Map<String, Object?>;
