import 'dart:math';

import 'draft_state.dart';
import 'errors.dart';
import 'generated/apis.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'mutex.dart';
import 'outbox.dart';
import 'picture_files.dart';
import 'policy.dart';
import 'reading.dart';
import 'store.dart';
import 'values.dart';

/// What the keys of drafts begin with.
const String draftPrefix = 'draft/';

/// The server remembers a key for 24 hours. An hour is for clocks that are off.
const Duration _keyLife = Duration(hours: 23);

/// How one kind of thing is made, and how it is changed afterwards, if it can be.
final class DraftKind<T> {
  /// Made by `Drafts`.
  const DraftKind(this.name, this.make, this.change);

  /// post, comment, lounge_request or report.
  final String name;

  /// Makes the thing.
  final Future<T> Function(String target, Map<String, Object?> body, CallOptions options) make;

  /// Changes it.
  final Future<T> Function(T made, Map<String, Object?> body, CallOptions options)? change;
}

/// What all drafts of a client share.
final class DraftDesk {
  /// Made by `Drafts`.
  DraftDesk(this.apis, this.store, this.pictures);

  /// Sends.
  final Apis apis;

  /// Where drafts are stored.
  final Store store;

  /// Where their pictures are.
  final PictureFiles pictures;

  /// Those in memory, by their ids: a screen and `sendAll` have the same one in hand.
  final Map<String, Draft<Object?>> open = <String, Draft<Object?>>{};

  /// What they tell.
  final Outbox outbox = Outbox();

  /// For a look at what is stored and the write or deletion that follows: nothing comes between.
  final Mutex mutex = Mutex();

  /// What is stored under a key. Null if it is gone. Throws [DraftUnreadable].
  Future<DraftState?> load(String key) async {
    final String id = key.substring(draftPrefix.length);
    String? text;
    try {
      text = await store.read(key);
    } on Exception {
      throw DraftUnreadable(id);
    }
    return text == null ? null : DraftState.parse(id, text);
  }
}

/// A thing that is not sent yet, or whose answer was lost.
///
/// It is stored before anything is sent. After a crash `Drafts.all` has it again, and [send] makes
/// no second one: the server knows the key. It is sent as the user who wrote it, or not. One that
/// was thrown away, or whose user has signed out, stores nothing any more.
final class Draft<T> {
  /// Made by `Drafts`.
  Draft(this._state, this._kind, this._desk);

  DraftState _state;
  final DraftKind<T> _kind;
  final DraftDesk _desk;
  Cancellation? _sending;
  final Map<String, int> _sizes = <String, int>{};
  final Map<String, int> _sent = <String, int>{};
  final Set<String> _uploaded = <String>{};

  /// What it told last: queued, on its way or failed. Null if the user has not sent it.
  DraftEvent? get status => _desk.outbox.of(id);

  /// Stops what is being sent. `send` throws [Cancelled], and it is a draft as before.
  ///
  /// If the last call was under way it may have been made all the same ([mayHaveBeenSent]): sent once
  /// more, it is still one thing.
  void cancel() => _sending?.cancel();

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

  /// Whether the user has sent it, so that `sendAll` sends it: as it was then.
  bool get isWanted => _state.wanted != null;

  /// Stores it.
  Future<void> save() => _save(_state);

  /// Changes what the user has written. The key stays.
  Future<void> edit(HasJson body) => _save(_state.copyWith(body: asObject(body.toJson())));

  /// Adds a picture by its file, of which the client keeps a copy until the draft is sent.
  ///
  /// Throws [PictureUnreadable].
  Future<DraftPicture> addPicture(String path) async {
    final String id = randomId();
    String kept;
    try {
      kept = await _desk.pictures.keep(path);
    } on Exception {
      throw PictureUnreadable(this.id, id, path);
    }
    final DraftPicture picture = DraftPicture(id, kept, randomId());
    await _savePictures(<DraftPicture>[...pictures, picture]);
    return picture;
  }

  /// The bytes of a picture, to show it. Throws [PictureUnreadable].
  Future<List<int>> read(String pictureId) => _bytesOf(_picture(pictureId));

  /// Takes a picture out. One whose file is gone also goes from what the user has sent.
  Future<void> removePicture(String pictureId) async {
    final bool isLost = await _isLost(pictureId);
    final DraftState state = isLost ? _state.wantedWithout(pictureId) : _state;
    final List<DraftPicture> others =
        state.pictures.where((DraftPicture one) => one.id != pictureId).toList();
    await _save(state.copyWith(pictures: others));
  }

  /// Whether a picture can never be sent: it was not uploaded, and its file is not there.
  Future<bool> _isLost(String pictureId) async {
    final DraftPicture? picture = _state.everyPicture()[pictureId];
    if (picture == null || picture.imageId != null) {
      return false;
    }
    try {
      await _bytesOf(picture);
      return false;
    } on PictureUnreadable {
      return true;
    }
  }

  /// Puts the pictures into another order.
  Future<void> reorder(List<String> pictureIds) {
    return _savePictures(pictureIds.map<DraftPicture>(_picture).toList());
  }

  /// Throws the draft away.
  Future<void> discard() async {
    final Set<String> files = _state.files();
    _state = _state.copyWith(wanted: () => null);
    _desk.open.remove(id);
    _desk.outbox.forget(id);
    await _desk.mutex.run<void>(() => _desk.store.delete('$draftPrefix$id'));
    for (final String file in files) {
      await _desk.pictures.drop(file);
    }
  }

  /// Also one that was taken out after the draft was sent.
  DraftPicture _picture(String pictureId) {
    return _state.everyPicture().values.firstWhere((DraftPicture one) => one.id == pictureId);
  }

  /// Uploads one picture. Progress and cancellation are options. Call it again to retry.
  ///
  /// Throws [PictureUnreadable] if its file is not there.
  Future<DraftPicture> upload(String pictureId, {CallOptions? options}) {
    return _upload(_picture(pictureId), options ?? const CallOptions());
  }

  Future<DraftPicture> _upload(DraftPicture given, CallOptions options) async {
    final DraftPicture picture = _state.everyPicture()[given.id] ?? given;
    if (picture.imageId != null) {
      return picture;
    }
    final CallOptions all = options.copyWith(key: picture.key, userId: _state.userId);
    final Upload file = Upload(await _bytesOf(picture), name: picture.path.split('/').last);
    final PostImage image = await _desk.apis.images.uploadImage(file, options: all);
    final DraftPicture done =
        DraftPicture(picture.id, picture.path, picture.key, imageId: image.id);
    await _save(
      _state.withPictures((DraftPicture one) => one.id == done.id ? done : one),
    );
    return done;
  }

  Future<List<int>> _bytesOf(DraftPicture picture) async {
    try {
      return await _desk.pictures.read(picture.path);
    } on Exception {
      throw PictureUnreadable(id, picture.id, picture.path);
    }
  }

  /// Uploads what is missing, and makes the thing. Removes the draft when it is made.
  ///
  /// If no answer comes, it is sent as it is now when the server is within reach again, or at the next
  /// start. If the server refuses it, it is a draft as before. If an earlier text was made already, it
  /// becomes the present one by an edit.
  /// Throws [DraftTooOld] if that can no longer be found out; [again] sends it all the same.
  Future<T> send({bool again = false}) async {
    if (again && _isTooOld()) {
      await _beginAfresh();
    }
    _ensureFresh();
    final Wanted wanted = Wanted(body, pictures);
    await _save(_state.copyWith(wanted: () => wanted));
    return _telling(() async {
      try {
        return await _deliver(wanted);
      } on SignedOutError {
        await _unwantUnsent();
        rethrow;
      } on Problem catch (problem) {
        if (wasTurnedAway(problem)) {
          await _unwantUnsent();
        }
        rethrow;
      }
    });
  }

  /// Tells what becomes of it while it is sent.
  Future<T> _telling(Future<T> Function() sending) async {
    final outbox = _desk.outbox;
    outbox.tell(DraftQueued(id, kind));
    final cancel = _sending = Cancellation();
    _sent.clear();
    _uploaded.clear();
    try {
      final made = await sending();
      outbox.tell(DraftSent(id, kind, made));
      return made;
    } on Cancelled {
      await _unwant();
      outbox.tell(DraftCancelled(id, kind));
      rethrow;
    } on LinkyError catch (error) {
      outbox.tell(DraftFailed(id, kind, error, willRetry: isSentAgain(error, isWanted: isWanted)));
      rethrow;
    } finally {
      if (identical(_sending, cancel)) {
        _sending = null;
      }
    }
  }

  CallOptions get _options => CallOptions(cancel: _sending);

  /// Reads how large each picture is, so that the sum is known before the first byte goes out.
  ///
  /// Throws [PictureUnreadable] for a picture that has still to be uploaded. One that the server has
  /// needs no file any more.
  Future<void> _measure(List<DraftPicture> pictures) async {
    _sizes.clear();
    for (final given in pictures) {
      final picture = _state.everyPicture()[given.id] ?? given;
      try {
        _sizes[picture.id] = (await _bytesOf(picture)).length;
      } on PictureUnreadable {
        if (picture.imageId == null) {
          rethrow;
        }
        _sizes[picture.id] = 0;
      }
      if (picture.imageId != null) {
        _note(picture.id, _sizes[picture.id]!);
        _uploaded.add(picture.id);
      }
    }
  }

  /// Notes how much of a picture has gone out. An upload that is repeated begins at zero again, but a
  /// progress bar must not go back: the number stays until the repeated upload has passed it.
  void _note(String pictureId, int sent) {
    _sent[pictureId] = max(_sent[pictureId] ?? 0, sent);
  }

  void _tellProgress(List<DraftPicture> pictures) {
    int sumOf(Map<String, int> bytes) => pictures.fold(0, (sum, one) => sum + (bytes[one.id] ?? 0));
    _desk.outbox.tell(DraftSending(
      id,
      kind,
      picturesSent: pictures.where((one) => _uploaded.contains(one.id)).length,
      pictures: pictures.length,
      bytesSent: sumOf(_sent),
      bytes: sumOf(_sizes),
    ));
  }

  /// It waits for its user, unless an attempt may have arrived: then the same key has to find out.
  Future<void> _unwantUnsent() async {
    if (_state.attempts.isEmpty) {
      await _unwant();
    }
  }

  /// Sends what the user has sent before, without what was edited since. For `sendAll`.
  Future<T?> sendWanted() async {
    final Wanted? wanted = _state.wanted;
    if (wanted == null || !_desk.open.containsKey(id) || _sending != null) {
      return null; // A sign-out may have thrown it away just now, or it is on its way already.
    }
    return _telling(() async {
      _ensureFresh();
      return await _deliver(wanted);
    });
  }

  Future<T> _deliver(Wanted wanted) async {
    T made;
    try {
      made = await _sendWithPictures(wanted);
    } on Problem catch (problem) {
      if (isRefusal(problem)) {
        await _unwant();
      }
      rethrow;
    }
    if (_kind.change != null && _state.wasEdited(wanted)) {
      await _unwant(); // The edit is sent when the user says so.
    } else {
      await discard();
    }
    return made;
  }

  Future<T> _sendWithPictures(Wanted wanted) async {
    try {
      return await _sendOnce(wanted);
    } on ImageNotAvailableProblem {
      if (wanted.pictures.isEmpty) {
        rethrow;
      }
    }
    await _renewPictures(); // They waited for more than a day, and the server removed them.
    return await _sendOnce(wanted);
  }

  Future<T> _sendOnce(Wanted wanted) async {
    await _uploadAll(wanted.pictures);
    final imageIds = <String?>[
      for (final one in wanted.pictures) _state.everyPicture()[one.id]?.imageId ?? one.imageId,
    ];
    final Map<String, Object?> body = wanted.wholeBody(imageIds);
    if (_state.attempts.any((Map<String, Object?> one) => sameValue(one, body))) {
      return await _makeOrChange(body, _options);
    }
    _sending?.check();
    await _save(_state.withAttempt(body, DateTime.now()));
    return await _sendNew(body);
  }

  /// Two at a time: the server takes no more of a user.
  Future<void> _uploadAll(List<DraftPicture> pictures) async {
    final waiting = pictures.toList();
    var hasFailed = false;
    Future<void> worker() async {
      while (waiting.isNotEmpty && !hasFailed) {
        final picture = waiting.removeAt(0);
        try {
          await _upload(
            picture,
            CallOptions(
              cancel: _sending,
              progress: (sent, total) {
                _note(picture.id, sent);
                _tellProgress(pictures);
              },
            ),
          );
          _uploaded.add(picture.id);
        } catch (_) {
          hasFailed = true;
          rethrow;
        }
      }
    }

    await _measure(pictures);
    _tellProgress(pictures);
    await Future.wait([worker(), worker()]);
    _tellProgress(pictures);
  }

  /// Sends a body that no attempt before had. If the server did not make it, it is forgotten.
  Future<T> _sendNew(Map<String, Object?> body) async {
    bool mayHaveArrived = false;
    final CallOptions options = CallOptions(
      cancel: _sending,
      onSilence: () {
        mayHaveArrived = true;
      },
    );
    try {
      return await _makeOrChange(body, options);
    } on SignedOutError {
      if (!mayHaveArrived) {
        await _save(_state.withoutAttempt(body));
      }
      rethrow;
    } on Problem catch (problem) {
      if (isRefusal(problem) || (wasTurnedAway(problem) && !mayHaveArrived)) {
        await _save(_state.withoutAttempt(body));
      }
      rethrow;
    }
  }

  Future<T> _makeOrChange(Map<String, Object?> body, CallOptions options) async {
    try {
      return await _make(body, options);
    } on IdempotencyKeyReusedProblem catch (problem) {
      return await _catchUp(body, options, problem);
    }
  }

  Future<T> _make(Map<String, Object?> body, CallOptions options) {
    final CallOptions all = options.copyWith(key: _state.key, userId: _state.userId);
    return _kind.make(_state.target, body, all);
  }

  /// An earlier body arrived: gets its answer again, and sends what was edited since.
  Future<T> _catchUp(Map<String, Object?> body, CallOptions options, Problem problem) async {
    for (final Map<String, Object?> earlier in _state.attempts.reversed) {
      if (!sameValue(earlier, body)) {
        try {
          final T made = await _make(earlier, options);
          return await _changed(made, body);
        } on IdempotencyKeyReusedProblem {
          continue;
        }
      }
    }
    throw problem;
  }

  Future<T> _changed(T made, Map<String, Object?> body) async {
    final Future<T> Function(T made, Map<String, Object?> body, CallOptions options)? change =
        _kind.change;
    return change == null ? made : await change(made, body, CallOptions(userId: _state.userId, cancel: _sending));
  }

  bool _isTooOld() {
    final DateTime? first = _state.firstAttempt;
    return first != null && DateTime.now().difference(first).abs() > _keyLife;
  }

  void _ensureFresh() {
    if (_isTooOld()) {
      throw DraftTooOld(id);
    }
  }

  Future<void> _beginAfresh() async {
    await _save(
      _state.copyWith(
        key: randomId(),
        attempts: <Map<String, Object?>>[],
        firstAttempt: () => null,
      ),
    );
    await _renewPictures();
  }

  Future<void> _renewPictures() {
    return _save(
      _state.withPictures((DraftPicture one) => DraftPicture(one.id, one.path, randomId())),
    );
  }

  Future<void> _unwant() => _save(_state.copyWith(wanted: () => null));

  Future<void> _savePictures(List<DraftPicture> changed) {
    return _save(_state.copyWith(pictures: changed));
  }

  /// Stores it if it is still there, and drops the files that it no longer has.
  Future<void> _save(DraftState state) async {
    final Set<String> files = _state.files();
    files.addAll(state.files());
    _state = state;
    final bool isThere = await _desk.mutex.run<bool>(_write);
    final Set<String> needed = isThere ? _state.files() : <String>{};
    for (final String file in files) {
      if (!needed.contains(file)) {
        await _desk.pictures.drop(file);
      }
    }
  }

  /// Returns whether it is still there. What was discarded, or went with a sign-out, stays away.
  Future<bool> _write() async {
    final String key = '$draftPrefix$id';
    if (await _desk.store.read(key) == null) {
      return false;
    }
    await _desk.store.write(key, _state.text());
    return true;
  }
}
