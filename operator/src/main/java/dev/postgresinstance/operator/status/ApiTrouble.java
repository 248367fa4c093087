package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is to be said when the API server refuses what the operator needs. */
public final class ApiTrouble {

  /** How every authorizer of Kubernetes says that a right is missing. */
  private static final Pattern NO_RIGHT =
      Pattern.compile("User \"([^\"]*)\" cannot (\\S+) resource \"([^\"]*)\"");

  private ApiTrouble() {}

  /**
   * The trouble.
   *
   * @param words those of the API server
   */
  public static Trouble of(String words) {
    Matcher right = NO_RIGHT.matcher(words);
    if (right.find()) {
      return new Trouble(
          Reason.MISSING_RIGHT,
          "The operator, as %s, lacks the right to %s %s; its role has to be as its chart has it. The API server says: %s"
              .formatted(right.group(1), right.group(2), right.group(3), words));
    }
    return ClusterTrouble.isQuota(words)
        ? new Trouble(
            Reason.QUOTA_EXCEEDED,
            "A quota of the namespace does not allow it: %s. Raise the quota, or remove what is not needed."
                .formatted(words))
        : new Trouble(Reason.API_ERROR, "The API server refuses: " + words);
  }
}
