import 'draft.dart';
import 'draft_state.dart';
import 'errors.dart';
import 'generated/apis.dart';
import 'generated/models.dart';
import 'outbox.dart';
import 'picture_files.dart';
import 'policy.dart';
import 'reading.dart';
import 'session.dart';
import 'store.dart';
import 'values.dart';

/// Makes drafts, and finds those that were left. Each user sees their own only.
final class Drafts {
  /// Made by the client.
  Drafts(Apis apis, this._session, Store store, PictureFiles pictures)
      : _apis = apis,
        _desk = DraftDesk(apis, store, pictures) {
    _session.afterSignOut(discardOf);
  }

  final Apis _apis;
  final LinkySession _session;
  final DraftDesk _desk;

  /// What becomes of each draft that the user has sent: what is so now, then each event.
  ///
  /// Also of those that a start or the return to the app sends.
  Stream<DraftEvent> get changes => _desk.outbox.changes;

  /// The drafts that are queued, on their way or failed, by their last event.
  List<DraftEvent> get outbox => _desk.outbox.now;

  /// Ends the stream of changes.
  Future<void> close() => _desk.outbox.close();

  /// A post, to which pictures can be added.
  Future<Draft<Post>> newPost(PostCreate body) => _new<Post>(_posts(), body, '');

  /// A comment, or a reply.
  Future<Draft<Comment>> newComment(String postId, CommentCreate body) {
    return _new<Comment>(_comments(), body, postId);
  }

  /// A request for a lounge.
  Future<Draft<LoungeRequestCreated>> newLoungeRequest(LoungeRequestCreate body) {
    return _new<LoungeRequestCreated>(_requests(), body, '');
  }

  /// A report.
  Future<Draft<Report>> newReport(ReportCreate body) => _new<Report>(_reports(), body, '');

  /// The user's drafts that were neither sent nor discarded, also those of the run before.
  Future<List<Draft<Object?>>> all() async {
    final List<Draft<Object?>> found = <Draft<Object?>>[];
    await _find(found, <LinkyError>[]);
    return found;
  }

  /// Sends what the user has sent before, at a start or when the network is back. A running `Live` calls
  /// it then. What is on its way already is not sent beside it.
  ///
  /// What was edited since stays a draft. A draft that fails keeps no other one waiting.
  Future<List<LinkyError>> sendAll() async {
    final List<Draft<Object?>> found = <Draft<Object?>>[];
    final List<LinkyError> errors = <LinkyError>[];
    await _find(found, errors);
    for (final Draft<Object?> draft in found) {
      if (draft.isWanted && draft.status == null) {
        _desk.outbox.tell(DraftQueued(draft.id, draft.kind));
      }
    }
    for (final Draft<Object?> draft in found) {
      try {
        await draft.sendWanted();
      } on LinkyError catch (error) {
        errors.add(error);
      }
    }
    return errors;
  }

  /// Throws away all drafts of a user, and those that can't be read: they may be the user's.
  Future<void> discardOf(String userId) {
    return _desk.mutex.run<void>(() async {
      for (final String key in await _desk.store.keys(draftPrefix)) {
        final DraftState? state = await _readable(key);
        if (state == null || state.userId == userId) {
          _desk.open.remove(key.substring(draftPrefix.length));
          _desk.outbox.forget(key.substring(draftPrefix.length));
          await _desk.store.delete(key);
          for (final String file in state?.files() ?? <String>{}) {
            await _desk.pictures.drop(file);
          }
        }
      }
      await _sweep();
    });
  }

  Future<DraftState?> _readable(String key) async {
    try {
      return await _desk.load(key);
    } on DraftUnreadable {
      return null;
    }
  }

  /// Drops the pictures that no draft names, as one that was added when the app was killed.
  ///
  /// A draft that can't be read may name them: then they stay until it goes with a sign-out.
  Future<void> sweep() => _desk.mutex.run<void>(_sweep);

  Future<void> _sweep() async {
    final Set<String> named = <String>{};
    for (final String key in await _desk.store.keys(draftPrefix)) {
      final DraftState? state = await _readable(key);
      if (state == null) {
        return;
      }
      named.addAll(state.files());
    }
    for (final String name in await _desk.pictures.names()) {
      if (!named.contains(name)) {
        await _desk.pictures.drop(name);
      }
    }
  }

  /// Finds the user's drafts, and an error for each that can't be read.
  Future<void> _find(List<Draft<Object?>> found, List<LinkyError> errors) async {
    final String? userId = await _session.userId();
    for (final String key in await _desk.store.keys(draftPrefix)) {
      try {
        final DraftState? state = await _desk.load(key);
        if (state != null && state.userId == userId) {
          found.add(_desk.open[state.id] ?? _stored(state));
        }
      } on DraftUnreadable catch (error) {
        errors.add(error);
        _desk.outbox.tell(DraftFailed(error.draftId, '', error, willRetry: false));
      }
    }
  }

  Draft<Object?> _stored(DraftState state) {
    switch (state.kind) {
      case 'post':
        return _open<Post>(state, _posts());
      case 'comment':
        return _open<Comment>(state, _comments());
      case 'lounge_request':
        return _open<LoungeRequestCreated>(state, _requests());
      case 'report':
        return _open<Report>(state, _reports());
      default:
        throw DraftUnreadable(state.id);
    }
  }

  Draft<T> _open<T>(DraftState state, DraftKind<T> kind) {
    final Draft<T> draft = Draft<T>(state, kind, _desk);
    _desk.open[state.id] = draft;
    return draft;
  }

  /// Under the mutex: a sign-out throws it away, or has happened, so that there is no user.
  Future<Draft<T>> _new<T>(DraftKind<T> kind, HasJson body, String target) {
    return _desk.mutex.run<Draft<T>>(() async {
      final DraftState state = DraftState(
        id: randomId(),
        userId: await _session.needUserId(),
        kind: kind.name,
        target: target,
        key: randomId(),
        body: asObject(body.toJson()),
      );
      final Draft<T> draft = _open<T>(state, kind);
      await _desk.store.write('$draftPrefix${state.id}', state.text());
      return draft;
    });
  }

  DraftKind<Post> _posts() {
    return DraftKind<Post>(
      'post',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.posts.createPost(PostCreate.parse(body), options: options);
      },
      (Post made, Map<String, Object?> body, CallOptions options) {
        final Map<String, Object?> changed = <String, Object?>{
          'title': body['title'],
          'body': body['body'],
          'image_ids': body['image_ids'] ?? <String>[],
        };
        return _apis.posts.updatePost(made.id, PostUpdate.parse(changed), options: options);
      },
    );
  }

  DraftKind<Comment> _comments() {
    return DraftKind<Comment>(
      'comment',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.comments.createComment(target, CommentCreate.parse(body), options: options);
      },
      (Comment made, Map<String, Object?> body, CallOptions options) {
        final Map<String, Object?> changed = <String, Object?>{'body': body['body']};
        final CommentUpdate form = CommentUpdate.parse(changed);
        return _apis.comments.updateComment(made.id, form, options: options);
      },
    );
  }

  DraftKind<LoungeRequestCreated> _requests() {
    return DraftKind<LoungeRequestCreated>(
      'lounge_request',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.loungeRequests.createLoungeRequest(
          LoungeRequestCreate.parse(body),
          options: options,
        );
      },
      null,
    );
  }

  DraftKind<Report> _reports() {
    return DraftKind<Report>(
      'report',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.reports.createReport(ReportCreate.parse(body), options: options);
      },
      null,
    );
  }
}
