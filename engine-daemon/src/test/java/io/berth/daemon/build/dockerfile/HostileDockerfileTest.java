package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What takes proportionate time ends here at once; what would not, fails this suite by its time limit. */
class HostileDockerfileTest {

    private static DockerfileLint.Report lint(String text) {
        return DockerfileLint.of(new DockerfileSource("Dockerfile", text), BuildInputs.none(), (source, platform) -> BaseImage.EMPTY, Optional.empty());
    }

    private static String refusal(String text) {
        return lint(text).error().orElseThrow().getMessage();
    }

    private static String repeat(int times, IntFunction<String> line) {
        return IntStream.range(0, times).mapToObj(line).collect(Collectors.joining());
    }

    @Test
    void aFileOfMoreThanTenMegabytesIsRefused() {
        String text = "FROM scratch\n" + "# comment\n".repeat(1_100_000);
        assertTrue(assertThrows(DockerfileException.class, () -> new DockerfileSource("Dockerfile", text)).getMessage().contains("10485760"));
    }

    @Test
    void tenMegabytesOfOneInstructionAreRead() {
        assertEquals(Optional.empty(), lint("FROM scratch\nRUN " + "x \\\n".repeat(2_500_000) + "y\n").error());
    }

    @Test
    void tenMegabytesOfInstructionsAreRead() {
        assertEquals(Optional.empty(), lint("FROM scratch\nARG a=1\n" + ("ENV x=${a#*}" + "y".repeat(80) + "\n").repeat(100_000)).error());
    }

    @Test
    void aLineLongerThanTheReferenceTakesIsRefused() {
        assertEquals("dockerfile line greater than max allowed size of 65535", refusal("FROM scratch\nRUN " + "x".repeat(70_000) + "\n"));
    }

    @Test
    void tenThousandStagesOnEachOtherAreOrderedAndOneMoreIsRefused() {
        String chain = "FROM scratch AS s0\n" + repeat(9_999, i -> "FROM s" + i + " AS s" + (i + 1) + "\nCOPY --from=s" + i + " a b\n");
        assertEquals(Optional.empty(), lint(chain).error());
        assertEquals("build Dockerfile: it has more than 10000 stages", refusal(chain + "FROM s1\n"));
    }

    @Test
    void aCycleOfTenThousandStagesIsFound() {
        String ring = repeat(10_000, i -> "FROM scratch AS s" + i + "\nCOPY --from=s" + (i + 1) % 10_000 + " a b\n");
        assertEquals("circular dependency detected on stage: s0", refusal(ring));
    }

    @Test
    void valuesThatDoubleAreStopped() {
        String reason = refusal("FROM scratch\nENV a=xxxxxxxxxxxxxxxx\n" + "ENV a=$a$a\n".repeat(60));
        assertTrue(reason.contains("variables make the text longer than"), reason);
    }

    @Test
    void manyLargeValuesAreStopped() {
        String reason = refusal("FROM scratch\nENV a=x\n" + "ENV a=$a$a\n".repeat(19) + repeat(4000, i -> "ENV b" + i + "=$a\n"));
        assertEquals("the values of one stage are longer than 67108864 characters in all", reason);
    }

    @Test
    void manyVariablesAreStopped() {
        assertEquals("more than 4096 variables are set in one stage", refusal("FROM scratch\n" + repeat(5000, i -> "ENV v" + i + "=1\n")));
    }

    @Test
    void triggersOfTriggersAreRefusedHoweverManyTheyAre() {
        assertTrue(refusal("FROM scratch\n" + "ONBUILD \\\n".repeat(500_000) + "RUN x\n").contains("Chaining ONBUILD"));
    }

    @Test
    void manyStagesWithManyTriggersAreStopped() {
        assertEquals("build Dockerfile: stages have more than 100000 triggers of ONBUILD in all",
                refusal("FROM scratch AS a\n" + "ONBUILD USER x\n".repeat(1000) + "FROM a\n".repeat(5000)));
    }

    @Test
    void jsonNestedWithoutEndIsAShellsText() {
        assertEquals(Optional.empty(), lint("# check=skip=all\nFROM scratch\nCMD " + "[\\\n".repeat(1_000_000) + "\n").error());
    }

    @Test
    void heredocsOnOneLineAreAllRead() {
        assertEquals("unterminated heredoc", refusal("FROM scratch\nRUN " + "<<E ".repeat(10_000) + "\n" + "E\n".repeat(9_999)));
        assertEquals(Optional.empty(), lint("FROM scratch\nRUN " + "<<E ".repeat(10_000) + "\n" + "E\n".repeat(10_000)).error());
    }

    @Test
    void portsWithoutEndAreStopped() {
        assertTrue(refusal("FROM scratch\nEXPOSE 1-65535 1-65535 1-65535\n").startsWith("expose: more than"));
    }

    @Test
    void mistakesByTheThousandAreNotAllCompared() {
        DockerfileLint.Report report = lint("FROM scratch\n" + repeat(3000, i -> "ENV v" + i + "=1\n") + repeat(50_000, i -> "USER $u" + i + "\n"));
        assertEquals(10_000, report.warnings().size());
    }
}
