// A line that says that the app is offline, on any screen.
import 'dart:async';

import 'package:flutter/material.dart';
import 'package:linky/linky.dart';

class OfflineLine extends StatefulWidget {
  const OfflineLine(this.live, {super.key});

  final Live live;

  @override
  State<OfflineLine> createState() => _OfflineLineState();
}

class _OfflineLineState extends State<OfflineLine> {
  late final StreamSubscription<bool> listening;
  Timer? waiting;
  bool isOffline = false;

  @override
  void initState() {
    super.initState();
    listening = widget.live.liveChanges.listen(note);
  }

  @override
  void dispose() {
    unawaited(listening.cancel());
    waiting?.cancel();
    super.dispose();
  }

  /// A stream may close and open again within a second: that is not worth a word.
  void note(bool isLive) {
    waiting?.cancel();
    if (isLive) {
      setState(() => isOffline = false);
    } else {
      waiting = Timer(const Duration(seconds: 3), () => setState(() => isOffline = true));
    }
  }

  @override
  Widget build(BuildContext context) {
    if (!isOffline) return const SizedBox.shrink();
    return Semantics(
      liveRegion: true,
      child: const Padding(
        padding: EdgeInsets.all(8),
        child: Text('オフラインです。前に読み込んだ内容を表示しています。'),
      ),
    );
  }
}
