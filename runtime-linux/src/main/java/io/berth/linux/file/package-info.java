/**
 * Files that others name. Names are bytes; paths are resolved by the kernel below an open directory and cannot leave it, or not at
 * all. Whatever touches a container's root or a layer goes through here, never through java.nio.file.
 */
package io.berth.linux.file;
