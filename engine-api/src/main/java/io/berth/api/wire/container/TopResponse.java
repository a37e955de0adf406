package io.berth.api.wire.container;

import java.util.List;

/** The processes of a container: one row a process, one text a title. */
public record TopResponse(List<List<String>> processes, List<String> titles) {
}
