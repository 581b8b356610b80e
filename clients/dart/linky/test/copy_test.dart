import 'package:linky/linky.dart';
import 'package:linky/src/copy_records.dart';
import 'package:linky/src/cursors.dart';
import 'package:linky/src/generated/marks.dart';
import 'package:linky/src/offline_copy.dart';
import 'package:test/test.dart';

import 'generated/things.dart';

const List<String> covered = <String>['me', 'post:p1'];

Map<String, Object?> author(String id) {
  return <String, Object?>{'id': id, 'nickname': '人', 'avatar_url': null};
}

Map<String, Object?> comment(String id, String body, {String by = 'other'}) {
  return <String, Object?>{
    ...commentExample,
    'id': id,
    'post_id': 'p1',
    'parent_id': null,
    'author': author(by),
    'body': body,
    'reply_count': 0,
  };
}

Map<String, Object?> post([String id = 'p1']) {
  return <String, Object?>{
    ...postExample,
    'id': id,
    'lounge': <String, Object?>{'id': 'l1', 'name': '猫'},
    'author': author('other'),
    'comment_count': 0,
    'like_count': 0,
    ...?marksOf['post'],
  };
}

Cursor at(int position) => Cursor('e', position);

Change change(Map<String, Object?> json) {
  return Change.parse(<String, Object?>{'topic': 'post:p1', ...json});
}

Change put(String id, String body, {String by = 'other'}) {
  return change(<String, Object?>{'kind': 'comment', 'id': id, 'put': comment(id, body, by: by)});
}

Change gone(String kind, String id) {
  return change(<String, Object?>{'kind': kind, 'id': id, 'gone': true});
}

Change marked(bool liked) {
  return change(<String, Object?>{
    'topic': 'me',
    'kind': 'mark',
    'id': 'p1',
    'put': <String, Object?>{'thing': 'post', 'liked': liked},
  });
}

void tell(OfflineCopy copy, int position, List<Change> told) {
  copy.apply(told, at(position), at(position), covered);
}

/// A copy in which a post and its comments are loaded as of a position.
Future<OfflineCopy> loaded(CopyStore store, int asOf, List<Map<String, Object?>> comments) async {
  final OfflineCopy copy = OfflineCopy(store);
  await copy.open('me-myself');
  final Listing single = copy.use(Listing('post', 'post:p1'));
  copy.use(Listing('comments', 'post:p1'));
  copy.start(at(10));
  copy.putPage(single, '', <Map<String, Object?>>[post()], null, asOf);
  copy.setLoaded(single, <LoadedPage>[const LoadedPage('', null)], asOf);
  load(copy, asOf, comments);
  return copy;
}

void load(OfflineCopy copy, int asOf, List<Map<String, Object?>> comments) {
  final Listing list = copy.use(Listing('comments', 'post:p1'));
  copy.putPage(list, '', comments, null, asOf);
  copy.setLoaded(list, <LoadedPage>[const LoadedPage('c9', null)], asOf);
}

List<String> words(OfflineCopy copy) {
  return copy.commentsOf('p1').map<String>((Comment one) => one.body).toList();
}

void main() {
  test('an older list takes nothing back', () async {
    final OfflineCopy copy = await loaded(
      MemoryCopyStore(),
      12,
      <Map<String, Object?>>[comment('c1', '一'), comment('c2', '二')],
    );
    tell(copy, 20, <Change>[put('c1', '新'), gone('comment', 'c2'), put('c3', '三')]);
    load(copy, 15, <Map<String, Object?>>[comment('c1', '旧'), comment('c2', '二')]);
    expect(words(copy), <String>['新', '三']);
  });

  test('an own comment goes with the post of a blocked author', () async {
    final OfflineCopy copy = await loaded(
      MemoryCopyStore(),
      12,
      <Map<String, Object?>>[comment('c1', '私の', by: 'me-myself')],
    );
    tell(copy, 13, <Change>[
      change(<String, Object?>{'kind': 'author', 'id': 'other', 'gone': true}),
      change(<String, Object?>{'kind': 'reload'}),
    ]);
    tell(copy, 14, <Change>[put('c1', '直した', by: 'me-myself')]);
    expect(words(copy), <String>[]);
  });

  test('a page that was read before its author left brings nothing back', () async {
    final MemoryCopyStore store = MemoryCopyStore();
    final OfflineCopy copy = await loaded(store, 12, <Map<String, Object?>>[comment('c1', '一')]);
    tell(copy, 20, <Change>[
      change(<String, Object?>{'kind': 'author', 'id': 'left', 'gone': true}),
    ]);
    final List<Map<String, Object?>> page = <Map<String, Object?>>[
      comment('c1', '一'),
      comment('c2', '去った人の', by: 'left'),
    ];
    load(copy, 15, page);
    expect(words(copy), <String>['一']);
    await copy.close();
    final OfflineCopy again = OfflineCopy(store);
    await again.open('me-myself');
    page.add(comment('c3', '去った人のもう一つ', by: 'left')); // The copy has nothing of it.
    load(again, 19, page);
    expect(words(again), <String>['一'], reason: 'it is stored with the copy');
    load(again, 20, page);
    expect(words(again), <String>['一', '去った人の', '去った人のもう一つ']);
  });

  test('a page that was asked for before a mark does not take it back', () async {
    final OfflineCopy copy = await loaded(MemoryCopyStore(), 12, <Map<String, Object?>>[]);
    final Listing single = copy.use(Listing('post', 'post:p1'));
    final int asked = copy.moment;
    copy.mark('post', 'p1', <String, Object?>{'liked': true});
    copy.putPage(single, '', <Map<String, Object?>>[post()], null, 13, asked);
    expect(copy.post('p1')?.liked, true);
    copy.putPage(single, '', <Map<String, Object?>>[post()], null, 14, copy.moment);
    expect(copy.post('p1')?.liked, false);
  });

  test('marks from another device show at once, stay, and older pages do not take them back',
      () async {
    final MemoryCopyStore store = MemoryCopyStore();
    final OfflineCopy copy = await loaded(store, 12, <Map<String, Object?>>[]);
    tell(copy, 15, <Change>[marked(true)]);
    expect(copy.post('p1')?.liked, true);
    final Listing single = copy.use(Listing('post', 'post:p1'));
    copy.putPage(single, '', <Map<String, Object?>>[post()], null, 14);
    expect(copy.post('p1')?.liked, true);
    await copy.close();
    final OfflineCopy again = OfflineCopy(store);
    await again.open('me-myself');
    expect(again.post('p1')?.liked, true);
    again.putPage(single, '', <Map<String, Object?>>[post()], null, 16);
    expect(again.post('p1')?.liked, false);
    await again.close();
  });

  test('what is gone keeps its marks for its return', () async {
    final OfflineCopy copy = await loaded(MemoryCopyStore(), 12, <Map<String, Object?>>[]);
    tell(copy, 13, <Change>[gone('post', 'p1')]);
    tell(copy, 14, <Change>[marked(true)]);
    final Map<String, Object?> back = post();
    back.remove('liked');
    tell(copy, 15, <Change>[
      change(<String, Object?>{'kind': 'post', 'id': 'p1', 'put': back}),
    ]);
    expect(copy.post('p1')?.liked, true);
    await copy.close();
  });

  test('a list is loaded again for a post that comes back, and not for a new one', () async {
    final OfflineCopy copy = await loaded(MemoryCopyStore(), 12, <Map<String, Object?>>[]);
    final Listing posts = copy.use(Listing('posts', 'lounge:l1'));
    copy.putPage(posts, '', <Map<String, Object?>>[post('p5')], null, 12);
    copy.setLoaded(posts, <LoadedPage>[const LoadedPage('p5', null)], 12);
    void told(int position, String id) {
      final Map<String, Object?> json = <String, Object?>{'kind': 'post', 'id': id, 'put': post(id)};
      final Change put = Change.parse(<String, Object?>{'topic': 'lounge:l1', ...json});
      copy.apply(<Change>[put], at(position), at(position), <String>['me', 'lounge:l1', 'post:p1']);
    }

    told(13, 'p6');
    expect(copy.due(), isEmpty);
    told(14, 'p3');
    expect(copy.due(), <Listing>[posts], reason: 'its marks are not in the change');
    await copy.close();
  });

  /// The lists that a `reload` has loaded again, of a copy that follows two posts of two lounges.
  Future<List<String>> reloaded(Map<String, Object?>? target, {bool isPostThere = true}) async {
    final OfflineCopy copy = OfflineCopy(MemoryCopyStore());
    await copy.open('me-myself');
    copy.start(at(10));
    copy.put('post', 'p1', post(), 10);
    copy.put('comment', 'c1', comment('c1', '一'), 10);
    for (final Listing one in <Listing>[
      for (final String id in <String>['p1', 'p2']) ...<Listing>[
        Listing('post', 'post:$id'),
        Listing('comments', 'post:$id'),
        Listing('replies', 'post:$id', 'c1'),
      ],
      for (final String id in <String>['l1', 'l2']) ...<Listing>[
        Listing('lounge', 'lounge:$id'),
        Listing('posts', 'lounge:$id'),
      ],
      for (final String kind in <String>['feed', 'notifications', 'badge', 'me', 'lounges']) Listing(kind, me),
    ]) {
      final Listing used = copy.use(one);
      used.members = used.kind == 'feed' ? <String>['p1'] : used.members;
      copy.setLoaded(used, <LoadedPage>[const LoadedPage('', null)], 12);
    }
    void tellAll(int position, Change told) {
      copy.apply(<Change>[told], at(position), at(position), <String>['me', ...copy.topics]);
    }

    if (!isPostThere) {
      tellAll(13, gone('post', 'p1'));
    }
    copy.hidden.add('blocked');
    final Map<String, Object?> json = <String, Object?>{'kind': 'reload', if (target != null) 'put': target};
    tellAll(20, change(json));
    expect(copy.hidden.isEmpty, !<Object?>['post', 'notifications'].contains(target?['scope']),
        reason: 'who was just blocked stays hidden until the server tells of it');
    final List<String> due = <String>[
      for (final Listing one in copy.lists.values)
        if (one.floor == 20) one.key.substring('list/'.length),
    ];
    await copy.close();
    return due..sort();
  }

  const List<String> ofPost = <String>[
    'comments/post:p1/',
    'feed/me/',
    'notifications/me/',
    'post/post:p1/',
    'posts/lounge:l1/',
    'replies/post:p1/c1',
  ];

  test('a reload loads what it names, and nothing else', () async {
    expect(await reloaded(<String, Object?>{'scope': 'notifications'}), <String>['notifications/me/']);
    expect(await reloaded(<String, Object?>{'scope': 'post', 'post_id': 'p1'}), ofPost);
  });

  test('a post that is not there may come back to any list', () async {
    final target = <String, Object?>{'scope': 'post', 'post_id': 'p1'};
    expect(await reloaded(target, isPostThere: false), <String>[...ofPost, 'posts/lounge:l2/']..sort());
  });

  test('a reload without a scope, or with one that is not known, loads everything', () async {
    final List<String> all = await reloaded(null);
    expect(all.length, 13);
    expect(all.where((String key) => key.startsWith('lounge/')), isEmpty);
    for (final target in <Map<String, Object?>>[
      <String, Object?>{'scope': 'all'},
      <String, Object?>{'scope': 'lounge', 'lounge_id': 'l1'},
    ]) {
      expect(await reloaded(target), all, reason: '$target');
    }
  });

  test('what was there shows again, with the cursor of its data', () async {
    final MemoryCopyStore store = MemoryCopyStore();
    final OfflineCopy copy =
        await loaded(store, 12, <Map<String, Object?>>[comment('c1', '一')]);
    tell(copy, 13, <Change>[
      put('c2', '二'),
      change(<String, Object?>{'kind': 'reload'}),
    ]);
    await copy.close();
    final OfflineCopy again = OfflineCopy(store);
    await again.open('me-myself');
    expect(words(again), <String>['一', '二']);
    expect(again.cursor?.position, 13);
    expect(again.due().length, 2, reason: 'the reload is still to be done');
  });

  test('another user finds nothing', () async {
    final MemoryCopyStore store = MemoryCopyStore();
    final OfflineCopy copy =
        await loaded(store, 12, <Map<String, Object?>>[comment('c1', '秘密')]);
    await copy.close();
    final OfflineCopy other = OfflineCopy(store);
    await other.open('another');
    expect(words(other), <String>[]);
    await other.close();
    expect((await store.readAll()).isEmpty, isTrue);
  });
}
