package dev.postgresinstance.operator.archive.store.mounted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Credentials in a folder that the kubelet mounts from a Secret. The files are read for each
 * request, so that a rotation is in force as soon as the kubelet has refreshed them.
 */
public final class MountedCredentials implements AwsCredentialsProvider {

  /** The beginning of the message when there are no credentials, as the SDK's own providers do. */
  public static final String MISSING = "Unable to load credentials";

  /** The kubelet replaces this link, and with it all files at once. */
  private static final String CURRENT = "..data";

  private final Path folder;

  private MountedCredentials(Path folder) {
    this.folder = folder;
  }

  /** Credentials in the folder; without one, those of the workload's identity. */
  public static AwsCredentialsProvider in(Path folder) {
    return Files.isDirectory(folder)
        ? new MountedCredentials(folder)
        : DefaultCredentialsProvider.builder().build();
  }

  @Override
  public AwsCredentials resolveCredentials() {
    try {
      Path link = folder.resolve(CURRENT);
      Path files = Files.exists(link) ? link.toRealPath() : folder;
      String id = read(files, "accessKeyId");
      String secret = read(files, "secretAccessKey");
      return Files.exists(files.resolve("sessionToken"))
          ? AwsSessionCredentials.create(id, secret, read(files, "sessionToken"))
          : AwsBasicCredentials.create(id, secret);
    } catch (IOException e) {
      throw SdkClientException.create(MISSING + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      throw new IOException("the Secret has no key " + name);
    }
    String text = Files.readString(file).strip();
    if (text.isEmpty()) {
      throw new IOException("the key " + name + " of the Secret is empty");
    }
    return text;
  }
}
