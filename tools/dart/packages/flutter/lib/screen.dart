// Not of Flutter: a screen of a size, on which the widgets of this stand-in lay themselves out by the
// rules of Flutter. It finds what only layout finds: an endless width, and what does not fit.
import 'dart:math';

import 'widgets.dart';

class Size {
  const Size(this.width, this.height);
  final double width;
  final double height;
}

class BoxConstraints {
  const BoxConstraints({
    this.minWidth = 0,
    this.maxWidth = double.infinity,
    this.minHeight = 0,
    this.maxHeight = double.infinity,
  });

  final double minWidth;
  final double maxWidth;
  final double minHeight;
  final double maxHeight;

  double width(double wanted) => min(max(wanted, minWidth), maxWidth);
  double height(double wanted) => min(max(wanted, minHeight), maxHeight);
  Size fit(double w, double h) => Size(width(w), height(h));
  BoxConstraints get loose => BoxConstraints(maxWidth: maxWidth, maxHeight: maxHeight);

  /// Less room, as inside a padding.
  BoxConstraints less(double horizontal, double vertical) => BoxConstraints(
        minWidth: max(0, minWidth - horizontal),
        maxWidth: max(0, maxWidth - horizontal),
        minHeight: max(0, minHeight - vertical),
        maxHeight: max(0, maxHeight - vertical),
      );
}

/// What can be tapped.
abstract interface class Tappable {
  void Function()? get tap;

  /// What a screen reader says, beside the texts in it.
  String? get label;
}

/// A widget as it was laid out.
class Box {
  Box(this.widget, this.parent);
  final Widget widget;
  final Box? parent;
  Size size = const Size(0, 0);

  bool isIn(Box other) => identical(this, other) || (parent?.isIn(other) ?? false);
}

/// One layout of what is on the screen.
class Frame {
  Frame(this.screen, this._route);

  final Screen screen;
  final String _route;
  final List<Box> boxes = [];
  final Set<String> _used = {};
  final List<String> _path = [];
  Box? _box;

  /// Lays out a child. [slot] tells it from its siblings.
  Size child(Widget widget, BoxConstraints limits, [Object slot = 0]) {
    final parent = _box;
    final box = _box = Box(widget, parent);
    boxes.add(box);
    _path.add('${widget.runtimeType}#${widget.key ?? slot}');
    box.size = widget.layout(this, limits);
    if (!box.size.width.isFinite || !box.size.height.isFinite) fail('has no finite size');
    _path.removeLast();
    _box = parent;
    return box.size;
  }

  /// The state of the stateful widget that is laid out now.
  State<StatefulWidget> stateOf(StatefulWidget widget) {
    final key = '$_route/${_path.join('/')}';
    _used.add(key);
    return screen.stateAt(key, widget);
  }

  void fail(String what) {
    screen.errors.add('${screen.width.round()} x ${screen.height.round()}, text x ${screen.textScale}: '
        '${_path.where((one) => !one.startsWith('_')).join(' > ')} $what');
  }
}

class Screen {
  Screen(Widget home, {this.width = 390, this.height = 844, this.textScale = 1, this.keyboard = 0}) : _routes = [home];

  final double width;
  final double height;
  final double textScale;

  /// How much of the height the keyboard takes.
  double keyboard;

  /// What went wrong in any frame.
  final Set<String> errors = {};

  /// What was told in a bar at the bottom.
  final List<Widget> told = [];

  final List<Widget> _routes;
  final Map<String, State<StatefulWidget>> _states = {};
  List<Box> _boxes = [];
  bool isDirty = true;

  int get depth => _routes.length;

  void push(Widget page) {
    _routes.add(page);
    isDirty = true;
  }

  void pop() {
    _drop('${_routes.length}/', const {});
    _routes.removeLast();
    isDirty = true;
  }

  void close() => _drop('', const {});

  State<StatefulWidget> stateAt(String key, StatefulWidget widget) {
    final known = _states[key];
    if (known != null) return known..replace(widget);
    return _states[key] = widget.createState()..begin(widget, this);
  }

  void _drop(String route, Set<String> used) {
    for (final key in _states.keys.toList()) {
      if (key.startsWith(route) && !used.contains(key)) _states.remove(key)!.end();
    }
  }

  /// Lays out what is on top.
  void frame() {
    isDirty = false;
    if (_routes.isEmpty) return;
    final route = '${_routes.length}/';
    final frame = Frame(this, '${_routes.length}');
    frame.child(_routes.last, BoxConstraints(minWidth: width, maxWidth: width, minHeight: height, maxHeight: height));
    _boxes = frame.boxes;
    _drop(route, frame._used);
  }

  /// Waits until something is so, with a frame after each change.
  Future<void> until(String what, bool Function() isSo) async {
    final watch = Stopwatch()..start();
    do {
      if (isDirty) frame();
      if (isSo()) return;
      await Future<void>.delayed(const Duration(milliseconds: 5));
    } while (watch.elapsed < const Duration(seconds: 20));
    throw StateError('never: $what; on the screen: ${texts.join(', ')}; errors: ${errors.join('\n')}');
  }

  Iterable<Box> all<T>() => _boxes.where((one) => one.widget is T);

  List<String> get texts => [for (final box in all<Text>()) (box.widget as Text).words];

  bool shows(String words) => texts.any((one) => one.contains(words));

  /// All that can be tapped, by what a screen reader says of it.
  Map<String, Tappable> get tappables => {
        for (final box in all<Tappable>())
          [
            (box.widget as Tappable).label ?? '',
            for (final text in all<Text>())
              if (text.isIn(box)) (text.widget as Text).words,
          ].join(' ').trim(): box.widget as Tappable,
      };

  void tap(String words) {
    final found = tappables.entries.firstWhere(
      (one) => one.key.contains(words) && one.value.tap != null,
      orElse: () => throw StateError('nothing to tap: $words; there are: ${tappables.keys.join(', ')}'),
    );
    found.value.tap!();
    isDirty = true;
  }
}
