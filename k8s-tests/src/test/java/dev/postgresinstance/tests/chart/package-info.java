/**
 * Tests of the Helm chart. Most of them render the chart with the helm binary and compare the
 * objects with the expected permissions, settings and security context, without a cluster. The
 * admission warnings are applied to the cluster of the tests.
 */
package dev.postgresinstance.tests.chart;
