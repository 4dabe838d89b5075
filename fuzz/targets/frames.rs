//! Wires `conf_media::endpoint::fuzzing::frames` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::endpoint::fuzzing::frames(data));
