package dev.postgresinstance.operator.feature.roles.ownership;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The PostgresRoles that markers name, and that no cache has. A cache may lag behind, or hold a
 * PostgresRole whose spec this version cannot read. So a role is dropped, or given to another
 * PostgresRole, only after the API server has said that its own one is gone: a reconciliation asks
 * about those that a session has met, and tells the next session.
 */
public final class FormerOwners {

  private final Set<String> present;
  private final Predicate<String> confirmed;
  private final Map<String, String> unconfirmed = new TreeMap<>();
  private final Set<String> gone = new TreeSet<>();

  /**
   * Knows of none yet.
   *
   * @param present uids of the PostgresRoles in the cache
   * @param confirmed whether the API server has said that the PostgresRole with this uid is gone
   */
  public FormerOwners(Set<String> present, Predicate<String> confirmed) {
    this.present = present;
    this.confirmed = confirmed;
  }

  /** Whether the PostgresRole of a marker is certainly gone; if not, somebody has to ask. */
  public boolean isGone(RoleMarker marker) {
    if (present.contains(marker.uid())) {
      return false;
    }
    if (!confirmed.test(marker.uid())) {
      unconfirmed.put(marker.uid(), marker.resource());
      return false;
    }
    gone.add(marker.uid());
    return true;
  }

  /** Names of the PostgresRoles to ask about, by uid. */
  public Map<String, String> unconfirmed() {
    return unconfirmed;
  }

  /** Uids of those that are gone, and whose markers are still there. */
  public Set<String> gone() {
    return gone;
  }
}
