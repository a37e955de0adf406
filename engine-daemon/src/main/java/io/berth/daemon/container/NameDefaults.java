package io.berth.daemon.container;

import java.util.List;
import java.util.function.Supplier;

/**
 * What containers that do not say otherwise find names by: settings of the daemon.
 *
 * @param hostGateways what {@code host-gateway} stands for, one address of a family; asked for only when somebody wants it
 */
record NameDefaults(ResolvConf.Wishes resolvers, Supplier<List<String>> hostGateways) {
}
