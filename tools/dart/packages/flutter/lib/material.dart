// What the examples use of package:flutter/material.dart: names and types.
import 'widgets.dart';

export 'widgets.dart';

class Scaffold extends Widget {
  const Scaffold({super.key, Widget? appBar, Widget? body, Widget? floatingActionButton});
}

class AppBar extends Widget {
  AppBar({super.key, Widget? title, List<Widget>? actions});
}

class CircularProgressIndicator extends Widget {
  const CircularProgressIndicator({super.key, double? value});
}

class LinearProgressIndicator extends Widget {
  const LinearProgressIndicator({super.key, double? value});
}

class RefreshIndicator extends Widget {
  const RefreshIndicator({super.key, required Future<void> Function() onRefresh, required Widget child});
}

class ListTile extends Widget {
  const ListTile({super.key, Widget? title, Widget? subtitle, Widget? trailing, void Function()? onTap});
}

class IconData {
  const IconData();
}

class Icons {
  static const IconData favorite = IconData();
  static const IconData favorite_border = IconData();
  static const IconData send = IconData();
  static const IconData image = IconData();
  static const IconData close = IconData();
}

class Icon extends Widget {
  const Icon(IconData? icon, {super.key});
}

class IconButton extends Widget {
  const IconButton({super.key, required Widget icon, required void Function()? onPressed});
}

class TextButton extends Widget {
  const TextButton({super.key, required void Function()? onPressed, required Widget child});
}

class FilledButton extends Widget {
  const FilledButton({super.key, required void Function()? onPressed, required Widget? child});
}

class InputDecoration {
  const InputDecoration({String? labelText, String? errorText});
}

class TextField extends Widget {
  const TextField({
    super.key,
    TextEditingController? controller,
    InputDecoration? decoration,
    int? maxLines,
    void Function(String words)? onChanged,
  });
}

class SnackBar extends Widget {
  const SnackBar({super.key, required Widget content});
}

class ScaffoldMessengerState {
  external void showSnackBar(SnackBar bar);
}

class ScaffoldMessenger {
  external static ScaffoldMessengerState of(BuildContext context);
}

class Navigator {
  external static void pop<T>(BuildContext context, [T? result]);
  external static Future<T?> push<T>(BuildContext context, Object route);
}

class MaterialPageRoute<T> {
  MaterialPageRoute({required Widget Function(BuildContext context) builder});
}
