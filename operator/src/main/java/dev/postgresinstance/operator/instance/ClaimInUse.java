package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which claim holds the data of an instance: {@code NAME-data}, or after a restore in place the one
 * that has replaced it. A claim that was replaced names its successor. That alone would be lost
 * with the former claim, which a person may delete: so the operator's Secret, which is kept like
 * the claim, names the claim in use, and so does the status. Where all of them are gone, the data
 * must still not be given up for a new database: then it is on the only claim that a restore has
 * left.
 */
public final class ClaimInUse {

  /**
   * Annotation of a claim whose data was restored in place: the request, as the resource had it.
   */
  public static final String RESTORED_TO = PostgresInstance.GROUP + "/restored-to";

  /** Annotation of a claim whose data was restored in place: position and time up to which. */
  public static final String RESTORED = PostgresInstance.GROUP + "/restored";

  /** Annotation of a claim whose data was restored in place: name of the claim in use before. */
  public static final String REPLACES = PostgresInstance.GROUP + "/replaces";

  /** Annotation of a claim that is not in use any more: name of the claim that replaces it. */
  public static final String REPLACED_BY = PostgresInstance.GROUP + "/replaced-by";

  /** Annotation of the operator's Secret: name of the claim in use. */
  private static final String DATA_CLAIM = PostgresInstance.GROUP + "/data-claim";

  /** A restore in place names its claim by a hash. */
  private static final Pattern SUFFIX = Pattern.compile("(-[0-9a-f]{8})?");

  private ClaimInUse() {}

  /**
   * Name of the claim, which need not exist: if it is lost, a former one must not pass for it.
   *
   * @param secret the operator's Secret, if it exists
   * @param claims all claims of the instance that exist, in any order
   */
  public static String name(
      PostgresInstance instance, Optional<Secret> secret, List<PersistentVolumeClaim> claims) {
    String name =
        Annotations.get(secret, DATA_CLAIM)
            .or(
                () ->
                    PreviousStatus.of(instance)
                        .get(PostgresInstanceStatus::storage)
                        .map(StorageStatus::claimName))
            .filter(recorded -> isName(instance, recorded))
            .or(() -> left(instance, claims))
            .orElseGet(() -> Names.claim(instance));
    for (int i = 0; i < claims.size(); i++) { // a circle would be the work of somebody else
      Optional<String> next = successor(instance, name, claims);
      if (next.isEmpty()) {
        return name;
      }
      name = next.get();
    }
    return name;
  }

  /**
   * The claim of a restore that nothing replaces, where the usual one is gone; empty if unclear.
   */
  private static Optional<String> left(
      PostgresInstance instance, List<PersistentVolumeClaim> claims) {
    List<String> names =
        claims.stream()
            .filter(claim -> Annotations.get(claim, REPLACED_BY).isEmpty())
            .filter(claim -> Annotations.get(claim, RESTORED_TO).isPresent())
            .filter(claim -> !hasOtherOwner(instance, claim))
            .map(claim -> claim.getMetadata().getName())
            .filter(name -> isName(instance, name))
            .toList();
    boolean hasUsual =
        claims.stream()
            .anyMatch(claim -> claim.getMetadata().getName().equals(Names.claim(instance)));
    return names.size() == 1 && !hasUsual ? Optional.of(names.getFirst()) : Optional.empty();
  }

  /** Whether the garbage collector deletes the claim whatever happens to this instance. */
  private static boolean hasOtherOwner(PostgresInstance instance, PersistentVolumeClaim claim) {
    return Stream.ofNullable(claim.getMetadata().getOwnerReferences())
        .flatMap(List::stream)
        .anyMatch(owner -> !owner.getUid().equals(instance.getMetadata().getUid()));
  }

  private static Optional<String> successor(
      PostgresInstance instance, String name, List<PersistentVolumeClaim> claims) {
    return claims.stream()
        .filter(claim -> claim.getMetadata().getName().equals(name))
        .findFirst()
        .flatMap(claim -> Annotations.get(claim, REPLACED_BY))
        .filter(next -> isName(instance, next));
  }

  /** Whoever may write the object may have changed the annotation. */
  private static boolean isName(PostgresInstance instance, String name) {
    String usual = Names.claim(instance);
    return name.startsWith(usual) && SUFFIX.matcher(name.substring(usual.length())).matches();
  }

  /** Annotations of the operator's Secret: none for a claim of the usual name. */
  public static Map<String, String> annotations(PostgresInstance instance, String claim) {
    return claim.equals(Names.claim(instance)) ? Map.of() : Map.of(DATA_CLAIM, claim);
  }
}
