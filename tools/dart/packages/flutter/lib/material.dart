// What the examples use of package:flutter/material.dart: names, types, and layout (see screen.dart).
import 'dart:async';
import 'dart:math';

import 'screen.dart';
import 'widgets.dart';

export 'widgets.dart';

const double _tapHeight = 48;

class Scaffold extends Widget {
  const Scaffold({super.key, this.appBar, this.body, this.floatingActionButton});
  final Widget? appBar;
  final Widget? body;
  final Widget? floatingActionButton;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    var room = limits.loose.less(0, frame.screen.keyboard);
    final parts = [appBar, body, floatingActionButton];
    for (final (slot, part) in parts.indexed) {
      final size = part == null ? const Size(0, 0) : frame.child(part, room, slot);
      if (slot == 0) room = room.less(0, size.height);
    }
    return limits.fit(limits.maxWidth, limits.maxHeight);
  }
}

class AppBar extends Widget {
  const AppBar({super.key, this.title, this.actions});
  final Widget? title;
  final List<Widget>? actions;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final inner = BoxConstraints(maxWidth: limits.maxWidth - 2 * _tapHeight, maxHeight: 56);
    for (final (slot, part) in [title, ...?actions].indexed) {
      if (part != null) frame.child(part, inner, slot);
    }
    return limits.fit(limits.maxWidth, 56 + 24);
  }
}

class CircularProgressIndicator extends Widget {
  const CircularProgressIndicator({super.key, this.value, this.semanticsLabel});
  final double? value;
  final String? semanticsLabel;
  @override
  Size layout(Frame frame, BoxConstraints limits) => limits.fit(36, 36);
}

class LinearProgressIndicator extends Widget {
  const LinearProgressIndicator({super.key, this.value, this.semanticsLabel});
  final double? value;
  final String? semanticsLabel;
  @override
  Size layout(Frame frame, BoxConstraints limits) {
    if (!limits.maxWidth.isFinite) frame.fail('forces an infinite width');
    return Size(limits.maxWidth.isFinite ? limits.maxWidth : 0, limits.height(4));
  }
}

class RefreshIndicator extends Around {
  const RefreshIndicator({super.key, required this.onRefresh, required Widget child}) : super(child);
  final Future<void> Function() onRefresh;
}

class ListTile extends Widget implements Tappable {
  const ListTile({super.key, this.leading, this.title, this.subtitle, this.trailing, this.onTap});
  final Widget? leading;
  final Widget? title;
  final Widget? subtitle;
  final Widget? trailing;
  final void Function()? onTap;

  @override
  void Function()? get tap => onTap;

  @override
  String? get label => null;

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    if (!limits.maxWidth.isFinite) frame.fail('has endless width');
    var width = max(0.0, limits.maxWidth - 32);
    var height = 56.0;
    for (final (slot, side) in [leading, trailing].indexed) {
      if (side != null) {
        final size = frame.child(side, BoxConstraints(maxWidth: width), slot);
        width = max(0, width - size.width - 16);
        height = max(height, size.height);
      }
    }
    if (width < 40) frame.fail('has no room for its title');
    var words = 16.0;
    for (final (slot, text) in [title, subtitle].indexed) {
      if (text != null) words += frame.child(text, BoxConstraints(maxWidth: width), slot + 2).height;
    }
    return limits.fit(limits.maxWidth, max(height, words));
  }
}

class IconData {
  const IconData();
}

class Icons {
  static const IconData favorite = IconData();
  static const IconData favorite_border = IconData();
  static const IconData send = IconData();
  static const IconData close = IconData();
  static const IconData arrow_upward = IconData();
  static const IconData broken_image = IconData();
}

class Icon extends Widget {
  const Icon(IconData? icon, {super.key, this.semanticLabel});
  final String? semanticLabel;
  @override
  Size layout(Frame frame, BoxConstraints limits) => limits.fit(24, 24);
}

class IconButton extends Widget implements Tappable {
  const IconButton({super.key, required this.icon, required this.onPressed, this.tooltip});
  final Widget icon;
  final void Function()? onPressed;
  final String? tooltip;

  @override
  void Function()? get tap => onPressed;

  @override
  String? get label => tooltip;

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    frame.child(icon, const BoxConstraints());
    return limits.fit(_tapHeight, _tapHeight);
  }
}

abstract class _Button extends Widget implements Tappable {
  const _Button({super.key, required this.onPressed, required this.child});
  final void Function()? onPressed;
  final Widget? child;

  @override
  void Function()? get tap => onPressed;

  @override
  String? get label => null;

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    final inner = child == null ? const Size(0, 0) : frame.child(child!, limits.loose.less(48, 16));
    return limits.fit(inner.width + 48, max(_tapHeight, inner.height + 16));
  }
}

class TextButton extends _Button {
  const TextButton({super.key, required super.onPressed, required Widget super.child});
}

class FilledButton extends _Button {
  const FilledButton({super.key, required super.onPressed, required super.child});
}

class InputDecoration {
  const InputDecoration({this.labelText, this.errorText});
  final String? labelText;
  final String? errorText;
}

class TextField extends Widget {
  const TextField({super.key, this.controller, this.decoration, this.minLines, this.maxLines = 1, this.onChanged});
  final TextEditingController? controller;
  final InputDecoration? decoration;
  final int? minLines;
  final int? maxLines;
  final void Function(String words)? onChanged;

  /// Not of Flutter: what a user does.
  void enter(String words) {
    controller?.text = words;
    onChanged?.call(words);
  }

  @override
  Size layout(Frame frame, BoxConstraints limits) {
    if (!limits.maxWidth.isFinite) frame.fail('has endless width');
    final lines = (controller?.text ?? '').split('\n').length;
    final shown = min(max(lines, minLines ?? maxLines ?? 1), maxLines ?? lines);
    return limits.fit(limits.maxWidth, shown * 24 * frame.screen.textScale + 32);
  }
}

class SnackBar extends Widget {
  const SnackBar({super.key, required this.content});
  final Widget content;
  @override
  Size layout(Frame frame, BoxConstraints limits) => frame.child(content, limits);
}

class ScaffoldMessengerState {
  ScaffoldMessengerState._(this._context);
  final BuildContext _context;
  void showSnackBar(SnackBar bar) => _context.screen.told.add(bar.content);
}

class ScaffoldMessenger {
  static ScaffoldMessengerState of(BuildContext context) => ScaffoldMessengerState._(context);
}

class Navigator {
  static void pop<T>(BuildContext context, [T? result]) => context.screen.pop();

  static Future<T?> push<T>(BuildContext context, MaterialPageRoute<T> route) async {
    context.screen.push(route.builder(context));
    return null;
  }
}

class MaterialPageRoute<T> {
  MaterialPageRoute({required this.builder});
  final Widget Function(BuildContext context) builder;
}
