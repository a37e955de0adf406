package io.berth.daemon.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueryReaderTest {

    private static final int HEADER = 12;

    private static Query asked(byte[] message) {
        return assertInstanceOf(Arrival.Asked.class, QueryReader.read(message)).query();
    }

    private static int refused(byte[] message) {
        return Messages.see(assertInstanceOf(Arrival.Refused.class, QueryReader.read(message)).reply()).code();
    }

    @Test
    void aQuestionIsReadInLowerCaseAndKeptAsItWasWritten() {
        byte[] message = Messages.query(4711, "Web.Net", 28);
        Query query = asked(message);
        assertEquals(4711, query.id());
        assertEquals("web.net", query.name());
        assertEquals(28, query.type());
        assertEquals(1, query.dnsClass());
        assertEquals(512, query.datagramLimit());
        assertFalse(query.announcesPayload());
        assertEquals("Web.Net.", Messages.see(Reply.empty(query, Dns.NO_ERROR)).name());
    }

    @Test
    void aClientSaysHowMuchItTakesButNeverLessThanEveryClientMust() {
        assertEquals(1232, asked(Messages.query(1, "web", 1, 1232)).datagramLimit());
        assertEquals(512, asked(Messages.query(1, "web", 1, 100)).datagramLimit());
    }

    @Test
    void theRootIsANameToo() {
        assertEquals("", asked(Messages.query(1, "", 2)).name());
    }

    @Test
    void aDotInsideALabelIsNoDotBetweenTwo() {
        byte[] message = Messages.query(1, "web-net", 1);
        message[HEADER + 4] = '.';
        assertEquals("web\\046net", asked(message).name());
    }

    @Test
    void aReplyIsNotAnswered() {
        byte[] message = Messages.query(1, "web", 1);
        message[2] |= (byte) 0x80;
        assertInstanceOf(Arrival.Nothing.class, QueryReader.read(message));
    }

    @Test
    void whatIsShorterThanAHeaderIsNotAnswered() {
        for (int length = 0; length < HEADER; length++) {
            assertInstanceOf(Arrival.Nothing.class, QueryReader.read(Arrays.copyOf(Messages.query(1, "web", 1), length)));
        }
    }

    @Test
    void aMessageThatIsCutAnywhereIsRefusedAsMalformed() {
        byte[] message = Messages.query(1, "web.net", 1, 1232);
        for (int length = HEADER; length < message.length; length++) {
            assertEquals(Dns.FORMAT_ERROR, refused(Arrays.copyOf(message, length)), "cut to " + length);
        }
    }

    @Test
    void otherOperationsAreNotImplemented() {
        byte[] message = Messages.query(1, "web", 1);
        message[2] |= 5 << 3;
        assertEquals(Dns.NOT_IMPLEMENTED, refused(message));
    }

    @Test
    void noQuestionAndTwoQuestionsAreMalformed() {
        byte[] none = Messages.query(1, "web", 1);
        none[5] = 0;
        assertEquals(Dns.FORMAT_ERROR, refused(none));
        byte[] two = Messages.query(1, "web", 1);
        two[5] = 2;
        assertEquals(Dns.FORMAT_ERROR, refused(two));
    }

    @Test
    void aPointerInTheQuestionIsMalformedEvenIfItPointsAtItself() {
        byte[] message = Messages.query(1, "web", 1);
        message[HEADER] = (byte) 0xc0;
        message[HEADER + 1] = HEADER;
        assertEquals(Dns.FORMAT_ERROR, refused(message));
    }

    @Test
    void aNameOf255BytesIsReadAndALongerOneIsMalformed() {
        String label = "a".repeat(62);
        String longest = String.join(".", label, label, label, label) + ".";
        // 4 × 63 bytes, one label of 1, and the root
        assertEquals((longest + "b").length(), asked(Messages.query(1, longest + "b", 1)).name().length());
        assertEquals(Dns.FORMAT_ERROR, refused(Messages.query(1, longest + "bb", 1)));
    }

    @Test
    void moreRecordsThanAQueryHasAreMalformed() {
        byte[] message = Messages.query(1, "web", 1, 1232);
        message[10] = (byte) 0xff;
        message[11] = (byte) 0xff;
        assertEquals(Dns.FORMAT_ERROR, refused(message));
    }

    @Test
    void anyBytesAreReadWithoutAnExceptionAndWhatIsSaidOfThemCanBeRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] valid = Messages.query(1, "Some.Name.of.a.container", 1, 4096);
        int asked = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] message = round % 2 == 0 ? damaged(valid, random) : new byte[random.nextInt(600)];
            if (round % 2 == 1) {
                random.nextBytes(message);
            }
            String what = "seed " + seed + ", round " + round;
            switch (QueryReader.read(message)) {
                case Arrival.Nothing() -> { }
                case Arrival.Refused(byte[] reply) -> assertTrue(Messages.see(reply).code() > 0, what);
                case Arrival.Asked(Query query) -> {
                    asked++;
                    byte[] reply = Reply.empty(query, Dns.NO_ERROR);
                    assertEquals(Messages.number(message, 0), Messages.number(reply, 0), what);
                    assertTrue(query.name().chars().allMatch(letter -> letter > ' ' && letter <= '~'), what);
                    query.isAnsweredBy(damaged(reply, random), query.id());
                }
            }
        }
        assertTrue(asked > 1000, "only " + asked + " of the damaged messages could still be read: seed " + seed);
    }

    private static byte[] damaged(byte[] message, Random random) {
        byte[] damaged = Arrays.copyOf(message, random.nextInt(4) == 0 ? random.nextInt(message.length + 20) : message.length);
        for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }

    @Test
    void aReplyIsOneToThisQueryOnlyWithItsIdAndItsQuestionInAnyCase() {
        Query query = asked(Messages.query(7, "Web.Example", 1));
        byte[] reply = Messages.reply(query.withId(99), 0, "192.0.2.1");
        assertTrue(query.isAnsweredBy(reply, 99));
        assertFalse(query.isAnsweredBy(reply, 7));
        byte[] other = Messages.reply(Messages.query(99, "web.example", 1), 0);
        assertTrue(query.isAnsweredBy(other, 99));
        assertFalse(query.isAnsweredBy(Messages.reply(Messages.query(99, "web.exampla", 1), 0), 99));
        assertFalse(query.isAnsweredBy(Messages.reply(Messages.query(99, "web.example", 28), 0), 99));
        assertFalse(query.isAnsweredBy(Messages.query(99, "web.example", 1), 99), "a query is no reply");
        assertFalse(query.isAnsweredBy("short".getBytes(StandardCharsets.US_ASCII), 99));
    }
}
