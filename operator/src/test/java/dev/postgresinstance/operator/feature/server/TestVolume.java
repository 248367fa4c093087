package dev.postgresinstance.operator.feature.server;

import java.util.ArrayList;
import java.util.List;

/** A volume like that of a pod: writable for its group, with lost+found in its root directory. */
final class TestVolume implements AutoCloseable {

  /** Lists name, type, mode, size and time of all files except the lock, and content checksums. */
  private static final String LISTING =
      """
      /usr/bin/find . -mindepth 1 ! -name lock -printf '%P %y %m %u %s %T@\\n' | sort
      /usr/bin/find . -type f ! -name lock -print0 | /usr/bin/sort -z | xargs -0 -r sha256sum | sha256sum
      """;

  private final Workbench workbench;
  private final String name;
  private final List<TestPod> pods = new ArrayList<>();

  TestVolume(Workbench workbench, String name) {
    this.workbench = workbench;
    this.name = name;
    workbench.exec(
        "mkdir %1$s; cd %1$s; chown 999:999 .; chmod 2770 .; mkdir -m 700 lost+found"
            .formatted(name));
  }

  /** Copies this volume, whose server has ended, and runs a shell command on the copy. */
  TestVolume copyAfter(String shell) {
    TestVolume copy = new TestVolume(workbench, workbench.newName());
    copy.shell("cp -a ../%s/. .; %s".formatted(name, shell));
    return copy;
  }

  /** The source of the mount for docker. */
  String mount() {
    return workbench.path(name).toString();
  }

  /** Creates a pod with this volume, which ends when the volume is closed. */
  TestPod pod() {
    TestPod pod = new TestPod(this);
    pods.add(pod);
    return pod;
  }

  /** A listing of all files. Equal listings mean that nothing was written. */
  String listing() {
    return shell(LISTING);
  }

  /** Runs a shell as root in the root directory of the volume, and returns its output. */
  String shell(String script) {
    return workbench.exec("cd %s; %s".formatted(name, script));
  }

  @Override
  public void close() {
    pods.forEach(TestPod::close);
    workbench.exec("rm -rf " + name);
  }
}
