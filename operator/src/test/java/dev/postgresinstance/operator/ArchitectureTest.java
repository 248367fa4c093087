package dev.postgresinstance.operator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.fabric8.kubernetes.api.model.EventBuilder;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The plan of the house, see docs/design.md. */
class ArchitectureTest {

  private static final String OPERATOR = "dev.postgresinstance.operator";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.postgresinstance");

  /** A name of a child is that of the instance with one of these behind it. */
  private static final Pattern SUFFIX = Pattern.compile("\"(.*%s)?-(app|operator|data|config|0)\"");

  @Test
  void onlyTheEventRecorderMakesAnEvent() {
    noClasses()
        .that()
        .doNotHaveSimpleName("EventRecorder")
        .should()
        .callConstructor(EventBuilder.class)
        .check(CLASSES);
  }

  @Test
  void onlySessionsAndFeaturesSpeakSql() {
    noClasses()
        .that()
        .resideOutsideOfPackages(OPERATOR + ".sql..", OPERATOR + ".feature..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.sql..")
        .check(CLASSES);
  }

  @Test
  void onlyMainReadsTheEnvironment() {
    noClasses()
        .that(DescribedPredicate.not(belongToAnyOf(Main.class, OperatorConfig.class)))
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .check(CLASSES);
  }

  @Test
  void onlyMainWritesToTheStandardStreams() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(
        CLASSES.that(DescribedPredicate.not(belongToAnyOf(Main.class))));
    noClasses().should().accessField(System.class, "out").check(CLASSES);
  }

  @Test
  void onlyMainEndsTheProcess() {
    noClasses()
        .that(DescribedPredicate.not(belongToAnyOf(Main.class)))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }

  @Test
  void noClassIsADrawerOfThings() {
    classes()
        .should()
        .haveSimpleNameNotEndingWith("Utils")
        .andShould()
        .haveSimpleNameNotEndingWith("Util")
        .andShould()
        .haveSimpleNameNotEndingWith("Helper")
        .check(CLASSES);
  }

  @Test
  void onlyNamesSpellsTheNameOfAChild() throws IOException {
    // Given
    var others = SourceFile.all().stream().filter(file -> !file.name().equals("Names.java"));

    // When
    var spelled = others.filter(file -> SUFFIX.matcher(file.withoutComments()).find());

    // Then
    assertThat(spelled).isEmpty();
  }
}
