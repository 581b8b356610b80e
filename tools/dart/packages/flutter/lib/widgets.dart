// What we and the examples use of package:flutter/widgets.dart: names and types, and the life of an app.
import 'dart:async';

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

abstract class BuildContext {}

abstract class Widget {
  const Widget({this.key});
  final Key? key;
}

abstract class StatelessWidget extends Widget {
  const StatelessWidget({super.key});
  Widget build(BuildContext context);
}

abstract class StatefulWidget extends Widget {
  const StatefulWidget({super.key});
  State<StatefulWidget> createState();
}

abstract class State<T extends StatefulWidget> {
  external T get widget;
  external BuildContext get context;
  external bool get mounted;
  void initState() {}
  void dispose() {}
  external void setState(void Function() change);
  Widget build(BuildContext context);
}

class AsyncSnapshot<T> {
  external T? get data;
  external T get requireData;
}

class StreamBuilder<T> extends Widget {
  const StreamBuilder({
    super.key,
    T? initialData,
    required Stream<T>? stream,
    required Widget Function(BuildContext context, AsyncSnapshot<T> snapshot) builder,
  });
}

class Text extends Widget {
  const Text(String words, {super.key, int? maxLines});
}

class Column extends Widget {
  const Column({super.key, List<Widget> children = const []});
}

class Row extends Widget {
  const Row({super.key, List<Widget> children = const []});
}

class Expanded extends Widget {
  const Expanded({super.key, required Widget child});
}

class Center extends Widget {
  const Center({super.key, Widget? child});
}

class SizedBox extends Widget {
  const SizedBox({super.key, double? width, double? height, Widget? child});
  const SizedBox.shrink({super.key});
}

class ListView extends Widget {
  const ListView({super.key, List<Widget> children = const []});
  ListView.builder({
    super.key,
    int? itemCount,
    required Widget? Function(BuildContext context, int index) itemBuilder,
  });
}

class TextEditingController {
  TextEditingController({String? text});
  String text = '';
  external void clear();
  external void dispose();
}
