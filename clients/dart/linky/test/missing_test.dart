// A comment that is not found: is it gone, or is its post hidden at this moment?
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:linky/src/copy_records.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';
import 'generated/things.dart';

Map<String, Object?> commentOf(String id, String? parentId) {
  return <String, Object?>{
    ...commentExample,
    'id': id,
    'post_id': 'p1',
    'parent_id': parentId,
    'body': '言葉 $id',
    'reply_count': parentId == null ? 1 : 0,
  };
}

/// A server with a post, a comment and a reply to it. They can be hidden at any moment.
final class Scene {
  bool isPostHidden = false;
  bool isCommentHidden = false;

  /// What happens before an answer, by its path: once.
  final Map<String, void Function()> before = <String, void Function()>{};

  /// What the next `/changes` tells.
  List<Object?> told = <Object?>[];

  int position = 10;
  late final FakeServer server = FakeServer(respond);
  late final Live live;

  Future<void> start() async {
    final linky = await open(server, await signedInStore());
    live = await openLive(linky, MemoryCopyStore());
    await live.takeChanges();
    for (final one in <Listing>[
      Listing('post', 'post:p1'),
      Listing('comments', 'post:p1'),
      Listing('comment', 'post:p1', 'c1'),
      Listing('replies', 'post:p1', 'c1'),
    ]) {
      live.copy.use(one);
    }
    await live.loadDue();
    expect(shown, <String>['c1', 'c2']);
  }

  List<String> get shown {
    return <String>[
      for (final one in live.copy.commentsOf('p1')) one.id,
      for (final one in live.copy.repliesTo('p1', 'c1')) one.id,
    ];
  }

  Future<http.Response> respond(http.Request request) async {
    final path = request.url.path.replaceFirst('/api/v1', '');
    before.remove(path + (request.url.queryParameters['parent_id'] ?? ''))?.call();
    if (path == '/changes') {
      final changes = told;
      told = <Object?>[];
      return answer(200, <String, Object?>{
        'changes': changes,
        'cursor': 'e.$position',
        'as_of': 'e.$position',
        'more': false,
        'reset': null,
      });
    }
    final headers = <String, String>{'linky-as-of': 'e.$position'};
    if (path == '/posts/p1') {
      return isPostHidden
          ? problem(404, 'post_not_found', headers: headers)
          : answer(200, postOf('題'), headers: headers);
    }
    if (path == '/comments/c1') {
      return isPostHidden || isCommentHidden
          ? problem(404, 'comment_not_found', headers: headers)
          : answer(200, commentOf('c1', null), headers: headers);
    }
    if (path == '/posts/p1/comments' && isPostHidden) {
      return problem(404, 'post_not_found', headers: headers);
    }
    if (path == '/posts/p1/comments') {
      final isReplies = request.url.queryParameters.containsKey('parent_id');
      if (isReplies && isCommentHidden) {
        return problem(404, 'comment_not_found', headers: headers);
      }
      return answer(200, <String, Object?>{
        'items': <Object?>[
          if (isReplies) commentOf('c2', 'c1') else if (!isCommentHidden) commentOf('c1', null),
        ],
        'next_cursor': null,
      }, headers: headers);
    }
    return answer(200, <String, Object?>{'items': <Object?>[], 'next_cursor': null, 'count': 0, 'more': false},
        headers: headers);
  }

  /// The post is hidden before an answer.
  void hideBefore(String path) => before[path] = () => isPostHidden = true;

  /// The post is shown before an answer.
  void showBefore(String path) => before[path] = () => isPostHidden = false;

  /// Both acts are told as one `put` of the post.
  Future<void> showAgain() async {
    isPostHidden = false;
    position++;
    final Map<String, Object?> put = postOf('題');
    put.remove('liked');
    put.remove('watching');
    told = <Object?>[
      <String, Object?>{'topic': 'post:p1', 'kind': 'post', 'id': 'p1', 'put': put},
    ];
    await live.takeChanges();
    await live.loadDue();
  }

  /// Loads one of the lists again.
  Future<void> load(String kind) => live.refresh(kind, 'post:p1', kind == 'comments' ? '' : 'c1');
}

void main() {
  final paths = <String, String>{
    'comments': '/posts/p1/comments',
    'replies': '/posts/p1/commentsc1',
    'comment': '/comments/c1',
  };

  test('what was not found below a hidden post comes back with the post', () async {
    for (final one in paths.entries) {
      final scene = Scene();
      await scene.start();
      scene.hideBefore(one.value);
      await scene.load(one.key);
      expect(scene.shown, isEmpty, reason: 'the post is gone, and what is below it');
      await scene.showAgain();
      expect(scene.shown, <String>['c1', 'c2'], reason: one.key);
      await scene.live.close();
    }
  });

  test('a comment below a post that is shown again by now is asked for again', () async {
    final scene = Scene();
    await scene.start();
    scene.hideBefore('/comments/c1');
    scene.showBefore('/posts/p1');
    await scene.load('comment');
    expect(scene.server.count('/api/v1/comments/c1'), 3);
    expect(scene.shown, <String>['c1', 'c2']);
    await scene.live.close();
  });

  test('a comment that is gone goes alone', () async {
    for (final kind in <String>['comment', 'replies']) {
      final scene = Scene();
      await scene.start();
      scene.isCommentHidden = true;
      await scene.load(kind);
      expect(scene.shown, isEmpty);
      expect(scene.live.copy.post('p1')?.title, '題');
      await scene.live.close();
    }
  });
}
