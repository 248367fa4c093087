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

/** A container that runs the start script, and then Postgres. */
final class TestServer implements AutoCloseable {

  private static final String READY = "database system is ready to accept connections";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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

  /** All that the container has printed. */
  String log() {
    return String.join("\n", log);
  }

  /**
   * Waits until the script has refused to start a server; returns what the kubelet would find as
   * the reason of the container's end.
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

  /** Waits until the container has ended; returns its exit code. */
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

  /** Sends a signal to the process that the container was made for. */
  TestServer signal(String signal) {
    Docker.run("kill", "--signal", signal, name);
    return this;
  }

  /** Stops the server as Kubernetes does, by the hook of the StatefulSet. */
  void stop() {
    exec("kill -INT \"$(cat /var/run/postgresql/start.pid)\"");
    awaitEnd();
  }

  /** Lets nothing in the container run, so that its files keep still. */
  void freeze() {
    Docker.run("pause", name);
  }

  void thaw() {
    Docker.run("unpause", name);
  }

  /** Runs a shell beside the server; returns what it printed. */
  String exec(String script) {
    return Docker.run(beside("/bin/bash", "-c", script).toArray(String[]::new));
  }

  /** One value, asked for over TCP by a role with its password; or why it was refused. */
  String query(String role, String password, String database, String sql) {
    String connection =
        "host=127.0.0.1 user=%s password='%s' dbname=%s".formatted(role, password, database);
    return Docker.attempt(beside("psql", "-XAtq", "-d", connection, "-c", sql)).output();
  }

  /** A command in the container, free of the environment that the tests give to the script. */
  private List<String> beside(String... command) {
    List<String> exec = new ArrayList<>(List.of("exec", name, "env", "-i", "PATH=" + Docker.PATH));
    exec.addAll(List.of(command));
    return exec;
  }

  /** As the application that the database is for. */
  String query(String sql) {
    return query("app", TestPod.APP_PASSWORD, "app", sql);
  }

  /** Through the emergency door. */
  String superuserQuery(String sql) {
    return Docker.run(beside("psql", "-XAtq", "-U", "postgres", "-c", sql).toArray(String[]::new));
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      Docker.attempt(List.of("rm", "--force", "--volumes", name));
      awaitEnd();
    }
  }
}
