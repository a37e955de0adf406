package io.berth.store.registry;

/** A status of HTTP with its words, as people read it (RFC 9110, 15). */
final class Status {

    private Status() {}

    static String text(int code) {
        return code + switch (code) {
            case 400 -> " Bad Request";
            case 401 -> " Unauthorized";
            case 403 -> " Forbidden";
            case 404 -> " Not Found";
            case 405 -> " Method Not Allowed";
            case 413 -> " Request Entity Too Large";
            case 429 -> " Too Many Requests";
            case 500 -> " Internal Server Error";
            case 502 -> " Bad Gateway";
            case 503 -> " Service Unavailable";
            case 504 -> " Gateway Timeout";
            default -> "";
        };
    }
}
