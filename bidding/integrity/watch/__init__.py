"""When screens run (运行): live behind the committed journal, at the close, nightly. Never before an acknowledgement."""
