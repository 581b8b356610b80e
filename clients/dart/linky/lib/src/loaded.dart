import 'dart:async';

import 'errors.dart';
import 'reading.dart';

/// What a screen knows of a thing or a list.
enum LoadState {
  /// It is on its way. [Loaded.data] is what was there before, if anything was.
  loading,

  /// It is as the server has it.
  loaded,

  /// It does not exist, or not for this user.
  gone,

  /// It could not be loaded: [Loaded.error] says why.
  failed,
}

/// A thing or a list, and how true it is. What was there before shows in each state but `gone`.
final class Loaded<T> {
  /// Of its parts.
  const Loaded(
    this.state, {
    this.data,
    this.error,
    this.willRetry = false,
    this.hasMore = false,
  });

  /// Whether it is loading, loaded, gone or failed.
  final LoadState state;

  /// The thing, or the list as far as it was loaded. Null if nothing is known of it.
  final T? data;

  /// Why it could not be loaded.
  final LinkyError? error;

  /// Whether it is tried again by itself. If not, offer a button for [Watched.refresh].
  final bool willRetry;

  /// Whether a list goes on after what was loaded.
  final bool hasMore;

  /// Whether it is on its way.
  bool get isLoading => state == LoadState.loading;

  /// Whether it does not exist, or not for this user.
  bool get isGone => state == LoadState.gone;

  /// Whether no answer came: say that there is no network.
  bool get isOffline => error is Unreachable;

  @override
  bool operator ==(Object other) {
    return other is Loaded<T> &&
        other.state == state &&
        other.hasMore == hasMore &&
        other.willRetry == willRetry &&
        '${other.error}' == '$error' &&
        sameValue(other.data, data);
  }

  @override
  int get hashCode => Object.hash(state, hasMore, willRetry, '$error', hashOf(data));

  @override
  String toString() => 'Loaded(${state.name}, $data${error == null ? '' : ', $error'})';
}

/// A stream of a thing or a list: what is known now, then each difference.
///
/// A listener follows it, and lets go by cancelling. Several may listen.
final class Watched<T> extends StreamView<Loaded<T>> {
  /// Made by `Live`.
  Watched(super.stream, this._now, this._refresh, this._more);

  final Loaded<T> Function() _now;
  final Future<void> Function() _refresh;
  final Future<void> Function() _more;

  /// What is known now, for the first frame.
  Loaded<T> get now => _now();

  /// Loads it again, as when the user pulls the list down. Throws what a call throws.
  Future<void> refresh() => _refresh();

  /// Loads the next page of a list. Does nothing at its end. Throws what a call throws.
  Future<void> loadMore() => _more();
}
