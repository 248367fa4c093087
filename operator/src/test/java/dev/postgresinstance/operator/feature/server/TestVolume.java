package dev.postgresinstance.operator.feature.server;

import java.util.ArrayList;
import java.util.List;

/** A volume as a pod gets it, writable for its group and with lost+found at its top. */
final class TestVolume implements AutoCloseable {

  /** Names, kinds, modes, sizes and times of all files but the lock, and a sum of the contents. */
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

  /** A copy of this volume, whose server has ended, after a shell did something to it. */
  TestVolume copyAfter(String shell) {
    TestVolume copy = new TestVolume(workbench, workbench.newName());
    copy.shell("cp -a ../%s/. .; %s".formatted(name, shell));
    return copy;
  }

  /** What docker is to mount. */
  String mount() {
    return workbench.path(name).toString();
  }

  /** A new pod with this volume; ends with it. */
  TestPod pod() {
    TestPod pod = new TestPod(this);
    pods.add(pod);
    return pod;
  }

  /** All there is to know about the files. Equal texts mean that nothing was written. */
  String listing() {
    return shell(LISTING);
  }

  /** Runs a shell as root at the top of the volume; returns what it printed. */
  String shell(String script) {
    return workbench.exec("cd %s; %s".formatted(name, script));
  }

  @Override
  public void close() {
    pods.forEach(TestPod::close);
    workbench.exec("rm -rf " + name);
  }
}
