package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;

/** A container that runs the start script, and then PostgreSQL. */
final class TestServer implements AutoCloseable {

  private static final String READY = "database system is ready to accept connections";
  static final Duration PATIENCE = Duration.ofMinutes(3);

  private final String name = "pgi-start-script-" + UUID.randomUUID();
  private final Path terminationLog;
  private final Process process;
  private final Thread reader;
  private final Queue<String> log = new ConcurrentLinkedQueue<>();

  TestServer(List<String> options, Path terminationLog) {
    this.terminationLog = terminationLog;
    List<String> command = new ArrayList<>(List.of("run", "--rm", "--name", name));
    command.addAll(options);
    process = Docker.start(command);
    reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.add(line);
      }
    } catch (IOException e) {
      log.add(e.toString());
    }
  }

  /** The output of the container so far. */
  String log() {
    return String.join("\n", log);
  }

  /**
   * Waits until the script has refused to start a server, and returns the termination message that
   * the kubelet would read.
   */
  String awaitRefusal() {
    patiently("refusal").until(() -> log().contains(READY) || !process.isAlive());
    assertThat(log()).doesNotContain(READY);
    assertThat(awaitEnd()).as("exit code of: %s", log()).isEqualTo(1);
    String message = terminationMessage();
    assertThat(log()).endsWith(message);
    assertThat(message).hasSizeLessThanOrEqualTo(500);
    return message;
  }

  String terminationMessage() {
    try {
      return Files.readString(terminationLog).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestServer awaitReady() {
    return awaitLine(READY);
  }

  TestServer awaitLine(String text) {
    patiently(text).until(() -> log().contains(text) || !process.isAlive());
    assertThat(log()).contains(text);
    return this;
  }

  private static ConditionFactory patiently(String whatFor) {
    return await(whatFor)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until the container has ended, and returns its exit code. */
  int awaitEnd() {
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("has ended; its log: %s", log())
          .isTrue();
      reader.join();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a container ran", e);
    }
  }

  /** The port at which the server of a reachable pod is published on this machine. */
  int port() {
    return Integer.parseInt(Docker.run("port", name, "5432/tcp").replaceAll(".*:", ""));
  }

  /** Sends a signal to the main process of the container. */
  TestServer signal(String signal) {
    Docker.run("kill", "--signal", signal, name);
    return this;
  }

  /**
   * Stops the server like Kubernetes, with the preStop hook of the StatefulSet. The container can
   * end before Docker knows that the hook has succeeded.
   */
  void stop() {
    Docker.attempt(beside("/bin/bash", "-c", "kill -INT \"$(cat /var/run/postgresql/start.pid)\""));
    awaitEnd();
  }

  /**
   * Suspends all processes of the container, so that its files do not change. On a busy machine,
   * Docker may give up ("unable to freeze") and succeed later.
   */
  void freeze() {
    await().untilAsserted(() -> Docker.run("pause", name));
  }

  void thaw() {
    Docker.run("unpause", name);
  }

  /** Runs a shell in the container, and returns its output. */
  String exec(String script) {
    return Docker.run(beside("/bin/bash", "-c", script).toArray(String[]::new));
  }

  /** Runs a shell in the container, and returns the bytes that it writes. */
  byte[] read(String script) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(beside("/bin/bash", "-c", script));
    try {
      Process exec =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] output = exec.getInputStream().readAllBytes();
      assertThat(exec.waitFor()).as(script).isZero();
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while docker ran", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Queries one value over TCP as a role with a password; returns the value or the error. */
  String query(String role, String password, String database, String sql) {
    String connection =
        "host=127.0.0.1 user=%s password='%s' dbname=%s".formatted(role, password, database);
    return Docker.attempt(beside("psql", "-XAtq", "-d", connection, "-c", sql)).output();
  }

  /** A command in the container, without the environment that the tests set for the script. */
  private List<String> beside(String... command) {
    List<String> exec = new ArrayList<>(List.of("exec", name, "env", "-i", "PATH=" + Docker.PATH));
    exec.addAll(List.of(command));
    return exec;
  }

  /** Queries one value as the application user. */
  String query(String sql) {
    return query("app", TestPod.APP_PASSWORD, "app", sql);
  }

  /**
   * Queries one value as the superuser over the local socket, which needs no password. It has any
   * time, whatever the configuration says.
   */
  String superuserQuery(String sql) {
    String database = "dbname=postgres user=postgres options=-cstatement_timeout=0";
    return Docker.run(beside("psql", "-XAtq", "-d", database, "-c", sql).toArray(String[]::new));
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      Docker.attempt(List.of("rm", "--force", "--volumes", name));
      awaitEnd();
    }
  }
}
