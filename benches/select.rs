//! Judging packets for one subscription: wanted, of another encoding, and at a switch.

use std::hint::black_box;

use conf_benches::media::Source;
use conf_media::forward::{Lane, Select};
use conf_media::rtp::{Codec, PacketFacts, RtpView};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const LANES: [Lane; 3] = [
    Lane { source: 0, encoding: 0 },
    Lane { source: 0, encoding: 1 },
    Lane { source: 0, encoding: 2 },
];

fn select(criterion: &mut Criterion) {
    let mut source = Source::new(Codec::Vp8);
    let packets: Vec<PacketFacts> = (0..1024)
        .map(|index: usize| {
            let view = RtpView::parse(source.packet(index % 8)).expect("a valid packet");
            PacketFacts::read(Codec::Vp8, 70_000 + index as u64, &view).expect("a descriptor")
        })
        .collect();
    let mut group = criterion.benchmark_group("select");

    group.throughput(Throughput::Elements(1024));
    for (name, lane) in [("current_lane/vp8", LANES[0]), ("other_lane/vp8", LANES[1])] {
        let mut select = Select::default();
        select.aim(Some(LANES[0]));
        select.judge(LANES[0], &packets[0]);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for packet in &packets {
                    black_box(select.judge(lane, black_box(packet)));
                }
            });
        });
    }

    group.throughput(Throughput::Elements(3 * 1024));
    group.bench_function("three_encodings/vp8", |bencher| {
        let mut select = Select::default();
        let mut turn = 0;
        bencher.iter(|| {
            turn += 1;
            select.aim(Some(LANES[turn % 3]));
            for packet in &packets {
                for lane in LANES {
                    black_box(select.judge(lane, black_box(packet)));
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, select);
criterion_main!(benches);
