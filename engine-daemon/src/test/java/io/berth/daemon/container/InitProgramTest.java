package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.mount.MountSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitProgramTest {

    @TempDir
    Path directory;

    @Test
    void aContainerThatWantsOneGetsItsMountAndBeginsWithIt() throws IOException {
        Path program = program("catatonit");
        Files.createSymbolicLink(directory.resolve("tini-static"), program);
        InitProgram.Added added = new InitProgram(Optional.empty(), false, List.of(directory)).to(wanting(true), List.of());
        assertEquals(List.of("/sbin/docker-init", "--", "true"), added.spec().program().command());
        MountSpec.Bind mount = (MountSpec.Bind) added.mounts().getFirst();
        assertEquals(program.toRealPath() + " /sbin/docker-init true", mount.source() + " " + mount.destination() + " " + (mount.protection() == MountSpec.Protection.TREE));
    }

    @Test
    void theDaemonsDefaultIsForThoseThatDoNotSay() throws IOException {
        program("tini");
        InitProgram always = new InitProgram(Optional.empty(), true, List.of(directory));
        assertEquals("/sbin/docker-init", always.to(wanting(null), List.of()).spec().program().command().getFirst());
        assertEquals(List.of("true"), always.to(wanting(false), List.of()).spec().program().command());
        InitProgram never = new InitProgram(Optional.empty(), false, List.of(directory));
        assertEquals(List.of("true"), never.to(wanting(null), List.of()).spec().program().command());
    }

    @Test
    void aHostWithoutOneIsToldWhatToDo() throws IOException {
        Files.writeString(directory.resolve("tini"), "not executable");
        String missing = assertThrows(StartFailure.class, () -> new InitProgram(Optional.empty(), false, List.of(directory))
                .to(wanting(true), List.of())).getMessage();
        assertTrue(missing.endsWith("none of docker-init, tini-static, catatonit, tini is on the host: install tini or catatonit, or set init-path"), missing);
        String wrong = assertThrows(StartFailure.class, () -> new InitProgram(Optional.of("/no/init"), false, List.of(directory))
                .to(wanting(true), List.of())).getMessage();
        assertTrue(wrong.endsWith("there is no /no/init: correct the setting init-path"), wrong);
        assertEquals(program("mine").toRealPath().toString(), ((MountSpec.Bind) new InitProgram(Optional.of("mine"), false, List.of(directory))
                .to(wanting(true), List.of()).mounts().getFirst()).source().toString());
    }

    private Path program(String name) throws IOException {
        return Files.createFile(directory.resolve(name), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private static ContainerSpec wanting(Boolean init) {
        return Fixtures.spec(config -> { }, host -> host.init = init);
    }
}
