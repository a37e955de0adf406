package io.berth.daemon.volume;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All volumes of all drivers: those of a plugin are the ones that it lists, or, when it does not answer, those that it kept when it
 * was last known to.
 *
 * @param recorded what this engine has written down
 */
record VolumeListing(List<Volume> recorded, PluginVolumes.Lists plugins) {

    /**
     * One of them.
     *
     * @param volume empty for what only the plugin knows
     * @param told empty for what no plugin has told of
     */
    record Line(String name, String driver, Optional<Volume> volume, Optional<PluginVolumes.Told> told) {
    }

    /** By name. */
    List<Line> lines() {
        Set<String> known = new HashSet<>();
        List<Line> ours = recorded.stream().map(volume -> new Line(volume.name().text(), volume.driver(), Optional.of(volume), told(volume)))
                .filter(line -> line.told().isPresent() || !plugins.byDriver().containsKey(line.driver()))
                .peek(line -> known.add(line.name())).toList();
        Stream<Line> theirs = plugins.byDriver().entrySet().stream().flatMap(driver -> driver.getValue().stream()
                .map(told -> new Line(told.seen().name(), driver.getKey(), Optional.empty(), Optional.of(told))));
        return Stream.concat(ours.stream(), theirs.filter(line -> !known.contains(line.name()))).sorted((a, b) -> a.name().compareTo(b.name())).toList();
    }

    private Optional<PluginVolumes.Told> told(Volume volume) {
        return plugins.byDriver().getOrDefault(volume.driver(), List.of()).stream()
                .filter(told -> told.seen().name().equals(volume.name().text())).findFirst();
    }
}
