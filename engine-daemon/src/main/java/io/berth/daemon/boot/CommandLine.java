package io.berth.daemon.boot;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reads flags as the reference's does: {@code --name value}, {@code --name=value}, {@code -n value}, {@code -nvalue};
 * a switch stands alone or takes {@code =true} or {@code =false}, and single-letter switches may be joined ({@code -Dv}).
 */
final class CommandLine {

    private final List<String> words;
    private final Map<Setting, List<String>> given = new EnumMap<>(Setting.class);
    private int next;

    private CommandLine(List<String> words) {
        this.words = words;
    }

    /** What was given, each with at least one value; every value has been checked. */
    static Map<Setting, List<String>> parse(List<String> words) {
        CommandLine line = new CommandLine(words);
        while (line.next < words.size()) {
            line.readOne(words.get(line.next++));
        }
        return line.given;
    }

    private void readOne(String word) {
        if (word.startsWith("--") && word.length() > 2) {
            readLong(word.substring(2));
        } else if (word.startsWith("-") && word.length() > 1) {
            readLetters(word);
        } else if (word.equals(Setting.VERIFY.flag())) {
            put(Setting.VERIFY, "true");
        } else if (word.equals(Setting.ADOPT_VOLUMES.flag())) {
            put(Setting.ADOPT_VOLUMES, valueAfter(word));
        } else {
            throw new SettingsException("unexpected argument \"" + word + "\": the words besides options are verify and adopt-volumes, see berthd --help");
        }
    }

    private void readLong(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        Setting setting = Setting.ofFlag(name).orElseThrow(() -> new SettingsException(
                "unknown flag: --" + name + " (did you mean --" + NearestName.of(name, Setting.flags()) + "?)"));
        if (equals >= 0) {
            put(setting, text.substring(equals + 1));
        } else {
            put(setting, setting.kind() == Setting.Kind.SWITCH ? "true" : valueAfter("--" + name));
        }
    }

    private void readLetters(String word) {
        for (int at = 1; at < word.length(); at++) {
            char letter = word.charAt(at);
            Setting setting = Setting.ofLetter(letter).orElseThrow(() -> new SettingsException(
                    "unknown shorthand flag: '" + letter + "' in " + word + ", see berthd --help"));
            String rest = word.substring(at + 1);
            if (setting.kind() != Setting.Kind.SWITCH) {
                put(setting, rest.isEmpty() ? valueAfter("-" + letter) : rest.startsWith("=") ? rest.substring(1) : rest);
                return;
            }
            if (rest.startsWith("=")) {
                put(setting, rest.substring(1));
                return;
            }
            put(setting, "true");
        }
    }

    private String valueAfter(String flag) {
        if (next >= words.size()) {
            throw new SettingsException("flag needs an argument: " + flag);
        }
        return words.get(next++);
    }

    /** The last one counts, except where a flag may be repeated. */
    private void put(Setting setting, String value) {
        setting.check(value);
        List<String> values = given.computeIfAbsent(setting, key -> new ArrayList<>());
        if (setting.kind() != Setting.Kind.LIST && setting.kind() != Setting.Kind.MAP) {
            values.clear();
        }
        values.add(value);
    }
}
