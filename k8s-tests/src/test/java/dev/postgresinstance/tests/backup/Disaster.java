package dev.postgresinstance.tests.backup;

import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;

/** Takes away a server, its data, and the pod that archives, at the same moment. */
final class Disaster {

  private Disaster() {}

  /**
   * Kills all processes of both pods and deletes what is on their volumes, before the kubelet can
   * start anything again.
   */
  static void strike(Instance instance) {
    String server = Node.uid(instance.namespace(), instance.podName());
    String archiver = Node.uid(instance.namespace(), instance.name() + "-backup-0");
    Node.run(
        """
        pids=$(grep -lE '%1$s|%2$s' /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 || true)
        kill -9 $pids || true # some have ended meanwhile
        cd /var/lib/kubelet/pods
        rm -rf %1$s/volumes/kubernetes.io~csi/*/mount/* %2$s/volumes/kubernetes.io~empty-dir/*/*
        """
            .formatted(Node.controlGroup(server), Node.controlGroup(archiver))
            .replace(Node.controlGroup(server) + "/volumes", server + "/volumes")
            .replace(Node.controlGroup(archiver) + "/volumes", archiver + "/volumes"));
  }
}
