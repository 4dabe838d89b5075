//! Wires `conf_core::fuzzing::meeting_inputs` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_core::fuzzing::meeting_inputs(data));
