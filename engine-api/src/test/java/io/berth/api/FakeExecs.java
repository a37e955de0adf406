package io.berth.api;

import io.berth.api.exec.ExecOperations;
import io.berth.api.exec.ExecSwitch;
import io.berth.api.http.ApiException;
import io.berth.api.http.HijackedStream;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.api.wire.exec.InspectExec;
import io.berth.api.wire.exec.StartExecBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Execs of which only {@code e} exists; it remembers what it was asked, and says {@code hi} to whom it is attached. */
public final class FakeExecs implements ExecOperations {
    public final List<Object> asked = new ArrayList<>();

    private void ask(String exec, Object request) {
        if (!exec.equals("e")) {
            throw ApiException.notFound("No such exec instance: " + exec);
        }
        asked.add(request);
    }

    @Override
    public String create(String container, CreateExecBody body) {
        asked.add(body);
        return "e";
    }

    @Override
    public void start(String exec, StartExecBody body, ExecSwitch connection) throws IOException {
        ask(exec, body);
        if (!body.detach) {
            try (HijackedStream stream = connection.toRawStream()) {
                stream.output().write("hi".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Override
    public void resize(String exec, int height, int width) {
        ask(exec, height + "x" + width);
    }

    @Override
    public InspectExec inspect(String exec) {
        ask(exec, "inspect");
        return new InspectExec("e", false, null, new InspectExec.ProcessConfig(false, "ls", List.of("-l"), false, ""), false, true, true, false,
                "c", new byte[0], 0);
    }
}
