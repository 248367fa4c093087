package dev.postgresinstance.api.v1alpha1;

/** Rules in CEL for the size and the StorageClass of a volume. */
final class VolumeRules {

  /** The size is a quantity within the bounds. */
  static final String SIZE =
      "isQuantity(string(self))"
          + " && quantity(string(self)).compareTo(quantity('256Mi')) >= 0"
          + " && quantity(string(self)).compareTo(quantity('64Ti')) <= 0";

  /** The size is a whole number of bytes. */
  static final String WHOLE_BYTES =
      "!isQuantity(string(self)) || quantity(string(self)).isLessThan(quantity('256Mi'))"
          + " || quantity(string(self)).isGreaterThan(quantity('64Ti'))"
          + " || double(int(quantity(string(self)).asApproximateFloat()))"
          + " == quantity(string(self)).asApproximateFloat()";

  /** The size does not shrink. */
  static final String GROWS =
      "!isQuantity(string(self)) || !isQuantity(string(oldSelf))"
          + " || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0";

  /** The class has the form of a name, or is empty. */
  static final String CLASS_FORM =
      "self.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$')";

  /** The class stays. */
  static final String CLASS_IMMUTABLE =
      "has(self.storageClassName) == has(oldSelf.storageClassName)"
          + " && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)";

  private VolumeRules() {}
}
