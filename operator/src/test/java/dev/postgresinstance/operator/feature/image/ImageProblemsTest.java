package dev.postgresinstance.operator.feature.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.image.CollationTask.OutdatedDatabases;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageProblemsTest {

  private final PostgresInstance instance = Snapshots.of("{}").instance();

  @Test
  void reportsNothingWhenRequestedImageWorks() {
    // Given
    ImagePlan plan = new ImagePlan("postgres:17.6", "postgres:17.6", Optional.empty());

    // When
    Optional<Problem> problem = ImageProblems.refused(instance, plan);

    // Then
    assertThat(problem).isEmpty();
  }

  @Test
  void namesBothImagesAndCommandThatTriesRefusedImageAgain() {
    // Given
    RememberedRefusal refusal = new RememberedRefusal("key", "it could not be pulled");
    ImagePlan plan = new ImagePlan("postgres:17.5", "postgres:17.6", Optional.of(refusal));

    // When
    Problem problem = ImageProblems.refused(instance, plan).orElseThrow();

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.IMAGE_REFUSED);
    assertThat(problem.preventsReady()).isTrue();
    assertThat(problem.message())
        .contains(
            "The image postgres:17.6 does not work: it could not be pulled.",
            "the last image that worked, postgres:17.5.",
            "kubectl annotate -n shop pgi orders"
                + " postgresinstance.dev/restart=\"$(date)\" --overwrite");
  }

  @Test
  void reportsNothingWhenAllDatabasesFitImage() {
    // When
    Optional<Problem> problem =
        ImageProblems.collations(instance, new OutdatedDatabases(List.of()));

    // Then
    assertThat(problem).isEmpty();
  }

  @Test
  void listsDatabasesWithOtherSortOrderAndCommandThatReindexesFirst() {
    // When
    Problem problem = collations("app", "shop");

    // Then
    assertThat(problem.condition()).isEqualTo(ConditionType.DATA_AT_RISK);
    assertThat(problem.reason()).isEqualTo(Reason.COLLATION_VERSION_MISMATCH);
    assertThat(problem.preventsReady()).isFalse();
    assertThat(problem.message())
        .contains(": app, shop. ")
        .endsWith(
            "kubectl exec -n shop orders-0 -c postgres -- psql -U postgres -d 'app'"
                + " -c 'REINDEX DATABASE \"app\"'"
                + " -c 'ALTER DATABASE \"app\" REFRESH COLLATION VERSION'");
  }

  @Test
  void quotesNameOfDatabaseForSqlAndShell() {
    // When
    Problem problem = collations("it's \"x\"");

    // Then
    assertThat(problem.message())
        .contains(
            " -d 'it'\\''s \"x\"'",
            " -c 'REINDEX DATABASE \"it'\\''s \"\"x\"\"\"'",
            " -c 'ALTER DATABASE \"it'\\''s \"\"x\"\"\" REFRESH COLLATION VERSION'");
  }

  @Test
  void leavesRoomForCommandWhenManyDatabasesAreOutdated() {
    // Given
    String[] names =
        IntStream.range(0, 40)
            .mapToObj(n -> "database" + n + "x".repeat(50))
            .toArray(String[]::new);

    // When
    Problem problem = collations(names);

    // Then: the status holds at most 2,000 characters
    assertThat(problem.message())
        .contains(names[9] + " and 30 more. ")
        .doesNotContain(names[10])
        .hasSizeLessThan(2_000);
  }

  private Problem collations(String... databases) {
    return ImageProblems.collations(instance, new OutdatedDatabases(List.of(databases)))
        .orElseThrow();
  }
}
