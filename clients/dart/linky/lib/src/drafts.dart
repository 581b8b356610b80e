import 'draft_state.dart';
import 'errors.dart';
import 'generated/apis.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'policy.dart';
import 'reading.dart';
import 'store.dart';
import 'values.dart';

const String _prefix = 'draft/';

/// The server remembers a key for 24 hours. An hour is for clocks that are off.
const Duration _keyLife = Duration(hours: 23);

/// An answer with one of these says that nothing was made.
const Set<int> _refusals = <int>{400, 404, 409, 413, 415, 422};

/// Reads the bytes of a picture by the path that was given to the draft.
typedef ReadPicture = Future<List<int>> Function(String path);

/// How one kind of thing is made, and how it is changed afterwards, if it can be.
final class DraftKind<T> {
  /// Made by [Drafts].
  const DraftKind(this.name, this.make, this.change);

  /// post, comment, lounge_request or report.
  final String name;

  /// Makes the thing.
  final Future<T> Function(String target, Map<String, Object?> body, CallOptions options) make;

  /// Changes it.
  final Future<T> Function(T made, Map<String, Object?> body)? change;
}

/// A thing that is not sent yet, or whose answer was lost.
///
/// It is stored before anything is sent. After a crash [Drafts.all] has it again, and [send] makes
/// no second one: the server knows the key.
final class Draft<T> {
  /// Made by [Drafts].
  Draft(this._state, this._kind, this._apis, this._store, this._readPicture);

  DraftState _state;
  final DraftKind<T> _kind;
  final Apis _apis;
  final Store _store;
  final ReadPicture _readPicture;

  /// The draft's own id.
  String get id => _state.id;

  /// post, comment, lounge_request or report.
  String get kind => _state.kind;

  /// What the user has written.
  Map<String, Object?> get body => _state.body;

  /// The pictures, in their order.
  List<DraftPicture> get pictures => _state.pictures;

  /// Whether an attempt may have arrived whose answer was lost.
  bool get mayHaveBeenSent => _state.attempts.isNotEmpty;

  /// Stores it.
  Future<void> save() => _save(_state);

  /// Changes what the user has written. The key stays.
  Future<void> edit(HasJson body) => _save(_state.copyWith(body: asObject(body.toJson())));

  /// Adds a picture by its file, which must stay there until the draft is sent.
  Future<DraftPicture> addPicture(String path) async {
    final DraftPicture picture = DraftPicture(randomId(), path, randomId());
    await _savePictures(<DraftPicture>[...pictures, picture]);
    return picture;
  }

  /// Takes a picture out.
  Future<void> removePicture(String pictureId) {
    return _savePictures(pictures.where((DraftPicture one) => one.id != pictureId).toList());
  }

  /// Puts the pictures into another order.
  Future<void> reorder(List<String> pictureIds) {
    return _savePictures(pictureIds.map<DraftPicture>(_picture).toList());
  }

  /// Throws the draft away.
  Future<void> discard() => _store.delete('$_prefix$id');

  DraftPicture _picture(String pictureId) {
    return pictures.firstWhere((DraftPicture one) => one.id == pictureId);
  }

  /// Uploads one picture. Progress and cancellation are options. Call it again to retry.
  Future<DraftPicture> upload(String pictureId, {CallOptions? options}) async {
    final DraftPicture picture = _picture(pictureId);
    if (picture.imageId != null) {
      return picture;
    }
    final CallOptions withKey = (options ?? const CallOptions()).withKey(picture.key);
    final Upload file = Upload(await _readPicture(picture.path), name: picture.path.split('/').last);
    final PostImage image = await _apis.images.uploadImage(file, options: withKey);
    final DraftPicture done =
        DraftPicture(picture.id, picture.path, picture.key, imageId: image.id);
    await _savePictures(
      pictures.map<DraftPicture>((DraftPicture one) => one.id == pictureId ? done : one).toList(),
    );
    return done;
  }

  /// Uploads what is missing, and makes the thing. Removes the draft when it is made.
  ///
  /// If an earlier text was made already, it becomes the present one by an edit. Throws
  /// [DraftTooOld] if that can no longer be found out; [again] sends it all the same.
  Future<T> send({bool again = false}) async {
    if (_isTooOld()) {
      if (!again) {
        throw DraftTooOld(id);
      }
      await _save(
        _state.copyWith(
          key: randomId(),
          attempts: <Map<String, Object?>>[],
          firstAttempt: () => null,
        ),
      );
      await _renewPictures();
    }
    T made;
    try {
      made = await _sendOnce();
    } on ImageNotAvailableProblem {
      if (pictures.isEmpty) {
        rethrow;
      }
      await _renewPictures(); // They waited for more than a day, and the server removed them.
      made = await _sendOnce();
    }
    await discard();
    return made;
  }

  Future<T> _sendOnce() async {
    for (final DraftPicture picture in pictures) {
      await upload(picture.id);
    }
    final Map<String, Object?> body = _wholeBody();
    final bool isNew = !_state.attempts.any((Map<String, Object?> one) => sameValue(one, body));
    if (isNew) {
      await _save(
        _state.copyWith(
          attempts: <Map<String, Object?>>[..._state.attempts, body],
          firstAttempt: () => _state.firstAttempt ?? DateTime.now(),
        ),
      );
    }
    try {
      return await _make(body);
    } on IdempotencyKeyReusedProblem catch (problem) {
      return _catchUp(body, problem);
    } on IdempotencyInProgressProblem {
      rethrow;
    } on Problem catch (problem) {
      if (isNew && _refusals.contains(problem.status)) {
        await _forgetAttempt(body);
      }
      rethrow;
    }
  }

  Future<T> _make(Map<String, Object?> body) {
    return _kind.make(_state.target, body, CallOptions(key: _state.key));
  }

  /// An earlier body arrived: gets its answer again, and sends what was edited since.
  Future<T> _catchUp(Map<String, Object?> body, Problem problem) async {
    for (final Map<String, Object?> earlier in _state.attempts.reversed) {
      if (!sameValue(earlier, body)) {
        try {
          final T made = await _make(earlier);
          final Future<T> Function(T made, Map<String, Object?> body)? change = _kind.change;
          return change == null ? made : await change(made, body);
        } on IdempotencyKeyReusedProblem {
          continue;
        }
      }
    }
    throw problem;
  }

  Map<String, Object?> _wholeBody() {
    if (pictures.isEmpty) {
      return body;
    }
    final List<String?> ids =
        pictures.map<String?>((DraftPicture picture) => picture.imageId).toList();
    return <String, Object?>{...body, 'image_ids': ids};
  }

  bool _isTooOld() {
    final DateTime? first = _state.firstAttempt;
    return first != null && DateTime.now().difference(first).abs() > _keyLife;
  }

  Future<void> _renewPictures() {
    return _savePictures(
      pictures
          .map<DraftPicture>((DraftPicture one) => DraftPicture(one.id, one.path, randomId()))
          .toList(),
    );
  }

  Future<void> _forgetAttempt(Map<String, Object?> body) {
    final List<Map<String, Object?>> attempts =
        _state.attempts.where((Map<String, Object?> one) => !sameValue(one, body)).toList();
    final DateTime? first = attempts.isEmpty ? null : _state.firstAttempt;
    return _save(_state.copyWith(attempts: attempts, firstAttempt: () => first));
  }

  Future<void> _savePictures(List<DraftPicture> changed) {
    return _save(_state.copyWith(pictures: changed));
  }

  Future<void> _save(DraftState state) {
    _state = state;
    return _store.write('$_prefix$id', state.text());
  }
}

/// Makes drafts, and finds those that were left.
final class Drafts {
  /// Made by the client.
  Drafts(this._apis, this._store, this._readPicture);

  final Apis _apis;
  final Store _store;
  final ReadPicture _readPicture;

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

  /// All drafts that were neither sent nor discarded, also those of the run before.
  Future<List<Draft<Object?>>> all() async {
    final List<Draft<Object?>> found = <Draft<Object?>>[];
    for (final String key in await _store.keys(_prefix)) {
      final String? text = await _store.read(key);
      if (text != null) {
        found.add(_stored(DraftState.parse(text)));
      }
    }
    return found;
  }

  /// Sends again what may have been sent before, at a start or when the network is back.
  Future<List<LinkyError>> sendAll() async {
    final List<LinkyError> errors = <LinkyError>[];
    for (final Draft<Object?> draft in await all()) {
      if (draft.mayHaveBeenSent) {
        try {
          await draft.send();
        } on LinkyError catch (error) {
          errors.add(error);
        }
      }
    }
    return errors;
  }

  Draft<Object?> _stored(DraftState state) {
    switch (state.kind) {
      case 'post':
        return Draft<Post>(state, _posts(), _apis, _store, _readPicture);
      case 'comment':
        return Draft<Comment>(state, _comments(), _apis, _store, _readPicture);
      case 'lounge_request':
        return Draft<LoungeRequestCreated>(state, _requests(), _apis, _store, _readPicture);
      default:
        return Draft<Report>(state, _reports(), _apis, _store, _readPicture);
    }
  }

  Future<Draft<T>> _new<T>(DraftKind<T> kind, HasJson body, String target) async {
    final DraftState state = DraftState(
      id: randomId(),
      kind: kind.name,
      target: target,
      key: randomId(),
      body: asObject(body.toJson()),
      pictures: const <DraftPicture>[],
      attempts: const <Map<String, Object?>>[],
      firstAttempt: null,
    );
    final Draft<T> draft = Draft<T>(state, kind, _apis, _store, _readPicture);
    await draft.save();
    return draft;
  }

  DraftKind<Post> _posts() {
    return DraftKind<Post>(
      'post',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.posts.createPost(PostCreate.parse(body), options: options);
      },
      (Post made, Map<String, Object?> body) {
        final Map<String, Object?> changed = <String, Object?>{
          'title': body['title'],
          'body': body['body'],
          'image_ids': body['image_ids'] ?? <String>[],
        };
        return _apis.posts.updatePost(made.id, PostUpdate.parse(changed));
      },
    );
  }

  DraftKind<Comment> _comments() {
    return DraftKind<Comment>(
      'comment',
      (String target, Map<String, Object?> body, CallOptions options) {
        return _apis.comments.createComment(target, CommentCreate.parse(body), options: options);
      },
      (Comment made, Map<String, Object?> body) {
        final Map<String, Object?> changed = <String, Object?>{'body': body['body']};
        return _apis.comments.updateComment(made.id, CommentUpdate.parse(changed));
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
