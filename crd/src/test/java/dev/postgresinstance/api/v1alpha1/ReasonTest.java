package dev.postgresinstance.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ReasonTest {

  @Test
  void exactlyTheseReasonsNeedPerson() {
    assertThat(Arrays.stream(Reason.values()).filter(Reason::needsPerson))
        .containsExactlyInAnyOrder(
            Reason.IMAGE_DOES_NOT_FIT,
            Reason.IMAGE_REFUSED,
            Reason.PARAMETER_REFUSED,
            Reason.INITIALIZATION_FAILED,
            Reason.DATA_MISSING,
            Reason.DATA_CORRUPT,
            Reason.SPEC_DOES_NOT_MATCH_DATA,
            Reason.VOLUME_OF_ANOTHER_INSTANCE,
            Reason.VOLUME_ACCESS_DENIED,
            Reason.CLAIM_TERMINATING,
            Reason.OPERATOR_LOCKED_OUT,
            Reason.CONFLICT,
            Reason.OBJECT_IMMUTABLE,
            Reason.SPEC_NOT_UNDERSTOOD);
  }

  @Test
  void everyReasonExceptTheseIsProblem() {
    EnumSet<Reason> noProblems =
        EnumSet.of(
            Reason.RUNNING,
            Reason.SUSPENDED,
            Reason.PAUSED,
            Reason.CREATING,
            Reason.STARTING,
            Reason.RECOVERING,
            Reason.CONFIGURING,
            Reason.RESTART_REQUIRED,
            Reason.VOLUME_READY,
            Reason.RESIZING,
            Reason.DATA_RECORDED,
            Reason.PROVEN,
            Reason.CERTIFICATE_SERVED,
            Reason.RESTORING,
            Reason.REPLAYING,
            Reason.RESTORE_COMPLETED,
            Reason.ARCHIVING,
            Reason.ARCHIVE_STARTING,
            Reason.BACKUP_COMPLETED,
            Reason.BACKUP_PENDING,
            Reason.BACKUP_RUNNING,
            Reason.LOAD_BALANCER_PENDING,
            Reason.GRANTED);

    assertThat(Arrays.stream(Reason.values()).filter(Reason::isProblem))
        .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(noProblems));
  }

  @Test
  void everyReasonHasExactlyOneEntryInDocumentationInSameOrder() {
    assertThat(ReasonDocs.byWord().keySet())
        .containsExactlyElementsOf(Arrays.stream(Reason.values()).map(Reason::word).toList());
  }

  @Test
  void everyEntryInDocumentationIsComplete() {
    assertThat(ReasonDocs.byWord().values())
        .allSatisfy(docs -> assertThat(docs.cause()).endsWith("."))
        .allSatisfy(docs -> assertThat(docs.symptom()).isNotBlank().doesNotEndWith("."))
        .allSatisfy(docs -> assertThat(docs.remedy()).endsWith("."));
  }
}
