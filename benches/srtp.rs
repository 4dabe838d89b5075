//! What sealing and opening one packet costs, per profile: 1100 bytes of payload, as video has.

use std::hint::black_box;

use conf_media::endpoint::{
    demux::classify,
    srtp::{MAX_OVERHEAD, MasterKey, Opener, Profile, Sealer},
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const PAYLOAD: usize = 1100;

fn header(index: u64) -> [u8; 20] {
    let mut header = [0; 20];
    header[..2].copy_from_slice(&[0x90, 96]);
    header[2..4].copy_from_slice(&(index as u16).to_be_bytes());
    header[8..12].copy_from_slice(&7u32.to_be_bytes());
    // One word of one-byte extensions: a transport-wide sequence number and padding.
    header[12..].copy_from_slice(&[0xbe, 0xde, 0, 1, 0x31, 0, 1, 0]);
    header
}

fn keys(profile: Profile) -> MasterKey {
    MasterKey::new(&vec![3; profile.key_len()], &vec![5; profile.salt_len()])
}

fn srtp(c: &mut Criterion) {
    let payload = [0x55; PAYLOAD];
    let mut group = c.benchmark_group("srtp");
    group.throughput(Throughput::Bytes(PAYLOAD as u64));
    for (name, profile) in [
        ("gcm_128", Profile::Aes128Gcm),
        ("gcm_256", Profile::Aes256Gcm),
        ("cm_sha1_80", Profile::Aes128CmSha1),
    ] {
        let mut out = [0; PAYLOAD + 20 + MAX_OVERHEAD];
        let mut sealer = Sealer::new(profile, &keys(profile));
        let mut index = 0;
        group.bench_function(format!("seal/{name}"), |b| {
            b.iter(|| {
                index += 1;
                sealer.seal_rtp(index, &header(index), black_box(&payload), &mut out)
            });
        });
        // Counted over all batches: an opener takes every packet once and in order.
        let mut sealer = Sealer::new(profile, &keys(profile));
        let mut opener = Opener::new(profile, &keys(profile));
        let mut index = 0;
        group.bench_function(format!("open/{name}"), |b| {
            b.iter_batched_ref(
                || {
                    index += 1;
                    let mut packet = [0; PAYLOAD + 20 + MAX_OVERHEAD];
                    let len = sealer
                        .seal_rtp(index, &header(index), &payload, &mut packet)
                        .expect("room for the overhead");
                    (packet, len)
                },
                |(packet, len)| opener.open_rtp(&mut packet[..*len]).expect("fresh and authentic"),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn demux(c: &mut Criterion) {
    let datagrams = [[0x80, 96], [0x80, 201], [22, 254], [0, 1]].map(|first| {
        let mut datagram = [0; 1200];
        datagram[..2].copy_from_slice(&first);
        datagram
    });
    c.bench_function("demux/classify_four", |b| {
        b.iter(|| {
            for datagram in &datagrams {
                black_box(classify(black_box(datagram)));
            }
        });
    });
}

criterion_group!(benches, srtp, demux);
criterion_main!(benches);
