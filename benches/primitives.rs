//! What one core does with each step of the hot path, beside memcpy as the limit: `cargo bench --bench primitives`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Duration;

use aes_gcm::aead::{AeadInOut, KeyInit};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use printkeep::core::chunker::{Chunker, Sizes};
use printkeep::core::secret::Secret;
use ring::aead;

#[path = "../tests/it/support/corpus/mod.rs"]
mod corpus;

const MIB: usize = 1 << 20;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// A group whose figures are bytes per second over `bytes`; short, for a bench that is run often.
fn group<'a>(criterion: &'a mut Criterion, name: &str, bytes: usize) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(15);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(1500));
    group
}

fn noise(len: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(len + 8);
    corpus::Dice::new(1).noise(len, &mut data);
    data
}

fn copy(criterion: &mut Criterion) {
    let (data, mut to) = (noise(8 * MIB), vec![0; 8 * MIB]);
    group(criterion, "limit", data.len()).bench_function("memcpy", |bench| bench.iter(|| to.copy_from_slice(black_box(&data))));
}

fn seal(criterion: &mut Criterion) {
    let mut data = noise(MIB);
    let mut group = group(criterion, "seal 1 MiB", MIB);
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &[7; 32]).unwrap());
    group.bench_function("ring AES-256-GCM", |bench| {
        bench.iter(|| {
            key.seal_in_place_separate_tag(aead::Nonce::assume_unique_for_key([0; 12]), aead::Aad::empty(), &mut data).unwrap()
        })
    });
    let key = aes_gcm::Aes256Gcm::new(&[7; 32].into());
    group.bench_function("aes-gcm AES-256-GCM", |bench| {
        bench.iter(|| key.encrypt_inout_detached(&[0; 12].into(), &[], data.as_mut_slice().into()).unwrap())
    });
}

fn hash(criterion: &mut Criterion) {
    let data = noise(MIB);
    group(criterion, "hash 1 MiB", MIB)
        .bench_function("keyed BLAKE3", |bench| bench.iter(|| blake3::keyed_hash(&[7; 32], black_box(&data))));
}

fn cut(criterion: &mut Criterion) {
    for (name, data) in [("noise", noise(32 * MIB)), ("G-code", corpus::gcode::sliced(32 * MIB, 1))] {
        let mut group = group(criterion, &format!("cut {name}"), data.len());
        for sizes in [Sizes::PC, Sizes::new(16 << 10, 64 << 10, 128 << 10).unwrap()] {
            let cutter = Chunker::new(sizes, &Secret::filled_by(|key| *key = [7; 32]));
            group.bench_function(format!("ours, {} KiB", sizes.avg() >> 10), |bench| {
                bench.iter(|| count(&cutter, black_box(&data)))
            });
            group.bench_function(format!("fastcdc v2020, {} KiB", sizes.avg() >> 10), |bench| {
                bench.iter(|| fastcdc::v2020::FastCDC::new(black_box(&data), sizes.min(), sizes.avg(), sizes.max()).count())
            });
        }
    }
}

fn count(cutter: &Chunker, mut data: &[u8]) -> usize {
    let mut chunks = 0;
    while let Some(len) = cutter.next(data, true) {
        data = &data[len..];
        chunks += 1;
    }
    chunks
}

fn compress(criterion: &mut Criterion) {
    for (name, data) in [("G-code", corpus::gcode::sliced(MIB, 1)), ("STL", corpus::mesh::stl(MIB, 1))] {
        let mut group = group(criterion, &format!("compress 1 MiB of {name}"), data.len());
        let mut packed = vec![0; zstd::zstd_safe::compress_bound(data.len())];
        for level in [1, 3] {
            let mut zstd = zstd::bulk::Compressor::new(level).unwrap();
            group.bench_function(format!("zstd {level}"), |bench| {
                bench.iter(|| zstd.compress_to_buffer(black_box(&data), &mut packed).unwrap())
            });
        }
        let packed = zstd::bulk::compress(&data, 1).unwrap();
        let (mut zstd, mut out) = (zstd::bulk::Decompressor::new().unwrap(), vec![0; data.len()]);
        group.bench_function("back", |bench| bench.iter(|| zstd.decompress_to_buffer(black_box(&packed), &mut out).unwrap()));
    }
}

criterion_group!(primitives, copy, seal, hash, cut, compress);
criterion_main!(primitives);
