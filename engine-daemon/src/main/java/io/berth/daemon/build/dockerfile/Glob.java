package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A pattern of wildcards, matched by following all ways through it at once: time is pattern times text, whatever is written, where a regular
 * expression that tries one way after the other could be made to take for ever.
 */
final class Glob {

    /** One place of a pattern. */
    sealed interface Element {
        /** One character out of many. */
        record One(CharacterSet set) implements Element {
        }

        /** Any number of characters out of many, also none. */
        record Run(CharacterSet set) implements Element {
        }

        /** Nothing, or any characters up to a slash: what {@code **}{@code /} stands for. */
        record Tree() implements Element {
        }
    }

    /** Which characters. */
    interface CharacterSet {
        boolean has(int c);
    }

    static final CharacterSet ANY = c -> true;
    static final CharacterSet NOT_SLASH = c -> c != '/';
    static final CharacterSet NOT_NEWLINE = c -> c != '\n';

    private final Element[] elements;

    Glob(List<Element> elements) {
        this.elements = elements.toArray(Element[]::new);
    }

    static Element literal(int c) {
        return new Element.One(other -> other == c);
    }

    Glob reversed() {
        List<Element> backwards = new ArrayList<>(List.of(elements));
        Collections.reverse(backwards);
        return new Glob(backwards);
    }

    boolean matches(String text) {
        int[] all = text.codePoints().toArray();
        return prefix(all, 0, true) == all.length;
    }

    /**
     * How far from {@code start} the pattern reaches.
     *
     * @param longest the longest such piece, else the shortest
     * @return the end of the piece, or -1 when there is none
     * @throws DockerfileException when it would take unreasonably long
     */
    int prefix(int[] text, int start, boolean longest) {
        if ((long) (elements.length + 1) * (text.length - start + 1) > Bounds.MATCHING) {
            throw new DockerfileException("match a pattern of " + elements.length + " characters with a text of " + text.length
                    + ": together they are too long", List.of());
        }
        // Of an element the state is twice its index; one more is the inside of a tree, behind which a slash must come.
        boolean[] states = new boolean[2 * elements.length + 2];
        boolean[] following = new boolean[states.length];
        enter(states, 0);
        int end = -1;
        for (int at = start; ; at++) {
            if (states[2 * elements.length]) {
                end = at;
                if (!longest) {
                    return end;
                }
            }
            if (at == text.length || !step(states, following, text[at])) {
                return end;
            }
            boolean[] spent = states;
            states = following;
            following = spent;
        }
    }

    private boolean step(boolean[] states, boolean[] following, int c) {
        Arrays.fill(following, false);
        boolean alive = false;
        for (int i = 0; i < elements.length; i++) {
            boolean inside = states[2 * i + 1];
            if (!states[2 * i] && !inside) {
                continue;
            }
            switch (elements[i]) {
                case Element.One one -> alive |= one.set.has(c) && enter(following, i + 1);
                case Element.Run run -> alive |= run.set.has(c) && enter(following, i);
                case Element.Tree tree -> {
                    following[2 * i + 1] = true;
                    alive = true;
                    if (c == '/') {
                        enter(following, i + 1);
                    }
                }
            }
        }
        return alive;
    }

    /** With all that may be left out from there on. */
    private boolean enter(boolean[] states, int first) {
        for (int i = first; !states[2 * i]; i++) {
            states[2 * i] = true;
            if (i == elements.length || elements[i] instanceof Element.One) {
                break;
            }
        }
        return true;
    }
}
