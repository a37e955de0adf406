package io.berth.daemon.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.store.image.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigChangesTest {

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static void assertChanged(String expected, String before, String... changes) {
        assertEquals(Json.parse(json(expected), "expectation"), Json.parse(ConfigChanges.apply(json(before), List.of(changes)), "configuration"));
    }

    @Test
    void noChangeIsNone() {
        assertArrayEquals(json("{'Cmd':['x']}"), ConfigChanges.apply(json("{'Cmd':['x']}"), List.of()));
    }

    @Test
    void changesAreTakenFromLinesOfADockerfile() {
        assertChanged("""
                {'Cmd':['sh','-c','x'],'Entrypoint':['/bin/sh','-c','/bin/x -v'],'Env':['A=3','B=two words','old=the rest'],
                'ExposedPorts':{'53/udp':{},'80/tcp':{},'8000/tcp':{},'8001/tcp':{}},'Labels':{'a.b':'c d','e':'f'},'User':'1000:1000',
                'Volumes':{'/data':{},'/x':{},'/y':{}},'WorkingDir':'/a/b','StopSignal':'SIGINT'}""", "{}", "CMD [\"sh\", \"-c\", \"x\"]",
                "entrypoint /bin/x -v", "ENV A=1 B=\"two words\"", "ENV A=3", "ENV old the rest", "EXPOSE 80 53/udp 8000-8001",
                "LABEL a.b=\"c d\" e=f", "USER 1000:1000", "VOLUME [\"/data\"]", "VOLUME /x /y", "WORKDIR /a", "WORKDIR b", "STOPSIGNAL SIGINT");
    }

    @Test
    void variablesQuotesAndContinuedLinesAreUnderstoodAsInADockerfile() {
        assertChanged("""
                {'Env':['X=2','A=1','B=$X','C=10','D=$X','E=none','F=some','G='],'Labels':{'l':'2','m':'n'},'User':'2','WorkingDir':'/w/2',
                'ExposedPorts':{'20/tcp':{},'8080/tcp':{}},'Volumes':{'/v2':{}},'Cmd':['/bin/sh','-c','echo $X'],'OnBuild':['RUN $X']}""",
                "{'Env':['X=1']}", "ENV A=$X B='$X' C=\"${X}0\" D=\\$X E=${Y:-none} F=${X:+some} G=$PATH X=2", "LABEL l=$X \\\n# remark\n  m=n",
                "USER $X", "WORKDIR /w/$X", "EXPOSE ${X}0 127.0.0.1:1:8080", "VOLUME /v$X", "CMD echo $X", "ONBUILD RUN $X", "ENTRYPOINT []");
    }

    @Test
    void aNewEntrypointTakesAwayTheArgumentsOfTheOldOneButNotNewOnes() {
        assertChanged("{'Entrypoint':['a']}", "{'Cmd':['old']}", "ENTRYPOINT [\"a\"]");
        assertChanged("{'Entrypoint':['a'],'Cmd':['new']}", "{'Cmd':['old']}", "CMD [\"new\"]", "ENTRYPOINT [\"a\"]");
    }

    @Test
    void theShellFormTakesTheShellOfTheImage() {
        assertChanged("{'Shell':['/bin/x','-e'],'Cmd':['/bin/x','-e','a b']}", "{'Shell':['/bin/x','-e']}", "CMD a b");
    }

    @Test
    void aHealthCheckHasItsTimesInNanoseconds() {
        assertChanged("{'Healthcheck':{'Test':['CMD-SHELL','a b'],'Interval':1500000000,'Retries':3}}", "{}",
                "HEALTHCHECK --interval=1.5s --retries=3 CMD a b");
        assertChanged("{'Healthcheck':{'Test':['CMD','a']}}", "{}", "HEALTHCHECK CMD [\"a\"]");
        assertChanged("{'Healthcheck':{'Test':['NONE']}}", "{}", "HEALTHCHECK NONE");
    }

    @ParameterizedTest
    @CsvSource({"RUN x, RUN is not a valid change command", "NONSENSE x, NONSENSE is not a valid change command",
        "'ENV A=1\nNONSENSE x', NONSENSE is not a valid change command", "'', file with no instructions", "' # remark', file with no instructions",
        "USER, USER requires exactly one argument", "EXPOSE 99999, invalid containerPort: 99999",
        "EXPOSE 80/q, 'invalid port: \"80/q\": invalid proto: q'", "STOPSIGNAL junk, invalid signal: junk",
        "ENV A, ENV must have two arguments", "ENV =q, ENV names can not be blank", "'VOLUME [\"\"]', VOLUME specified can not be an empty string",
        "ONBUILD FROM x, FROM isn't allowed as an ONBUILD trigger", "ONBUILD ONBUILD RUN x, Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
        "'CMD [\"a\",1]', 'when using JSON array syntax, arrays must be comprised of strings only'",
        "'ENV A=\"x', 'failed to process \"\\\"x\": unexpected end of statement while looking for matching double-quote'",
        "HEALTHCHECK --interval=x CMD x, time: invalid duration \"x\"", "HEALTHCHECK --interval=1ns CMD x, Interval \"interval\" cannot be less than 1ms",
        "HEALTHCHECK --retries=-1 CMD x, --retries cannot be negative (-1)", "HEALTHCHECK --bad=1 CMD x, unknown flag: --bad",
        "HEALTHCHECK NONE x, HEALTHCHECK NONE takes no arguments"})
    void changesThatMakeNoSenseAreRefused(String change, String message) {
        ApiException refused = assertThrows(ApiException.class, () -> ConfigChanges.apply(json("{}"), List.of(change)));
        assertEquals(message, refused.getMessage());
    }
}
