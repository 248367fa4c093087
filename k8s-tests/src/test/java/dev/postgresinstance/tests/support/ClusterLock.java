package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One run at a time: the operators of two would answer each other for ever. */
public final class ClusterLock {

  // Open until this JVM ends, and with it the lock.
  private static FileChannel channel;

  private ClusterLock() {}

  /** Waits until no other run on this machine uses the cluster, and keeps the next one waiting. */
  public static synchronized void take() {
    if (channel != null) {
      return;
    }
    Path file =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "postgres-instance-" + Settings.context() + ".lock");
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        System.err.println("Another run uses the cluster " + Settings.context() + ": waiting.");
        channel.lock();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("No lock can be had at " + file, e);
    }
  }
}
