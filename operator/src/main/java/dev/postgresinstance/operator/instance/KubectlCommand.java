package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Locale;

/** Complete kubectl commands for messages: each names its namespace and can be pasted. */
public final class KubectlCommand {

  /** For sed: removes from a manifest what makes it immutable, or names the present object. */
  private static final String WITHOUT_IMMUTABLE =
      "/^(immutable|  uid|  resourceVersion|  creationTimestamp): /d";

  private KubectlCommand() {}

  /** Sets an annotation of the instance to the current time, which is always a new value. */
  public static String annotateWithDate(HasMetadata instance, String annotation) {
    return annotate(instance, annotation, "\"$(date)\"");
  }

  /**
   * Sets an annotation of the instance.
   *
   * @param value the value as the shell reads it: with quotation marks, if it needs any
   */
  public static String annotate(HasMetadata instance, String annotation, String value) {
    return "kubectl annotate -n %s pgi %s %s=%s --overwrite"
        .formatted(
            instance.getMetadata().getNamespace(),
            instance.getMetadata().getName(),
            annotation,
            value);
  }

  /** Removes an annotation of the instance. */
  public static String removeAnnotation(HasMetadata instance, String annotation) {
    return "kubectl annotate -n %s pgi %s %s-"
        .formatted(
            instance.getMetadata().getNamespace(), instance.getMetadata().getName(), annotation);
  }

  /** Runs a program in the container of the server. */
  public static String exec(HasMetadata instance, String program) {
    return "kubectl exec -n %s %s -c %s -- %s"
        .formatted(
            instance.getMetadata().getNamespace(), Names.pod(instance), Names.CONTAINER, program);
  }

  /** Shows the log of the database container. */
  public static String logs(HasMetadata instance) {
    return "kubectl logs -n %s %s -c %s"
        .formatted(instance.getMetadata().getNamespace(), Names.pod(instance), Names.CONTAINER);
  }

  /** Shows the log of a container of a pod. */
  public static String logs(Pod pod, String container) {
    return "kubectl logs -n %s %s -c %s"
        .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), container);
  }

  /**
   * Deletes an object of the instance.
   *
   * @param kind kind of the object as kubectl accepts it, for example {@code job}
   */
  public static String delete(HasMetadata instance, String kind, String name) {
    return "kubectl delete -n %s %s %s"
        .formatted(instance.getMetadata().getNamespace(), kind, name);
  }

  /**
   * Describes an object of the instance.
   *
   * @param kind kind of the object as kubectl accepts it, for example {@code pod}
   */
  public static String describe(HasMetadata instance, String kind, String name) {
    return "kubectl describe -n %s %s %s"
        .formatted(instance.getMetadata().getNamespace(), kind, name);
  }

  /**
   * Replaces an immutable object by one that can be changed. The operator creates a ConfigMap again
   * by itself, but a running pod never sees it: the kubelet does not read an object again that was
   * immutable, so the server restarts. The operator would create a Secret with other passwords: so
   * a Secret is replaced by a copy, while the instance is paused. If a step fails, the instance
   * stays paused, and the variable of the shell still holds the Secret. The copy is applied as the
   * operator applies it, because the operator could never remove a key that another field manager
   * owns.
   *
   * @param child the Secret or ConfigMap
   */
  public static String replaceImmutable(PostgresInstance instance, HasMetadata child) {
    String namespace = instance.getMetadata().getNamespace();
    String object =
        "-n %s %s %s"
            .formatted(
                namespace, child.getKind().toLowerCase(Locale.ROOT), child.getMetadata().getName());
    String delete = "kubectl delete " + object;
    if (isReadOnce(instance, child)) {
      return delete + " && " + annotateWithDate(instance, Labels.RESTART);
    }
    String replacement =
        String.join(
            " && ",
            "copy=$(kubectl get %s -o yaml)".formatted(object),
            delete,
            "printf '%%s\\n' \"$copy\" | sed -E '%s' | kubectl apply -n %s --server-side --field-manager=%s -f -"
                .formatted(WITHOUT_IMMUTABLE, namespace, Labels.MANAGER));
    return Boolean.TRUE.equals(instance.getSpec().paused())
        ? replacement
        : String.join(" && ", paused(instance, true), replacement, paused(instance, false));
  }

  /**
   * Whether only a restart makes the server read a replacement of the object: the kubelet does not
   * read a mounted object again that was immutable. The operator makes such an object again.
   */
  public static boolean isReadOnce(HasMetadata instance, HasMetadata child) {
    return !(child instanceof Secret)
        || child.getMetadata().getName().equals(Names.tlsSecret(instance));
  }

  private static String paused(HasMetadata instance, boolean paused) {
    return "kubectl patch -n %s pgi %s --type=merge -p '{\"spec\":{\"paused\":%s}}'"
        .formatted(instance.getMetadata().getNamespace(), instance.getMetadata().getName(), paused);
  }
}
