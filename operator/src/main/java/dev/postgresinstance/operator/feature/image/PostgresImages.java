package dev.postgresinstance.operator.feature.image;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Which image serves a major version where the spec names none. */
public record PostgresImages(Map<String, String> byMajor) {

  /**
   * Tags of the official image with minor version and distribution, so that neither the minor
   * version nor the C library, which may sort texts differently, changes by itself.
   */
  public static final PostgresImages DEFAULT =
      new PostgresImages(
          Map.of(
              "15", "postgres:15.20-bookworm",
              "16", "postgres:16.16-trixie",
              "17", "postgres:17.12-trixie",
              "18", "postgres:18.6-trixie"));

  public PostgresImages {
    byMajor = Collections.unmodifiableMap(new TreeMap<>(byMajor));
  }

  /** The image of a major version that the CRD admits. */
  public String of(String major) {
    return byMajor.get(major);
  }

  /**
   * The default table with the entries of the variable {@code POSTGRES_IMAGES}.
   *
   * @param text {@code major=image} pairs separated by commas, as {@code 17=postgres:17.6-trixie};
   *     white space around each part does not count
   * @throws IllegalArgumentException with a sentence for people, when it is not of that form
   */
  public static PostgresImages parse(String text) {
    Map<String, String> images = new TreeMap<>(DEFAULT.byMajor);
    for (String entry : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] pair = entry.strip().split("\\s*=\\s*", 2);
      if (pair.length != 2 || pair[1].isBlank() || !DEFAULT.byMajor.containsKey(pair[0])) {
        throw new IllegalArgumentException(
            "POSTGRES_IMAGES: \"%s\" is not of the form MAJOR=IMAGE with a major version of %s"
                .formatted(entry, DEFAULT.byMajor.keySet()));
      }
      images.put(pair[0], pair[1]);
    }
    return new PostgresImages(images);
  }
}
