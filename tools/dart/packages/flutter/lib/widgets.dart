// What we and the examples use of package:flutter/widgets.dart: names, types, the life of an app, and
// layout by Flutter's rules (see screen.dart).
import 'dart:async';
import 'dart:math';
import 'dart:typed_data';

import 'screen.dart';

class AppLifecycleListener {
  AppLifecycleListener({this.onResume, this.onPause}) {
    all.add(this);
  }

  final void Function()? onResume;
  final void Function()? onPause;

  /// Not of Flutter: those that hear of the app's life, for tests.
  static final List<AppLifecycleListener> all = [];

  void dispose() => all.remove(this);
}

class Key {
  const Key();
}

class ValueKey<T> extends Key {
  const ValueKey(this.value);
  final T value;
  @override
  String toString() => '$value';
}

/// Not of Flutter: the screen.
class BuildContext {
  BuildContext(this.screen);
  final Screen screen;
}

abstract class Widget {
  const Widget({this.key});
  final Key? key;

  /// Not of Flutter: how large it is within limits.
  Size layout(Frame frame, BoxConstraints limits);
}

/// Not of Flutter: one that is as large as its child.
abstract class Around extends Widget {
  const Around(this.inner, {super.key});
  final Widget inner;
  @override
  Size layout(Frame frame, BoxConstraints limits) => frame.child(inner, limits);
}

abstract class StatelessWidget extends Widget {
  const StatelessWidget({super.key});
  Widget build(BuildContext context);
  @override
  Size layout(Frame frame, BoxConstraints limits) => frame.child(build(BuildContext(frame.screen)), limits);
}

abstract class StatefulWidget extends Widget {
  const StatefulWidget({super.key});
  State<StatefulWidget> createState();
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final state = frame.stateOf(this);
    return frame.child(state.build(state.context), limits);
  }
}

abstract class State<T extends StatefulWidget> {
  late T _widget;
  Screen? _screen;

  T get widget => _widget;
  BuildContext get context => BuildContext(_screen!);
  bool get mounted => _screen != null;
  void initState() {}
  void didUpdateWidget(covariant T oldWidget) {}
  void dispose() {}
  void setState(void Function() change) {
    if (_screen == null) throw StateError('setState() called after dispose(): $this');
    change();
    _screen!.isDirty = true;
  }

  Widget build(BuildContext context);

  void begin(StatefulWidget widget, Screen screen) {
    _widget = widget as T;
    _screen = screen;
    initState();
  }

  void replace(StatefulWidget widget) {
    final old = _widget;
    _widget = widget as T;
    if (!identical(old, widget)) didUpdateWidget(old);
  }

  void end() {
    dispose();
    _screen = null;
  }
}

class AsyncSnapshot<T> {
  const AsyncSnapshot(this.data, [this.error]);
  final T? data;
  final Object? error;
  T get requireData => data as T;
}

class StreamBuilder<T> extends StatefulWidget {
  const StreamBuilder({super.key, this.initialData, required this.stream, required this.builder});
  final T? initialData;
  final Stream<T>? stream;
  final Widget Function(BuildContext context, AsyncSnapshot<T> snapshot) builder;
  @override
  State<StreamBuilder<T>> createState() => _StreamBuilderState<T>();
}

class _StreamBuilderState<T> extends State<StreamBuilder<T>> {
  late AsyncSnapshot<T> snapshot = AsyncSnapshot(widget.initialData);
  StreamSubscription<T>? listening;

  @override
  void initState() => listening = widget.stream?.listen((data) => setState(() => snapshot = AsyncSnapshot(data)));

  @override
  void didUpdateWidget(StreamBuilder<T> oldWidget) {
    if (oldWidget.stream == widget.stream) return;
    listening?.cancel();
    initState();
  }

  @override
  void dispose() => listening?.cancel();

  @override
  Widget build(BuildContext context) => widget.builder(context, snapshot);
}

class FutureBuilder<T> extends StatefulWidget {
  const FutureBuilder({super.key, required this.future, required this.builder});
  final Future<T>? future;
  final Widget Function(BuildContext context, AsyncSnapshot<T> snapshot) builder;
  @override
  State<FutureBuilder<T>> createState() => _FutureBuilderState<T>();
}

class _FutureBuilderState<T> extends State<FutureBuilder<T>> {
  AsyncSnapshot<T> snapshot = const AsyncSnapshot(null);

  @override
  void initState() {
    void show(AsyncSnapshot<T> done) => mounted ? setState(() => snapshot = done) : null;
    widget.future?.then((data) => show(AsyncSnapshot(data)), onError: (Object error) => show(AsyncSnapshot(null, error)));
  }

  @override
  Widget build(BuildContext context) => widget.builder(context, snapshot);
}

class Text extends Widget {
  const Text(this.words, {super.key, this.maxLines});
  final String words;
  final int? maxLines;

  /// By a rule of thumb: a Japanese letter is as wide as the font is high, another one about half.
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final em = 14 * frame.screen.textScale;
    var lines = 0;
    var widest = 0.0;
    for (final line in words.split('\n')) {
      final width = line.runes.fold<double>(0, (sum, rune) => sum + (rune > 0x2e7f ? em : em * 0.55));
      widest = max(widest, width);
      lines += limits.maxWidth.isFinite && limits.maxWidth > 0 ? max(1, (width / limits.maxWidth).ceil()) : 1;
    }
    return limits.fit(widest, min(lines, maxLines ?? lines) * em * 1.45);
  }
}

enum CrossAxisAlignment { start, center, stretch }

/// A row or a column: what is not `Expanded` may be as long as it likes, and has to fit all the same.
abstract class _Flex extends Widget {
  const _Flex(this._isRow, this.crossAxisAlignment, this.children, {super.key});
  final bool _isRow;
  final CrossAxisAlignment crossAxisAlignment;
  final List<Widget> children;

  double _main(Size size) => _isRow ? size.width : size.height;
  double _cross(Size size) => _isRow ? size.height : size.width;

  BoxConstraints _limits(BoxConstraints limits, double least, double most) {
    final isStretched = crossAxisAlignment == CrossAxisAlignment.stretch;
    return _isRow
        ? BoxConstraints(
            minWidth: least, maxWidth: most, minHeight: isStretched ? limits.maxHeight : 0, maxHeight: limits.maxHeight)
        : BoxConstraints(
            minHeight: least, maxHeight: most, minWidth: isStretched ? limits.maxWidth : 0, maxWidth: limits.maxWidth);
  }

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final room = _isRow ? limits.maxWidth : limits.maxHeight;
    var used = 0.0;
    var across = 0.0;
    void add(Widget child, int slot, double least, double most) {
      final size = frame.child(child, _limits(limits, least, most), slot);
      used += _main(size);
      across = max(across, _cross(size));
    }

    final flexible = <int>[];
    for (final (slot, child) in children.indexed) {
      child is Expanded ? flexible.add(slot) : add(child, slot, 0, double.infinity);
    }
    if (flexible.isNotEmpty && !room.isFinite) frame.fail('has an Expanded, but endless room');
    final each = room.isFinite ? max(0.0, room - used) / max(1, flexible.length) : 0.0;
    for (final slot in flexible) {
      add((children[slot] as Expanded).child, slot, each, each);
    }
    if (used > room + 0.01) frame.fail('overflows by ${(used - room).round()} pixels');
    final length = room.isFinite ? room : used;
    return _isRow ? limits.fit(length, across) : limits.fit(across, length);
  }
}

class Column extends _Flex {
  const Column({
    super.key,
    CrossAxisAlignment crossAxisAlignment = CrossAxisAlignment.center,
    List<Widget> children = const [],
  }) : super(false, crossAxisAlignment, children);
}

class Row extends _Flex {
  const Row({
    super.key,
    CrossAxisAlignment crossAxisAlignment = CrossAxisAlignment.center,
    List<Widget> children = const [],
  }) : super(true, crossAxisAlignment, children);
}

class Expanded extends Widget {
  const Expanded({super.key, required this.child});
  final Widget child;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    frame.fail('is not directly in a Row or Column');
    return frame.child(child, limits);
  }
}

class Center extends Widget {
  const Center({super.key, this.child});
  final Widget? child;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final inner = child == null ? const Size(0, 0) : frame.child(child!, limits.loose);
    return limits.fit(
      limits.maxWidth.isFinite ? limits.maxWidth : inner.width,
      limits.maxHeight.isFinite ? limits.maxHeight : inner.height,
    );
  }
}

class SizedBox extends Widget {
  const SizedBox({super.key, this.width, this.height, this.child});
  const SizedBox.shrink({super.key})
      : width = 0,
        height = 0,
        child = null;
  final double? width;
  final double? height;
  final Widget? child;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final w = width == null ? null : limits.width(width!);
    final h = height == null ? null : limits.height(height!);
    final inner = BoxConstraints(
      minWidth: w ?? limits.minWidth,
      maxWidth: w ?? limits.maxWidth,
      minHeight: h ?? limits.minHeight,
      maxHeight: h ?? limits.maxHeight,
    );
    return child == null ? limits.fit(w ?? 0, h ?? 0) : frame.child(child!, inner);
  }
}

class EdgeInsets {
  const EdgeInsets.all(double value) : this.symmetric(horizontal: value, vertical: value);
  const EdgeInsets.symmetric({this.horizontal = 0, this.vertical = 0});
  final double horizontal;
  final double vertical;
}

class Padding extends Widget {
  const Padding({super.key, required this.padding, this.child});
  final EdgeInsets padding;
  final Widget? child;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final (w, h) = (padding.horizontal * 2, padding.vertical * 2);
    final inner = child == null ? const Size(0, 0) : frame.child(child!, limits.less(w, h));
    return limits.fit(inner.width + w, inner.height + h);
  }
}

/// Keeps clear of the bar at the bottom, which the keyboard covers.
class SafeArea extends Around {
  const SafeArea({super.key, required Widget child}) : super(child);
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final inset = frame.screen.keyboard > 0 ? 0.0 : 34.0;
    final size = frame.child(inner, limits.less(0, inset));
    return limits.fit(size.width, size.height + inset);
  }
}

class Semantics extends Around {
  const Semantics({super.key, bool? liveRegion, String? label, required Widget child}) : super(child);
}

class AspectRatio extends Widget {
  const AspectRatio({super.key, required this.aspectRatio, required this.child});
  final double aspectRatio;
  final Widget child;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    if (!limits.maxWidth.isFinite && !limits.maxHeight.isFinite) frame.fail('has endless width and height');
    final width = min(limits.maxWidth, limits.maxHeight * aspectRatio);
    final height = width / aspectRatio;
    return frame.child(
        child, BoxConstraints(minWidth: width, maxWidth: width, minHeight: height, maxHeight: height));
  }
}

enum BoxFit { cover, contain }

class Image extends Widget {
  const Image.network(String source, {super.key, this.width, this.height, this.fit, this.semanticLabel, this.errorBuilder});
  const Image.memory(Uint8List bytes, {super.key, this.width, this.height, this.fit, this.semanticLabel, this.errorBuilder});
  final double? width;
  final double? height;
  final BoxFit? fit;
  final String? semanticLabel;
  final Widget Function(BuildContext context, Object error, StackTrace? stack)? errorBuilder;

  /// A picture that was loaded is as large as it is, unless its place has a size.
  @override
  Size layout(Frame frame, BoxConstraints limits) => limits.fit(width ?? 1600, height ?? 1200);
}

class ListView extends Widget {
  const ListView({Key? key, EdgeInsets padding = const EdgeInsets.all(0), List<Widget> children = const []})
      : this._(children, null, null, padding, key: key);
  const ListView.builder({
    Key? key,
    EdgeInsets padding = const EdgeInsets.all(0),
    int? itemCount,
    required Widget? Function(BuildContext context, int index) itemBuilder,
  }) : this._(const [], itemCount, itemBuilder, padding, key: key);
  const ListView._(this._children, this._count, this._build, this._padding, {super.key});
  final List<Widget> _children;
  final int? _count;
  final Widget? Function(BuildContext context, int index)? _build;
  final EdgeInsets _padding;

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    if (!limits.maxHeight.isFinite) frame.fail('scrolls, but has endless height');
    if (!limits.maxWidth.isFinite) frame.fail('has endless width');
    final width = max(0.0, limits.maxWidth - _padding.horizontal * 2);
    final inner = BoxConstraints(minWidth: width, maxWidth: width);
    final context = BuildContext(frame.screen);
    for (var index = 0; index < (_count ?? _children.length); index++) {
      final child = _build == null ? _children[index] : _build(context, index);
      if (child != null) frame.child(child, inner, index);
    }
    return limits.fit(limits.maxWidth, limits.maxHeight);
  }
}

class TextEditingController {
  TextEditingController({String? text}) : text = text ?? '';
  String text;
  void clear() => text = '';
  void dispose() {}
}
