package dev.postgresinstance.tests.backup;

import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;
import dev.postgresinstance.tests.support.TestCluster;

/** Takes away a server, its data, and the pod that archives, at the same moment. */
final class Disaster {

  private Disaster() {}

  /**
   * Kills all processes of both pods and deletes what is on their volumes, before the kubelet can
   * start anything again.
   */
  static void strike(Instance instance) {
    String server = instance.pod().getMetadata().getUid();
    String archiver =
        TestCluster.client()
            .pods()
            .inNamespace(instance.namespace())
            .withName(instance.name() + "-backup-0")
            .require()
            .getMetadata()
            .getUid();
    Node.run(
        """
        pids=$(grep -lE '%1$s|%2$s' /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 || true)
        kill -9 $pids || true # some have ended meanwhile
        cd /var/lib/kubelet/pods
        rm -rf %1$s/volumes/kubernetes.io~csi/*/mount/* %2$s/volumes/kubernetes.io~empty-dir/*/*
        """
            .formatted(pattern(server), pattern(archiver))
            .replace(pattern(server) + "/volumes", server + "/volumes")
            .replace(pattern(archiver) + "/volumes", archiver + "/volumes"));
  }

  /** The name of a pod's control group has the UID with one of two separators. */
  private static String pattern(String uid) {
    return uid.replace("-", "[-_]");
  }
}
