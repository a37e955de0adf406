package io.berth.daemon.build.dockerfile;

import java.util.Locale;

/** What is checked in a Dockerfile beyond its being right. Names, descriptions and addresses are the reference's. */
public enum Check {
    STAGE_NAME_CASING("StageNameCasing", "Stage names should be lowercase"),
    FROM_AS_CASING("FromAsCasing", "The 'as' keyword should match the case of the 'from' keyword"),
    NO_EMPTY_CONTINUATION("NoEmptyContinuation", "Empty continuation lines will become errors in a future release"),
    CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing",
            "All commands within the Dockerfile should use the same casing (either upper or lower)"),
    DUPLICATE_STAGE_NAME("DuplicateStageName", "Stage names should be unique"),
    RESERVED_STAGE_NAME("ReservedStageName", "Reserved words should not be used as stage names"),
    JSON_ARGS_RECOMMENDED("JSONArgsRecommended",
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"),
    MAINTAINER_DEPRECATED("MaintainerDeprecated",
            "The MAINTAINER instruction is deprecated, use a label instead to define an image author"),
    UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom", "FROM command must use declared ARGs"),
    WORKDIR_RELATIVE_PATH("WorkdirRelativePath", "Relative workdir without an absolute workdir declared within the build can have unexpected"
            + " results if the base image changes"),
    UNDEFINED_VAR("UndefinedVar", "Variables should be defined before their use"),
    MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed",
            "Multiple instructions of the same type should not be used in the same stage"),
    LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "Legacy key/value format with whitespace separator should not be used"),
    REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform",
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"),
    SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv", "Sensitive data should not be used in the ARG or ENV commands"),
    INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom", "Default value for global ARG results in an empty or invalid base image name"),
    FROM_PLATFORM_FLAG_CONST_DISALLOWED("FromPlatformFlagConstDisallowed", "FROM --platform flag should not use a constant value"),
    COPY_IGNORED_FILE("CopyIgnoredFile", "Attempting to Copy file that is excluded by .dockerignore"),
    /** Asked for by name only: {@code # check=experimental=…}. */
    INVALID_DEFINITION_DESCRIPTION("InvalidDefinitionDescription", "Comment for build stage or argument should follow the format:"
            + " `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the"
            + " instruction and the comment."),
    EXPOSE_PROTO_CASING("ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase"),
    EXPOSE_INVALID_FORMAT("ExposeInvalidFormat",
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release");

    private static final String PLACE = "https://docs.docker.com/go/dockerfile/rule/";

    private final String ruleName;
    private final String description;

    Check(String ruleName, String description) {
        this.ruleName = ruleName;
        this.description = description;
    }

    /** As users write it. */
    public String ruleName() {
        return ruleName;
    }

    public String description() {
        return description;
    }

    /** Where it is explained. */
    public String url() {
        return PLACE + name().toLowerCase(Locale.ROOT).replace('_', '-') + "/";
    }

    boolean isExperimental() {
        return this == INVALID_DEFINITION_DESCRIPTION;
    }
}
