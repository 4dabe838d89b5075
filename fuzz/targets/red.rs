//! Wires `conf_media::fuzzing::red` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::fuzzing::red(data));
