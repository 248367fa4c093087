package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Objects of which an instance can have any number.
 *
 * @param backups the PostgresBackups that name the instance
 * @param helpers the pods of Jobs that serve the instance, such as a restore
 * @param claims all claims of the instance, in use or not
 */
public record Surroundings(
    List<PostgresBackup> backups, List<Pod> helpers, List<PersistentVolumeClaim> claims) {

  /** No such objects. */
  public static final Surroundings NONE = new Surroundings(List.of(), List.of(), List.of());

  public Surroundings {
    backups = List.copyOf(backups);
    helpers = List.copyOf(helpers);
    claims = List.copyOf(claims);
  }

  /** A claim by its name. */
  Optional<PersistentVolumeClaim> claim(String name) {
    return claims.stream().filter(claim -> claim.getMetadata().getName().equals(name)).findFirst();
  }

  /** The pods of a Job, the oldest first. */
  public List<Pod> ofJob(String job) {
    return helpers.stream()
        .filter(pod -> job.equals(pod.getMetadata().getLabels().get(Labels.JOB_NAME)))
        .sorted(
            Comparator.comparing(
                pod -> Optional.ofNullable(pod.getMetadata().getCreationTimestamp()).orElse("")))
        .toList();
  }

  /** The pod of a Job that has not ended; empty if all have. */
  public Optional<Pod> unfinishedOfJob(String job) {
    return ofJob(job).reversed().stream().filter(pod -> !PodState.hasEnded(pod)).findFirst();
  }
}
