package io.berth.daemon.exec;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.api.wire.Json;
import io.berth.api.wire.exec.CreateExecBody;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/**
 * One record of the execs' journal, as JSON (docs/formats/execs.md). Either the first four are there, or the last.
 *
 * @param container the container's id
 * @param generation the run of the container
 * @param created RFC 3339
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ExecRecord(String id, String container, Long generation, String created, CreateExecBody config, End end) {

    /** @param at RFC 3339 */
    record End(int pid, int exitCode, String at) {
    }

    static ExecRecord created(Exec exec) {
        return new ExecRecord(exec.id(), exec.container(), exec.generation(), exec.created().toString(), exec.config(), null);
    }

    static ExecRecord ended(Exec exec, ExecState.Ended state) {
        return new ExecRecord(exec.id(), null, null, null, null, new End(state.pid(), state.exitCode(), state.at().toString()));
    }

    byte[] bytes() {
        return Json.bytes(this);
    }

    static ExecRecord read(byte[] bytes) {
        try {
            return Json.mapper().readValue(bytes, ExecRecord.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read a record of the execs' journal", unreadable);
        }
    }

    void replay(Map<String, Exec> execs) {
        if (config != null) {
            execs.put(id, new Exec(id, container, generation, config, Instant.parse(created), new ExecState.Created()));
        } else {
            execs.computeIfPresent(id, (key, exec) -> new Exec(id, exec.container(), exec.generation(), exec.config(), exec.created(),
                    new ExecState.Ended(end.pid(), end.exitCode(), Instant.parse(end.at()))));
        }
    }
}
