package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The reasons that the operator gives in the course of a test. {@link Given} looks for each of them
 * in the conditions and events of the test's instances when it has ended.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Provokes {

  /** All of them that the test is about. */
  Reason[] value() default {};

  /** The deeds of which it is about the same. */
  EventReason[] deeds() default {};
}
