package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Allows one test run at a time: the operators of two runs would undo each other's changes forever.
 */
public final class ClusterLock {

  // Stays open, and thereby locked, until this JVM ends.
  private static FileChannel channel;

  private ClusterLock() {}

  /**
   * Waits until no other run on this machine uses the cluster, then holds the lock until the JVM
   * ends.
   */
  public static synchronized void acquire() {
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
      throw new UncheckedIOException("Cannot lock " + file, e);
    }
  }
}
