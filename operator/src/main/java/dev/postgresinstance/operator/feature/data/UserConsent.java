package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a user consents to by annotations on the resource. Each annotation names exactly the object
 * it is about, so that one that stays on the resource permits nothing else. Whether a consent was
 * used already is part of the {@link DataRecord}.
 */
public final class UserConsent {

  /** UID of the claim whose empty volume the user accepts in place of data. */
  public static final String ACCEPT_EMPTY_VOLUME = PostgresInstance.GROUP + "/accept-empty-volume";

  /** Any value. Changing it asks the operator to recreate a dropped database. */
  public static final String RECREATE_DATABASE = PostgresInstance.GROUP + "/recreate-database";

  /** Form of the annotations that name an object; a manifest may hold anything. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private UserConsent() {}

  /** UID of the present claim, if the user accepts that its volume is empty. */
  static Optional<String> emptyVolume(Snapshot snapshot) {
    return id(snapshot, ACCEPT_EMPTY_VOLUME)
        .filter(uid -> claimUid(snapshot).equals(Optional.of(uid)));
  }

  /** Instance id, or system identifier, of other data that the user accepts. */
  public static Optional<String> adoptedData(Snapshot snapshot) {
    return id(snapshot, Labels.ADOPT);
  }

  /** Identifies a request to recreate the database; empty when the user made none. */
  static Optional<String> recreateDatabase(Snapshot snapshot) {
    return Annotations.get(snapshot.instance(), RECREATE_DATABASE).map(Hashes::brief);
  }

  /** Whether a child belongs to this instance, or to one whose data the user accepts. */
  public static boolean covers(Snapshot snapshot, HasMetadata child) {
    Optional<String> id = Identity.of(child);
    return id.isPresent()
        && (id.equals(Optional.of(Identity.of(snapshot))) || id.equals(adoptedData(snapshot)));
  }

  /** UID of the present claim. */
  static Optional<String> claimUid(Snapshot snapshot) {
    return snapshot.get(ObjectKey.CLAIM).map(claim -> claim.getMetadata().getUid());
  }

  private static Optional<String> id(Snapshot snapshot, String annotation) {
    return Annotations.get(snapshot.instance(), annotation)
        .map(String::strip)
        .filter(id -> ID.matcher(id).matches());
  }
}
