//! Binary STL: strips of triangles over flat and round faces, each vertex shared by its neighbours as meshers write it.

use super::Dice;

const TRIANGLE: usize = 50;
const HEAD: usize = 84;

/// A mesh of `size` bytes, to the triangle below.
pub fn stl(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let triangles = size.saturating_sub(HEAD) / TRIANGLE;
    let mut out = Vec::with_capacity(size.max(HEAD));
    out.extend_from_slice(b"binary STL made for tests");
    out.resize(80, b' ');
    out.extend_from_slice(&u32::try_from(triangles).unwrap().to_le_bytes());
    let end = HEAD + triangles * TRIANGLE;
    while out.len() < end {
        strip(&mut dice, &mut out, end);
    }
    out.truncate(end);
    out
}

type Vertex = [f32; 3];

/// A wall around an axis, or a fan over a flat face.
fn strip(dice: &mut Dice, out: &mut Vec<u8>, end: usize) {
    let steps = dice.within(12, 160);
    let (x, y) = (dice.within(-90_000, 90_000) as f32 / 1e3, dice.within(-90_000, 90_000) as f32 / 1e3);
    let (low, high) = (dice.within(0, 40) as f32 / 4.0, dice.within(40, 300) as f32 / 4.0);
    let radius = dice.within(500, 30_000) as f32 / 1e3;
    let flat = dice.once(4);
    let organic = dice.once(2);
    let rough: Vec<f32> = (0..=steps).map(|_| if organic { dice.within(0, 800) as f32 / 1e3 } else { 0.0 }).collect();
    let rim = |step: i32| {
        let radius = radius + rough[usize::try_from(step % steps).unwrap()];
        let (sine, cosine) = (step as f32 / steps as f32 * std::f32::consts::TAU).sin_cos();
        (x + radius * cosine, y + radius * sine)
    };
    for step in 0..steps {
        if out.len() >= end {
            return;
        }
        let ((x1, y1), (x2, y2)) = (rim(step), rim(step + 1));
        let (nx, ny) = ((y2 - y1) / radius, (x1 - x2) / radius);
        if flat {
            triangle([0.0, 0.0, 1.0], [[x, y, high], [x1, y1, high], [x2, y2, high]], out);
        } else {
            triangle([nx, ny, 0.0], [[x1, y1, low], [x2, y2, low], [x2, y2, high]], out);
            let lean = if organic { rough[usize::try_from(step).unwrap()] * ny } else { 0.0 };
            triangle([nx - lean, ny, lean], [[x1, y1, low], [x2, y2, high], [x1, y1, high]], out);
        }
    }
}

fn triangle(normal: Vertex, corners: [Vertex; 3], out: &mut Vec<u8>) {
    for value in normal.iter().chain(corners.iter().flatten()) {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&[0, 0]);
}
