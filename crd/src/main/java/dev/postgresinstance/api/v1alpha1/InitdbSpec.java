package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Options for the creation of the data directory at the first start; immutable. For a null
 * component the operator chooses a default for the version.
 *
 * @param localeProvider provider of the collations; null means builtin from version 17, libc for
 *     earlier versions
 * @param locale initdb's {@code --locale}; null means C.UTF-8, with collation C for the provider
 *     libc
 * @param icuLocale initdb's {@code --icu-locale}; set and not empty if and only if the provider is
 *     icu
 * @param dataChecksums whether pages carry checksums; null means true
 * @param walSegmentSize size of one WAL file, a power of two from "1MB" to "1GB"; null means "16MB"
 */
@ValidationRule(
    value =
        "(has(self.icuLocale) && self.icuLocale != '')"
            + " == (has(self.localeProvider) && self.localeProvider == 'icu')",
    fieldPath = ".icuLocale",
    message =
        "initdb.icuLocale must be set with localeProvider icu, and only with it; for"
            + " example localeProvider: icu, icuLocale: en-US")
@ValidationRule(
    value =
        "!has(self.locale) || self.locale in ['C', 'C.UTF-8'] || (has(self.localeProvider)"
            + " && (self.localeProvider != 'builtin' || self.locale == 'PG_UNICODE_FAST'))",
    fieldPath = ".locale",
    message =
        "initdb.locale must be C or C.UTF-8, or PG_UNICODE_FAST with localeProvider"
            + " builtin; any other locale needs localeProvider libc or icu")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InitdbSpec(
    @JsonPropertyDescription(
            "Provider of the collations: builtin (stable, from version 17), icu or libc"
                + " (from the image). Default: builtin from version 17, libc for earlier"
                + " versions.")
        LocaleProvider localeProvider,
    @JsonPropertyDescription(
            "Locale of the server; it must exist in the image and use UTF-8. Default:"
                + " C.UTF-8; with libc, C.UTF-8 for character types only and C for collation.")
        @Size(max = 64)
        @ValidationRule(
            value = "self.matches('^[a-zA-Z][a-zA-Z0-9_.@-]*$')",
            message =
                "initdb.locale must start with a letter and consist of letters, digits, '_', '.',"
                    + " '@' and '-', for example C.UTF-8 or de_DE.UTF-8")
        String locale,
    @JsonPropertyDescription(
            "Locale for ICU, as a BCP 47 language tag such as en-US or und-u-ks-level2."
                + " Required with provider icu, rejected with others.")
        @Size(max = 128)
        @ValidationRule(
            value = "self.matches('^([a-zA-Z][a-zA-Z0-9_@=;-]*)?$')",
            message =
                "initdb.icuLocale must start with a letter and consist of letters, digits, '-',"
                    + " '_', '@', '=' and ';', for example en-US or und-u-ks-level2")
        String icuLocale,
    @JsonPropertyDescription(
            "Whether each data page has a checksum, which detects a damaged disk. Default:"
                + " true.")
        Boolean dataChecksums,
    @JsonPropertyDescription("Size of one file of the write-ahead log. Default: 16MB.")
        String walSegmentSize) {}
