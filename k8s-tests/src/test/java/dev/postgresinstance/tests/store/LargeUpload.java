package dev.postgresinstance.tests.store;

import dev.postgresinstance.operator.archive.store.S3Config;
import dev.postgresinstance.operator.archive.store.S3Store;
import dev.postgresinstance.tests.support.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A program that writes a large object and compares what it reads then, with a small heap. */
final class LargeUpload {

  /** The size of the object: more than the heap of the process. */
  static final int BYTES = 100 << 20;

  private static final String KEY = "base.tar.gz";
  private static final int BUFFER_BYTES = 64 << 10;

  private LargeUpload() {}

  /**
   * Runs the program to its end.
   *
   * @param files folder with the credentials and the authority
   * @return its last line
   */
  static String inOwnProcess(String url, String bucket, String files) {
    return Command.run(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            LargeUpload.class.getName(),
            url,
            bucket,
            files)
        .lines()
        .reduce("", (before, line) -> line);
  }

  /** Takes the URL, the bucket, and the folder with the credentials and the authority. */
  public static void main(String[] arguments) throws IOException {
    S3Config config = new S3Config(arguments[0], "", arguments[1], "", true, "");
    Path files = Path.of(arguments[2]);
    try (S3Store store = new S3Store(config, files, Optional.of(files.resolve("ca.crt")))) {
      long written = store.upload(KEY, new Content(BYTES));
      try (InputStream stored = store.open(KEY).orElseThrow()) {
        System.out.println(isSame(stored) ? "the same " + written + " bytes" : "other bytes");
      }
    }
  }

  private static boolean isSame(InputStream stored) throws IOException {
    Content expected = new Content(BYTES);
    byte[] found;
    do {
      found = stored.readNBytes(BUFFER_BYTES);
      if (!Arrays.equals(found, expected.readNBytes(found.length))) {
        return false;
      }
    } while (found.length > 0);
    return expected.read() < 0;
  }

  /** Bytes that look random, and are the same for each stream, so that no two parts are alike. */
  static final class Content extends InputStream {

    private static final int FACTOR = 0x9E3779B1;

    private final int length;
    private int position;

    Content(int length) {
      super();
      this.length = length;
    }

    @Override
    public int read() {
      return position < length ? (position++ * FACTOR) >>> 24 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) {
      int end = Math.min(count, length - position);
      for (int i = 0; i < end; i++) {
        buffer[offset + i] = (byte) read();
      }
      return end > 0 || count == 0 ? end : -1;
    }
  }
}
