package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.S3Config;
import dev.postgresinstance.operator.archive.store.S3Store;
import dev.postgresinstance.operator.archive.store.folder.FolderStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The variables and the mounted files of a program: the only place that spells them.
 *
 * @param variables the environment variables of the process
 * @param root the root folder of the container; another one in tests
 */
public record ProgramEnvironment(Map<String, String> variables, Path root) {

  /** The environment of this process. */
  public static ProgramEnvironment ofProcess() {
    return new ProgramEnvironment(System.getenv(), Path.of("/"));
  }

  /**
   * The value of a variable without which the program cannot run.
   *
   * @throws ProgramFailure when the variable is absent or empty
   */
  public String required(String name) throws ProgramFailure {
    return optional(name)
        .orElseThrow(
            () -> new ProgramFailure("Misconfigured", "The variable " + name + " is not set."));
  }

  /** The value of a variable; empty when it is absent or empty. */
  public Optional<String> optional(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /**
   * A number.
   *
   * @throws ProgramFailure when the text of the variable is no number from 0
   */
  public long number(String name, long defaultValue) throws ProgramFailure {
    Optional<String> text = optional(name);
    try {
      long value = text.map(Long::parseLong).orElse(defaultValue);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new ProgramFailure(
        "Misconfigured", "%s is not a number: %s.".formatted(name, text.orElse("")));
  }

  /** A duration; the text of the variable is a number of seconds. */
  public Duration seconds(String name, Duration defaultValue) throws ProgramFailure {
    return Duration.ofSeconds(number(name, defaultValue.toSeconds()));
  }

  /** The id of the instance: the top folder of its archive. */
  public String instanceId() throws ProgramFailure {
    return required("PGI_INSTANCE_ID");
  }

  /** The name of the instance, for people. */
  public String instanceName() throws ProgramFailure {
    return required("PGI_INSTANCE_NAME");
  }

  /** The namespace of the instance, for people. */
  public String instanceNamespace() throws ProgramFailure {
    return required("PGI_INSTANCE_NAMESPACE");
  }

  /** The uid of the claim that contains the data. */
  public String owner() throws ProgramFailure {
    return required("PGI_OWNER");
  }

  /**
   * A file or folder of the container.
   *
   * @param path absolute
   */
  public Path path(String path) {
    return root.resolve(Path.of("/").relativize(Path.of(path)));
  }

  /** The login of the role that makes backups, read again at each call. */
  public DatabaseLogin login() throws ProgramFailure {
    return DatabaseLogin.read(path("/etc/pgi-login"));
  }

  /** The folder of the store, if it is a mounted volume. */
  public Optional<Path> storeFolder() {
    return optional("PGI_STORE_FOLDER").map(this::path);
  }

  /** The folder into which the write-ahead log is received. */
  public Path spool() {
    return path(optional("PGI_SPOOL").orElse("/spool"));
  }

  /** The store of the archive. Sends no request yet. */
  public ObjectStore store() throws ProgramFailure {
    Optional<Path> folder = storeFolder();
    if (folder.isPresent()) {
      return new FolderStore(folder.get());
    }
    Path authority = path("/etc/pgi-store/ca/ca.crt");
    return new S3Store(
        new S3Config(
            optional("PGI_S3_ENDPOINT").orElse(""),
            optional("PGI_S3_REGION").orElse(""),
            required("PGI_S3_BUCKET"),
            optional("PGI_S3_PREFIX").orElse(""),
            optional("PGI_S3_PATH_STYLE").filter("true"::equals).isPresent(),
            optional("PGI_S3_SSE").orElse("")),
        path("/etc/pgi-store/credentials"),
        Optional.of(authority).filter(Files::exists));
  }

  /** The folder that the two containers of a Job share. */
  public Path exchange() {
    return path("/exchange");
  }

  /** The file whose content the operator reads when the container has ended. */
  public Path terminationLog() {
    return path("/dev/termination-log");
  }
}
