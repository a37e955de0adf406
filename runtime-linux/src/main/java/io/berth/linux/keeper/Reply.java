package io.berth.linux.keeper;

/** The answer that one request waits for. Given once; a client that is gone meanwhile gets none. */
final class Reply {

    private final Connection connection;
    private final int id;

    Reply(Connection connection, int id) {
        this.connection = connection;
        this.id = id;
    }

    void done() {
        done(new MessageWriter());
    }

    /** False when the client is gone. */
    boolean done(MessageWriter content) {
        return send(KeeperProtocol.DONE, content);
    }

    /** False when the client is gone. */
    boolean refused(KeeperException.Kind kind, String why) {
        return send(KeeperProtocol.REFUSED, new MessageWriter().number(kind.ordinal()).text(why));
    }

    private boolean send(int type, MessageWriter content) {
        try {
            connection.send(type, id, content);
            return true;
        } catch (KeeperException lost) {
            // The connection's own end is reported where it is read.
            connection.close();
            return false;
        }
    }
}
