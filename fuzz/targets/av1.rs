//! Wires `conf_media::fuzzing::av1` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::fuzzing::av1(data));
